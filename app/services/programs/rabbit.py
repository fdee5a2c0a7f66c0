"""The workspace's one RabbitMQ: its settings, its password, and the port that speaks to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.model.edits import merged
from app.core.model.settings import BrokerSettings
from app.ports import Change, Keys
from app.services.provider.profiles import Profiles
from app.services.runtime.log import Log
from app.services.runtime.records import Records, put

if TYPE_CHECKING:
    from app.core.programs.rabbit import Access, ConnectionStatus
    from app.ports import Broker, Change

ID = "broker"
EDITED: Final = ("transport", "address", "vhost", "user", "queue", "exchange", "routing_key", "on")
"""What saving changes: the fields, and whether messages are taken, which is on from the start where the server was told its broker."""


class Brokers:
    """What is configured, and who speaks to it. The port is opened when it is first asked for: most pages never do."""

    def __init__(self, records: Records, keys: Keys, profiles: Profiles, log: Log, opened: Callable[[], Broker]) -> None:
        self._records, self._keys, self._profiles, self._log, self._open = records, keys, profiles, log, opened
        self._port: Broker | None = None

    @property
    def port(self) -> Broker:
        """The one that speaks RabbitMQ."""
        if self._port is None:
            self._port = self._open()
        return self._port

    async def settings(self) -> BrokerSettings:
        """As they are stored; the defaults if nothing was."""
        stored = await self._records.get(BrokerSettings, ID)
        return stored.value if stored else BrokerSettings(id=ID)

    async def password(self, settings: BrokerSettings) -> str:
        """The password that was entered for this broker and user; nothing if there is none in this browser or tab."""
        return await self._keys.get(_secret_name(settings)) or ""

    async def locked(self, settings: BrokerSettings) -> bool:
        """Whether there is a password that is to be had when the passphrase was entered."""
        return _secret_name(settings) in await self._keys.locked()

    async def mark(self, settings: BrokerSettings) -> str:
        """Tells whether the password that is kept is still the same one later (the Keys port)."""
        return await self._keys.mark(_secret_name(settings))

    async def remembered(self, settings: BrokerSettings) -> bool:
        """Whether the password outlives this tab."""
        return await self._keys.remembered(_secret_name(settings))

    async def save(self, settings: BrokerSettings, seen: BrokerSettings | None = None) -> bool:
        """Keep the settings; False if the page must reload before it may call the broker. A password that was entered for another broker
        or user than before goes: it is never sent elsewhere. ``seen``: what they were made of; what another tab changed since is kept.
        Raises Clash where both changed the same, and Conflict when others keep winning."""

        async def decide() -> tuple[list[Change], None]:
            stored = await self._records.get(BrokerSettings, ID)
            before = stored.value if stored else BrokerSettings(id=ID)
            after = settings if seen is None else merged("these settings", settings, seen, before, EDITED)
            if _secret_name(before) != _secret_name(after):
                await self._keys.remove(_secret_name(before))
            return [put(after, stored.rev if stored else -1), *self._log.put(draft("setting", "broker_saved"))], None

        await self._records.transact(decide)
        await self._profiles.load()
        return self._profiles.allow_hosts()

    async def switch(self, *, on: bool) -> None:
        """Take messages or not; the other settings stay as they are stored."""
        await self._records.change(BrokerSettings(id=ID), lambda one: replace(one, on=on))
        await self._log.note("setting", "broker_saved")

    async def put_password(self, settings: BrokerSettings, password: str, *, remember: bool, over: str | None = None) -> bool:
        """Keep the password for this broker and user, sealed (``remember``) or in this tab's memory. Nothing removes it. ``over``: the mark
        of the one that it takes the place of; False, with nothing changed, where another tab was faster."""
        if password:
            return await self._keys.put(_secret_name(settings), password, remember=remember, over=over)
        return await self._keys.remove(_secret_name(settings), over)

    async def access(self) -> Access | None:
        """What consuming and publishing need; None while no broker is configured or its settings cannot be used. A password that is not
        here is for the port to say (the light's trouble ``no_password``)."""
        stored = await self._records.get(BrokerSettings, ID)
        if stored is None:
            return None
        from app.core.programs import rabbit

        settings = stored.value
        if rabbit.faults(settings):
            return None
        return rabbit.Access(settings, await self.password(settings))

    async def test(self, settings: BrokerSettings, password: str) -> ConnectionStatus:
        """Try settings that need not be stored; the light is ``on`` or ``stopped``."""
        from app.core.programs import rabbit

        password = password or await self.password(settings)
        if not password and await self.locked(settings):
            return rabbit.ConnectionStatus("stopped", rabbit.host(settings), "locked")
        return await self.port.test(rabbit.Access(settings, password))


def _secret_name(settings: BrokerSettings) -> str:
    from app.core.programs import rabbit

    return rabbit.secret_name(settings)
