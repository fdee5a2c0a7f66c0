"""The protocol between the local server and the page over the WebSocket ``/api/page``: JSON text frames, one tagged struct each.

Rules:

1. A page opens with :class:`Hello`. The server answers :class:`Welcome`, which says whether this page receives messages: one page does at
   a time; another one waits, and gets a second Welcome with ``taking`` when the first has left.
2. A message that a program handed in (:class:`InboxMessage`) is sent again, to this page or to the next, until it is acknowledged:
   :class:`MessagesCommitted` after the page has committed it, :class:`MessagesDuplicate` where the page has that ``custom_id`` already
   (sent twice, or received over RabbitMQ before), :class:`MessagesRejected` where it cannot become a request. At most :data:`WINDOW`
   messages, or :data:`WINDOW_BYTES`, are unacknowledged at a time.
3. :class:`Redeliver`, :class:`Drop` and :class:`Forget` are orders. They too are sent again until :class:`OrderDone`, so they must be
   idempotent.
4. The page reports the status of messages with :class:`StatusUpdates`, in any order of messages, the newest status of each. The server
   answers :class:`Heard` with the same ``n`` once the updates are on its disk: then the page may drop them from its outbox. An update about
   an unknown message is acknowledged and ignored.
5. :class:`Wanted` asks for one piece of a batch's file. The answer is one binary frame (:func:`piece`), or :class:`Absent`. No state is
   kept between two pieces, so that the page has no transfers to look after.
6. A frame that cannot be read, or that raises while it is handled, is put aside and reported to the other side (:class:`Unread`); the
   connection goes on. Messages of such a frame are sent again, each by itself, and one that cannot be read alone is rejected; status
   updates of such a frame are sent again in smaller portions. More than :data:`MAX_UNREADABLE` such frames of one side, a frame above
   :data:`MAX_FRAME` and a first frame other than :class:`Hello` end the connection (close code 1008). Unknown fields are ignored, so that
   an older side can read a newer one.
"""

from __future__ import annotations

import struct
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from app.core.base.patterns import pattern
from app.core.json import jsonread

PATH: Final = "/api/page"
PROTOCOL: Final = 1
WINDOW: Final = 2_000
"""Unacknowledged messages at most."""
WINDOW_BYTES: Final = 8_000_000
"""Bytes of unacknowledged messages at most; a single larger message is sent alone."""
FRAME_LETTERS: Final = 500
"""Messages in one frame at most: about what one commit of the page takes."""
FRAME_BYTES: Final = 1_000_000
"""Bytes of messages in one frame, and of answers in one :class:`StatusUpdates`, from which on it is sent; a single larger one goes
alone."""
MAX_FRAME: Final = 64_000_000
"""Bytes of the largest frame that the server reads. The status of a message whose answer does not fit comes
without its line (``StatusUpdate.answer`` null, with ``error``)."""
MAX_UNREADABLE: Final = 100
"""Frames of one side that are put aside in one connection; more of them are a flood, which ends it."""
MAX_MODELS: Final = 2_000
"""Models that a page names at most."""
PIECE: Final = 1_000_000
"""Bytes of a piece of a file, about."""

Source = Literal["http", "sdk"]
"""How a program handed it in: REST, or the official SDK in front of ``/v1``."""
MessageState = Literal["waiting", "due", "delivered", "failed", "kept"]
"""Waiting for its outcome; its delivery is due; delivered; the tries are used up; nowhere to send, to be read by GET."""
Result = Literal["", "answered", "failed", "expired", "cancelled", "missing", "unfound"]
"""What became of a request; empty while it is not known. ``unfound``: it may have been answered, and no answer was found."""
TryOutcome = Literal[
    "success",
    "authorization_error",
    "http_status_not_2xx",
    "timeout",
    "connection_error",
    "cors_refused",
    "queue_not_found",
    "exchange_not_found",
    "not_configured",
    "unverified",
    "other",
]
BatchFile = Literal["input", "output", "error"]
NO_ANSWER: Final = msgspec.Raw(b"null")


class RefusalDetail(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a message was refused, in the shape of the contract's errors; ``pointer`` is a JSON pointer into the message, or empty."""

    code: str
    title: str
    detail: str
    pointer: str = ""


class InboxMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as it was handed in (JSON, checked with ``core.programs.intake``). ``seq`` counts up; ``at`` is when it was taken in,
    in unix seconds. ``metadata`` is that of the batch that the official SDK created of it."""

    seq: int
    source: Source
    at: float
    message: msgspec.Raw
    metadata: dict[str, str] = {}


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attempt at a delivery. ``at`` in unix seconds; ``target`` is the address or queue; ``status`` is HTTP's, 0 if there was none;
    ``seconds`` is how long it took."""

    at: float
    target: str
    outcome: TryOutcome
    status: int = 0
    error: str = ""
    seconds: float = 0.0


class StatusUpdate(msgspec.Struct, frozen=True, omit_defaults=True):
    """The status of a message. ``answer`` is the whole output line (or the line made for a failure, with ``error`` set) once it is
    known; JSON ``null`` leaves what was reported before. ``attempts`` are all that are kept, oldest first. ``batch`` is the batch's
    id, empty while the request is queued. ``error`` is a sentence about the request itself."""

    custom_id: str
    state: MessageState
    outcome: Result = ""
    batch: str = ""
    answer: msgspec.Raw = NO_ANSWER
    error: str = ""
    attempts: tuple[Try, ...] = ()


# --- server to page ---------------------------------------------------------------------------------------------------------------


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """``taking``: this page receives the messages from now on. ``waiting`` messages are in the mailbox that no page has committed."""

    taking: bool
    waiting: int = 0
    protocol: int = PROTOCOL


class InboxMessages(msgspec.Struct, frozen=True, tag="letters"):
    """Messages in the order of their ``seq``."""

    letters: tuple[InboxMessage, ...]


class Redeliver(msgspec.Struct, frozen=True, tag="redeliver"):
    """Deliver these again. One that the page does not know, or that has no outcome yet, is skipped."""

    n: int
    custom_ids: tuple[str, ...]


class Drop(msgspec.Struct, frozen=True, tag="drop"):
    """Nobody wants these any more. A request that is still queued leaves the queue and ends with the outcome ``cancelled``; one in a
    batch runs on (it is paid for), is reported as usual, and its result is not delivered."""

    n: int
    custom_ids: tuple[str, ...]


class Forget(msgspec.Struct, frozen=True, tag="forget"):
    """These have ended and their programs have removed them: delete them, so that their ``custom_id`` can be used again."""

    n: int
    custom_ids: tuple[str, ...]


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """``StatusUpdates`` number ``n`` are on the server's disk."""

    n: int


class Wanted(msgspec.Struct, frozen=True, tag="wanted"):
    """Send piece ``piece`` (from 0) of this file of this batch."""

    n: int
    batch: str
    file: BatchFile
    piece: int


# --- page to server ---------------------------------------------------------------------------------------------------------------


Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number of the server's."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """``id`` names the page's database, and stays the same over reloads: with it the server knows which page holds which messages.
    ``models``: those of the provider that programs' requests go to, as far as the page knows them; ``GET /v1/models`` answers with them."""

    id: str
    protocol: int = PROTOCOL
    models: tuple[str, ...] = ()


class MessagesCommitted(msgspec.Struct, frozen=True, tag="taken"):
    """These messages are committed in the page's database."""

    seqs: tuple[Number, ...]


class MessagesDuplicate(msgspec.Struct, frozen=True, tag="duplicate"):
    """The ``custom_id`` of these messages is already in the page's database; nothing was stored."""

    seqs: tuple[Number, ...]


class MessagesRejected(msgspec.Struct, frozen=True, tag="rejected"):
    """This message cannot become a request."""

    seq: Number
    errors: tuple[RefusalDetail, ...]


class OrderDone(msgspec.Struct, frozen=True, tag="done"):
    """Order number ``n`` is carried out and committed."""

    n: Number


class StatusUpdates(msgspec.Struct, frozen=True, tag="told"):
    """Statuses of messages. ``n`` is the page's own number, counting up within a connection."""

    n: int
    news: tuple[StatusUpdate, ...]


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """There is no such file or piece; ``detail`` is a sentence."""

    n: int
    detail: str


# --- both ways --------------------------------------------------------------------------------------------------------------------


class Unread(msgspec.Struct, frozen=True, tag="unread"):
    """A frame of the other side was put aside. ``kind`` is its type if it can be determined, else empty; ``n`` says which of this
    connection's frames with messages it was, from 1; ``detail`` is a sentence."""

    kind: str
    detail: str
    n: int = 0


FromServer = Welcome | InboxMessages | Redeliver | Drop | Forget | Heard | Wanted | Unread
FromPage = Hello | MessagesCommitted | MessagesDuplicate | MessagesRejected | OrderDone | StatusUpdates | Absent | Unread


T = TypeVar("T")


class UnreadableFrame(Exception):
    """A frame that is not of this protocol; the message is a sentence."""


_KIND: Final = pattern(r'\s*\{\s*"type"\s*:\s*"([a-z]{1,20})"')


def kind_of(frame: str | bytes) -> str:
    """The type of a frame that cannot be read, from its first bytes; empty where they do not show it."""
    found = _KIND.match(frame[:200]) if isinstance(frame, str) else None
    return found[1] if found else ""


_FROM_SERVER: Final = jsonread.Decoder[FromServer](FromServer, depth=jsonread.OWN_DEPTH)
_FROM_PAGE: Final = jsonread.Decoder[FromPage](FromPage, depth=jsonread.OWN_DEPTH)


def encode(said: FromServer | FromPage) -> str:
    """A struct as the text of a frame."""
    return msgspec.json.encode(said).decode()


def from_server(frame: str | bytes) -> FromServer:
    """Decode a frame of the server. Raises UnreadableFrame."""
    return _decoded(frame, _FROM_SERVER)


def from_page(frame: str | bytes) -> FromPage:
    """Decode a frame of the page. A status update that cannot be read holds no other back: its message counts as failed, with the
    reason. Raises UnreadableFrame."""
    try:
        return _decoded(frame, _FROM_PAGE)
    except UnreadableFrame:
        loose = _decoded(frame, _LOOSE)
        return StatusUpdates(loose.n, tuple(news for one in loose.news if (news := _news(one))))


class _Loose(msgspec.Struct, frozen=True, tag="told"):
    n: int
    news: tuple[msgspec.Raw, ...]


class _Named(msgspec.Struct, frozen=True):
    custom_id: str


_LOOSE: Final = jsonread.Decoder[_Loose](_Loose, depth=jsonread.OWN_DEPTH)


def _news(given: msgspec.Raw) -> StatusUpdate | None:
    try:
        return jsonread.typed(given, StatusUpdate, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable as error:
        try:
            id = jsonread.typed(given, _Named, depth=jsonread.OWN_DEPTH).custom_id
        except jsonread.Unreadable:
            return None
        return StatusUpdate(id, "kept", "failed", error=f"What the page told of this request cannot be read ({error}). The page has it.")


def _decoded(frame: str | bytes, decoder: jsonread.Decoder[T]) -> T:
    try:
        return decoder.decode(frame)
    except jsonread.Unreadable as error:
        raise UnreadableFrame(f"This frame cannot be read: {error}") from error


_HEAD = struct.Struct(">I?")


def piece(n: int, data: bytes, *, last: bool) -> bytes:
    """The binary frame that answers :class:`Wanted` ``n``: the number (4 bytes, big-endian), 1 if it is the file's last piece, the
    bytes."""
    return _HEAD.pack(n, last) + data


def from_piece(frame: bytes) -> tuple[int, bool, bytes]:
    """``(n, last, data)`` of a binary frame. Raises UnreadableFrame."""
    if len(frame) < _HEAD.size:
        raise UnreadableFrame("This piece has no head.")
    n, last = _HEAD.unpack_from(frame)
    return n, last, frame[_HEAD.size :]


# --- plain HTTP beside the connection ---------------------------------------------------------------------------------------------


SETTINGS_PATH: Final = "/api/settings"
SESSION_PATH: Final = "/api/session"
AMQP_PATH: Final = "/amqp"


class RabbitSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The broker behind the relay ``/amqp``. No user and no password: the relay logs in by itself, whatever the page sends. The intake
    names are those of the server's environment and may be empty."""

    host: str
    port: int
    vhost: str
    tls: bool = False
    input_queue: str = ""
    input_exchange: str = ""
    input_routing_key: str = ""


class ServerSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ``GET /api/settings`` answers to the page of this server: it has a mailbox, relays webhooks (``private``: also to private
    addresses, if the page's own settings allow it too), and perhaps a broker. 401 there means that the server wants its token: the page
    sends it once to ``POST /api/session`` (``Authorization: Bearer …``) and has a cookie then. Anything else is no server of ours."""

    nightshift: int = PROTOCOL
    private: bool = False
    rabbitmq: RabbitSettings | None = None
