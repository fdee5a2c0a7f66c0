"""The ways on from where a batch does not get on by itself: asked about, looked at, and carried out."""

from __future__ import annotations

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.openai.problems import Refused
from app.services.batches.settling import Settling, is_here, waiting_for_key
from app.services.provider.owning import OwnedByOther
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.batches.actions import AskSettle, Settle, TypeBatchId
from app.ui.batches.dialogs import SettleDialog

_LATE = "The batch has continued meanwhile: check its current state."


def ask(context: Context, action: AskSettle, _event: Event) -> None:
    context.state.dialog = SettleDialog(action.id, action.way)


def type_id(context: Context, _action: TypeBatchId, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, SettleDialog):
        dialog.typed, dialog.fault, dialog.found = event.text, "", None


async def settle(context: Context, action: Settle, _event: Event) -> None:
    """Carry out what was asked about. What was typed when the button was pressed counts."""
    dialog = context.state.dialog
    batch = next((each for each in context.state.batches.all if each.id == action.id), None)
    if "settle" in context.state.busy or not isinstance(dialog, SettleDialog) or dialog.batch != action.id or batch is None:
        return
    context.state.busy.add("settle")
    try:
        done = await _carry_out(context, action.way, batch, dialog)
    except Refused as error:
        dialog.fault = f"{error.problem.what} {error.problem.do}"
        if action.way != "bind":
            context.toast(error.problem.what)
        return
    finally:
        context.state.busy.discard("settle")
        context.changed()
    if done and context.state.dialog is dialog:
        context.state.dialog = None


async def _carry_out(context: Context, way: pipeline.Way, batch: Batch, one: SettleDialog) -> bool:
    """Whether the dialog is through."""
    settling = Settling(context.services.records, context.services.profiles)
    match way:
        case "claim":
            for each in await settling.alike(batch):
                await _wish(context, each.id, await settling.claim(each))
        case "return":
            if await _wish(context, batch.id, pipeline.Returned()):
                await context.refresh_queue()
                context.toast("The requests were returned to the queue. They wait there until you submit them.")
        case "give_up":
            await _wish(context, batch.id, pipeline.GivenUp())
        case "bind":
            return await _bind(context, settling, batch, one)
        case _:
            pass
    return True


async def _bind(context: Context, settling: Settling, batch: Batch, one: SettleDialog) -> bool:
    """Look at the batch that was named; bound at once if it is ours beyond doubt, else when the person says so again."""
    id, seen = one.typed.strip(), one.found
    if not id:
        return False
    found = await settling.look(batch, id)
    if one.typed.strip() != id:
        return False  # another one was typed meanwhile
    if found.never:
        one.found, one.fault = None, found.never
        return False
    if found.against and (seen is None or seen.against != found.against):
        one.found, one.fault = found, ""
        return False
    try:
        await _wish(context, batch.id, await settling.bind(batch, found))
    except OwnedByOther as error:  # another tab was faster
        one.found, one.fault = None, is_here(error.batch)
        return False
    return True


async def _wish(context: Context, id: str, event: pipeline.Event) -> bool:
    return await context.command(id, event, _LATE) is not None


async def look_with_new_key(context: Context, profile: str) -> None:
    """A key was entered: what waits for one is looked at at once."""
    for one in await waiting_for_key(context.services.records, profile):
        try:
            await context.services.engine.command(one.id, pipeline.TryNow())
        except pipeline.NoSuchMove:
            continue  # it has ended meanwhile


HANDLERS: dict[type[Action], Handler] = {
    AskSettle: ask,
    TypeBatchId: type_id,
    Settle: settle,
}
