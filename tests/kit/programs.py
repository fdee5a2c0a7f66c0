"""A tab that takes what programs hand in and delivers the results; and a receiver that does as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from app.core.openai.wire import NetworkError, Request, Response
from app.core.programs.message import ProgramMessage, Programs
from app.core.programs.protocol import ServerSettings
from app.core.programs.relay import RELAY_PATH, Forward, Forwarded, Forwards
from app.ports import Http, Stream, Table
from app.services.programs.delivery_scheduling import DeliveryScheduler
from app.services.programs.folder_watcher import Watcher
from app.services.programs.intake import Intake, programs
from app.services.programs.outbox import Dispatcher, Transports
from app.services.programs.rabbit import Brokers
from app.services.programs.result_files import ResultFileWriter
from app.services.programs.result_lines import Results
from app.services.programs.webhooks import Webhooks
from app.services.runtime.records import put
from tests.fakes.broker import MemoryBroker
from tests.fakes.folder import MemoryFolder
from tests.fakes.mortal import MortalFolder, MortalHttp
from tests.kit.world import LANE, Tab, World

HOST = "https://hooks.example.com"
Answer = int | str
"""A status, or the kind of a network error; ``stall`` waits until the call is given up."""


class Receiver:
    """Http to webhooks. ``answers`` are given one after another, then 200; ``got`` are the calls that arrived."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.by_host: dict[str, Answer] = {}
        self.got: list[Request] = []
        self.stalled = 0
        self.relayed: list[Forward] = []
        self.groups: list[int] = []
        """How many webhooks each request to the local server had."""
        self.begins = 0
        """How many of a request the local server begins; 0: all."""
        self.told: Forwarded | None = Forwarded("success", 200, seconds=0.1)
        """What the local server says of each that it begins."""

    async def send(self, request: Request, *, progress: object = None) -> Response:
        await asyncio.sleep(0)
        if request.url == RELAY_PATH:
            asked = msgspec.json.decode(request.body or b"", type=Forwards)
            some = [msgspec.json.decode(one, type=Forward) for one in asked.forwards]
            self.groups.append(len(some))
            begun = some[: self.begins or len(some)]
            self.relayed += begun
            self.got += [Request("POST", one.url, one.headers, one.body.encode()) for one in begun]
            return Response(200, {}, msgspec.json.encode([self.told if n < len(begun) else None for n in range(len(some))]))
        host = request.url.partition("://")[2].partition("/")[0]
        answer = self.by_host.get(host) or (self.answers.popleft() if self.answers else 200)
        if answer == "stall":
            self.stalled += 1
            await asyncio.Event().wait()
        if isinstance(answer, str):
            raise NetworkError(answer)  # type: ignore[arg-type]
        self.got.append(request)
        return Response(answer)

    async def stream(self, request: Request) -> Stream:
        raise AssertionError("nobody reads a stream from a receiver")

    def bodies(self) -> list[object]:
        return [msgspec.json.decode(one.body or b"") for one in self.got]


class Rig:
    """Everything for programs in one tab."""

    def __init__(
        self,
        tab: Tab,
        receiver: Http,
        broker: MemoryBroker | None = None,
        server: ServerSettings | None = None,
        folder: MemoryFolder | None = None,
    ) -> None:
        self.tab, self.server = tab, server
        self.told = 0
        records, clock = tab.records, tab.clock

        async def provider() -> object:
            return tab.profiles.known[LANE.profile]

        async def chosen() -> Programs:
            return await programs(records)

        self.taker = Intake(tab.runtime, tab.queue, provider, tab.auto_submitter.nudge)  # type: ignore[arg-type]
        results = Results(records, clock)
        self.scheduler = DeliveryScheduler(tab.runtime, tab.again, results, self._heard)
        self.webhooks = Webhooks(MortalHttp(receiver, tab.life), tab.keys, clock, lambda: self.server)
        self.broker = broker
        brokers = None
        if broker is not None:
            brokers = Brokers(records, tab.keys, tab.profiles, tab.runtime.log, lambda: broker)
        self.folder = folder or MemoryFolder(offered=False)
        port = MortalFolder(self.folder, tab.life)
        file_writer = ResultFileWriter(records, port)
        self.dispatcher = Dispatcher(
            tab.runtime, self.scheduler, results, Transports(self.webhooks, brokers, file_writer), chosen, self._heard
        )
        self.watcher = Watcher(tab.runtime, port, self.taker, self._heard)

    def _heard(self) -> None:
        self.told += 1

    def start(self) -> Rig:
        """Deliver, and watch the folder, from now on."""
        self.tab.tasks.start("deliverer", self.dispatcher.run())
        self.tab.tasks.start("watcher", self.watcher.run())
        return self

    async def choose(self, **fields: object) -> None:
        await self.tab.records.commit([put(Programs(**{"id": "programs", "hosts": (HOST,), **fields}), -1)])  # type: ignore[arg-type]


def handed(world: World) -> dict[str, ProgramMessage]:
    """What is stored of every message."""
    return {id: msgspec.json.decode(row.doc, type=ProgramMessage) for id, row in world.disk.records[Table.HANDED].items()}


def all_are(world: World, *states: str) -> Callable[[], bool]:
    """Whether every message is in one of these states."""
    return lambda: all(row.state in states for row in world.disk.records[Table.HANDED].values())
