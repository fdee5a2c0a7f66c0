"""The ways on from where a batch does not get on by itself: asked about, looked at, and carried out."""

from __future__ import annotations

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.openai.problems import Refused
from app.services.batches.settling import Settling, waiting_for_key
from app.services.runtime.records import Records
from app.ui.batches.actions import AskSettle, Settle, TypeBatchId
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import SettleDialog
from app.ui.shell.loop import App, Handler

_LATE = "The batch went on meanwhile: look at how it stands now."


def ask(app: App, action: AskSettle, _event: Event) -> None:
    app.state.dialog = SettleDialog(action.id, action.way)


def type_id(app: App, _action: TypeBatchId, event: Event) -> None:
    one = app.state.dialog
    if isinstance(one, SettleDialog):
        one.typed, one.fault, one.found = event.text, "", None


async def settle(app: App, action: Settle, _event: Event) -> None:
    """Carry out what was asked about. What was typed when the button was pressed counts."""
    one = app.state.dialog
    batch = next((each for each in app.state.batches if each.id == action.id), None)
    if "settle" in app.state.busy or not isinstance(one, SettleDialog) or one.batch != action.id or batch is None:
        return
    app.state.busy.add("settle")
    try:
        done = await _carry_out(app, action.way, batch, one)
    except Refused as error:
        one.fault = f"{error.problem.what} {error.problem.do}"
        if action.way != "bind":
            app.toast(error.problem.what)
        return
    finally:
        app.state.busy.discard("settle")
        app.changed()
    if done and app.state.dialog is one:
        app.state.dialog = None


async def _carry_out(app: App, way: pipeline.Way, batch: Batch, one: SettleDialog) -> bool:
    """Whether the dialog is through."""
    settling = Settling(Records(app.services.store), app.services.profiles)
    match way:
        case "claim":
            for each in await settling.alike(batch):
                await _wish(app, each.id, await settling.claim(each))
        case "return":
            if await _wish(app, batch.id, pipeline.Returned()):
                await app.refresh_queue()
                app.toast("The requests are back in the queue. They wait there until you submit them.")
        case "give_up":
            await _wish(app, batch.id, pipeline.GivenUp())
        case "bind":
            return await _bind(app, settling, batch, one)
        case _:
            pass
    return True


async def _bind(app: App, settling: Settling, batch: Batch, one: SettleDialog) -> bool:
    """Look at the batch that was named; bound at once if it is ours beyond doubt, else when the person says so once more."""
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
    await _wish(app, batch.id, await settling.bind(batch, found))
    return True


async def _wish(app: App, id: str, event: pipeline.Event) -> bool:
    try:
        return await app.services.engine.wish(id, event) is not None
    except pipeline.NoSuchMove:
        app.toast(_LATE)
        return False


async def look_with_new_key(app: App, profile: str) -> None:
    """A key was entered: what waits for one is looked at at once."""
    for one in await waiting_for_key(Records(app.services.store), profile):
        try:
            await app.services.engine.wish(one.id, pipeline.TryNow())
        except pipeline.NoSuchMove:
            continue  # it has ended meanwhile


HANDLERS: dict[type[Action], Handler] = {
    AskSettle: ask,
    TypeBatchId: type_id,
    Settle: settle,
}
