"""What a table's answers are compared with is stored with the table; how far two columns agree is counted when it is asked for."""

from __future__ import annotations

from typing import get_args

from msgspec.structs import replace

from app.core.base.text import whole_number
from app.core.model.judging import Expectation, MatchKind
from app.core.results.expecting import number_in
from app.core.results.query import ColumnFilter
from app.services.runtime.records import remove
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.results_state import AgreementState, ResultsState
from app.ui.results import addresses
from app.ui.results.agreement_actions import ChooseExpected, ChooseSides, FoldLabels, ShowAgreement, ShowPair
from app.ui.results.going import go
from app.ui.results.table_showing import count_agreement, refresh

MATCHES = "matches"


async def show(context: Context, _action: ShowAgreement, _event: Event) -> None:
    here = context.state.results
    if here.agreement is not None:
        here.agreement = None
        return
    here.agreement = AgreementState(*_usual(here))
    await count_agreement(context, here)


def _usual(here: ResultsState) -> tuple[str, str]:
    """What is compared first: expected with answered labels, else a person's marks with a judge's."""
    names = [one.name for one in here.window.columns] if here.window is not None else []
    expectation = here.expectation
    if expectation is not None:
        return f"cell:{expectation.column}", f"field:{expectation.field}" if expectation.field else "answer"
    judge = next((name for name in names if name.startswith("judge:")), "")
    return ("mark" if judge else "", judge)


async def choose_sides(context: Context, action: ChooseSides, event: Event) -> None:
    here = context.state.results
    chosen = here.agreement
    if chosen is None:
        return
    match action.what:
        case "one":
            chosen.one = event.text
        case "other":
            chosen.other = event.text
        case _:
            first, second = chosen.ways or (-1, -1)
            way = whole_number(event.text, 0, 10_000)
            way = -1 if way is None else way
            first, second = (way, second) if action.what == "first" else (first, way)
            if way < 0:
                first = second = -1
            elif first < 0 or second < 0:
                first = second = way
            chosen.ways = (first, second) if first >= 0 else None
    chosen.found = None
    await count_agreement(context, here)


async def fold(context: Context, _action: FoldLabels, event: Event) -> None:
    here = context.state.results
    if here.agreement is not None:
        here.agreement.folded, here.agreement.found = event.value is True, None
        await count_agreement(context, here)


async def choose_expected(context: Context, action: ChooseExpected, event: Event) -> None:
    """Stored first, then shown."""
    here = context.state.results
    kind, ids = addresses.named(here.scope)
    if kind != "table":
        return
    if action.what == "column":
        if not event.text:
            await context.services.records.commit([remove(Expectation, ids[0])])
        else:
            await context.services.records.change(Expectation(id=ids[0], column=""), lambda one: replace(one, column=event.text))
    elif here.expectation is not None:
        change = _change(action, event.text)
        if change is None:
            return
        await context.services.records.change(here.expectation, lambda one: replace(one, **change))
    stored = await context.services.records.get(Expectation, ids[0])
    if context.state.results is not here:
        return
    before, here.expectation = here.expectation, stored.value if stored is not None else None
    here.summaries = {name: one for name, one in here.summaries.items() if name != MATCHES}
    if here.agreement is not None and (before is None or action.what in ("column", "field")) and here.expectation is not None:
        here.agreement.one, here.agreement.other = _usual(here)
        here.agreement.found = None
    refresh(context)
    await count_agreement(context, here)


def _change(action: ChooseExpected, typed: str) -> dict[str, object] | None:
    match action.what:
        case "how":
            return {"how": typed} if typed in get_args(MatchKind) else None
        case "field":
            return {"field": typed}
        case _:
            value = number_in(typed) if typed.strip() else 0.0
            return {"tolerance": abs(value)} if value is not None else None


def show_pair(context: Context, action: ShowPair, _event: Event) -> None:
    here = context.state.results
    chosen = here.agreement
    if chosen is None or chosen.found is None:
        return
    ones, others = chosen.found.ones.get(action.one, ()), chosen.found.others.get(action.other, ())
    if not ones or not others:
        return
    query = here.query.put(ColumnFilter(chosen.one, ones)).put(ColumnFilter(chosen.other, others))
    if query == here.query:  # pressed again: all of them again
        query = here.query.without(chosen.one).without(chosen.other)
    go(context, query, here.columns, here.at)


HANDLERS: dict[type[Action], Handler] = {
    ShowAgreement: show,
    ChooseExpected: choose_expected,
    ChooseSides: choose_sides,
    FoldLabels: fold,
    ShowPair: show_pair,
}
