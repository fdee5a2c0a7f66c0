"""RabbitMQ in memory: queues by name, at-least-once delivery, and the ways in which the real one disappoints."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from app.core.programs import rabbit
from app.core.programs.rabbit import Access, Arrival, ConnectionStatus, Outcome, OutgoingResult, Sent


class MemoryBroker:
    """The Broker port over queues in memory.

    Give it messages with :meth:`hand_in`. ``rejected`` and ``acknowledged`` say what became of them; ``queues[name]`` is what was
    delivered to a queue. :meth:`drop` breaks the consumer's connection: what was not acknowledged comes again.
    """

    def __init__(self, *queues: str) -> None:
        self.queues: dict[str, list[OutgoingResult]] = {name: [] for name in queues}
        self.acknowledged: list[Arrival] = []
        self.rejected: list[Arrival] = []
        self.outcomes: deque[Outcome] = deque()
        """What becomes of the next outgoing messages, one each; then of each what its queue allows."""
        self.password: str | None = None
        """The only password that is let in; None: any."""
        self.closed = 0
        self.taking = asyncio.Event()
        """A portion is being stored."""
        self.portion = 500
        self.pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
        """What it waits before it connects again; a test with a clock gives the clock's sleep."""
        self.passwords: list[str] = []
        """Those that it was given, in order."""
        self._waiting: deque[Arrival] = deque()
        self._more = asyncio.Event()
        self._reconnects = 0
        self._dropped = False

    def hand_in(self, body: bytes, message_id: str = "", correlation_id: str = "", reply_to: str = "") -> None:
        """A program's message for the intake queue."""
        self._waiting.append(Arrival(0, body, message_id, correlation_id, reply_to))
        self._more.set()

    def drop(self) -> None:
        """Break the consumer's connection."""
        self._dropped = True
        self._more.set()

    async def consume(
        self,
        access: Access,
        taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]],
        told: Callable[[ConnectionStatus], None],
    ) -> None:
        where = rabbit.host(access.settings)
        told(ConnectionStatus("connecting", where))
        if wrong := self._refuses(access):
            told(ConnectionStatus("stopped", where, wrong))
            return
        told(ConnectionStatus("on", where, reconnects=self._reconnects))
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting or self._dropped:
                portion = [
                    msgspec.structs.replace(self._waiting.popleft(), tag=tag) for tag in range(min(self.portion, len(self._waiting)))
                ]
                rejected, stopped = await self._stored(taken, portion) if portion else (frozenset[int](), None)
                lost = "unstored" if rejected is None else "lost" if self._dropped else ""
                self._dropped = False
                if rejected is None or lost:
                    self._again(portion)
                else:
                    for one in portion:
                        (self.rejected if one.tag in rejected else self.acknowledged).append(one)
                if stopped is not None:
                    raise stopped
                if lost:
                    self._reconnects += 1
                    told(ConnectionStatus("waiting", where, lost, reconnects=self._reconnects))
                    if rejected is None:
                        await self.pause()
                    told(ConnectionStatus("on", where, reconnects=self._reconnects))

    async def _stored(
        self, taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]], portion: Sequence[Arrival]
    ) -> tuple[frozenset[int] | None, asyncio.CancelledError | None]:
        """What is rejected, None where nothing could be stored; and who stopped it meanwhile."""
        storing = asyncio.ensure_future(taken(portion))
        stopped: asyncio.CancelledError | None = None
        self.taking.set()
        while not storing.done():
            try:
                await asyncio.wait([storing])
            except asyncio.CancelledError as error:
                stopped = error
        self.taking.clear()
        return (None if storing.exception() else storing.result()), stopped

    async def publish(self, access: Access, messages: Sequence[OutgoingResult]) -> list[Sent]:
        await asyncio.sleep(0)
        if wrong := self._refuses(access):
            return [Sent(one.message_id, "unknown", wrong) for one in messages]
        return [self._sent(one) for one in messages]

    async def test(self, access: Access) -> ConnectionStatus:
        await asyncio.sleep(0)
        where = rabbit.host(access.settings)
        if wrong := self._refuses(access):
            return ConnectionStatus("stopped", where, wrong)
        if access.settings.queue not in self.queues and not access.settings.exchange:
            return ConnectionStatus("stopped", where, "missing")
        return ConnectionStatus("on", where, server="RabbitMQ in memory")

    async def close(self) -> None:
        self.closed += 1

    def _refuses(self, access: Access) -> str:
        """Why nobody is let in with this; nothing when the broker takes it."""
        if rabbit.lacks_password(access):
            return "no_password"
        self.passwords.append(access.password)
        return "" if self.password in (None, access.password) else "bad_login"

    def _again(self, portion: list[Arrival]) -> None:
        self._waiting.extendleft(reversed(portion))

    def _sent(self, message: OutgoingResult) -> Sent:
        queue = message.queue or rabbit.reply_name(message.reply_to)
        outcome: Outcome = self.outcomes.popleft() if self.outcomes else "delivered" if queue in self.queues else "not_found"
        if outcome in ("delivered", "unverified") and queue in self.queues:
            self.queues[queue].append(message)
        return Sent(message.message_id, outcome, "" if outcome == "delivered" else f"{outcome}: {queue}")
