"""How a table of answers is laid out, as it is in its address beside the query (core.results.query): widths of columns, the height of
rows, and what is compared. What cannot be read in an address is left out.
"""

from __future__ import annotations

from typing import Final, Literal, get_args
from urllib.parse import quote, unquote

import msgspec
from msgspec.structs import replace

from app.core.base.text import whole_number
from app.core.results.query import MOST_ADDRESS

MOST_ARMS: Final = 8
"""Arms side by side (core.results.comparing); as many as there are colours that can be distinguished."""
LESS_IS_BETTER: Final = frozenset({"cost", "length", "output_tokens", "input_tokens", "attempts"})
Order = Literal["rows", "worse", "better"]
Only = Literal["all", "worse", "better", "same", "differs"]


class Comparison(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is compared: ``arms`` by their names, the baseline first (none: all, the oldest first); the column whose figures decide; whether
    less of it is better; the arm whose regressions order and choose rows (empty: the second one)."""

    arms: tuple[str, ...] = ()
    metric: str = ""
    less: bool | None = None
    """None: as is usual for the column."""
    against: str = ""
    order: Order = "rows"
    only: Only = "all"

    @property
    def down(self) -> bool:
        """Whether less is better."""
        return self.metric in LESS_IS_BETTER if self.less is None else self.less


NARROWEST: Final = 4
WIDEST: Final = 60
USUAL: Final = 12
"""Rem from which a column is made wider whose width nobody chose."""
STEP: Final = 4
HEIGHTS: Final = {1: 36, 2: 56, 4: 96}
"""Lines of text that a row may show, and how high it is then, in CSS pixels."""
_MOST: Final = 100
_ALL: Final = "*"


class TableLayout(msgspec.Struct, frozen=True, omit_defaults=True):
    """``widths``: of columns, in rem; ``lines`` of text in a row; ``compare``: what is compared (None: rows stand as a table); ``diff``:
    answers are shown as what differs from the baseline's."""

    widths: tuple[tuple[str, int], ...] = ()
    lines: int = 1
    compare: Comparison | None = None
    diff: bool = False

    def width(self, column: str) -> int:
        """Of a column, in rem; 0: nobody chose one."""
        return next((width for name, width in self.widths if name == column), 0)

    @property
    def row(self) -> int:
        """Height of a row, in CSS pixels."""
        return HEIGHTS.get(self.lines, HEIGHTS[1])

    def widened(self, column: str, by: int) -> TableLayout:
        """With a column wider by so many rem (less than 0: narrower), within the bounds."""
        width = min(max((self.width(column) or USUAL) + by, NARROWEST), WIDEST)
        return replace(self, widths=(*(one for one in self.widths if one[0] != column), (column, width))[-_MOST:])


def address(layout: TableLayout) -> str:
    """Its part of an address; "" for the usual one."""
    parts = [("w", ".".join(f"{_text(name)}~{width}" for name, width in layout.widths))] if layout.widths else []
    parts += [("h", str(layout.lines))] if layout.lines != 1 else []
    parts += [("d", "1")] if layout.diff else []
    if (one := layout.compare) is not None:
        parts.append(("a", ".".join(map(_text, one.arms)) or _ALL))
        parts += [("m", _text(one.metric))] if one.metric else []
        parts += [("l", "1" if one.less else "0")] if one.less is not None else []
        parts += [("g", _text(one.against))] if one.against else []
        parts += [("o", one.order)] if one.order != "rows" else []
        parts += [("k", one.only)] if one.only != "all" else []
    return "&".join(f"{name}={value}" for name, value in parts)


def parsed(text: str) -> TableLayout:
    """The opposite of :func:`address`; other parts of an address are skipped."""
    found = dict(part.partition("=")[::2] for part in text[:MOST_ADDRESS].split("&"))
    widths: dict[str, int] = {}
    for one in found.get("w", "").split(".")[:_MOST]:
        name, _, width = one.rpartition("~")
        number = whole_number(width, NARROWEST, WIDEST)
        if name and number is not None:
            widths[_read(name)] = number
    lines = whole_number(found.get("h", ""), 1, max(HEIGHTS))
    return TableLayout(tuple(widths.items()), lines if lines in HEIGHTS else 1, _compared(found), found.get("d") == "1")


def _compared(found: dict[str, str]) -> Comparison | None:
    if "a" not in found:
        return None
    arms = tuple(dict.fromkeys(_read(one) for one in found["a"].split(".") if one and one != _ALL))[:MOST_ARMS]
    order: Order = next((one for one in get_args(Order) if one == found.get("o")), "rows")
    only: Only = next((one for one in get_args(Only) if one == found.get("k")), "all")
    less = {"1": True, "0": False}.get(found.get("l", ""))
    return Comparison(arms, _read(found.get("m", ""))[:2_000], less, _read(found.get("g", ""))[:300], order, only)


def _text(text: str) -> str:
    """As core.results.query writes a part, with the mark of widths encoded as well."""
    return quote(text, safe="", errors="replace").replace(".", "%2E").replace("~", "%7E").replace("*", "%2A")


def _read(text: str) -> str:
    return unquote(text, errors="replace")
