"""The page's side of the mailbox, written by hand: what a page says and hears over ``/api/page``, one step at a time, and its database."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from socket import SHUT_RDWR
from types import TracebackType
from typing import Any, TypeVar

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.core.programs import protocol as words
from app.core.programs.protocol import (
    Drop,
    Forget,
    Heard,
    Hello,
    InboxMessage,
    InboxMessages,
    MessagesCommitted,
    OrderDone,
    Redeliver,
    StatusUpdate,
    StatusUpdates,
    Wanted,
    Welcome,
)

Said = TypeVar("Said", bound=msgspec.Struct)
PATIENCE = 20.0


def answer_line(custom_id: str, text: str = "Hello") -> bytes:
    """An output line as the provider writes it."""
    body = {"id": "resp_1", "output_text": text}
    response = {"status_code": 200, "request_id": "req_1", "body": body}
    return msgspec.json.encode({"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None})


class FakePage:
    """One page. ``held`` is its database: it outlives the connection; what is in there was committed."""

    def __init__(self, address: str, id: str = "page-1", **headers: str) -> None:
        self.address, self.id = address, id
        self.models: tuple[str, ...] = ()
        self.held: dict[str, bytes] = {}
        self._headers = headers
        self._heard: deque[words.FromServer] = deque()
        self._socket: ClientConnection | None = None
        self._stack = ExitStack()
        self._n = 0

    def __enter__(self) -> FakePage:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def socket(self) -> ClientConnection:
        """The connection."""
        assert self._socket is not None
        return self._socket

    def open(self) -> None:
        """Connect and say hello."""
        self._heard.clear()
        address = self.address.replace("http", "ws", 1) + words.PATH
        self._socket = self._stack.enter_context(connect(address, additional_headers=self._headers, max_size=None))
        self.say(Hello(self.id, len(self.held), models=self.models))

    def close(self) -> None:
        """Go as a page goes that is closed."""
        self._stack.close()
        self._socket = None

    def die(self) -> None:
        """Go without a word."""
        self.socket.socket.shutdown(SHUT_RDWR)
        self.close()

    def say(self, said: words.FromPage) -> None:
        """Send one frame."""
        self.socket.send(words.encode(said))

    def hear(self, kind: type[Said], timeout: float = PATIENCE) -> Said:
        """The next frame of this kind; others stay for later."""
        for i, said in enumerate(self._heard):
            if isinstance(said, kind):
                del self._heard[i]
                return said
        while True:
            said = words.from_server(self.socket.recv(timeout))
            if isinstance(said, kind):
                return said
            self._heard.append(said)

    def hear_nothing(self, seconds: float) -> None:
        """Fail if anything is said within so many seconds."""
        try:
            said = self.socket.recv(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"The server said {said!r}")

    def letters(self) -> list[InboxMessage]:
        """The next letters, not acknowledged."""
        return list(self.hear(InboxMessages).letters)

    def commit(self, letters: list[InboxMessage]) -> list[int]:
        """Put letters into the database; their numbers. One that is there already changes nothing."""
        for letter in letters:
            message = bytes(letter.message)
            self.held.setdefault(msgspec.json.decode(message)["custom_id"], message)
        return [letter.seq for letter in letters]

    def take(self, count: int) -> list[str]:
        """Take letters over until ``count`` are in the database; all custom_ids there."""
        while len(self.held) < count:
            self.say(MessagesCommitted(tuple(self.commit(self.letters()))))
        self.tell()  # what was said before is on the server's disk when this is heard
        return list(self.held)

    def tell(self, *news: StatusUpdate) -> None:
        """Tell, and wait until the server has heard."""
        self._n += 1
        self.say(StatusUpdates(self._n, news))
        assert self.hear(Heard).n == self._n

    def answer(self, *custom_ids: str, state: words.MessageState = "kept", **more: Any) -> None:
        """Tell that these were answered."""
        self.tell(*(StatusUpdate(id, state, "answered", "batch-1", msgspec.Raw(answer_line(id)), **more) for id in custom_ids))


class Clerk(threading.Thread):
    """A page that works by itself until it is stopped: commits, acknowledges, and tells of each message what ``outcome`` makes of it (None:
    nothing). It obeys orders and answers for files with ``files``."""

    def __init__(
        self, page: FakePage, outcome: Callable[[str], StatusUpdate | None], files: dict[tuple[str, str], list[bytes]] | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.page, self.outcome, self.files = page, outcome, files or {}
        self.orders: list[msgspec.Struct] = []

    def __enter__(self) -> Clerk:
        self.page.open()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.page.close()
        self.join(PATIENCE)

    def run(self) -> None:
        """Until the connection is closed."""
        socket, n = self.page.socket, 0
        try:
            while True:
                match words.from_server(socket.recv()):
                    case InboxMessages(letters):
                        fresh = [letter for letter in letters if msgspec.json.decode(letter.message)["custom_id"] not in self.page.held]
                        self.page.say(MessagesCommitted(tuple(self.page.commit(list(letters)))))
                        ids = [msgspec.json.decode(letter.message)["custom_id"] for letter in fresh]
                        n += 1
                        self.page.say(StatusUpdates(n, tuple(news for news in map(self.outcome, ids) if news)))
                    case Redeliver() | Drop() | Forget() as order:
                        self._obey(order)
                    case Wanted(number, batch, file, piece):
                        self._send(number, self.files.get((batch, file)), piece)
                    case Welcome() | Heard():
                        pass
        except (ConnectionClosed, OSError):
            return

    def _obey(self, order: Redeliver | Drop | Forget) -> None:
        self.orders.append(order)
        if isinstance(order, Drop):
            self.page.say(StatusUpdates(1_000_000 + order.n, tuple(StatusUpdate(id, "kept", "cancelled") for id in order.custom_ids)))
        if isinstance(order, Forget):
            for id in order.custom_ids:
                self.page.held.pop(id, None)
        self.page.say(OrderDone(order.n))

    def _send(self, n: int, pieces: list[bytes] | None, piece: int) -> None:
        if pieces is None or piece >= len(pieces):
            self.page.say(words.Absent(n, "The page has no such file."))
        else:
            self.page.socket.send(words.piece(n, pieces[piece], last=piece == len(pieces) - 1))
