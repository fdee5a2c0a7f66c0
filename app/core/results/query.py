"""What of a table of answers is asked for: words, filters and an order, as they are in its address.

An address keeps them as ``?q=words&s=-tokens&f=outcome.in.failed``: a filter is its column, how it chooses, and what; parts are percent
encoded. What cannot be read in an address is left out, so that an old or mistyped one still opens the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import quote, unquote

import msgspec
from msgspec.structs import replace

MOST_FILTERS: Final = 20
MOST_COLUMNS: Final = 100
MOST_VALUES: Final = 200
"""Values that one filter names."""
MOST_ADDRESS: Final = 500_000
"""Characters behind the ``?`` of an address. Firefox takes a million for the whole address and Chromium two; of what is longer nothing may
be left out in silence, so it is not gone to (ui.results.table_handlers)."""

Special = Literal["blank", "error", "cut", "refused", "filtered", "invalid", "damaged", "unrun", "missing", "pending"]
SPECIALS: Final[dict[Special, str]] = {
    "blank": "(blank)",
    "error": "(error)",
    "cut": "(cut)",
    "refused": "(refused)",
    "filtered": "(filtered)",
    "invalid": "(schema-invalid)",
    "damaged": "(damaged)",
    "unrun": "(not run)",
    "missing": "(missing)",
    "pending": "(pending)",
}
"""Choices of their own in every column that is made of answers, and what each is called; ``blank`` is one of every column."""


class ColumnFilter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which cells of a column are let through: those that hold one of ``values`` or are one of ``specials``, or (``exclude``) all others;
    of numbers those from ``low`` to ``high`` as well, both among them."""

    column: str
    values: tuple[str, ...] = ()
    specials: tuple[Special, ...] = ()
    exclude: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def empty(self) -> bool:
        """Whether it lets everything through because it names nothing."""
        return not self.values and not self.specials and self.low is None and self.high is None


class TableQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """``words`` that are in the prompt or the answer, filters that all let a row through, and the column that rows are sorted by: its
    name, with ``-`` before it for the largest first; "" for the rows' own order."""

    words: str = ""
    filters: tuple[ColumnFilter, ...] = ()
    sort: str = ""

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column, and whether the largest comes first."""
        return (self.sort[1:], True) if self.sort.startswith("-") else (self.sort, False)

    def of(self, column: str) -> ColumnFilter:
        """The filter of a column; an empty one where there is none."""
        return next((one for one in self.filters if one.column == column), ColumnFilter(column))

    def put(self, filter: ColumnFilter) -> TableQuery:
        """With this filter in place of its column's; an empty one goes. There may be more than an address says (ui.results.going)."""
        others = tuple(one for one in self.filters if one.column != filter.column)
        return replace(self, filters=others if filter.empty else (*others, filter))

    def without(self, column: str) -> TableQuery:
        """Without the filter of a column, for counting what that could let through."""
        return self.put(ColumnFilter(column))


def toggled(filter: ColumnFilter, value: str, *, special: bool) -> ColumnFilter:
    """The filter with one choice more, or less where it has it."""
    if special:
        had: tuple[str, ...] = filter.specials
    else:
        had = filter.values
    has = tuple(one for one in had if one != value) if value in had else (*had, value)[:MOST_VALUES]
    return replace(filter, specials=has) if special else replace(filter, values=has)


# --- addresses


def address(query: TableQuery, columns: tuple[str, ...] = ()) -> str:
    """The part of an address behind ``?``; "" for everything in its own order. ``columns``: those shown, where a person chose."""
    parts = [("q", _text(query.words))] if query.words else []
    parts += [("s", _text(query.sort))] if query.sort else []
    parts += [("c", ".".join(map(_text, columns)))] if columns else []
    parts += [("f", ".".join(_written(one))) for one in query.filters]
    return "&".join(f"{name}={value}" for name, value in parts)


def parsed(text: str) -> tuple[TableQuery, tuple[str, ...]]:
    """The opposite of :func:`address`: the query, and the columns that are shown ("" of them: as usual)."""
    words = sort = ""
    columns: tuple[str, ...] = ()
    filters: list[ColumnFilter] = []
    for part in text[:MOST_ADDRESS].split("&"):
        name, _, value = part.partition("=")
        match name:
            case "q":
                words = _read(value)[:2_000]
            case "s":
                sort = _read(value)[:2_000]
            case "c":
                columns = tuple(_read(one) for one in value.split(".") if one)[:MOST_COLUMNS]
            case "f":
                found = _filter([_read(one) for one in value.split(".")])
                if found is not None and all(one.column != found.column for one in filters):
                    filters.append(found)
    return TableQuery(words, tuple(filters[:MOST_FILTERS]), sort), columns


def left_out(text: str) -> str:
    """What an address names beyond what there can be, as a sentence; "" where all of it counts. The page writes none such."""
    parts = text[:MOST_ADDRESS].split("&")
    filters = [part.partition("=")[2] for part in parts if part.startswith("f=")]
    if len({one.partition(".")[0] for one in filters}) > MOST_FILTERS:
        return f"This address names more than {MOST_FILTERS} filters. Only the first {MOST_FILTERS} hold."
    if any(one.count(".%3D") + one.count(".=") > MOST_VALUES for one in filters):
        return f"A filter of this address names more than {MOST_VALUES} values. Only the first {MOST_VALUES} hold."
    if any(part.startswith("c=") and part.count(".") >= MOST_COLUMNS for part in parts):
        return f"This address names more than {MOST_COLUMNS} columns. Only the first {MOST_COLUMNS} are shown."
    return "This address is too long: the end of it is ignored." if len(text) > MOST_ADDRESS else ""


def _written(filter: ColumnFilter) -> Iterator[str]:
    yield _text(filter.column)
    yield "out" if filter.exclude else "in"
    for value in filter.values:
        yield f"={_text(value)}"
    for special in filter.specials:
        yield f"!{special}"
    if filter.low is not None:
        yield f">{_text(repr(filter.low))}"
    if filter.high is not None:
        yield f"<{_text(repr(filter.high))}"


def _filter(parts: list[str]) -> ColumnFilter | None:
    if len(parts) < 3 or not parts[0] or parts[1] not in ("in", "out"):
        return None
    values: list[str] = []
    specials: list[Special] = []
    low = high = None
    for part in parts[2:]:
        sign, rest = part[:1], part[1:]
        match sign:
            case "=":
                values.append(rest)
            case "!":
                specials += [one for one in SPECIALS if one == rest]
            case ">":
                low = _number(rest)
            case "<":
                high = _number(rest)
    found = ColumnFilter(parts[0], tuple(dict.fromkeys(values))[:MOST_VALUES], tuple(dict.fromkeys(specials)), parts[1] == "out", low, high)
    return None if found.empty else found


def _number(text: str) -> float | None:
    try:
        value = float(text[:40])
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _text(text: str) -> str:
    """A dot parts the parts, so it is encoded like what an address gives a meaning."""
    return quote(text, safe="", errors="replace").replace(".", "%2E")


def _read(text: str) -> str:
    return unquote(text, errors="replace")
