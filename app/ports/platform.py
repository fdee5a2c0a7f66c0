"""What every page has from its platform: the network, a clock, chance, locks, keys, files, and the page itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from app.core.base.locale import FiguresChoice, Locale
from app.core.openai.encodings import Encoding
from app.core.openai.wire import Blob, Request, Response
from app.ports.saving import Packing, SavePlace


class Stream(Protocol):
    """An answer that arrives in pieces."""

    status: int
    headers: dict[str, str]

    def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of about 1 MB, or as they arrive (``Request.live``). Raises NetworkError («broken») where it breaks off."""
        ...


class Http(Protocol):
    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        """One exchange. ``progress(sent, total)`` in bytes while a form goes up. Raises NetworkError."""
        ...

    async def stream(self, request: Request) -> Stream:
        """Answer with status and headers; the body follows by chunks. Raises NetworkError."""
        ...


class EndedCall(NamedTuple):
    """A call by its name: how long it took, in seconds, and its answer, or why there is none (NetworkError where it was made)."""

    name: str
    seconds: float
    result: Response | Exception


class Calls(Protocol):
    """Calls that go out some at a time. They are handed over, and their ends fetched, in groups."""

    def put(self, calls: Sequence[tuple[str, Request]], parallel: int) -> None:
        """Make these, each under a name, after those that wait; at most ``parallel`` at a time from now on. A form cannot be sent so."""
        ...

    async def ended(self) -> list[EndedCall]:
        """Those that ended since the last time, at least one; none when none is on its way."""
        ...

    def close(self) -> None:
        """Give up what is on its way and what waits: nobody knows what of it took effect."""
        ...


@runtime_checkable
class GroupedHttp(Protocol):
    """An Http whose platform makes many calls for less than each by itself."""

    def calls(self) -> Calls: ...


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


Setting = Literal["served", "file"]
Notices = Literal["granted", "denied", "default", "missing"]
"""What the browser says to desktop notices; ``default``: the person was not asked yet, ``missing``: there are none here."""


TabMark = Literal["", "runs", "needs"]
"""What the tab's icon says: that something runs, or needs the person; "": nothing."""


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

    @property
    def asks_where(self) -> bool:
        """Whether the browser lets a person choose where a file is written while it is made."""
        ...

    async def choose_place(self, name: str, type: str) -> SavePlace | None:
        """Have the person choose; None where they chose none. To be called while their press is being handled. Raises FileUnreadable."""
        ...

    def copy_text(self, text: str) -> None: ...

    def show_picture(self, data: bytes, type: str) -> str:
        """An address under which this page, and nobody else, can draw these bytes; until it is dropped."""
        ...

    def drop_picture(self, address: str) -> None:
        """What lies under an address of :meth:`show_picture` is not drawn any more: its memory is returned."""
        ...

    @property
    def address(self) -> str:
        """This page's address, without its part from ``#`` on."""
        ...

    def copy_link(self, fragment: str) -> None:
        """Copy this page's address with another part from ``#`` on."""
        ...


class FileUnreadable(Exception):
    """The browser could not read a file that the person chose: it was moved, changed or is not allowed."""


class FileDamaged(Exception):
    """A file's content is not whole gzip data."""


class FileStrange(FileDamaged):
    """A file does not even begin as gzip data do (RFC 1952: 1f 8b)."""


class Packer(Protocol):
    """Makes files, and takes gzip files apart."""

    def gather(self) -> Packing:
        """Begin a file that is what is written."""
        ...

    def pack(self) -> Packing:
        """Begin a gzip file."""
        ...

    def unpack(self, blob: Blob, moved: Callable[[int, int], None]) -> AsyncIterator[bytes]:
        """A gzip file's content in pieces. ``moved(done, total)`` is called with the file's bytes read. Raises FileDamaged,
        FileStrange, FileUnreadable."""
        ...


class ParquetFile(Protocol):
    """A Parquet file that is open."""

    @property
    def columns(self) -> Sequence[str]: ...

    @property
    def rows(self) -> int: ...

    async def read(self, start: int, stop: int) -> bytes:
        """The rows from ``start`` to ``stop`` (exclusive), each a JSON array on a line (core.datasets.parquet). Best asked for in their
        order, 1,000 at a time. Raises UnreadableTable."""
        ...

    def close(self) -> None:
        """Give its memory back. Also stops what is being read."""
        ...


class Parquet(Protocol):
    """Reads Parquet files apart from the page's thread."""

    async def open(self, blob: Blob) -> ParquetFile:
        """Raises UnreadableTable: damaged, encrypted, its rows too large to be held; or the reader did not load."""
        ...


class Tokenizers(Protocol):
    """Counting tokens as OpenAI's models do, apart from the page."""

    def prepare(self, encoding: Encoding) -> None:
        """Begin to load an encoding, for what is soon to be counted; whether it came is told by counting."""
        ...

    async def counts(self, encoding: Encoding, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has. Raises LibraryMissing, with a sentence, where the encoding did not load or its counter stopped."""
        ...

    async def counts_in(self, encoding: Encoding, texts: Blob, ends: Sequence[int]) -> list[int]:
        """The same of texts that lie in one blob in UTF-8, and never in Python: the n-th ends before byte ``ends[n]``."""
        ...

    def close(self) -> None:
        """End what counts; what was asked for and is not there yet raises LibraryMissing. It begins again with the next question."""
        ...


class LibraryMissing(Exception):
    """A library that is fetched when it is first needed did not come. The text is a sentence for people."""


LibraryName = Literal["python_calamine", "mistune", "json_repair", "nightshift_guide"]


class Libraries(Protocol):
    """Python's libraries that most pages never use: they come with the page, and are loaded when they are first needed."""

    async def load(self, name: LibraryName) -> None:
        """Have ``import name`` work from now on. Raises LibraryMissing."""
        ...

    def decode(self, data: bytes, encoding: str) -> str:
        """Bytes as text, by a name of the Encoding Standard: Python in the page has few codecs. Raises ValueError for bytes that are not of
        the encoding, LookupError where it is not known."""
        ...

    def parquet(self) -> Parquet:
        """What reads Parquet files. Raises LibraryMissing where nothing can."""
        ...


class Files(Packer, Protocol):
    """Files that the person gives and takes, as large as the disk allows."""

    def picked(self, token: str) -> Blob | None:
        """The file that an event named by this token (``data-read="blob"``); None when it was released."""
        ...


class Undrawable(Exception):
    """The browser could not make a picture of a drawing."""


class Screen(Page, Files, Protocol):
    """What the views' loop needs of the page."""

    async def picture(self, drawing: str, width: int, height: int) -> Blob:
        """A PNG of an SVG that is complete by itself, so many pixels wide and high. Raises Undrawable."""
        ...

    def patch(self, html: str, title: str | None = None) -> None:
        """Turn the content of the page into this markup, keeping focus, typing and scroll positions."""
        ...

    def mark_tab(self, mark: TabMark) -> None:
        """Put this sign on the tab's icon."""
        ...

    def early(self) -> str:
        """What the person typed into the page before the program drew anything."""
        ...

    def heir(self, id: str) -> None:
        """Let the field ``id`` of the next drawing take focus and caret from the field of :meth:`early`, if that has them."""
        ...

    @property
    def scrolled(self) -> tuple[tuple[str, float, float], ...]:
        """How far the lists of the last view are scrolled, which is in the page until something is drawn: the element's id, the
        position from the top and the height that is in sight, in CSS pixels."""
        ...

    def early_kept(self) -> None:
        """What was typed early is stored: the page need not keep it any more."""
        ...

    def theme(self, name: Literal["system", "light", "dark"]) -> None: ...

    @property
    def locale(self) -> Locale:
        """How figures and times are written where the browser's languages are those of the person."""
        ...

    def figures(self, choice: FiguresChoice) -> None:
        """Figures are written so from now on: where it was otherwise, no view is kept that has them."""
        ...

    @property
    def route(self) -> str:
        """The part of the address after and with ``#``, or nothing."""
        ...

    def go_to(self, route: str) -> None:
        """Change the route; the notice ``route`` follows."""
        ...

    def reload(self) -> None: ...

    def forgive(self) -> None:
        """Forget what stopped Python before: the next start reads everything again."""
        ...

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

    def timings(self) -> tuple[tuple[str, float], ...]:
        """The marks of the page's start: names, and milliseconds since the page was asked for."""
        ...

    def take_over(self) -> None:
        """Switch to the newest version that is there, and reload."""
        ...
