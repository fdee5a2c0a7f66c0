"""A folder that the page watches: which files in it are taken, what is kept of each, and the files that are written beside it.

A file ``orders.jsonl`` holds one message a line (core.programs.intake), which a line of a batch's input is too. Beside it are written
``orders.results.jsonl``, a line for each result as programs get it, and ``orders.problems.jsonl``, a line for each line that was not taken.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from app.core.base.ids import FILE_MARK, without_file
from app.core.json.jsonvalues import Shape
from app.core.model import stored_names
from app.core.model.records import Record
from app.core.programs.intake import MAX_ID

if TYPE_CHECKING:
    import hashlib

INPUT: Final = ".jsonl"
RESULTS: Final = ".results.jsonl"
PROBLEMS: Final = ".problems.jsonl"
MAX_LINE: Final = 64_000_000
"""Bytes of a line at most: more than any provider takes as one request, and still held in memory."""
_MARK: Final = FILE_MARK

FolderState = Literal["none", "open", "locked", "gone"]
"""``none``: there is none; ``locked``: the browser wants the person to be asked again; ``gone``: it was moved or deleted."""


class FolderEntry(msgspec.Struct, frozen=True):
    """A file as the folder lists it; ``modified`` in unix milliseconds. ``fault``: why it cannot be read, as a sentence."""

    name: str
    size: int
    modified: float
    fault: str = ""


class Watched(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The folder that was chosen. One record, id ``folder``. ``folder`` is our own name for it: folders of one name are not one folder."""

    stored = stored_names.WATCHED
    folder: str
    name: str
    on: bool = True


class Dropped(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A file of the folder; its id is :func:`drop_id`."""

    stored = stored_names.DROPPED
    name: str
    size: int
    """Bytes of the file that is being read, or was."""
    modified: float
    """Its modification time, in unix milliseconds."""
    at: float
    state: Literal["reading", "read", "foreign"] = "reading"
    """``foreign``: there were results beside it when it was first seen, so another browser may have sent it; it waits for a person."""
    read: int = 0
    """Bytes that were read."""
    lines: int = 0
    """Lines that were read."""
    taken: int = 0
    """Lines that became requests here."""
    refused: int = 0
    """Lines that did not."""
    results: int = 0
    """Bytes of the results file that are on record: anything behind them was cut off by a crash and is written again (-1: append to
    whatever there is)."""
    problems: int = 0
    """Bytes of the problems file that are on record, as for ``results``."""
    shape: Shape = "lines"
    mendable: int = 0
    mend: bool = False

    def is_of(self, entry: FolderEntry) -> bool:
        """Whether the file is as it was."""
        return (self.size, self.modified) == (entry.size, entry.modified)


class LineProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file of problems."""

    line: int
    code: str
    title: str
    detail: str
    pointer: str = ""
    custom_id: str = ""


def drop_id(folder: str, name: str) -> str:
    """The id of a file's record."""
    return f"{folder}/{name}"


def place(folder: str, name: str, line: int) -> str:
    """Where a message stands: what tells one that is read again from another of the same custom_id."""
    return f"{folder}/{name}:{line}"


def own_id(folder: str, name: str, custom_id: str) -> str:
    """The id of a line's request: a custom_id is unique in its file only, so the file's mark (of its place, by SHA-256) goes with it."""
    mark = _begun(folder, name).copy()
    mark.update(custom_id.encode())
    return f"{custom_id[: MAX_ID - _MARK - 1]}~{mark.hexdigest()[:_MARK]}"


WHOLE: Final = MAX_ID - _MARK - 1
"""Characters of a custom_id that stands whole in the id of its request (:func:`own_id`); a longer one is cut there."""


def custom_id_in(folder: str, name: str, id: str) -> str:
    """The custom_id that the line of this request has in this file, as far as it was not cut; "" for a request of anything else."""
    found = without_file(id)
    return found if own_id(folder, name, found) == id else ""


@lru_cache(maxsize=16)
def _begun(folder: str, name: str) -> hashlib._Hash:
    """The hash of a file's place, to which the id of a line is added."""
    import hashlib

    return hashlib.sha256(f"{drop_id(folder, name)}\n".encode())


def file_of(place: str) -> str:
    """The id of the file's record (:func:`drop_id`) in which a message stands."""
    return place.rpartition(":")[0]


def is_input(name: str) -> bool:
    """Whether a file is to be taken: JSONL that is not hidden and that we did not write."""
    lower = name.lower()
    return lower.endswith(INPUT) and not lower.endswith((RESULTS, PROBLEMS)) and not name.startswith(".")


def results_name(name: str) -> str:
    """The file beside ``name`` that its results go to."""
    return name[: -len(INPUT)] + RESULTS


def problems_name(name: str) -> str:
    """The file beside ``name`` that says which of its lines were not taken."""
    return name[: -len(INPUT)] + PROBLEMS
