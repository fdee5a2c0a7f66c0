"""Programs in the tab that leads: the server's mailbox, the watched folder, delivery of results, and what the person chose about them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from app.core.programs.message import Programs
from app.ports import Folder, Http, Keys, Mailbox
from app.services.batches.resend import Resender
from app.services.programs.delivery_scheduling import DeliveryScheduler
from app.services.programs.folder_watcher import Watcher
from app.services.programs.intake import Intake, programs
from app.services.programs.mailbox import MailboxClient
from app.services.programs.outbox import Dispatcher, Transports
from app.services.programs.rabbit import Brokers
from app.services.programs.result_files import ResultFileWriter
from app.services.programs.result_lines import Results
from app.services.programs.webhooks import Webhooks
from app.services.provider.profiles import Profiles
from app.services.queue.queue import Queue
from app.services.runtime.isolation import kept_up
from app.services.runtime.runtime import Runtime


class ProgramPorts(msgspec.Struct, frozen=True):
    """Where programs are reached: the local server, the watched folder, webhooks and what they are signed with."""

    mailbox: Mailbox
    folder: Folder
    http: Http
    keys: Keys


class ProgramsSupervisor:
    """``notify`` is called when something of it changed that a person can see."""

    def __init__(
        self,
        runtime: Runtime,
        ports: ProgramPorts,
        profiles: Profiles,
        queue: Queue,
        again: Resender,
        taker: Intake,
        brokers: Brokers,
        notify: Callable[[], None],
    ) -> None:
        self._records, self._clock, self._tasks = runtime.records, runtime.clock, runtime.tasks
        self._profiles, self._notify = profiles, notify
        self.results = Results(runtime.records, runtime.clock)
        self.taker = taker
        self.scheduler = DeliveryScheduler(runtime, again, self.results, self._heard)
        self.webhooks = Webhooks(ports.http, ports.keys, runtime.clock, lambda: self.mailbox_client.server)
        ways = Transports(self.webhooks, brokers, ResultFileWriter(runtime.records, ports.folder))
        self.dispatcher = Dispatcher(runtime, self.scheduler, self.results, ways, self.chosen, self._heard)
        self.watcher = Watcher(runtime, ports.folder, taker, notify)
        self.mailbox_client = MailboxClient(runtime, ports.mailbox, ports.http, queue, taker, self.results, self.dispatcher, notify)

    def _heard(self) -> None:
        self.mailbox_client.nudge()
        self._notify()

    def nudge(self) -> None:
        """A batch ended, or another tab changed something: look soon."""
        self.dispatcher.nudge()
        self.mailbox_client.nudge()
        self.watcher.nudge()

    # --- choices

    async def chosen(self) -> Programs:
        return await programs(self._records)

    async def choose(self, change: Callable[[Programs], Programs]) -> bool:
        """Change what was chosen; False if the page must reload before it may call what was allowed."""
        await self._records.change(Programs(id="programs"), change)
        self.nudge()
        return await self.allow()

    async def allow(self) -> bool:
        """Tell the page's policy which webhooks it calls itself; whether it may already."""
        self._profiles.extra_origins["webhooks"] = (await self.chosen()).hosts
        return self._profiles.allow_hosts()

    # --- the work

    async def run(self) -> None:
        """Until cancelled, or until this tab no longer leads."""
        works: dict[str, Callable[[], Awaitable[None]]] = {
            "deliveries": self.dispatcher.run,
            "mailbox": self.mailbox_client.run,
            "folder": self.watcher.run,
        }
        tasks = [self._tasks.start(name, kept_up(self._clock, self._tasks, name, run)) for name, run in works.items()]
        try:
            await asyncio.gather(*tasks)
            await asyncio.Event().wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
