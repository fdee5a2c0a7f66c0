"""The page's side of the local server's mailbox: takes messages, carries out orders, reports what became of messages.

Rules of what is said: ``core.programs.protocol``. A message is acknowledged after it is committed. What has to be told lies in the store
(``OutboxEntry``) until the server has heard it, so that a reload tells it. Only the tab that leads connects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.core.base import ids
from app.core.json import jsonread
from app.core.model import keys, quoting
from app.core.model.batches import Batch
from app.core.model.providers import ModelList
from app.core.model.settings import Preferences
from app.core.openai.wire import NetworkError, Request
from app.core.programs import delivery, protocol
from app.core.programs.intake import MessageRefusal
from app.core.programs.message import ENDED, DeliveryAttempt, OutboxEntry, ProgramMessage, ServerIdentity
from app.core.programs.protocol import Drop, Forget, Heard, InboxMessages, Redeliver, ServerSettings, StatusUpdate, Unread, Wanted, Welcome
from app.ports import Change, Conflict, Http, Line, Mailbox, Row, Table
from app.services.batches.ledgers import Ledgers
from app.services.programs.delivery_scheduling import untold
from app.services.programs.intake import Accepted, Duplicate, Intake, RawMessage, programs
from app.services.programs.outbox import Dispatcher
from app.services.programs.result_lines import Results
from app.services.queue.queue import Queue
from app.services.runtime.isolation import PASSES, Isolation, bisected, reason
from app.services.runtime.records import Stored, put, remove
from app.services.runtime.runtime import Runtime

PORTION: Final = 200
"""Messages that are told at once at most."""
WAITS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between two tries to reach a server that is there, the last one over and over."""


class TokenRequired(Exception):
    """The server wants its token. The text is a sentence for people."""


class MailboxClient:
    """``notify`` is called when ``state`` changes: ``off`` (no local server), ``connecting``, ``taking``, ``waiting`` (another page takes
    the messages) or ``token`` (the server wants its token)."""

    def __init__(
        self,
        runtime: Runtime,
        mailbox: Mailbox,
        http: Http,
        queue: Queue,
        taker: Intake,
        results: Results,
        dispatcher: Dispatcher,
        notify: Callable[[], None],
    ) -> None:
        tasks = runtime.tasks
        self._records, self._clock, self._random, self._tasks = runtime.records, runtime.clock, runtime.random, tasks
        self._mailbox, self._http, self._queue, self._notify = mailbox, http, queue, notify
        self._taker, self._results, self._dispatcher = taker, results, dispatcher
        self.state = "off"
        self.server: ServerSettings | None = None
        self._news = asyncio.Event()
        self._knock = asyncio.Event()
        self._n = 0
        self._telling: tuple[int, list[Row]] | None = None
        self._portion = PORTION
        self._bare: set[str] = set()
        """Messages that are told without their answer, because the server could not read it."""
        self._orders, self._untellable = Isolation(tasks, "orders"), Isolation(tasks, "news")
        self._frames = Isolation(tasks, "frames")

    def nudge(self) -> None:
        """There may be something to tell."""
        self._news.set()

    async def run(self) -> None:
        """Keep the line open until cancelled, where there is a local server."""
        if not self._mailbox.offered:
            return
        failures = 0
        while True:
            self._is("connecting")
            try:
                self.server = await self._ask()
                if self.server is None:
                    self._is("off")
                    return
                line = await self._mailbox.connect()
            except TokenRequired:
                self._is("token")
                await self._knock.wait()
                self._knock.clear()
                continue
            except (ConnectionError, NetworkError):
                pass
            else:
                if await self._serve(line):
                    failures = 0
            self._is("connecting")
            await self._clock.sleep(WAITS[min(failures, len(WAITS) - 1)])
            failures += 1

    def _is(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._notify()

    async def _ask(self) -> ServerSettings | None:
        """What the server says of itself; None if it is not part of ours."""
        answer = await self._http.send(Request("GET", protocol.SETTINGS_PATH, timeout=10))
        if answer.status == 401:
            raise TokenRequired
        try:
            return jsonread.typed(answer.body, ServerSettings) if answer.status == 200 else None
        except jsonread.Unreadable:
            return None

    async def enter(self, token: str) -> bool:
        """Show the server its token; whether it let us in."""
        headers = {"Authorization": f"Bearer {token.strip()}"}
        answer = await self._http.send(Request("POST", protocol.SESSION_PATH, headers, timeout=10))
        self._knock.set()
        return answer.status == 204

    # --- one connection

    async def _serve(self, line: Line) -> bool:
        """Speak until either side ends it; False where a fault ended it."""
        self._telling = None
        well, unread, frames = True, 0, 0
        telling = asyncio.ensure_future(self._tell_all(line))
        try:
            line.send(protocol.encode(protocol.Hello(await self._name(), models=await self._models())))
            while (frame := await line.receive()) is not None:
                kind = protocol.kind_of(frame)
                frames += kind == "letters"
                try:
                    await self._hear(line, protocol.from_server(frame))
                except PASSES:
                    raise
                except Exception as error:  # the boundary of one frame
                    self._frames.put(kind or "unknown", error)
                    unread += 1
                    if unread > protocol.MAX_UNREADABLE:
                        well = False
                        break
                    line.send(protocol.encode(protocol.Unread(kind, quoting.quote(reason(error)), frames)))
                self._tasks.well("mailbox")
        except ConnectionError:
            pass  # a new connection is made; what was not acknowledged comes again
        except Exception as error:  # nothing was acknowledged, so everything comes again
            self._tasks.report("mailbox", error)
            well = False
        finally:
            line.close()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return well

    async def _name(self) -> str:
        stored = await self._records.get(ServerIdentity, "door")
        if stored is None:
            door = ServerIdentity(id="door", name=ids.new_id("page", self._clock.now(), self._random.token(12)))
            await self._records.save(door, 0)
            return door.name
        return stored.value.name

    async def _models(self) -> tuple[str, ...]:
        """The models of the provider that programs' requests go to, as it told them last."""
        preferred = await self._records.get(Preferences, "preferences")
        id = (await programs(self._records)).profile or (preferred.value.profile if preferred else "")
        known = await self._records.get(ModelList, id) if id else None
        return known.value.models[: protocol.MAX_MODELS] if known else ()

    async def _hear(self, line: Line, said: protocol.FromServer) -> None:
        match said:
            case Welcome():
                self._is("taking" if said.taking else "waiting")
                self._news.set()
            case InboxMessages():
                await self._take(line, said)
            case Redeliver():
                await bisected(said.custom_ids, self._dispatcher.again, self._orders.put)
                line.send(protocol.encode(protocol.OrderDone(said.n)))
            case Drop():
                await bisected(said.custom_ids, self._drop, self._orders.put)
                line.send(protocol.encode(protocol.OrderDone(said.n)))
                self._news.set()
            case Forget():
                await bisected(said.custom_ids, self._forget, self._orders.put)
                line.send(protocol.encode(protocol.OrderDone(said.n)))
            case Heard():
                await self._heard(said.n)
            case Unread():
                self._frames.put(f"what this page says ({said.kind})", ValueError(quoting.quote(said.detail)))
                if said.kind == "told":
                    await self._told_in_vain()
            case Wanted():
                try:
                    await self._piece(line, said)
                except PASSES:
                    raise
                except Exception as error:  # the boundary of one piece: whoever asked is told
                    line.send(protocol.encode(protocol.Absent(said.n, quoting.quote(f"This page could not read it ({error})."))))

    async def _take(self, line: Line, said: InboxMessages) -> None:
        verdicts = await self._taker.take([RawMessage(bytes(one.message), one.source, metadata=one.metadata) for one in said.letters])
        pairs = list(zip(said.letters, verdicts, strict=True))
        if taken := tuple(message.seq for message, verdict in pairs if isinstance(verdict, Accepted)):
            line.send(protocol.encode(protocol.MessagesCommitted(taken)))
        if twice := tuple(message.seq for message, verdict in pairs if isinstance(verdict, Duplicate)):
            line.send(protocol.encode(protocol.MessagesDuplicate(twice)))
        for message, verdict in pairs:
            if isinstance(verdict, MessageRefusal):
                fault = protocol.RefusalDetail(verdict.code, verdict.title, verdict.detail, verdict.pointer)
                line.send(protocol.encode(protocol.MessagesRejected(message.seq, (fault,))))

    # --- orders; obeying one twice does no harm

    async def _change(self, custom_ids: Sequence[str], change: Callable[[Stored[ProgramMessage]], list[Change]]) -> None:
        """Change these records in one commit, again if another writer was first."""

        async def decide() -> tuple[list[Change], None]:
            rows = await self._records.store.get_many(Table.HANDED, custom_ids)
            found = [stored for row in rows if (stored := self._records.read(ProgramMessage, row)) is not None]
            return [one for stored in found for one in change(stored)], None

        await self._records.transact(decide)

    async def _drop(self, custom_ids: Sequence[str]) -> None:
        """What is queued leaves the queue; nothing of these is delivered any more."""
        rows = await self._records.store.get_many(Table.HANDED, custom_ids)
        known = [stored.value for row in rows if (stored := self._records.read(ProgramMessage, row)) is not None]
        queued: set[str] = set()
        for lane in {one.lane for one in known if one.state == "waiting"}:
            place = keys.lane_of_key(lane)
            mine = {one.id for one in known if one.lane == lane}
            here = await self._queue.present(place, mine)
            queued |= here
            await self._queue.delete(place, here)

        def change(stored: Stored[ProgramMessage]) -> list[Change]:
            one = delivery.dropped(stored.value, stored.value.id in queued)
            return [] if one == stored.value else [put(one, stored.rev), *untold(one, self._clock.now())]

        await self._change(custom_ids, change)
        if queued:
            self._taker.moved()

    async def _forget(self, custom_ids: Sequence[str]) -> None:
        def change(stored: Stored[ProgramMessage]) -> list[Change]:
            if stored.value.state not in ENDED:
                return []
            return [remove(ProgramMessage, stored.value.id, stored.rev), remove(OutboxEntry, stored.value.id)]

        await self._change(custom_ids, change)

    # --- what became of messages

    async def _tell_all(self, line: Line) -> None:
        """Tell what is not heard yet, a portion at a time."""
        failures = 0
        while True:
            await self._news.wait()
            self._news.clear()
            if self._telling is None and self.state in ("taking", "waiting"):
                try:
                    await self._tell(line)
                    failures = 0
                except ConnectionError:
                    return
                except Exception as error:
                    self._tasks.report("mailbox", error)
                    await self._clock.sleep(WAITS[min(failures, len(WAITS) - 1)])
                    failures += 1
                    self._news.set()

    async def _tell(self, line: Line) -> None:
        marks = await self._records.store.page(
            Table.NEWS, owner="untold", limit=self._portion
        )  # their ids say all: damaged ones count as well
        if not marks:
            return
        found = await self._records.store.get_many(Table.HANDED, [one.id for one in marks])
        known = [each.value for row in found if (each := self._records.read(ProgramMessage, row)) is not None]
        contents = await self._results.contents([one for one in known if one.outcome])
        damaged = {row.id for row in found}.difference(one.id for one in known)
        news = [StatusUpdate(id, "failed", error=_DAMAGED) for id in sorted(damaged)]
        pending: set[str] = {one.id for one in marks} - {one.id for one in known}
        size = 0
        for one in known:
            body = contents.bodies.get(one.id, b"null")
            if news and size + len(body) > protocol.FRAME_BYTES:
                break
            size += len(body)
            news.append(self._news_of(one, body, contents.faults.get(one.id, "")))
            pending.add(one.id)
        self._n += 1
        self._telling = (self._n, [one for one in marks if one.id in pending])
        line.send(protocol.encode(protocol.StatusUpdates(self._n, tuple(news))))

    def _news_of(self, one: ProgramMessage, body: bytes, fault: str) -> StatusUpdate:
        """What is told of one message; without its answer where that cannot be sent."""
        if one.id in self._bare:
            return StatusUpdate(one.id, one.state, one.outcome, one.batch, error=_UNTOLD)
        try:
            news = _news(one, body, fault)
            protocol.encode(protocol.StatusUpdates(0, (news,)))
        except Exception as error:  # the boundary of one message: its state is told all the same
            self._untellable.put(one.id, error)
            return StatusUpdate(one.id, one.state, one.outcome, one.batch, error=f"{_UNTOLD} ({quoting.quote(str(error))})")
        return news

    async def _told_in_vain(self) -> None:
        """The server could not read what it was told: it is told in smaller portions, down to one, without its answer; one that it cannot
        read even so is not told any more."""
        if self._telling is None:
            return
        n, marks = self._telling
        if len(marks) > 1:
            self._portion, self._telling = len(marks) // 2, None
            self._news.set()
            return
        for one in marks:
            if one.id in self._bare:
                self._untellable.put(one.id, ValueError(_UNTOLD))
                await self._heard(n)
                return
            self._bare.add(one.id)
        self._telling = None
        self._news.set()

    async def _heard(self, n: int) -> None:
        """The server knows: forget what had to be told, unless it changed since."""
        if self._telling is None or self._telling[0] != n:
            return
        _, marks = self._telling
        try:
            await self._records.commit([remove(OutboxEntry, one.id, one.rev) for one in marks])
        except Conflict:
            for one in marks:
                try:
                    await self._records.commit([remove(OutboxEntry, one.id, one.rev)])
                except Conflict:
                    continue  # it changed, and is told again
        self._telling, self._portion = None, PORTION
        self._bare.difference_update(one.id for one in marks)
        self._news.set()

    # --- files

    async def _piece(self, line: Line, said: Wanted) -> None:
        """One byte run of a batch's file."""
        runs = await self._runs(said)
        (data,) = await self._records.store.load([runs[said.piece]]) if said.piece < len(runs) else (None,)
        if data is None:
            line.send(protocol.encode(protocol.Absent(said.n, "This page has no such file, or not this part of it.")))
        else:
            line.send(protocol.piece(said.n, data, last=said.piece == len(runs) - 1))

    async def _runs(self, said: Wanted) -> list[str]:
        stored = await self._records.get(Batch, said.batch)
        if said.file == "input":
            rows = await Ledgers(self._records, self._clock).rows(stored.value) if stored else None
            return [one.bytes_id for _, one in rows.each()] if rows is not None and not rows.lost else []
        files = stored.value.fetched if stored else ()
        return [keys.answer_id(said.batch, one.which, n) for one in files if one.which == said.file for n in range(one.segments)]


_DAMAGED: Final = (
    "The record of this message in the page is damaged: its outcome is not known. See “Damaged records” in the page's settings."
)
_UNTOLD: Final = "The answer cannot be sent to the local server; it is in the page."


def _news(one: ProgramMessage, body: bytes, fault: str = "") -> StatusUpdate:
    small = len(body) < protocol.MAX_FRAME // 2
    try:
        answer = msgspec.Raw(jsonread.one_line(body)) if small else protocol.NO_ANSWER
    except jsonread.Unreadable:
        answer = protocol.NO_ANSWER
    error = fault if small else "The answer is too large to be sent to the local server; it is in the page."
    return StatusUpdate(one.id, one.state, one.outcome, one.batch, answer, error, tuple(map(_try, one.attempts)))


def _try(one: DeliveryAttempt) -> protocol.Try:
    return protocol.Try(one.at, one.target, one.outcome, one.status, one.error, one.seconds)
