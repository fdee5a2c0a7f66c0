"""What the services need from a platform, as protocols. They speak plain Python: structs, bytes, text; no JS proxy passes here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from app.core.entries import Dump
from app.core.wire import Blob, Request, Response

if TYPE_CHECKING:  # most pages never speak to a broker or watch a folder: their modules are not read at the start
    from app.core.broker import Access, Arrival, Light, Outgoing, Sent
    from app.core.folder import Entry, FolderState

# --- store -----------------------------------------------------------------------------------------------------------------------


class Table(StrEnum):
    """The record tables of schema version 3. ``vault`` is the adapter's own (sealed keys) and not reachable here."""

    SETTINGS = "settings"
    THREADS = "threads"
    SEGMENTS = "segments"
    BATCHES = "batches"
    PRACTICE = "practice"
    EVENTS = "events"
    HANDED = "handed"
    NEWS = "news"


class Row(msgspec.Struct, frozen=True):
    """A stored record: its JSON text and its revision (1 at first, +1 with each change)."""

    id: str
    rev: int
    doc: str


class _Written(msgspec.Struct, frozen=True):
    """A record as a change carries it; ``owner``, ``state`` and ``order`` are the index fields."""

    table: Table
    id: str
    rev: int
    doc: str
    owner: str = ""
    state: str = ""
    order: float = 0.0


class Put(_Written, frozen=True, tag="put"):
    """Write a record. ``rev`` is the revision that the writer saw: 0 for «must not exist yet», -1 for «whatever is there».

    ``state`` is set for batches and is checked against the legal moves.
    """


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """Delete a record if it is at revision ``rev`` (-1: whatever is there, also nothing)."""

    table: Table
    id: str
    rev: int = -1


class PutBytes(msgspec.Struct, frozen=True, tag="put_bytes"):
    """Write immutable bytes under a new id. An id that is taken is a Conflict: drop it first, in the same commit if need be."""

    id: str
    data: bytes


class DropBytes(msgspec.Struct, frozen=True, tag="drop_bytes"):
    """Forget bytes. Not there is fine."""

    id: str


class Restore(_Written, frozen=True, tag="restore"):
    """Write a record as it was kept elsewhere: with the revision that it had there, and a batch in whichever state it was in.

    Only where there is no record (one that was removed earlier in the same commit counts); else a Conflict, expected revision 0. So the
    table of moves holds for every batch that the store has: none is moved by this, one is only put where there is none. It is for
    imports and for their undoing, and nothing else writes it.
    """


class MoveBytes(msgspec.Struct, frozen=True, tag="move_bytes"):
    """Give bytes another id, without a copy through Python. No bytes under ``id`` is a Conflict (expected 1, found 0), and so is a
    ``to`` that is taken (expected 0, found 1)."""

    id: str
    to: str


Change = Put | Remove | PutBytes | DropBytes | Restore | MoveBytes


class Conflict(Exception):
    """Somebody else changed the record first: nothing of the commit was written. Read again and decide anew."""

    def __init__(self, table: str, id: str, expected: int, found: int) -> None:
        super().__init__(f"{table}/{id}: expected revision {expected}, found {found}")
        self.table, self.id, self.expected, self.found = table, id, expected, found


class IllegalMove(Exception):
    """The commit would move a batch in a way that the table of moves does not allow. Nothing was written."""

    def __init__(self, id: str, old: str, new: str) -> None:
        super().__init__(f"{id}: {old!r} -> {new!r} is not a legal move")
        self.id, self.old, self.new = id, old, new


class StorageFull(Exception):
    """The browser refused to store more. Nothing of the commit was written."""


class StorageLost(Exception):
    """The database cannot be opened or was closed under us (private mode, a newer version, deleted by the browser)."""


class Usage(msgspec.Struct, frozen=True):
    """Storage of this origin in bytes, and whether the browser promised to keep it. ``quota`` 0: the browser does not say."""

    used: int
    quota: int
    persisted: bool


class Store(Protocol):
    """Everything that outlives a reload. One ``commit`` is one transaction: all of it or nothing, revisions compared inside."""

    async def get(self, table: Table, id: str) -> Row | None: ...

    async def scan(self, table: Table, *, owner: str | None = None) -> list[Row]:
        """All records of a table, or those of one owner, by ``order`` and then id."""
        ...

    async def owners(self, table: Table) -> list[str]:
        """The distinct owners of a table, sorted."""
        ...

    async def get_many(self, table: Table, ids: Sequence[str]) -> list[Row]:
        """Those of these records that are there, in the order asked; each id once."""
        ...

    async def page(
        self,
        table: Table,
        *,
        owner: str | None = None,
        state: str | None = None,
        after: tuple[float, str] | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Row]:
        """At most ``limit`` records of one owner, or in one state (exactly one of the two is given), by ``order`` and then id, or the
        other way round; from behind ``after``, the (order, id) of a record that may be gone. For ``handed``, and by owner for ``news``: as
        long as those tables may be, no more than what is asked for is read."""
        ...

    async def counts(self, table: Table, *, owner: str | None = None) -> dict[str, int]:
        """How many records of ``handed`` there are in each state, all or one owner's. States without one are not named."""
        ...

    async def commit(self, changes: Sequence[Change]) -> None:
        """Raises Conflict, IllegalMove, StorageFull, StorageLost. Returns when the transaction is complete."""
        ...

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        """Bytes by id, in the order asked; None where there are none."""
        ...

    async def blob(self, ids: Sequence[str]) -> Blob:
        """The bytes one after another as one blob, without a copy through Python. KeyError names an id that is missing."""
        ...

    async def dump(self) -> Dump:
        """Every record with its index fields, and the id of every byte run: all as it was at one moment."""
        ...

    async def usage(self) -> Usage: ...

    async def persist(self) -> bool:
        """Ask the browser to keep the data. True if it promised."""
        ...

    def watch(self, told: Callable[[frozenset[str]], None]) -> None:
        """Call ``told`` with the names of the tables that another tab changed."""
        ...


# --- network ---------------------------------------------------------------------------------------------------------------------


class Stream(Protocol):
    """An answer that arrives in pieces."""

    status: int
    headers: dict[str, str]

    def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of about 1 MB. Raises NetworkError («broken») where it breaks off."""
        ...


class Http(Protocol):
    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        """One exchange. ``progress(sent, total)`` in bytes while a form goes up. Raises NetworkError."""
        ...

    async def stream(self, request: Request) -> Stream:
        """Answer with status and headers; the body follows by chunks. Raises NetworkError."""
        ...


# --- RabbitMQ ---------------------------------------------------------------------------------------------------------------------


class Broker(Protocol):
    """RabbitMQ, by either transport (``Access.settings.transport``); both behave alike. Consuming, publishing and testing use connections
    of their own, because an error ends its connection."""

    async def consume(
        self,
        access: Access,
        taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]],
        told: Callable[[Light], None],
    ) -> None:
        """Take messages until cancelled, connecting again by itself with growing pauses; or until the light says ``stopped``.

        ``taken`` gets what has come as one portion, stores it, and returns the tags of those that must be *rejected* (dead-lettered or
        dropped, never put back). When it has returned, all others of the portion are acknowledged: so nothing is acknowledged before it
        is stored. Portions come one after another. What ``taken`` raises (Exception) acknowledges nothing: the connection is given up,
        the light says ``unstored``, and everything comes again after a pause. Cancelled while a portion is being stored, it waits for
        that and acknowledges it: left open, it would go to another page on the same queue as well, and be paid by both.

        Delivery is at least once: a message can come again although it was stored, when the connection ended in between.
        """
        ...

    async def publish(self, access: Access, messages: Sequence[Outgoing]) -> list[Sent]:
        """Send results and wait for the broker's word on each; in the order given. Give many at once: they are sent together, and so
        fast as the broker confirms. The connection stays for the next call. Raises nothing but CancelledError."""
        ...

    async def test(self, access: Access) -> Light:
        """Connect once, look for the queue (and the exchange), disconnect. The light is ``on`` or ``stopped``. No message is taken."""
        ...

    async def close(self) -> None:
        """Give up the connection that :meth:`publish` keeps."""
        ...


# --- a folder ---------------------------------------------------------------------------------------------------------------------


class FolderLost(Exception):
    """The watched folder or a file in it cannot be reached, read or written. The text is a sentence for people."""


class Chosen(msgspec.Struct, frozen=True):
    """A folder that the person picked; ``same``: it is the one that was picked last."""

    name: str
    same: bool


class Folder(Protocol):
    """The one folder that the person lets the page read and write (File System Access). The browser remembers which, for all tabs."""

    @property
    def offered(self) -> bool:
        """Whether this browser can."""
        ...

    async def choose(self) -> Chosen | None:
        """Have the person pick one; None when they picked none. Only in answer to a click. Raises FolderLost."""
        ...

    async def ask(self) -> bool:
        """Ask the person again; whether the page may. Only in answer to a click."""
        ...

    async def state(self) -> FolderState:
        """How it stands."""
        ...

    async def look(self) -> list[Entry]:
        """The files in it, without those in folders in it. Raises FolderLost."""
        ...

    async def read(self, name: str, start: int, stop: int) -> bytes:
        """These bytes of a file. Raises FolderLost."""
        ...

    async def write(self, name: str, at: int, data: bytes) -> int:
        """Have a file, made if need be, end with ``data`` from byte ``at`` on (-1, or behind its end: from its end on); its length then.
        All of it or nothing. Raises FolderLost."""
        ...


# --- the rest --------------------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds (0: after the page had a chance to draw and take input)."""
        ...


class Random(Protocol):
    def token(self, length: int) -> str:
        """Unguessable text of [0-9a-z]."""
        ...

    def unit(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


class Locks(Protocol):
    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Wait until no other tab holds ``name``, do the work while holding it, release. Cancelling gives up the place."""
        ...


class Keys(Protocol):
    """API keys by profile id. Kept sealed on this machine, or in memory only. Never in the store's records."""

    async def get(self, profile: str) -> str | None: ...

    async def put(self, profile: str, key: str, *, remember: bool) -> None: ...

    async def remove(self, profile: str) -> None: ...

    async def remembered(self, profile: str) -> bool: ...

    async def seal(self, passphrase: str, text: str) -> str:
        """The text under a passphrase, as JSON text that says how it was made. StorageLost where the browser cannot."""
        ...

    async def unseal(self, passphrase: str, sealed: str) -> str | None:
        """The text that was sealed; None when the passphrase is another one or the seal is damaged."""
        ...


Setting = Literal["served", "file"]
Notices = Literal["granted", "denied", "default", "missing"]
"""What the browser says to desktop notices; ``default``: the person was not asked yet, ``missing``: there are none here."""


class Page(Protocol):
    """The little that services need of the page itself."""

    @property
    def setting(self) -> Setting:
        """``file`` on file://, where other local pages could read what is stored."""
        ...

    @property
    def online(self) -> bool: ...

    @property
    def visible(self) -> bool:
        """Whether the person can see this tab."""
        ...

    def allow_hosts(self, origins: Sequence[str]) -> bool:
        """Tell the policy of the next load which origins may be called. True if the current page allows them already."""
        ...

    def save_file(self, name: str, content: Blob, type: str) -> None:
        """Hand a file to the person (a download)."""
        ...

    def copy_text(self, text: str) -> None: ...


class FileUnreadable(Exception):
    """The browser could not read a file that the person chose: it was moved, changed or is not allowed."""


class FileDamaged(Exception):
    """A file's content is not whole gzip data."""


class FileStrange(FileDamaged):
    """A file does not even begin as gzip data do (RFC 1952: 1f 8b)."""


class Packing(Protocol):
    """A gzip file being made. What is written does not stay in Python's memory."""

    async def write(self, data: bytes) -> None:
        """Add to the content; the page can draw and take input meanwhile."""
        ...

    async def finish(self) -> Blob:
        """The file."""
        ...

    def abort(self) -> None:
        """Forget it. Means nothing after the end."""
        ...


class Files(Protocol):
    """Files that the person gives and takes, as large as the disk allows."""

    def picked(self, token: str) -> Blob | None:
        """The file that an event named by this token (``data-read="blob"``); None when it was let go of."""
        ...

    def pack(self) -> Packing:
        """Begin a gzip file."""
        ...

    def unpack(self, blob: Blob, moved: Callable[[int, int], None]) -> AsyncIterator[bytes]:
        """A gzip file's content in pieces. ``moved(done, total)`` hears of the file's bytes read. Raises FileDamaged,
        FileStrange, FileUnreadable."""
        ...


class Screen(Page, Files, Protocol):
    """What the views' loop needs of the page."""

    def patch(self, html: str, title: str | None = None) -> None:
        """Turn the content of the page into this markup, keeping focus, typing and scroll positions."""
        ...

    def early(self) -> str:
        """What the person typed into the page before the program drew anything."""
        ...

    def heir(self, id: str) -> None:
        """Let the field ``id`` of the next drawing take focus and caret from the field of :meth:`early`, if that has them."""
        ...

    def early_kept(self) -> None:
        """What was typed early is stored: the page need not keep it any more."""
        ...

    def theme(self, name: Literal["system", "light", "dark"]) -> None: ...

    @property
    def route(self) -> str:
        """The part of the address after and with ``#``, or nothing."""
        ...

    def go_to(self, route: str) -> None:
        """Change the route; the notice ``route`` follows."""
        ...

    def reload(self) -> None: ...

    def hold(self, text: str) -> bool:
        """Keep a text in this tab over a reload, beside all storage; nothing: forget it. False if the browser does not."""
        ...

    @property
    def held(self) -> str:
        """What ``hold`` was given last, or nothing."""
        ...

    @property
    def notices(self) -> Notices:
        """Whether desktop notices may be shown."""
        ...

    def ask_for_notices(self) -> None:
        """Have the browser ask the person, while a click of theirs is handled; the notice ``notices`` follows with the answer."""
        ...

    def notify(self, title: str, body: str, tag: str, route: str) -> None:
        """Show a desktop notice in place of one of the same ``tag``; a click on it comes back to ``route``."""
        ...

    @property
    def version(self) -> str:
        """The name of the build that the page was made of, or nothing."""
        ...

    def take_over(self) -> None:
        """Switch to the newest version that is there, and reload."""
        ...


# --- the local server -------------------------------------------------------------------------------------------------------------


class Line(Protocol):
    """A connection to the local server's mailbox."""

    async def receive(self) -> str | None:
        """The next text; None when the connection has ended."""
        ...

    def send(self, frame: str | bytes) -> None:
        """Send a frame after those before it. ConnectionError when the connection has ended."""
        ...

    def close(self) -> None: ...


class Mailbox(Protocol):
    """The way to the local server that the page came from (core.mailbox)."""

    @property
    def offered(self) -> bool:
        """Whether a local server sent this page."""
        ...

    async def connect(self) -> Line:
        """Raises ConnectionError when nobody answers."""
        ...
