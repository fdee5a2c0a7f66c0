"""Heavy work apart from the page: jobs by name, with files and bytes in, progress, bytes out, and a stop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, BinaryIO, Final, Generic, Protocol, TypeVar

import msgspec

from app.core.compute.messages import ItemFault, JobDone, JobError
from app.core.json import jsonread
from app.core.openai.wire import Blob
from app.core.results.ordering import Order
from app.ports.platform import Clock, FileDamaged, FileStrange, FileUnreadable, Libraries, LibraryMissing, Packer, Random
from app.ports.saving import FileUnwritten
from app.ports.store import Conflict, IllegalMove, StorageFull, StorageLost, Store

A = TypeVar("A")
R = TypeVar("R")


class JobFailed(Exception):
    """A job ended without a result. The text is sentences for people."""


class JobDied(JobFailed):
    """What carried out a job broke down (memory, stack, the browser). The page goes on, and the next job begins again."""


class NoWorker(Exception):
    """This browser, or this page as it was opened, runs no Python apart from the page."""


class JobKind(msgspec.Struct, Generic[A, R], frozen=True):
    """A kind of work that can be carried out apart from the page. ``takes`` and ``gives`` are what msgspec writes as JSON; ``raises`` are
    exceptions of the job's own that reach the caller as they are, each made of one text. Jobs of one ``place`` are carried out one after
    another where what they keep is (``Job.kept``). Nobody waits for one in the ``background``: it begins only while no other job is
    under way."""

    name: str
    takes: type[A]
    gives: type[R]
    raises: tuple[type[Exception], ...] = ()
    place: str = ""
    background: bool = False
    fenced: bool = False


class Finished(msgspec.Struct, Generic[R], frozen=True):
    """What came of a job. ``blob``: the bytes that it wrote or handed over, if any. ``faulty`` items were skipped; ``faults`` has the
    first 1,000 of them."""

    value: R
    blob: Blob | None = None
    faults: tuple[ItemFault, ...] = ()
    faulty: int = 0


class JobFile(Protocol):
    """A file or bytes that a job was given."""

    @property
    def blob(self) -> Blob: ...

    async def open(self) -> BinaryIO:
        """The content as a plain binary file that can seek, read without waiting: for ``io.TextIOWrapper`` and ``csv`` (whose chunk is
        best made a megabyte). In a worker nothing but what is asked for is read; in the page all of it, so at most 256 MB. Raises
        FileUnreadable, JobFailed."""
        ...

    def pieces(self, size: int) -> AsyncGenerator[bytes, None]:
        """The content in pieces of so many bytes; in a worker the next one is read while one is worked on. Raises FileUnreadable,
        JobFailed."""
        ...


class Job(Protocol):
    """What a job works with. It must give way often: ``if job.over(): await job.rest()`` after each item."""

    @property
    def files(self) -> Sequence[JobFile]: ...

    @property
    def packer(self) -> Packer:
        """Gzip, both ways."""
        ...

    @property
    def libraries(self) -> Libraries:
        """What Python itself does not bring along."""
        ...

    @property
    def clock(self) -> Clock: ...

    @property
    def random(self) -> Random: ...

    @property
    def order(self) -> Order:
        """What sorts many rows fastest here."""
        ...

    @property
    def kept(self) -> dict[str, Any]:
        """What jobs of the same place left for the next one. It may be gone at any time, and is then made again. A job
        of no place begins with nothing, and what it leaves is nobody's."""
        ...

    async def store(self) -> Store:
        """The page's database, with the same comparing of revisions. Opened when it is first asked for. Raises StorageLost, StorageFull."""
        ...

    def over(self, items: int = 1) -> bool:
        """Whether it is time to rest, after so many items more. Cheap."""
        ...

    async def rest(self) -> None:
        """Let the page draw and take input, and a stop be heard: then this raises CancelledError."""
        ...

    def moved(self, done: int, total: int) -> None:
        """Tell how far the job is. Cheap: the page hears of it twenty times a second at most."""
        ...

    def fault(self, item: object, says: str) -> None:
        """This item (its name or number) is skipped; ``says`` is a sentence about what is wrong with it."""
        ...

    async def write(self, data: bytes) -> None:
        """Add to the result's bytes, which do not stay in Python's memory."""
        ...

    def hand(self, blob: Blob) -> None:
        """The result's bytes are these, in place of what was written."""
        ...


def unheard(_done: int, _total: int) -> None:
    """Nobody asks how far a job is."""


class Compute(Protocol):
    """Carries out jobs: in a worker where there can be one, else in the page in slices of 12 ms."""

    async def run(
        self, kind: JobKind[A, R], arguments: A, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[R]:
        """Carry out one job. Cancelling this stops it, whatever it is doing; when CancelledError comes back nothing of it runs any more.
        Where a SavePlace is among the files, the job's bytes go there as they are made.

        Raises what the kind says, what the store raises, FileUnreadable, FileDamaged, FileUnwritten, LibraryMissing, JobDied, and
        JobFailed with sentences.
        """
        ...


class KeepingCompute(Compute, Protocol):
    """The same, for who asks jobs of a place."""

    def leave(self, place: str) -> None:
        """What the jobs of this place keep is not needed any more: its memory is returned, soon."""
        ...

    def end_fenced(self) -> None:
        """The workers of fenced jobs end at once, and with them whatever they are at."""
        ...


_COMMON: Final[tuple[type[Exception], ...]] = (
    StorageFull,
    StorageLost,
    FileUnreadable,
    FileDamaged,
    FileStrange,
    FileUnwritten,
    LibraryMissing,
    JobFailed,
)


def error_of(error: BaseException, kind: JobKind[Any, Any] | None, trace: str = "") -> JobError:
    """How an exception of a job crosses to the page."""
    name = type(error).__name__
    match error:
        case Conflict():
            return JobError(name, (error.table, error.id, error.expected, error.found))
        case IllegalMove():
            return JobError(name, (error.table, error.id, error.old, error.new))
    if type(error) in (*_COMMON, *(kind.raises if kind else ())):
        return JobError(name, (str(error),))
    return JobError("", (f"{name}: {error}",), trace)


def exception_of(error: JobError, kind: JobKind[Any, Any]) -> Exception:
    """The same exception again, in the page. What no caller can expect is a JobFailed, whose notes have the worker's traceback."""
    everything: tuple[Callable[..., Exception], ...] = (*_COMMON, *kind.raises, Conflict, IllegalMove)
    for known in everything:
        if known.__name__ == error.name:
            return known(*error.given)
    failed = JobFailed(f"The work ended at a fault of the program ({' '.join(map(str, error.given))}). Nothing came of it.")
    if error.trace:
        failed.add_note(error.trace)
    return failed


def finished(kind: JobKind[A, R], ended: JobDone | JobError, blob: Blob | None) -> Finished[R]:
    """What the caller gets. Raises what the job has raised; JobFailed where the result is not of the kind's type."""
    if isinstance(ended, JobError):
        raise exception_of(ended, kind)
    try:
        value: R = jsonread.typed(ended.value, kind.gives, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable as error:
        raise JobFailed(f"The result of “{kind.name}” cannot be read ({error}). Nothing came of it.") from error
    return Finished(value, blob, ended.faults, ended.faulty)
