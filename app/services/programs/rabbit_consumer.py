"""Messages from RabbitMQ, in the tab that leads: they are taken in as those of any other way, and acknowledged when that is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.services.programs.rabbit import Brokers

if TYPE_CHECKING:
    from app.core.programs.rabbit import Access, Arrival, ConnectionStatus
    from app.services.programs.intake import Intake


class Consumer:
    """Consumes while the person wants it and this tab leads. ``notify`` is called with the connection's status; ``taker`` is called at the
    first message."""

    def __init__(self, brokers: Brokers, taker: Callable[[], Intake], notify: Callable[[ConnectionStatus], None]) -> None:
        self._brokers, self._taker, self._notify = brokers, taker, notify
        self._changed = asyncio.Event()
        self._again = self._shown = False
        self._locked = ""
        """The broker whose password is under a passphrase that was not entered; nothing where that is not what it waits for."""

    def nudge(self, *, again: bool = False) -> None:
        """Settings may have changed. ``again``: connect again even if not (a password was entered, or the broker was fixed)."""
        self._again = self._again or again
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled: follow the settings. Raises the store's errors."""
        work: asyncio.Task[None] | None = None
        current: Access | None = None
        try:
            while True:
                self._changed.clear()
                before = self._locked
                wanted = await self._wanted()
                if wanted != current or (self._again and wanted is not None):
                    work, current = await self._switched(work, wanted), wanted
                elif wanted is None and self._locked != before:
                    self._tell()
                self._again = False
                bell = asyncio.create_task(self._changed.wait())
                try:
                    await asyncio.wait([one for one in (bell, work) if one is not None], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    bell.cancel()
                if work is not None and work.done():  # only a person can fix it, and they will change something
                    await work
                    work = None
                    await self._changed.wait()
        finally:
            await self._switched(work, None)

    async def _switched(self, work: asyncio.Task[None] | None, wanted: Access | None) -> asyncio.Task[None] | None:
        """End what there is, and begin again if anything is wanted."""
        if work is not None:
            work.cancel()
            await asyncio.wait([work])
        if wanted is not None:
            return asyncio.create_task(self._brokers.port.consume(wanted, self._taken, self._status_changed))
        if self._shown or self._locked:
            self._tell()
        return None

    def _tell(self) -> None:
        """Nothing is connected: whether that is because the password is locked."""
        from app.core.programs.rabbit import ConnectionStatus

        self._status_changed(ConnectionStatus("stopped", self._locked, "locked") if self._locked else ConnectionStatus())

    def _status_changed(self, status: ConnectionStatus) -> None:
        self._shown = status.state != "off"
        self._notify(status)

    async def _wanted(self) -> Access | None:
        access = await self._brokers.access()
        self._locked = ""
        if access is None or not access.settings.on:
            return None
        if not access.password and await self._brokers.locked(access.settings):
            from app.core.programs.rabbit import host

            self._locked = host(access.settings)
        return None if self._locked else access

    async def _taken(self, portion: Sequence[Arrival]) -> frozenset[int]:
        """Store a portion; the tags of those that can never be requests. What was taken before is acknowledged like what is new."""
        from app.core.programs.intake import MessageRefusal
        from app.services.programs.intake import RawMessage

        given = [RawMessage(one.body, "rabbitmq", one.message_id, one.correlation_id, one.reply_to) for one in portion]
        verdicts = await self._taker().take(given)
        return frozenset(one.tag for one, verdict in zip(portion, verdicts, strict=True) if isinstance(verdict, MessageRefusal))
