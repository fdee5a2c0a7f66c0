"""What the program is working on, in memory that can still be read when Python is dead, and what it must not touch again.

When the interpreter dies (docs/design.md, "What kills Python") no handler of ours runs any more, but its memory is still there:
static/js/life.mjs reads :data:`buffer` and keeps what it says for the next start. Writing it costs Python a slice assignment and crosses no
bridge. What was being read when Python died is a *suspect*: the next start skips it, says so, and offers it as a file.

An item is named ``line:<bytes id>:<offset>`` for a line of a request or an answer, ``record:<table>:<id>`` for a stored record,
``bytes:<bytes id>`` for a run that is read whole, ``view:<name>:<id>`` for a view that is drawn. A task has
the name that ``services.runtime.tasks`` gives it; ``batch <id>`` is the engine's work on that batch.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from app.core.json import jsonread

HALF: Final = 256
"""Bytes for the task, and again for the item: a length, then UTF-8."""
LONGEST: Final = HALF - 1
KEPT: Final = 50
"""Stops that are remembered at most, the newest; life.mjs keeps to it."""
NOT_READ: Final = "Not shown: reading it stopped the page. It is kept as it arrived, and everything else works."

buffer: Final = bytearray(2 * HALF)
_suspects: set[str] = set()


class Stop(msgspec.Struct, frozen=True):
    """One death of the interpreter, as life.mjs noted it. ``at`` in unix seconds; ``route`` is the address's part from ``#`` on."""

    at: float = 0.0
    task: str = ""
    item: str = ""
    error: str = ""
    route: str = ""

    @property
    def suspect(self) -> str:
        """What the next start must not touch; nothing where it is not known."""
        return self.item or (f"task:{self.task}" if self.task.startswith("batch ") else "")


def _fitting(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data) > LONGEST:
        data = data[:LONGEST].decode("utf-8", "ignore").encode()
    return data


def begin(item: str) -> None:
    """This item is read now, until :func:`end`. For loops that end nothing between two items."""
    data = item.encode() if len(item) < 60 else _fitting(item)  # 60 characters are 240 bytes at most
    buffer[HALF] = len(data)
    buffer[HALF + 1 : HALF + 1 + len(data)] = data


def end() -> None:
    """No item is read."""
    buffer[HALF] = 0


@contextmanager
def at(item: str) -> Iterator[None]:
    """This item is read inside: no ``await`` may be there."""
    before = bytes(buffer[HALF : HALF + 1 + buffer[HALF]])
    begin(item)
    try:
        yield
    finally:
        buffer[HALF : HALF + len(before)] = before


def task(name: str) -> None:
    """A step of the task of this name is taken; nothing: it has been taken."""
    data = _fitting(name)
    buffer[0 : 1 + len(data)] = bytes((len(data),)) + data


def line(bytes_id: str, offset: int) -> str:
    """The item of a line that begins at this offset of a byte run."""
    return f"line:{bytes_id}:{offset}"


def record(table: str, id: str) -> str:
    """The item of a stored record."""
    return f"record:{table}:{id}"


def run(bytes_id: str) -> str:
    """The item of a byte run that is read whole, such as a ledger."""
    return f"bytes:{bytes_id}"


def view(name: str, id: str) -> str:
    """The item of a view that is drawn."""
    return f"view:{name}:{id}"


# --- suspects --------------------------------------------------------------------------------------------------------------------


def stops(text: str) -> tuple[Stop, ...]:
    """What life.mjs kept. What cannot be read is nothing: it is a help, no record."""
    try:
        return tuple(jsonread.typed(text or "[]", list[Stop])[-KEPT:])
    except jsonread.Unreadable:
        return ()


def avoid(known: Collection[Stop]) -> None:
    """Take what stopped Python before as suspects, in place of those of before."""
    _suspects.clear()
    _suspects.update(one.suspect for one in known if one.suspect)


def suspected(item: str) -> bool:
    """Whether reading this item stopped Python before."""
    return bool(_suspects) and _fitting(item).decode() in _suspects


def suspected_offsets(bytes_id: str) -> frozenset[int]:
    """Where the suspected lines of a byte run begin."""
    head = f"line:{bytes_id}:"
    return frozenset(int(one[len(head) :]) for one in _suspects if one.startswith(head) and one[len(head) :].isdecimal())


class Steps:
    """A coroutine whose steps are on the trail under a name: ``await Steps(name, work)``."""

    def __init__(self, name: str, work: Any) -> None:
        self._name, self._work = name, work

    def __await__(self) -> Generator[Any, Any, Any]:
        work = self._work.__await__()
        step, given = work.send, None
        while True:
            before = bytes(buffer[: 1 + buffer[0]])  # a step can be taken within another task's
            task(self._name)
            try:
                waited = step(given)
            except StopIteration as done:
                return done.value
            finally:
                buffer[: len(before)] = before
            try:
                step, given = work.send, (yield waited)
            except GeneratorExit:
                work.close()
                raise
            except BaseException as error:
                step, given = work.throw, error
