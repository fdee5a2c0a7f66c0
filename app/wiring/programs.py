"""What programs need, put together when there is one: most pages never have any."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from app.core.model.damage import choices_damaged
from app.core.model.keys import WATCHED
from app.core.model.providers import Profile
from app.core.openai.problems import Refused
from app.ports import Table
from app.services.batches.resend import Resender
from app.services.programs.rabbit import Brokers
from app.services.provider.profiles import Profiles
from app.services.queue.queue import Queue
from app.services.runtime.runtime import Runtime
from app.wiring.listeners import Listeners
from app.wiring.ports import Ports

if TYPE_CHECKING:
    from app.services.programs.intake import Intake
    from app.services.programs.supervisor import ProgramsSupervisor

AFTER_START = 2.0
"""Seconds: a page that was just opened has other things to do."""


class ProgramServices:
    """Delivery, the mailbox and what takes messages in. Each is made when it is first needed."""

    def __init__(
        self, runtime: Runtime, ports: Ports, heard: Listeners, profiles: Profiles, queue: Queue, again: Resender, brokers: Brokers
    ) -> None:
        self._runtime, self._ports, self._heard = runtime, ports, heard
        self._profiles, self._queue, self._again, self._brokers = profiles, queue, again, brokers
        self._wanted = asyncio.Event()

    async def _provider(self) -> Profile:
        """The provider that programs' requests go to. Raises Refused where the choice of it is damaged."""
        from app.services.programs.intake import programs

        chosen = (await programs(self._runtime.records)).profile
        if "programs" in self._runtime.records.damage.settings("programs"):
            raise Refused(choices_damaged())
        known = self._profiles.known
        return known.get(chosen) or known[(await self._profiles.preferences()).profile]

    @cached_property
    def _taker(self) -> Intake:
        from app.services.programs.intake import Intake

        return Intake(self._runtime, self._queue, self._provider, self._heard.handed_in)

    @cached_property
    def _post(self) -> ProgramsSupervisor:
        from app.services.programs.supervisor import ProgramPorts, ProgramsSupervisor

        self._wanted.set()
        ports = ProgramPorts(self._ports.mailbox, self._ports.folder(), self._ports.http, self._ports.keys)
        return ProgramsSupervisor(
            self._runtime, ports, self._profiles, self._queue, self._again, self._taker, self._brokers, self._heard.programs
        )

    def taker(self) -> Intake:
        """What takes messages in, whichever way they come."""
        return self._taker

    def post(self) -> ProgramsSupervisor:
        """Delivery, the mailbox and the watched folder."""
        return self._post

    async def run(self) -> None:
        """Deliver until cancelled; nothing for who has nothing to do with programs."""
        if not self._ports.mailbox.offered:
            store = self._runtime.records.store
            await self._runtime.clock.sleep(AFTER_START)
            if not await store.counts(Table.HANDED) and await store.get(Table.SETTINGS, WATCHED) is None:
                await self._wanted.wait()
        await self.post().run()
