"""Answers that a model is to judge: they become a table with a prompt, which goes the way of every table."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from app.core.base import text
from app.core.model.datasets import Dataset
from app.core.results.judge_prompt import CRITERIA, JudgePlan, Scale, labels_of
from app.services.results.evaluating import Evaluations
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results import addresses
from app.ui.results.dialogs import JudgeDialog
from app.ui.results.judge_actions import AskJudge, PrepareJudge, StopJudge, TypeJudge
from app.ui.results.ordering import order_of
from app.ui.results.selecting import chosen_rows
from app.ui.results.take_handlers import done_for, join_of


async def ask(context: Context, _action: AskJudge, _event: Event) -> None:
    here = context.state.results
    rows = await chosen_rows(context, here)
    kind, ids = addresses.named(here.scope)
    found = await join_of(context, kind, ids) or ("Answers", order_of(context, here).order)
    if rows is None or context.state.results is not here:
        return
    title, join = found
    expected = here.expectation.column if here.expectation is not None and join.dataset == here.expectation.id else ""
    context.state.dialog = JudgeDialog(title, join, rows, criteria=CRITERIA, expected=expected)


def typed(context: Context, action: TypeJudge, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, JudgeDialog):
        return
    match action.what:
        case "scale":
            dialog.scale = next((one for one in get_args(Scale) if one == event.text), dialog.scale)
        case what:
            setattr(dialog, what, event.text)


async def prepare(context: Context, _action: PrepareJudge, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, JudgeDialog) or dialog.doing:
        return
    dialog.fault = None
    services, began = context.services, context.state.route
    evaluations = Evaluations(services.records, services.compute, services.clock, services.datasets(), services.templates())
    plan = JudgePlan(dialog.scale, dialog.criteria, labels_of(dialog.labels))

    async def work(moved: Callable[[int, int], None]) -> Dataset:
        return await evaluations.prepare(dialog.join, dialog.rows, plan, dialog.name, dialog.expected, moved)

    made = await done_for(context, dialog, "table", work, "No table was created, and nothing was sent.", "Nothing was prepared.")
    if made is not None:
        context.close(dialog)
        context.state.data.all = tuple(await services.datasets().all())
        rows = made.current.rows if made.current is not None else 0
        context.toast(f"“{made.name}”: {text.count(rows, 'answer')} to judge. Choose the model, look at the prompt, then check and price.")
        context.lead_on(began, f"#/data/{made.id}/prompt")


def stop(context: Context, _action: StopJudge, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, JudgeDialog) and dialog.stop is not None:
        dialog.stop()


HANDLERS: dict[type[Action], Handler] = {AskJudge: ask, TypeJudge: typed, PrepareJudge: prepare, StopJudge: stop}
