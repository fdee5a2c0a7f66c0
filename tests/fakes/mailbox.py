"""The local server's side of the mailbox, in memory: letters go out until they are acknowledged, what is told is kept."""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from app.core.openai.wire import Request, Response
from app.core.programs import protocol as words
from app.core.programs.protocol import ServerSettings
from app.ports import Stream


class MemoryLine:
    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = False
        self.letters: list[tuple[int, ...]] = []
        """Which letters were in each frame of them."""

    async def receive(self) -> str | None:
        return None if self.closed else await self._frames.get()

    def send(self, frame: str | bytes) -> None:
        if self.closed:
            raise ConnectionResetError
        self._server.hear(self, frame)

    def close(self) -> None:
        self.closed = True
        self._frames.put_nowait(None)

    def say(self, said: words.FromServer) -> None:
        if isinstance(said, words.InboxMessages):
            self.letters.append(tuple(one.seq for one in said.letters))
        self._frames.put_nowait(words.encode(said))


class MemoryServer:
    """The Mailbox port and, for its plain calls, Http. ``letters`` are those that nobody acknowledged; ``news`` the newest of
    each message."""

    def __init__(self, *, offered: bool = True, token: str = "") -> None:
        self.offered, self.token = offered, token
        self.settings: ServerSettings | None = ServerSettings()
        self.letters: dict[int, words.InboxMessage] = {}
        self.taken: list[int] = []
        self.duplicates: list[int] = []
        self.rejected: dict[int, words.RefusalDetail] = {}
        self.news: dict[str, words.StatusUpdate] = {}
        self.told: list[words.StatusUpdate] = []
        self.done: list[int] = []
        self.pages: list[str] = []
        self.unread: list[words.Unread] = []
        self.chokes: set[str] = set()
        """News of these messages cannot be read with their answer."""
        self.pieces: deque[bytes | str] = deque()
        self.deaf = False
        self.line: MemoryLine | None = None

    async def connect(self) -> MemoryLine:
        await asyncio.sleep(0)
        self.line = MemoryLine(self)
        return self.line

    async def send(self, request: Request, *, progress: object = None) -> Response:
        await asyncio.sleep(0)
        if request.url == words.SESSION_PATH:
            if request.headers.get("Authorization") == f"Bearer {self.token}":
                self.token = ""
                return Response(204)
            return Response(401)
        if self.token:
            return Response(401)
        return Response(200, {}, msgspec.json.encode(self.settings)) if self.settings else Response(404)

    async def stream(self, request: Request) -> Stream:
        raise AssertionError("the page reads no stream from the mailbox")

    def hand_in(self, *messages: bytes, metadata: dict[str, str] | None = None) -> None:
        """Letters; a page that is connected gets them at once. With ``metadata`` they are of a batch that the official SDK created."""
        for one in messages:
            seq = len(self.taken) + len(self.duplicates) + len(self.rejected) + len(self.letters) + 1
            source: words.Source = "http" if metadata is None else "sdk"
            self.letters[seq] = words.InboxMessage(seq, source, 1.0, msgspec.Raw(one), metadata or {})
        if self.line is not None and not self.line.closed:
            self.line.say(words.InboxMessages(tuple(self.letters.values())))

    def hear(self, line: MemoryLine, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.pieces.append(frame)
            return
        said = words.from_page(frame)
        match said:
            case words.Hello(id):
                self.pages.append(id)
                line.say(words.Welcome(True))
                if self.letters:
                    line.say(words.InboxMessages(tuple(self.letters.values())))
            case words.MessagesCommitted(seqs):
                self.taken += seqs
                self._settled(seqs)
            case words.MessagesDuplicate(seqs):
                self.duplicates += seqs
                self._settled(seqs)
            case words.MessagesRejected(seq, errors):
                self.rejected[seq] = errors[0]
                self._settled((seq,))
            case words.OrderDone(n):
                self.done.append(n)
            case words.Absent(_, detail):
                self.pieces.append(detail)
            case words.Unread():
                self.unread.append(said)
                self._once_more(line, said)
            case words.StatusUpdates(_, news) if any(one.custom_id in self.chokes and one.answer != words.NO_ANSWER for one in news):
                line.say(words.Unread("told", "odd"))
            case words.StatusUpdates(n, news):
                self.told += news
                self.news.update((one.custom_id, one) for one in news)
                if not self.deaf:
                    line.say(words.Heard(n))

    def _once_more(self, line: MemoryLine, said: words.Unread) -> None:
        seqs = line.letters[said.n - 1] if said.kind == "letters" else ()
        if len(seqs) == 1:
            self.rejected[seqs[0]] = words.RefusalDetail("unreadable", "The page cannot read it", said.detail)
            self._settled(seqs)
        else:
            for seq in seqs:
                line.say(words.InboxMessages((self.letters[seq],)))

    def _settled(self, seqs: tuple[int, ...]) -> None:
        for seq in seqs:
            self.letters.pop(seq, None)
