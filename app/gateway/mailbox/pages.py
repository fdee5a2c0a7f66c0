"""The connected pages (``/api/page``), one of which receives messages. ``core.programs.protocol`` has the protocol's rules.

A message that no page has acknowledged is sent again by the next connection: what is unacknowledged is known only in memory, what is
acknowledged is in the database. A page that connects while an older connection of the same database is still open replaces it: the old one
is a sleeping tab or a broken network, and it would take a minute to notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, Protocol

from app.core.programs import intake, protocol
from app.core.programs.protocol import (
    Absent,
    BatchFile,
    Hello,
    InboxMessages,
    MessagesCommitted,
    MessagesDuplicate,
    MessagesRejected,
    OrderDone,
    StatusUpdates,
    Unread,
    UnreadableFrame,
    Wanted,
    Welcome,
)
from app.gateway.mailbox.mailbox import Mailbox

HELLO_WITHIN: Final = 10.0
"""Seconds within which a connection must send Hello."""
MAX_STRANGERS: Final = 100
"""Connections at a time that have not sent Hello."""
PIECE_WITHIN: Final = 30.0
"""Timeout for one piece of a file, in seconds."""
REPLACED: Final = 4000
"""Close code: another connection of the same page has taken this one's place."""
UNREADABLE: Final = 1008
TROUBLE: Final = 1011
BUSY: Final = 1013


class PageUnavailable(Exception):
    """No page could be asked, or it disconnected meanwhile; the message is a sentence."""


class Flood(Exception):
    """A page sent too many frames that cannot be read; the message is a sentence."""


class NoFile(Exception):
    """The page has no such file; the message is a sentence."""


class Socket(Protocol):
    """A WebSocket that has been accepted. ``receive`` returns None when it is closed."""

    async def receive(self) -> str | bytes | None: ...
    async def send(self, text: str) -> None: ...
    async def close(self, code: int, reason: str) -> None: ...


class PageConnection:
    """One connection."""

    def __init__(self, id: str, socket: Socket, models: tuple[str, ...] = ()) -> None:
        self.id, self.models = id, models[: protocol.MAX_MODELS]
        self.socket = socket
        self.taking = False
        self.dealing = False
        self.work = asyncio.Event()
        self.out: dict[int, int] = {}  # unacknowledged messages: seq -> bytes
        self.last_seq = 0
        self.frames = 0  # frames with messages that were sent
        self.sent: dict[int, tuple[int, ...]] = {}  # which messages were in the last of them
        self.alone: deque[int] = deque()  # messages to be sent again, each by itself
        self.unread = 0  # frames that were put aside, of either side
        self.last_order = 0
        self.asked: dict[int, asyncio.Future[tuple[bool, bytes]]] = {}
        self._lock = asyncio.Lock()

    async def say(self, said: protocol.FromServer) -> None:
        """Send one frame; frames do not overtake each other."""
        async with self._lock:
            await self.socket.send(protocol.encode(said))

    def room(self) -> tuple[int, int]:
        """How many messages, and bytes of them, may still be sent before an acknowledgement."""
        return protocol.WINDOW - len(self.out), protocol.WINDOW_BYTES - sum(self.out.values())


class Pages:
    """The connected pages. ``nobody_since`` is when the last page that received messages left (unix seconds), None while there is
    one."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._pages: list[PageConnection] = []
        self._asked = 0
        self._strangers = 0
        self.unreadable = 0
        """Frames that were put aside since the server began, of pages and by them."""
        self.nobody_since: float | None = mailbox.clock()
        mailbox.on_pending.append(self._wake)
        mailbox.in_transit = self._in_transit

    def ids(self) -> list[str]:
        """The databases of the pages that are connected."""
        return [page.id for page in self._pages]

    def models(self) -> list[str]:
        """The models of the provider, as the page that takes messages knows them; else as another one does."""
        return next((list(page.models) for page in self._pages if page.models), [])

    @property
    def strangers(self) -> int:
        """Connections that have not sent Hello."""
        return self._strangers

    async def serve(self, socket: Socket) -> None:
        """One connection from its Hello to its end."""
        if self._strangers >= MAX_STRANGERS:
            await socket.close(BUSY, "Too many connections have not identified themselves. Try again later.")
            return
        self._strangers += 1
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                frame = await socket.receive()
            if frame is None:
                return
            hello = protocol.from_page(frame)
        except (UnreadableFrame, TimeoutError) as error:
            await socket.close(UNREADABLE, _reason(error or "A page says hello first."))
            return
        finally:
            self._strangers -= 1
        if not isinstance(hello, Hello) or not hello.id:
            await socket.close(UNREADABLE, "A page says hello first.")
            return
        page = PageConnection(hello.id, socket, hello.models)
        await self._join(page)
        writing = asyncio.create_task(self._write(page))
        try:
            await self._read(page)
        except Flood as error:
            await socket.close(UNREADABLE, _reason(error))
        except sqlite3.Error:
            await socket.close(TROUBLE, "The server cannot write to its disk; nothing was acknowledged.")
        finally:
            writing.cancel()
            self._leave(page)
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await writing

    async def piece(self, batch: str, file: BatchFile, number: int) -> tuple[bool, bytes]:
        """``(last, bytes)`` of one piece of a batch's file, from the page that has it. Raises PageUnavailable, NoFile."""
        missing: NoFile | None = None
        for page in list(self._pages):
            try:
                return await self._ask(page, batch, file, number)
            except NoFile as error:
                missing = error
        raise missing or PageUnavailable("No page is open: the batch and its files are kept by the page.")

    async def _ask(self, page: PageConnection, batch: str, file: BatchFile, number: int) -> tuple[bool, bytes]:
        self._asked = n = (self._asked + 1) % 2**32
        answer: asyncio.Future[tuple[bool, bytes]] = asyncio.get_running_loop().create_future()
        page.asked[n] = answer
        try:
            async with asyncio.timeout(PIECE_WITHIN):
                await page.say(Wanted(n, batch, file, number))
                return await answer
        except TimeoutError as error:
            raise PageUnavailable("The page did not answer in time.") from error
        finally:
            page.asked.pop(n, None)

    async def file(self, batch: str, file: BatchFile) -> AsyncIterator[bytes]:
        """A batch's file, piece by piece. Raises PageUnavailable, NoFile."""
        number, last = 0, False
        while not last:
            last, data = await self.piece(batch, file, number)
            number += 1
            yield data

    async def close(self) -> None:
        """Close all connections: the server stops."""
        for page in list(self._pages):
            with contextlib.suppress(Exception):
                await page.socket.close(1001, "The server stops.")

    def _in_transit(self) -> list[int] | None:
        """Unacknowledged messages; None while that is just being decided."""
        if any(page.dealing for page in self._pages):
            return None
        return [seq for page in self._pages for seq in page.out]

    # --- coming and going

    async def _join(self, page: PageConnection) -> None:
        for old in [other for other in self._pages if other.id == page.id]:
            self._leave(old)
            with contextlib.suppress(Exception):
                await old.socket.close(REPLACED, "Another connection of this page has taken over.")
        self._pages.append(page)
        self._choose()
        if self._pages[0] is not page:
            await page.say(Welcome(False))
        self._wake()

    def _leave(self, page: PageConnection) -> None:
        if page not in self._pages:
            return
        self._pages.remove(page)
        for answer in page.asked.values():
            if not answer.done():
                answer.set_exception(PageUnavailable("The page was closed in the middle."))
        self._choose()

    def _choose(self) -> None:
        """The page that has been connected longest receives messages."""
        if not self._pages:
            self.nobody_since = self._mailbox.clock() if self.nobody_since is None else self.nobody_since
        else:
            self.nobody_since = None
            self._pages[0].work.set()

    def _wake(self) -> None:
        for page in self._pages:
            page.work.set()

    # --- to the page

    async def _write(self, page: PageConnection) -> None:
        """Send messages and orders, whenever there are any and the window allows it."""
        try:
            while True:
                await page.work.wait()
                page.work.clear()
                for order in await self._mailbox.orders(page.id, page.last_order):
                    page.last_order = order.n
                    await page.say(order)
                    page.work.set()
                if self._pages and self._pages[0] is page:
                    await self._deal(page)
        except ConnectionError:
            return  # the page has gone: what it acknowledged before is still read
        except Exception as error:  # without this the page would wait forever
            if not isinstance(error, sqlite3.Error | OSError):
                print(f"Messages could not be sent to a page: {type(error).__name__}.", file=sys.stderr, flush=True)
            await page.socket.close(TROUBLE, "The server cannot read from its disk.")

    async def _deal(self, page: PageConnection) -> None:
        if not page.taking:
            page.taking = True
            await page.say(Welcome(True, (await self._mailbox.counts()).waiting))
        if page.alone:
            await self._once_more(page, page.alone.popleft())
            return
        count, size = page.room()
        if count <= 0 or (size <= 0 and page.out):
            return  # an acknowledgement wakes it again
        page.dealing = True
        try:
            found = await self._mailbox.pending(page.last_seq, min(count, protocol.FRAME_LETTERS), min(size, protocol.FRAME_BYTES))
            if not found or (page.out and len(found[0].message) > size):
                return
            page.last_seq = found[-1].seq
            found = [message for message in found if await self._is_whole(message)]
            page.out.update((message.seq, len(message.message)) for message in found)
        finally:
            page.dealing = False
        if found:
            await self._send(page, found)
        page.work.set()

    async def _once_more(self, page: PageConnection, seq: int) -> None:
        """Send a message by itself, if it still waits."""
        page.work.set()
        page.dealing = True
        try:
            found = [message for message in await self._mailbox.pending(seq - 1, 1, protocol.FRAME_BYTES) if message.seq == seq]
            page.out.update((message.seq, len(message.message)) for message in found)
        finally:
            page.dealing = False
        if found:
            await self._send(page, found)
        else:
            page.out.pop(seq, None)

    async def _send(self, page: PageConnection, waiting: Sequence[protocol.InboxMessage]) -> None:
        page.frames += 1
        page.sent = {n: seqs for n, seqs in page.sent.items() if not page.out.keys().isdisjoint(seqs)}
        page.sent[page.frames] = tuple(message.seq for message in waiting)
        await page.say(InboxMessages(tuple(waiting)))

    async def _is_whole(self, message: protocol.InboxMessage) -> bool:
        """Whether a page could read it. A message that an older version took, or that the disk has damaged, ends here with its reason
        and holds no others back: a page that cannot read a frame would be sent it forever."""
        found = intake.decode(bytes(message.message))
        if isinstance(found, intake.MessageRefusal):
            fault = protocol.RefusalDetail(found.code, found.title, found.detail, found.pointer)
            await self._mailbox.rejected(message.seq, (fault,), "")
            return False
        return True

    # --- from the page

    async def _read(self, page: PageConnection) -> None:
        while (frame := await page.socket.receive()) is not None:
            try:
                if isinstance(frame, bytes):
                    n, last, data = protocol.from_piece(frame)
                    _resolve(page, n, (last, data))
                else:
                    await self._obey(page, protocol.from_page(frame))
            except (Flood, sqlite3.Error, OSError):
                raise
            except Exception as error:  # the boundary of one frame: the others are obeyed
                if not isinstance(error, UnreadableFrame):
                    print(f"A message of a page was put aside: {type(error).__name__}.", file=sys.stderr, flush=True)
                self._count(page)
                await page.say(Unread(protocol.kind_of(frame), _reason(error)))
                page.alone.extend(sorted(page.out.keys() - set(page.alone)))  # it may have acknowledged any of them
                page.work.set()

    def _count(self, page: PageConnection) -> None:
        self.unreadable += 1
        page.unread += 1
        if page.unread > protocol.MAX_UNREADABLE:
            raise Flood("Too many frames of this connection could not be read.")

    async def _not_read(self, page: PageConnection, said: Unread) -> None:
        """The page could not read a frame. Its messages are sent again, each by itself; one that was sent alone is rejected."""
        self._count(page)
        seqs = [seq for seq in page.sent.pop(said.n, ()) if seq in page.out] if said.kind == "letters" else []
        if len(seqs) == 1:
            fault = protocol.RefusalDetail("unreadable", "The page cannot read it", said.detail)
            await self._mailbox.rejected(seqs[0], (fault,), page.id)
            self._arrived(page, *seqs)
        else:
            page.alone.extend(seqs)
            page.work.set()

    async def _obey(self, page: PageConnection, said: protocol.FromPage) -> None:
        match said:
            case MessagesCommitted(seqs) | MessagesDuplicate(seqs):
                await self._mailbox.taken(seqs, page.id)
                self._arrived(page, *seqs)
            case MessagesRejected(seq, errors):
                await self._mailbox.rejected(seq, errors, page.id)
                self._arrived(page, seq)
            case StatusUpdates(n, updates):
                await self._mailbox.update_status(updates, page.id)
                await page.say(protocol.Heard(n))
            case OrderDone(n):
                await self._mailbox.done(n, page.id)
            case Absent(n, detail):
                _resolve(page, n, NoFile(detail))
            case Unread():
                await self._not_read(page, said)
            case Hello():
                raise UnreadableFrame("A page says hello once.")

    def _arrived(self, page: PageConnection, *seqs: int) -> None:
        for seq in seqs:
            page.out.pop(seq, None)
        page.work.set()


def _resolve(page: PageConnection, n: int, result: tuple[bool, bytes] | NoFile) -> None:
    answer = page.asked.get(n)
    if answer is None or answer.done():
        return
    if isinstance(result, NoFile):
        answer.set_exception(result)
    else:
        answer.set_result(result)


def _reason(error: Any) -> str:
    """A close reason has at most 123 bytes (RFC 6455)."""
    return str(error).encode()[:120].decode(errors="ignore")
