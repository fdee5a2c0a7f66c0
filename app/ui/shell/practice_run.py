"""The practice run: the way from a worked example to downloaded answers of the practice provider, as steps that tick themselves.

A step is done when its effect is seen: a table that is there, a request that was drawn, a batch that the practice provider has. What was
seen is kept, since a plan or an open table of answers is gone with the next view.
"""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.model.settings import PracticeRun
from app.core.templates.worked.practice_run import STEPS
from app.ui.base.state import State
from app.ui.results.addresses import of_table
from app.ui.results.dialogs import TakeAwayDialog


def reached(state: State) -> PracticeRun:
    """How far it is, by what there is now and what was seen before."""
    run = state.preferences.practice_run
    if not run.table:
        return run
    if state.data.all is not None and not any(one.id == run.table and not one.deleted for one in state.data.all):
        return PracticeRun(run.shown)  # its table was deleted
    plan, seen = state.plan, set(run.done)
    if plan.dataset == run.table and plan.added is not None:
        run = replace(run, addition=plan.added.record.id)
    if _looked(state, run.table):
        seen.add("look")
    if plan.dataset == run.table and plan.checked is not None and plan.checked.report.requests:
        seen.add("check")
    batches = [one for one in state.batches.all if one.practice and run.addition and run.addition in one.additions]
    if any(one.remote is not None for one in batches):
        seen |= {"check", "submit"}
    answered = [one for one in batches if one.tally.answered]
    if any(_read(state, run.table, one) for one in answered):
        seen.add("read")
    if answered and (any(one.exported for one in answered) or (isinstance(state.dialog, TakeAwayDialog) and state.dialog.said)):
        seen.add("export")
    return replace(run, done=tuple(one for one in STEPS if one in seen))


def together(state: State, stored: PracticeRun) -> PracticeRun:
    """What is stored of it now, where another tab may have gone on as well, with what is done here: of one table what either has done.
    Whether it is shown is not told by what is done, and a table that was begun with elsewhere stays."""
    mine = state.preferences.practice_run
    if stored.table == mine.table:
        done = {*mine.done, *stored.done}
        return replace(stored, addition=mine.addition or stored.addition, done=tuple(one for one in STEPS if one in done))
    there = any(one.id == stored.table and not one.deleted for one in state.data.all or ())
    return stored if mine.table or there else PracticeRun(stored.shown)


def _looked(state: State, table: str) -> bool:
    prompt, route = state.prompt, state.route
    there = route.view == "data" and route.part == "prompt" and route.id == prompt.dataset == table
    return there and prompt.rendered is not None and not prompt.rendered.fault


def _read(state: State, table: str, batch: Batch) -> bool:
    """Whether answers of the batch are in sight."""
    if state.route.view == "batch":
        return state.route.id == state.batch.id == batch.id and bool(state.batch.rows)
    window, scope = state.results.window, state.results.scope
    mine = not scope or scope == of_table(table).removeprefix("#/results/") or batch.id in scope
    return state.route.view == "results" and mine and window is not None and bool(window.rows)
