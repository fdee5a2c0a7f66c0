"""Python that a person writes for a table of answers: ``def column(row, answer)`` makes a cell of each row, ``def keep(row, answer)`` says
whether a row is kept. Pure but for that code, which runs behind the fence alone (services.results.python_job).

Whatever the code does to one row is that row's: an exception is told with its line, and a result of another kind with what it is.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from math import isfinite
from types import CodeType, TracebackType
from typing import Any, Final, Literal, NamedTuple, NoReturn

import msgspec

from app.core.base import text
from app.core.base.patterns import pattern

CodeKind = Literal["column", "keep"]
MOST_SOURCE: Final = 50_000
"""Characters of a code."""
MOST_CELL: Final = 2_000
"""Characters of a cell that it makes."""
MOST_SAID: Final = 300
"""Characters that are told of one exception."""
YES: Final = "yes"
NO: Final = "no"
"""What a ``keep`` says of a row, as a cell."""
KNOWN: Final = (
    *("id", "number", "outcome", "finish_reason", "input_tokens", "output_tokens", "cost"),
    *("prompt", "answer"),
)
"""What ``row`` has beside the table's columns, in the order in which it is handed over. A column of that name goes first; then this stands
under the same name with ``_`` before it."""
_FILE: Final = "<your Python>"
_LINE: Final = pattern(r"Line (\d{1,6}): ")
_DIGITS: Final = 10**300


def digest(source: str, kind: CodeKind) -> str:
    """By which a code is known to be one that was accepted."""
    from hashlib import sha256

    return sha256(f"{kind}\0{source}".encode("utf-8", "surrogatepass")).hexdigest()


class CodeFault(Exception):
    """The code cannot be run at all: a sentence with its line."""


def line_of(fault: str) -> int:
    """The line that a CodeFault's sentence begins with; 0 where it names none."""
    found = _LINE.match(fault)
    return int(found[1]) if found else 0


class RowResult(NamedTuple):
    """What came of one row: its cell (None: nothing), whether it had to be cut; or ``says``, what went wrong, in which ``line`` (0: in none
    of the code's)."""

    cell: str | None = None
    cut: bool = False
    says: str = ""
    line: int = 0


class PythonCells(msgspec.Struct, frozen=True):
    """What came of some rows, by their positions in the table of answers. ``faults``: place in these lists, line, and what went wrong."""

    positions: list[int]
    values: list[str | None]
    faults: list[tuple[int, int, str]] = []


def loaded(source: str, kind: CodeKind) -> Callable[[dict[str, Any], Any], Any]:
    """The function of this name that the code defines. Raises CodeFault."""
    if len(source) > MOST_SOURCE:
        raise CodeFault(f"The code has more than {text.number(MOST_SOURCE)} characters.")
    space: dict[str, Any] = {"__builtins__": {**vars(builtins), "print": _quiet, "input": _nobody}, "__name__": "yours"}
    try:
        code: CodeType = compile(source, _FILE, "exec", dont_inherit=True)
        exec(code, space)  # noqa: S102  # that is what it is for; behind the fence
    except SyntaxError as error:
        raise CodeFault(f"Line {error.lineno or 0}: {_clipped(error.msg)}.") from None
    except BaseException as error:
        line = _line(error.__traceback__)
        raise CodeFault(f"Line {line}: {_said(error)}." if line else f"{_said(error)}.") from None
    found = space.get(kind)
    if not callable(found):
        raise CodeFault(f"The code has no “def {kind}(row, answer):”.")
    work: Callable[[dict[str, Any], Any], Any] = found
    return work


def result_of(work: Callable[[dict[str, Any], Any], Any], kind: CodeKind, row: dict[str, Any], answer: object) -> RowResult:
    """What the code makes of one row. Raises nothing."""
    try:
        found = work(row, answer)
        if kind == "keep":
            return RowResult(None if found is None else YES if found else NO)
        return _cell(found)
    except BaseException as error:  # the boundary of one row: the others continue, even where it raises SystemExit
        return RowResult(says=_said(error), line=_line(error.__traceback__))


def row_of(columns: list[str], cells: list[Any], known: list[Any]) -> dict[str, Any]:
    """What the code is given as ``row``. ``known``: values for KNOWN; a prompt of None was not asked for."""
    row = dict(zip(columns, cells, strict=False))
    for name, value in zip(KNOWN, known, strict=True):
        if value is not None or name != "prompt":
            row[f"_{name}" if name in row else name] = value
    return row


def _cell(found: Any) -> RowResult:
    if found is None:
        return RowResult()
    if isinstance(found, bool):
        return RowResult("true" if found else "false")
    if isinstance(found, str):
        text = str.__getitem__(found, slice(0, MOST_CELL))
        return RowResult(text if text.isascii() else text.encode("utf-8", "replace").decode(), str.__len__(found) > MOST_CELL)
    if isinstance(found, int):
        return RowResult(int.__str__(found)) if -_DIGITS < int(found) < _DIGITS else RowResult(says="It returned an infinite number.")
    if isinstance(found, float):
        if not isfinite(found):
            return RowResult(says=f"It returned {float.__repr__(found)}, which is not a number that a cell can hold.")
        whole = float.is_integer(found) and abs(found) < 1e15
        return RowResult(str(int(found)) if whole else float.__repr__(found))
    kind = _clipped(type(found).__name__)
    return RowResult(says=f"It returned a {kind}. Return a text, a number, True, False or None.")


def _said(error: BaseException) -> str:
    """An exception in words, whatever its own words do."""
    try:
        words = _clipped(str(error))
    except BaseException:
        words = ""
    name = _clipped(type(error).__name__)
    return f"{name}: {words}" if words else name


def _clipped(text: str) -> str:
    short = " ".join(str.__getitem__(text, slice(0, MOST_SAID)).split())
    return short.encode("utf-8", "replace").decode()


def _line(trace: TracebackType | None) -> int:
    """The line of the code in which it happened."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _quiet(*_values: object, **_options: object) -> None:
    """What ``print`` does: nobody would read it."""


def _nobody(*_values: object) -> NoReturn:
    """What ``input`` does."""
    raise EOFError("nobody is there to type")
