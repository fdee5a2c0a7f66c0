"""Steps: what is asked by itself when answers are there."""

from __future__ import annotations

from app.core.base import text
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.lanes import Lane
from app.core.model.sendings import FollowUp, QueuedRows, segment_id
from app.core.model.steps import NextStep, StepSource
from app.core.prices.rates import SHOWN_FOR_PRACTICE, rates_for
from app.core.results import stepping
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.results import addresses, asking, step_arriving
from app.ui.results.dialogs import StepDialog
from app.ui.results.step_actions import AskStep, CancelStep, ClearSteps, PlanStep, TypeStep

_SOURCES = 50
"""Additions that are offered, the newest first."""
_LIMIT_FAULT = f"Enter dollars, up to {text.number(stepping.MOST_LIMIT)}."


async def ask(context: Context, action: AskStep, _event: Event) -> None:
    kind, ids = addresses.named(context.state.results.scope)
    stored = await context.services.records.get(Dataset, ids[0]) if kind == "table" else None
    if stored is None or stored.value.current is None:
        return
    sources = await _sources(context, ids[0])
    if not sources:
        context.toast("No row of this table was sent yet: add its rows to the queue first.")
        return
    steps = await context.services.steps().of(ids[0])
    proposed = next((one for one in steps if one.id == action.proposed and one.proposed), None)
    columns = tuple(one.name for one in stored.value.current.columns)
    dialog = StepDialog(ids[0], stored.value.name, columns, tuple(sources), sources[0].id, FollowUp(""), wrong=("Write the next message.",))
    if proposed is not None:
        dialog.proposed, dialog.follow, dialog.submit = proposed.id, proposed.follow, proposed.submit
        dialog.after = next((one.id for one in sources if one.id == proposed.after), dialog.after)
        asking.check(dialog, columns)
    context.state.dialog, context.state.follow.choosing = dialog, False
    _price(context, dialog)


async def _sources(context: Context, dataset: str) -> list[StepSource]:
    """What a step can wait for, the newest first."""
    steps = {one.run: one for one in await context.services.steps().of(dataset)}
    found = []
    additions = [one.value for one in await context.services.records.all(QueuedRows) if one.value.dataset == dataset]
    for one in sorted(additions, key=lambda one: (one.at, one.id), reverse=True)[:_SOURCES]:
        lane, when = _lane(context, one.id), text.clock(one.at, offset=context.state.zone, now=context.state.now)
        step = steps.get(one.id)
        name = f", asked {_quoted(one.follow)}" if one.follow is not None else ""
        words = f"{text.count(one.requests, 'request')} of {when}{name}"
        known = one.foreseen or (step.expected if step is not None else None)
        found.append(StepSource(one.id, words, one.requests, lane.model if lane else "", lane.profile if lane else "", known))
    known_models = {one.id: one for one in found}
    waiting = [one for one in steps.values() if one.state == "waits" and one.run not in known_models]
    for step in waiting:
        before = known_models.get(step.after)
        model = step.follow.model or (before.model if before is not None else "")
        profile = before.profile if before is not None else ""
        made = StepSource(step.run, f"The step {stepping.name_of(step)}, which waits itself", step.requests, model, profile, step.expected)
        known_models[step.run] = made
        found.append(made)
    return found


def _quoted(follow: FollowUp) -> str:
    return f"“{text.shorten(' '.join(follow.message.split()), 40)}”"


def _lane(context: Context, run: str) -> Lane | None:
    """Where the requests of an addition went, or wait."""
    batch: Batch | None = next((one for one in context.state.batches.all if run in one.additions), None)
    if batch is not None:
        return batch.lane
    prefix = segment_id(run, 0)[:-1]
    queues = context.state.queue.lanes
    return next((one.lane for one in queues if any(segment.id.startswith(prefix) for segment in one.segments)), None)


def _price(context: Context, dialog: StepDialog) -> None:
    """What it would come to, and the limit that follows from it unless one was typed."""
    source = dialog.source
    profile = context.state.provider.profiles.get(source.profile) if source is not None else None
    dialog.practice = profile is not None and profile.practice
    dialog.expected = None
    if source is None:
        return
    model = dialog.follow.model or source.model
    limits = context.state.provider.limits.get(source.profile)
    base = "" if profile is None else SHOWN_FOR_PRACTICE if profile.practice else profile.base_url
    rates = rates_for(base, model, "batch", limits.prices if limits is not None else ()) if base and model else None
    step = NextStep(id="", dataset=dialog.dataset, after=source.id, run="", follow=dialog.follow)
    dialog.expected = stepping.expected(source.foreseen, source.requests, step, rates)
    if not dialog.typed:
        dialog.limit = stepping.proposed_limit(dialog.expected)
    dialog.limit_fault = "" if dialog.practice or stepping.limit_of(dialog.limit) is not None else _LIMIT_FAULT


def typed(context: Context, action: TypeStep, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, StepDialog):
        return
    match action.field:
        case "after":
            dialog.after = event.text
        case "limit":
            dialog.limit, dialog.typed = event.text[:40], True
        case "submit":
            dialog.submit = event.value is True
        case _:
            dialog.follow = asking.changed(dialog.follow, action.field, event)
            asking.check(dialog, dialog.columns)
    _price(context, dialog)


@once
async def plan(context: Context, _action: PlanStep, _event: Event) -> None:
    dialog = context.state.dialog
    source = dialog.source if isinstance(dialog, StepDialog) else None
    if not isinstance(dialog, StepDialog) or source is None or dialog.every_fault or dialog.limit_fault:
        return
    limit = stepping.limit_of(dialog.limit) or 0
    try:
        step = await context.services.steps().plan(
            dialog.dataset,
            source.id,
            dialog.follow,
            limit,
            source.requests,
            dialog.expected,
            submit=dialog.submit,
            proposed=dialog.proposed,
        )
    except ValueError as error:
        dialog.fault = str(error)
        return
    context.close(dialog)
    await context.services.log.note("batch", "step_planned", counts={"requests": step.requests})
    context.ask_to_keep()
    context.toast("Planned. It starts when the answers arrive, as long as this page is open in a tab.")
    await step_arriving.read(context)
    context.catch_up("steps look", lambda: step_arriving.look(context))


async def cancel(context: Context, action: CancelStep, _event: Event) -> None:
    step = await context.services.steps().cancel(action.id)
    if step is not None and step.state == "cancelled":
        await context.services.log.note("batch", "step_cancelled")
        queued = await context.services.records.get(QueuedRows, step.run) is not None
        context.toast(f"Cancelled. {'What it queued is in the queue.' if queued else 'Nothing was queued or sent.'}")
    await step_arriving.read(context)


async def clear(context: Context, _action: ClearSteps, _event: Event) -> None:
    await context.services.steps().forget(context.state.follow.table)
    await step_arriving.read(context)


HANDLERS: dict[type[Action], Handler] = {AskStep: ask, TypeStep: typed, PlanStep: plan, CancelStep: cancel, ClearSteps: clear}
