"""Cases inside the page. Each has a database, a provider's account and an engine's lock of its own; all share the page, and die with it."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import js
import msgspec

from app.adapters.http import BrowserHttp
from app.adapters.store import BrowserStore, destroy_store, open_store
from app.adapters.system import BrowserClock, BrowserLocks, BrowserRandom
from app.services.runtime.moves import STORED_MOVES
from tests.fakes.platform import FakePage, MemoryKeys
from tests.faults.journeys import JOURNEYS
from tests.faults.visit import Ports, Visit, held
from tests.kit.world import KEY, LANE

SPEED = 60.0
"""How much faster time goes in the room: the engine's waits, from 5 s to 5 min, become a twelfth of a second to 5 s."""


class FastClock(BrowserClock):
    """The page's clock, running ahead since ``start`` (unix seconds), which all pages of a run share."""

    def __init__(self, start: float) -> None:
        self._start = start

    def now(self) -> float:
        return self._start + (time.time() - self._start) * SPEED

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / SPEED)


class CaseLocks(BrowserLocks):
    """The origin's locks, with a case's own names."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        await super().hold(f"{name}:{self._name}", work)


class Order(msgspec.Struct, frozen=True):
    """How a case is opened in a page: ``first`` (queue and submit), ``second`` (another tab beside it) or ``next`` (after it was killed).
    ``stop`` is the write at which the fault happens in this page, and ``fault`` what: ``arm`` the provider's, or stop for ever or until
    resumed. ``timeout`` in seconds of the machine, from the ``stop`` on, or from the call ``slow`` (name and number) on."""

    name: str
    journey: int
    role: str
    origin: str
    start: float
    stop: tuple[str, int, str] | None = None
    arm: bool = False
    timeout: float = 0.0
    slow: tuple[str, int] | None = None


class Room:
    """One case in this page."""

    store: BrowserStore
    visit: Visit

    def __init__(self, order: Order) -> None:
        self.order = order
        self.reached = False
        self.resume = asyncio.Event()
        self.found: bytes = b""
        self.error = ""
        self.clock = FastClock(order.start)
        self.task = asyncio.ensure_future(self._live())

    async def _live(self) -> None:
        order = self.order
        try:
            if order.role == "first":
                await destroy_store(order.name)
            self.store = await open_store(STORED_MOVES, order.name)
            self.found = msgspec.json.encode(await held(self.store, self.clock))
            page = FakePage(hosts=[order.origin])
            ports = Ports(
                self.store, BrowserHttp(), MemoryKeys({LANE.profile: KEY}), page, self.clock, BrowserRandom(), CaseLocks(order.name)
            )
            self.visit = Visit(
                JOURNEYS[order.journey],
                ports,
                acts=order.role == "first",
                stop=order.stop,
                reached=self._fault,
                timeout=order.timeout,
                slow=order.slow,
            )
            if order.role == "first":
                await self.visit.queue(f"{order.origin}/{order.name}/practice/v1")
            life = asyncio.ensure_future(self.visit.live())
            if order.role == "second":
                while not self.visit.desk.profiles.known:
                    await self.clock.sleep(1)
                await self.visit.meddle()
                self.reached = True
            await life
        except Exception as error:
            self.error = "".join(traceback.format_exception(error))

    async def _fault(self) -> None:
        self.reached = True
        if self.order.arm:
            await js.fetch(f"{self.order.origin}/{self.order.name}/arm")
        else:
            await self.resume.wait()

    async def end(self) -> dict[str, Any]:
        """What the store has now, and what went wrong in this page; the database is forgotten."""
        await self.visit.close()
        failures = [f"{name}: {type(error).__name__}: {error}" for name, error in self.visit.desk.failures]
        found = await held(self.store, self.clock)
        self.store.close()
        await destroy_store(self.order.name)
        return {"held": found, "failures": failures}


class Rooms:
    """What the test calls: a method's name and its argument as JSON; answers JSON."""

    def __init__(self) -> None:
        self._open: dict[str, Room] = {}

    async def call(self, method: str, given: str) -> str:
        found = await getattr(self, method)(given)
        return msgspec.json.encode(found).decode()

    async def begin(self, given: str) -> None:
        """Open these cases."""
        for order in msgspec.json.decode(given, type=list[Order]):
            self._open[order.name] = Room(order)

    async def state(self, _given: str) -> dict[str, tuple[bool, bool, str]]:
        """Of each case: whether its step was reached, whether it has ended, and its error."""
        return {name: (one.reached, one.task.done(), one.error) for name, one in self._open.items()}

    async def found(self, given: str) -> msgspec.Raw:
        """What the store had when this page opened the case."""
        return msgspec.Raw(self._open[given].found or b"null")

    async def resume(self, given: str) -> None:
        """Let a case that was stopped go on."""
        self._open[given].resume.set()

    async def end(self, given: str) -> dict[str, Any]:
        """Close a case."""
        return await self._open.pop(given).end()
