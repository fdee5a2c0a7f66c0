"""The values of one column with how often each is there: what is pressed is let through, or kept out."""

from __future__ import annotations

from simple_html import button, div, h2, header, i, input_, li, p, section, span, ul

from app.core.base import text
from app.core.base.locale import localised
from app.core.results.columns import number_text, plain
from app.core.results.facets import MOST_SHOWN, ColumnFacet, FacetValue, NumberBin
from app.core.results.query import SPECIALS, ColumnFilter
from app.core.results.told_apart import NO_VALUE, SPACES, value_label
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, field, segmented, text_input, tool
from app.ui.base.results_state import FacetState, ResultsState
from app.ui.results.table_actions import (
    DropFilter,
    FindValue,
    InvertFilter,
    MoreValues,
    OpenFacet,
    OrderFacet,
    SetRange,
    ToggleValue,
    TypeBorder,
)

CHIP = 40
"""Characters of a value or a name where a filter is named in short."""
_VALUE = 80


def facet_card(here: ResultsState, title: str) -> Node:
    """The list, with the way to the other order, to other values, and to the opposite."""
    facet = here.facet
    if facet is None:
        return NOTHING
    filter = here.query.of(facet.column)
    found = facet.found
    return section(
        at("card facet", aria_label=f"Values of {title}"),
        header(
            {}, h2(at("clip", title=title), title), span(at("row end"), tool("close", "Close the list of values", OpenFacet(facet.column)))
        ),
        div(
            at("pad stack tight"),
            _choice(filter),
            _find(facet) if found is None or found.distinct > 8 or facet.find else NOTHING,
            p(at("dim", role="status"), "Counting …") if found is None else _counts(found, filter, facet),
        ),
    )


def _choice(filter: ColumnFilter) -> Node:
    if filter.empty:
        return p(at("dim"), "Choose the values you want to see.")
    options = [("in", "Only these", InvertFilter(filter.column)), ("out", "Exclude these", InvertFilter(filter.column))]
    return div(
        at("row wrap"),
        segmented("Include or exclude", "out" if filter.exclude else "in", options),
        act("Clear", DropFilter(filter.column), "small quiet"),
    )


def _find(facet: FacetState) -> Node:
    return div(
        at("row wrap"),
        text_input("facet-find", facet.find, FindValue(), aria_label="Find a value", placeholder="Find a value", class_="input grow few"),
        segmented(
            "Order",
            facet.order,
            [("count", "By count", OrderFacet("count")), ("name", "By name", OrderFacet("name"))],
        ),
    )


def _counts(found: ColumnFacet, filter: ColumnFilter, facet: FacetState) -> list[Node]:
    most = max([one.count for one in (*found.values, *found.specials)] + [one.count for one in found.bins], default=1)
    left = found.found - len(found.values)
    return [
        ul(at("values"), [_value(one, filter, most, SPECIALS[one.special]) for one in found.specials if one.special is not None])
        if found.specials
        else NOTHING,
        ul(at("values"), [_value(one, filter, most, value_label(one.value)) for one in found.values]) if found.values else NOTHING,
        _bins(found, filter, most) if found.bins else NOTHING,
        p(at("dim"), "No value contains this text.") if facet.find and not found.values else NOTHING,
        act(f"Show more of {text.number(found.found)}", MoreValues(), "small quiet")
        if left > 0 and 0 < len(found.values) < MOST_SHOWN
        else NOTHING,
        p(at("dim"), f"{text.number(left)} more: type to find them.") if left > 0 and len(found.values) >= MOST_SHOWN else NOTHING,
    ]


def _value(one: FacetValue, filter: ColumnFilter, most: int, words: str) -> Node:
    on = one.special in filter.specials if one.special is not None else one.value in filter.values
    return li(
        {},
        button(
            at(
                "value",
                type="button",
                click=ToggleValue(filter.column, one.value, one.special),
                aria_pressed=str(on).lower(),
                title=words,
            ),
            span(at("clip", title=words), text.shorten(words, _VALUE) or SPACES),
            span(at("num"), text.number(one.count)),
            _share(one.count, most),
        ),
    )


def _share(count: int, most: int) -> Node:
    return span(at("share", aria_hidden="true"), i(at(data_var_w=f"{100 * count / max(1, most):.1f}")))


def _bins(found: ColumnFacet, filter: ColumnFilter, most: int) -> Node:
    return [
        ul(at("values"), [_bin(one, filter, most) for one in found.bins]),
        div(at("pair"), _border(filter, low=True), _border(filter, low=False)),
    ]


def _bin(one: NumberBin, filter: ColumnFilter, most: int) -> Node:
    words = f"{_figure(one.low)} to {_figure(one.high)}"
    on = (filter.low, filter.high) == (one.low, one.high)
    return li(
        {},
        button(
            at("value", type="button", click=SetRange(filter.column, one.low, one.high), aria_pressed=str(on).lower(), title=words),
            span(at("clip", title=words), words),
            span(at("num"), text.number(one.count)),
            _share(one.count, most),
        ),
    )


def _border(filter: ColumnFilter, *, low: bool) -> Node:
    value = filter.low if low else filter.high
    id = "range-low" if low else "range-high"
    return field(
        id,
        "From" if low else "To",
        lambda **tied: input_(
            at(
                id=id,
                type="number",
                step="any",
                value=_border_text(value),
                change=TypeBorder(filter.column, low),
                **tied,
            )
        ),
    )


def chip_words(filter: ColumnFilter) -> str:
    """What a filter names, in a few words."""
    specials = [NO_VALUE] if len(filter.specials) == len(SPECIALS) else [SPECIALS[one] for one in filter.specials]
    parts = [text.shorten(value_label(value), CHIP) for value in filter.values] + specials
    if filter.low is not None or filter.high is not None:
        parts.append(f"{_border_text(filter.low) or '…'} to {_border_text(filter.high) or '…'}")
    more = f" and {text.number(len(parts) - 3)} more" if len(parts) > 3 else ""
    return ", ".join(parts[:3]) + more


def _border_text(value: float | None) -> str:
    """A border of numbers to 12 digits: the one below a border of bins has more of them. "" for none."""
    return number_text(float(f"{value:.12g}")) if value is not None else ""


def _figure(value: float) -> str:
    return text.decimal(value, 0) if value == int(value) and abs(value) < 1e15 else localised(plain(value, 6))
