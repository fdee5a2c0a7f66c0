"""What a chart says: its bars with their figures, the finding in words, and the table behind it. Drawn by core.results.chart_drawing.

Each bar that stands for rows of a column has the filter that lets exactly these rows through. What a chart counts is counted as the values
of its column are (core.results.facets).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import compress
from typing import Final, Literal

import msgspec

from app.core.base import text
from app.core.base.locale import current, localised, money
from app.core.results.answerindex import AnswerIndex
from app.core.results.bins import Distribution, distribution
from app.core.results.column_titles import column_title
from app.core.results.columns import NumberColumn, TagColumn, both, plain
from app.core.results.facets import FacetValue, NumberBin, facet, specials
from app.core.results.outcome_report import ORDER
from app.core.results.query import SPECIALS, ColumnFilter
from app.core.results.told_apart import value_label

MOST_VALUES: Final = 12
"""Different words of a column that have a bar of their own."""
Unit = Literal["", "dollars"]
_TONES: Final = {
    "answered": "good",
    "flawed": "warn",
    "failed": "bad",
    "expired": "warn",
    "cancelled": "warn",
    "missing": "bad",
    "unfound": "warn",
    "good": "good",
    "bad": "bad",
    "match": "good",
    "differs": "bad",
}
"""Of words that say how something ended."""


class ChartBar(msgspec.Struct, frozen=True):
    """``value``: how long it is, in the chart's unit. ``parts``: of each of the chart's series, together the value. ``over``: what stands
    above it, dashed. ``tone``: good, warn, bad, wait or "". ``filter`` lets the rows through that it counts."""

    label: str
    value: float
    tone: str = ""
    parts: tuple[float, ...] = ()
    over: float = 0.0
    filter: ColumnFilter | None = None
    tick: str = ""
    """What stands below it on an axis, where there is room."""


class Chart(msgspec.Struct, frozen=True):
    """``bars`` lie under one another with their labels before them, or (``upright``) stand side by side over an axis. ``says``: the finding
    in words; ``left_out``: what is not in it. ``head`` and ``rows`` are the table behind it, a row for each bar unless ``detailed``."""

    id: str
    title: str
    says: str
    bars: tuple[ChartBar, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    upright: bool = False
    unit: Unit = ""
    series: tuple[str, ...] = ()
    over: str = ""
    """What stands dashed above bars."""
    left_out: str = ""
    detailed: bool = False
    centred: bool = False
    """Ticks stand below the middle of their bars, and not where these begin."""


def share(count: float, total: float) -> str:
    """In percent, as people say it."""
    if not total or not count:
        return text.percent(0)
    percent = 100 * count / total
    few = percent < 10 or 99 < percent < 100
    return f"less than {text.percent(0.1, 1)}" if percent < 0.1 else text.percent(percent, 1 if few else 0)


def figure(value: float, unit: Unit = "") -> str:
    """A number as people write it: six digits at most of one that is not whole, four of money."""
    said = f"{value:,.0f}" if abs(value) < 1e15 and value == int(value) else plain(value, 4 if unit else 6)
    return money(said) if unit else localised(said)


# --- of any column


def column_chart(table: AnswerIndex, name: str, mask: bytes | None) -> Chart | None:
    """How often each value of a column is there in the rows of ``mask`` (None: all), or how its numbers are spread; None where it has none.
    Raises NoSuchColumn."""
    column = table.column(name)
    return _numbers(table, name, column, mask) if isinstance(column, NumberColumn) else _words(table, name, mask)


def _words(table: AnswerIndex, name: str, mask: bytes | None) -> Chart | None:
    found = facet(table, name, mask, shown=MOST_VALUES)
    usual = table.usual(name) if mask is None else both(table.usual(name), mask)
    filled, named = usual.count(1), sum(one.count for one in found.values)
    tags = isinstance(table.column(name), TagColumn)
    bars = [_word_bar(name, one) for one in _ordered(name, found.values)]
    others = found.distinct - len(found.values)
    if others and not tags:
        bars.append(ChartBar(f"({text.number(others)} other values)", filled - named, "wait"))
    bars += [_special_bar(name, one) for one in found.specials]
    if not bars:
        return None
    total = len(table) if mask is None else mask.count(1)
    return Chart(
        f"column:{name}",
        column_title(name),
        _words_say(found.values, found.specials, total, tags),
        tuple(bars),
        (column_title(name), "Rows", "Share"),
        tuple((one.label, figure(one.value), share(one.value, total)) for one in bars),
        left_out=f"{text.number(others)} rarer tags are not drawn." if others and tags else "",
    )


def _ordered(name: str, values: Sequence[FacetValue]) -> Sequence[FacetValue]:
    """Outcomes as they are added up; other words by how often they are there."""
    return sorted(values, key=lambda one: ORDER.index(one.value) if one.value in ORDER else len(ORDER)) if name == "outcome" else values


def _word_bar(name: str, one: FacetValue) -> ChartBar:
    tone = _TONES.get(one.value, "") if name in ("outcome", "mark", "matches") else ""
    return ChartBar(
        value_label(one.value), one.count, tone or ("wait" if name == "outcome" else ""), filter=ColumnFilter(name, (one.value,))
    )


def _special_bar(name: str, one: FacetValue) -> ChartBar:
    special = one.special or "blank"
    return ChartBar(SPECIALS[special], one.count, "wait", filter=ColumnFilter(name, specials=(special,)))


def _words_say(values: Sequence[FacetValue], none: Sequence[FacetValue], total: int, tags: bool) -> str:
    empty = sum(one.count for one in none)
    parts = [f"“{text.shorten(one.value, 40)}” {text.number(one.count)} ({share(one.count, total)})" for one in values[:3]]
    said = f"Of {text.count(total, 'row')}: {', '.join(parts)}" if parts else f"None of {text.count(total, 'row')} has a value"
    more = f"; {text.number(empty)} without a value" if empty and parts else ""
    return f"{said}{more}{'; a row may have several tags' if tags and parts else ''}."


# --- of numbers


def _numbers(table: AnswerIndex, name: str, column: NumberColumn, mask: bytes | None) -> Chart | None:
    usual = table.usual(name) if mask is None else both(table.usual(name), mask)
    spread = distribution(column.values if 0 not in usual else array("d", compress(column.values, usual)))
    if not spread.count:
        return None
    unit: Unit = "dollars" if name == "cost" else ""
    bars = tuple(
        ChartBar(bin_label(one, unit), one.count, filter=ColumnFilter(name, low=one.low, high=one.high), tick=short(one.low, unit))
        for one in spread.bins
    )
    left = ", ".join(f"{text.number(one.count)} {SPECIALS[one.special]}" for one in specials(table, name, mask) if one.special is not None)
    return Chart(
        f"column:{name}",
        column_title(name),
        _numbers_say(spread, unit),
        bars,
        (column_title(name), "Rows", "Share"),
        tuple((one.label, figure(one.value), share(one.value, spread.count)) for one in bars),
        upright=True,
        left_out=f"Not in it, since they have no number: {left}." if left else "",
        centred=all(one.low == one.high for one in spread.bins),
    )


def bin_label(one: NumberBin, unit: Unit = "") -> str:
    """From where to where; one number where it has no other."""
    return figure(one.low, unit) if one.low == one.high else f"{figure(one.low, unit)} to {figure(one.high, unit)}"


def short(value: float, unit: Unit) -> str:
    """A border in few characters: ``20k``, ``$0.0005``."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size <= abs(value) < 1e12:
            before, behind = current().dollars if unit else ("", "")
            small = localised(f"{value / (1e3 if sign == 'k' else size):,.4g}")
            return f"{before}{small}{sign}{behind}"
    if abs(value) < 1e4 and value != 0 and abs(value) >= 1e-6:
        return figure(value, unit)
    return money(f"{value:.4g}") if unit else localised(f"{value:.4g}")


def _numbers_say(spread: Distribution, unit: Unit) -> str:
    if spread.low == spread.high:
        return f"All {text.number(spread.count)} have {figure(spread.low, unit)}."
    wide = " The bins grow wider to the right." if spread.ratio else ""
    return (
        f"{text.count(spread.count, 'row')}, from {figure(spread.low, unit)} to {figure(spread.high, unit)}: half have at most "
        f"{figure(spread.median, unit)}, nine of ten at most {figure(spread.most, unit)}.{wide}"
    )


# --- of all requests


def outcomes_chart(table: AnswerIndex, mask: bytes | None) -> Chart | None:
    """Outcomes of the requests. Raises NoSuchColumn."""
    found = _words(table, "outcome", mask)
    if found is None:
        return None
    total = sum(one.value for one in found.bars)
    good = next((one.value for one in found.bars if one.label == "answered"), 0)
    others = ", ".join(f"{figure(one.value)} {one.label}" for one in found.bars if one.label != "answered")
    said = f"{share(good, total)} of {text.count(round(total), 'request')} have a good answer"
    return Chart(
        "outcome",
        "Outcomes of the requests",
        f"{said}; {others}." if others else f"{said}.",
        found.bars,
        ("Outcome", "Requests", "Share"),
        found.rows,
    )
