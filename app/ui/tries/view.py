"""The tries of a table beside its prompt: rows answered now, each with what it said, cost and took."""

from __future__ import annotations

from collections.abc import Sequence

from simple_html import b, div, h2, header, input_, p, section, span

from app.core.base import text
from app.core.model.tries import TriedRow
from app.core.prices import rates
from app.core.results.answer_parts import AnswerPart
from app.core.results.answers import Answer
from app.core.tries import tried
from app.services.tries.tries import problem_of
from app.ui.base.answer_parts import answer_parts, in_short
from app.ui.base.markup import NOTHING, Node, at, join, long
from app.ui.base.parts import (
    Tone,
    act,
    command,
    field,
    note,
    pill,
    problem_note,
    segmented,
    tag,
    tool,
    typed,
)
from app.ui.base.prose import switch
from app.ui.base.state import State
from app.ui.tries.actions import (
    ChooseTryCount,
    ChooseTryWhich,
    ClearTries,
    CompareWith,
    DismissTryFault,
    DragTry,
    RestoreTries,
    StopTries,
    TryAgain,
    TryRows,
    TypeTry,
    answering,
)
from app.ui.tries.ways_view import ways_form

SHOWN = 60
"""Tries that are drawn, the newest (ui.tries.showing reads as many)."""
_STATES: dict[str, tuple[Tone, str]] = {"answered": ("good", "answered"), "failed": ("bad", "failed"), "stopped": ("warn", "stopped")}


def tries(state: State) -> Node:
    """The panel."""
    here = state.tries
    if here.dataset != state.route.id:
        return NOTHING
    shown = [one for one in here.rows if not one.cleared]
    return section(
        at("card", aria_label="Try", id="tries"),
        header(
            {},
            h2({}, "Try"),
            segmented(
                "How many rows",
                here.choice.count,
                [("1", "1 row", ChooseTryCount("1")), ("3", "3 rows", ChooseTryCount("3")), ("n", "n rows", ChooseTryCount("n"))],
            )
            if here.choice.which in ("first", "random")
            else NOTHING,
            segmented(
                "Which rows",
                here.choice.which,
                [
                    ("first", "First", ChooseTryWhich("first")),
                    ("random", "Random", ChooseTryWhich("random")),
                    ("chosen", "Chosen", ChooseTryWhich("chosen")),
                ],
            ),
        ),
        div(at("pad stack"), _rows(state), ways_form(state, "try", state.tries.choice, TypeTry, CompareWith), _press(state)),
        div(at("pad"), problem_note(here.fault, dismiss=DismissTryFault())) if here.fault is not None else NOTHING,
        _sums(state, shown) if here.rows else NOTHING,
        div(at("pad"), switch(state)) if here.answers else NOTHING,
        [_try(state, one) for one in tried.by_press(shown[-SHOWN:])],
        p(at("pad dim"), f"{text.number(len(shown) - SHOWN)} older ones are kept but not shown here.") if len(shown) > SHOWN else NOTHING,
        _further(state),
    )


def _rows(state: State) -> Node:
    choice = state.tries.choice
    if choice.which == "chosen":
        return field(
            "try-rows",
            "Row numbers",
            typed("try-rows", choice.rows, TypeTry("rows"), placeholder="5, 9, 20-24"),
            hint="As shown next to the rows.",
        )
    if choice.count == "n":
        hint = f"At most {tried.MAX_ROWS} requests at once. A batch is for all of them."
        return field("try-count", "How many", typed("try-count", choice.typed, TypeTry("typed"), inputmode="numeric"), hint=hint)
    return NOTHING


def _below(state: State) -> tuple[int, int]:
    """How many rows below the last one that was tried the handle can be drawn over, and over how many it is."""
    here, opened = state.tries, state.data.open
    current = opened.dataset.current if opened is not None else None
    first = tried.below(here.rows, current.number) if current is not None else 0
    most = min(tried.MAX_ROWS, current.rows - first) if current is not None and first else 0
    return most, min(here.choice.further, most) if here.choice.which == "next" else 0


def _further(state: State) -> Node:
    """The handle below the last row that was tried: drawn over further rows, it has them tried, for a price that is said before."""
    most, further = _below(state)
    if most < 1:
        return NOTHING
    words = f"the next {text.count(further, 'row')}" if further else "no further row"
    return div(
        at("pad stack tight"),
        field(
            "try-further",
            "Further rows",
            lambda **tied: input_(
                at(
                    id="try-further",
                    type="range",
                    min="0",
                    max=str(most),
                    value=str(further),
                    input=DragTry(),
                    aria_valuetext=words,
                    **tied,
                )
            ),
            hint="Drag it, or use the arrow keys, over the rows below the last one tried. Then press the button to try them.",
        ),
        div(at("row wrap"), span(at("grow", role="status"), f"{words[0].upper()}{words[1:]}"), command(state, TryRows(), id="try-next"))
        if further
        else NOTHING,
    )


def _press(state: State) -> Node:
    here = state.tries
    fault = here.offer.fault if here.offer is not None else ""
    return div(
        at("stack tight"),
        div(
            at("row wrap"),
            command(state, TryRows(), "primary", id="try-press") if not _below(state)[1] else NOTHING,
            [act("Stop", StopTries(), "danger"), span(at("dim", role="status"), f"{text.number(here.left)} to come")]
            if here.left
            else NOTHING,
        ),
        span(at("fault", role="alert"), fault) if fault else NOTHING,
        p(at("dim"), _who(state)),
    )


def _who(state: State) -> str:
    """Who answers, and at what price."""
    at_once = "Answered at once, at the synchronous price: without the discount of a batch."
    if answering(state) != "practice":
        return f"{state.profile.name or state.profile.base_url} answers. {at_once}"
    if state.profile.practice:
        return "The practice provider answers: simulated, and nothing is billed."
    name = state.profile.name or state.profile.base_url
    return f"There is no key for {name} here, so the practice provider answers: simulated, and nothing is billed."


def _sums(state: State, shown: list[TriedRow]) -> Node:
    cost, unknown = tried.spent(state.tries.rows)
    said = [f"{text.number(len(shown))} shown"]
    if cost:
        said.append(f"{rates.dollars(cost)} paid for tries of this table")
    if unknown:
        said.append(f"the cost of {text.number(unknown)} is not known")
    binned = sum(bool(one.cleared) for one in state.tries.rows)
    return div(
        at("pad row wrap"),
        span(at("dim", role="status"), join(said)),
        span(
            at("row wrap end"),
            act("Clear all", ClearTries(), "small quiet") if shown and not state.tries.left else NOTHING,
            act("Restore cleared", RestoreTries(), "small quiet") if binned else NOTHING,
        ),
    )


# --- one try


def _try(state: State, one: TriedRow) -> Node:
    here = state.tries
    mine = one.id in here.mine
    return div(
        at("pad stack tight try", id=f"try-{one.id}", data_try=one.state),
        div(
            at("row wrap"),
            b({}, f"Row {text.number(one.number)}"),
            _pill(one, mine),
            tag(one.model) if one.model else NOTHING,
            tag(one.tag) if one.tag and one.tag != one.model else NOTHING,
            tag(f"sample {one.sample}") if one.sample else NOTHING,
            tag("simulated") if one.practice else NOTHING,
            span(
                at("row end"),
                NOTHING if one.state == "answered" or mine else command(state, TryAgain(one.id), "small"),
                tool("close", f"Clear the try of row {text.number(one.number)}", ClearTries(one.id), disabled=mine),
            ),
        ),
        p(at("dim clip"), here.cells[one.row]) if here.cells.get(one.row) else NOTHING,
        _answer(state, here.answers.get(one.id), here.parts.get(one.id, ()), here.texts.get(one.id, "") if mine else ""),
        _problem(one, mine),
        p(at("dim"), _facts(one)) if one.ended else NOTHING,
    )


def _pill(one: TriedRow, mine: bool) -> Node:
    if one.state == "asked":
        return pill("info", "being answered") if mine else pill("warn", "may have been answered")
    return pill(*_STATES[one.state])


def _answer(state: State, found: Answer | None, parts: Sequence[AnswerPart], so_far: str) -> Node:
    if found is None:
        return div(at("turn assistant", aria_live="off"), div(at("prose"), long(so_far, "answer"))) if so_far else NOTHING
    said = answer_parts(state, parts) if parts else in_short(state, found)
    if found.notice:
        said.append(note("", "Not complete.", found.notice))
    return said


def _problem(one: TriedRow, mine: bool) -> Node:
    problem = problem_of(one, mine)
    return problem_note(problem) if problem is not None else NOTHING


def _facts(one: TriedRow) -> Node:
    seconds = max(0.0, one.ended - one.asked)
    tokens = f"{text.number(one.input)} tokens in, {text.number(one.output)} out" if one.input or one.output else ""
    return join([fact for fact in (tokens, _cost(one), f"{text.decimal(seconds, 1)} s" if one.asked else "") if fact])


def _cost(one: TriedRow) -> str:
    if not one.answer:
        return ""
    if one.cost is None:
        return "" if one.practice else "cost not known"
    return f"{rates.dollars(one.cost)} at OpenAI, free here" if one.practice else rates.dollars(one.cost)
