"""A row beside the prompt: what the prompt says for it, and the request that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simple_html import dd, details, div, dl, dt, h2, header, input_, label, p, pre, section, span, summary

from app.core.base import text
from app.core.templates.rendering import RenderedRow, RenderedText
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, few, note
from app.ui.base.prompt_state import ChosenRow, PromptState
from app.ui.templates.actions import GoToRow, OpenExamples, ShowRow

CELL: Final = 400
"""Characters of a cell that are listed."""


def row(here: PromptState) -> Node:
    """The card of the row."""
    rows = here.rows
    return section(
        at("card", id="prompt-row", aria_label="Row"),
        header({}, h2({}, "Request of row"), _picker(here, rows)),
        div(at("pad stack"), _content(here, rows)),
    )


def _picker(here: PromptState, rows: int) -> Node:
    return span(
        at("row end"),
        act("Previous", ShowRow(here.at - 1), "small", disabled=here.at <= 0, aria_label="Previous row"),
        label(
            at("row dim"),
            input_(
                at(
                    "input short",
                    id="prompt-row-number",
                    type="number",
                    min="1",
                    max=str(max(1, rows)),
                    value=str(here.at + 1 if rows else 0),
                    change=GoToRow(),
                    aria_label="Number of the row",
                )
            ),
            span({}, f"of {text.number(rows)}"),
        ),
        act("Next", ShowRow(here.at + 1), "small", disabled=here.at + 1 >= rows, aria_label="Next row"),
    )


def _content(here: PromptState, rows: int) -> Node:
    if here.lost:
        return note("bad", "This row can't be shown.", here.lost)
    if not rows:
        return p(at("dim"), "The table has no rows.")
    if here.row is None or here.rendered is None:
        return p(at("dim", role="status"), "Reading the row …")
    return [_request(here.rendered), _cells(here.row, here.columns), _as_example(here)]


def _request(made: RenderedRow) -> Node:
    return [
        note("bad", "No request can be created from this row.", f"{made.fault} {made.remedy}".strip()) if made.fault else NOTHING,
        div(at("turns", aria_label="Messages of this row", role="group"), few(made.texts, lambda _n, one: _turn(one), "messages"))
        if made.texts
        else NOTHING,
        [
            dl(
                at("facts"),
                dt({}, "custom_id"),
                dd(at("mono"), made.custom_id),
                dt({}, "Size"),
                dd({}, f"{text.size(made.size)}, about {text.count(made.tokens, 'token')} in"),
            ),
            details(
                at(id="prompt-row-body", open=not made.texts),
                summary({}, "Body"),
                pre(at("code", tabindex="0", aria_label="Body of the request"), long(made.body, "request.json")),
            ),
        ]
        if not made.fault
        else NOTHING,
    ]


def _turn(one: RenderedText) -> Node:
    more = f" · {text.number(one.parts)} attached" if one.parts else ""
    return div(
        at(f"turn {one.title}"),
        span(at("who"), f"{one.title.capitalize()}{more}"),
        div(at("prose"), long(one.text, one.title)) if one.text else div(at("dim"), "Empty"),
    )


def _cells(chosen: ChosenRow, columns: Sequence[str]) -> Node:
    pairs = list(zip(columns, chosen.cells, strict=False))
    return details(
        at(id="prompt-row-cells"),
        summary({}, f"Cells of row {text.number(chosen.number)} of the file"),
        dl(
            at("facts left"),
            few(pairs, lambda _n, one: [dt({}, one[0]), dd({}, text.shorten(one[1], CELL) or span(at("dim"), "empty"))], "cells"),
        ),
    )


def _as_example(here: PromptState) -> Node:
    return act("Use rows as examples", OpenExamples(), "small", aria_expanded=str(here.examples is not None).lower())
