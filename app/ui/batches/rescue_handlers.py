"""Rescuing a batch: the dialog, and what is stored of the wish."""

from __future__ import annotations

from app.core.batches import rescue_offers
from app.core.batches.rescue_offers import WrongTime
from app.core.model.batches import Batch
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.batches import rescue_note
from app.ui.batches.dialogs import RescueDialog
from app.ui.batches.rescue_actions import AskRescue, ChooseRescue, DropRescue, SetRescue, TypeRescue, can_rescue


def _batch(context: Context, id: str) -> Batch | None:
    return next((one for one in context.state.batches.all if one.id == id), None)


def ask(context: Context, action: AskRescue, _event: Event) -> None:
    state = context.state
    batch = _batch(context, action.id)
    profile = state.provider.profiles.get(batch.lane.profile) if batch is not None else None
    if batch is None or profile is None or not can_rescue(batch):
        context.toast("This batch can't be cancelled any more.")
        return
    limits = state.provider.limits.get(profile.id)
    dialog = RescueDialog(batch.id, prices=rescue_offers.prices(batch, profile, limits.prices if limits is not None else ()))
    known = state.rescues.all.get(batch.id)
    if known is not None and known.stage == "set":
        dialog.way, dialog.when = known.way, "hours"
        dialog.hours = f"{max(0.1, (known.at - state.now) / 3_600):.1f}"
    state.dialog = dialog


def choose(context: Context, action: ChooseRescue, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, RescueDialog):
        return
    dialog.fault = ""
    if action.field == "when" and event.text in ("now", "hours", "clock"):
        dialog.when = event.text  # type: ignore[assignment]  # it is one of them
    elif action.field == "way" and dialog.prices is not None:
        dialog.way = next((one.way for one in dialog.prices.offers if one.way == event.text), dialog.way)
    context.changed()


def type_time(context: Context, action: TypeRescue, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, RescueDialog):
        dialog.fault = ""
        if action.field == "hours":
            dialog.hours = event.text
        else:
            dialog.clock = event.text


async def set_rescue(context: Context, _action: SetRescue, _event: Event) -> None:
    state, dialog = context.state, context.state.dialog
    if not isinstance(dialog, RescueDialog) or "rescue" in state.busy:
        return
    now = context.services.clock.now()
    try:
        due = now
        if dialog.when == "hours":
            due = rescue_offers.after_hours(dialog.hours, now)
        elif dialog.when == "clock":
            due = rescue_offers.at_clock(dialog.clock, now, state.zone)
    except WrongTime as error:
        dialog.fault = str(error)
        context.changed()
        return
    state.busy.add("rescue")
    try:
        await context.services.rescues().set(dialog.batch, dialog.way, due)
    finally:
        state.busy.discard("rescue")
    context.close(dialog)
    rescue_note.on_table(context)
    context.toast("The batch is being cancelled; the rest continues when it has ended." if dialog.when == "now" else "Rescue scheduled.")


async def drop(context: Context, action: DropRescue, _event: Event) -> None:
    await context.services.rescues().drop(action.id)
    rescue_note.on_table(context)


HANDLERS: dict[type[Action], Handler] = {
    AskRescue: ask,
    ChooseRescue: choose,
    TypeRescue: type_time,
    SetRescue: set_rescue,
    DropRescue: drop,
}
