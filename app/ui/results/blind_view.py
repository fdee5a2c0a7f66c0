"""Two answers to one row, and nothing that says which is which: three keys, and in the end a verdict with how sure it is."""

from __future__ import annotations

from simple_html import b, div, h2, header, p, section, span

from app.core.base import text
from app.core.results.preference import BlindVerdict, verdict
from app.ui.base.compare_state import BlindState
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import command, keys_of
from app.ui.base.state import State
from app.ui.results.compare_actions import CastVote, EndBlind, ForgetVotes, ShowVerdict, StepBlind


def blind(state: State, one: BlindState) -> Node:
    """The pair, and the votes so far."""
    keys = keys_of(CastVote("first"), CastVote("second"), CastVote("tie"), StepBlind(-1), StepBlind(1), EndBlind())
    return section(
        at("card blind", aria_label="Blind voting", data_key=keys),
        header(
            {},
            h2(at(tabindex="-1", data_autofocus=f"blind-{one.shown}"), "Which answer is better?"),
            span(at("dim"), f"Row {text.number(one.place + 1)} of {text.number(one.total)}" if one.left is not None else ""),
            span(at("row end"), command(state, EndBlind(), "small quiet")),
        ),
        div(at("pad stack"), _pair(state, one), _verdict(state, one)),
    )


def _pair(state: State, one: BlindState) -> Node:
    if one.left is None or one.right is None:
        words = "Looking for two answers …" if one.looking else "There are no more rows with two good answers."
        return div(
            at("stack tight"), p(at("dim", role="status"), words), NOTHING if one.looking else command(state, StepBlind(-1), "small")
        )
    return [
        div(
            at("stack tight"),
            [p({}, span(at("dim"), f"{name}: ") if name else NOTHING, long(cell, name or "row")) for name, cell in one.cells],
        ),
        div(
            at("two-even"),
            div(at("stack tight"), b({}, "Left"), div(at("said compared-text"), long(one.left, "left"))),
            div(at("stack tight"), b({}, "Right"), div(at("said compared-text"), long(one.right, "right"))),
        ),
        div(
            at("row wrap"),
            command(state, CastVote("first"), "primary", words="1 · Left is better"),
            command(state, CastVote("second"), "primary", words="2 · Right is better"),
            command(state, CastVote("tie"), words="0 · Neither"),
            span(at("row end"), command(state, StepBlind(-1), "small quiet"), command(state, StepBlind(1), "small quiet")),
        ),
    ]


def _verdict(state: State, one: BlindState) -> Node:
    votes = one.votes.votes
    if not votes:
        return p(at("dim"), "Sides are shuffled from row to row. Votes are stored as you cast them.")
    counted = text.count(len(votes), "vote")
    if not one.revealed:
        return div(at("row wrap"), span(at("dim", role="status"), f"{counted} so far."), command(state, ShowVerdict(), "small quiet"))
    found = verdict(votes.values())
    return div(
        at("stack tight", role="status"),
        p({}, b({}, _words(found, one.titles))),
        p(
            at("dim"),
            f"{one.titles[0]}: {text.number(found.first)}, {one.titles[1]}: {text.number(found.second)}, "
            f"neither: {text.number(found.ties)}. "
            f"{text.percent(100 * found.share)} of those that chose prefer {one.titles[0]} ({text.percent(95)} interval by "
            f"Wilson: {text.decimal(100 * found.low, 0)} to "
            f"{text.percent(100 * found.high)}; two-sided sign test: p = {_p(found.p)}; “neither” is not counted in either).",
        ),
        div(at("row"), command(state, ForgetVotes(), "small quiet")),
    )


def _words(found: BlindVerdict, titles: tuple[str, str]) -> str:
    if found.better == "open":
        return "Undecided: the difference may be due to chance."
    first, second = titles if found.better == "first" else (titles[1], titles[0])
    return f"{first} is preferred to {second}."


def _p(value: float) -> str:
    return "less than 0.001" if value < 0.001 else text.decimal(value, 3)
