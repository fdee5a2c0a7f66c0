"""Requests that wait: view, edit, submit."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.base.text import count
from app.core.bodies import requests
from app.core.json.jsontext import JsonFault
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.openai.problems import Refused
from app.core.queue import scope
from app.core.queue.scope import Scope
from app.core.threads import paste
from app.services.queue.queue import Changed
from app.services.queue.reading import RequestNotFound
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.submitting import check_provider, show_refused, submitting
from app.ui.provider.key_handlers import lacks_key
from app.ui.queue import editing
from app.ui.queue.actions import (
    EditRequest,
    OpenRequest,
    RequestAsThread,
    SaveRequest,
    Submit,
    SubmitAll,
    TakeTheirRequest,
    TidyRequest,
)
from app.ui.queue.dialogs import RequestDialog
from app.ui.queue.selecting_handlers import queued_lane, selected
from app.ui.threads.check_handlers import BIG, PAUSE
from app.ui.threads.handlers import adopt, indented

# --- one request


async def open_request(context: Context, action: OpenRequest, _event: Event) -> None:
    lane = keys.lane_of(action.lane)
    try:
        line = await context.services.queue.line(lane, action.id)
    except RequestNotFound:
        context.toast("That request is no longer in the queue.")
        await context.refresh_queue()
        return
    try:
        body = requests.body_text(line)
    except requests.LineFault as fault:
        context.toast(str(fault))
        return
    context.state.dialog = RequestDialog(action.lane, action.id, lane.endpoint, body, body)
    await editing.tell(context.state, context.services)


def edit_request(context: Context, _action: EditRequest, event: Event) -> None:
    if isinstance(context.state.dialog, RequestDialog):
        dialog = context.state.dialog
        dialog.text = event.text
        if len(dialog.text) <= BIG:
            _check(dialog)
        else:
            context.tasks.start("look", _check_after_a_pause(context, dialog, dialog.text))


def tidy(context: Context, _action: TidyRequest, _event: Event) -> None:
    """Indent what can be read as JSON; what cannot stays as it is, its fault stands below it."""
    dialog = context.state.dialog
    if isinstance(dialog, RequestDialog):
        dialog.text, dialog.rev = indented(dialog.text), dialog.rev + 1


def take_theirs(context: Context, _action: TakeTheirRequest, _event: Event) -> None:
    """Let the other tab's body stand; what was typed here can be had back."""
    dialog = context.state.dialog
    if not isinstance(dialog, RequestDialog) or not dialog.theirs:
        return
    mine = dialog.text
    dialog.text, dialog.rev, dialog.theirs, dialog.fault = dialog.theirs, dialog.rev + 1, "", ""

    async def undo() -> None:
        dialog.text, dialog.rev = mine, dialog.rev + 1
        context.state.dialog = dialog

    context.toast("This is now the other tab's text. Undo brings yours back.", undo)


def _check(one: RequestDialog) -> None:
    try:
        line = requests.check_line(one.id, one.endpoint, one.text)
    except requests.LineFault as fault:
        one.fault = str(fault)
    else:
        one.fault = str(line) if isinstance(line, JsonFault) else ""


async def _check_after_a_pause(context: Context, one: RequestDialog, text: str) -> None:
    await context.services.clock.sleep(PAUSE)
    if one.text is text:
        _check(one)
        context.changed()


async def save_request(context: Context, _action: SaveRequest, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, RequestDialog) or dialog.saving:
        return
    lane = keys.lane_of(dialog.lane)
    dialog.saving, typed = True, dialog.text
    try:
        home = await context.services.queue.edit(lane, dialog.id, typed, dialog.before)
    except RequestNotFound:
        dialog.fault = "This request left the queue meanwhile: it was submitted or deleted. Open it as a prompt to keep your text."
        return
    except Changed as error:
        dialog.theirs = dialog.before = str(error)  # saved again, it is written over with open eyes
        dialog.fault = "Another tab changed this request since you opened it; nothing was saved. Its version is shown below."
        return
    except requests.LineFault as fault:
        dialog.fault = str(fault)
        return
    finally:
        dialog.saving = False
    if isinstance(home, JsonFault):
        dialog.fault = str(home)
        return
    if dialog.text != typed:  # typed while the text before it was being saved
        dialog.before, dialog.lane = typed, home.key
    elif context.state.dialog is dialog:
        context.state.dialog = None
    await context.refresh_queue()
    context.toast("Saved." if home.key == lane.key else f"Saved; with another model it moved to the group of {home.model or 'no model'}.")


async def as_thread(context: Context, _action: RequestAsThread, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, RequestDialog):
        return
    line = requests.check_line(dialog.id, dialog.endpoint, dialog.text)
    source = dialog.text if isinstance(line, JsonFault) else line.decode()
    found = paste.read(source, context.services.clock.now(), context.services.random.token(8))
    if isinstance(found, JsonFault):
        dialog.fault = str(found)
        return
    if await adopt(context, dialog, found.thread):
        context.toast(" ".join(["A prompt was created from it. The request itself stays in the queue.", *found.notes]))


# --- submit


async def plan(context: Context, lane: Lane, chosen: Scope | set[str], name: str = "") -> list[Batch]:
    """Plan batches and have the engine look. Inside ``submitting``, after ``check_provider``."""
    context.ask_to_keep()
    done = await context.services.submitter.submit(lane, context.services.profiles.known[lane.profile], chosen, name)
    selection = context.state.queue.selected.get(lane.key)
    if selection is not None and not selection.everything:
        selection.ids.difference_update([] if isinstance(chosen, Mapping) else chosen)
    if done.refused:
        show_refused(context, done.refused)
    if done.stopped is not None:
        context.state.problems["budget"] = done.stopped.problem
    await context.refresh_batches()
    await context.refresh_queue()
    context.services.engine.nudge()
    return list(done.batches)


async def submit(context: Context, action: Submit, _event: Event) -> None:
    """Submit what the page shows now; what comes into the lane from here on stays there. A second press while the first is at work does
    nothing."""
    queued = queued_lane(context, action.lane)
    if "submit" in context.state.busy or queued is None:
        return
    chosen = selected(context, action.lane) if action.selected else scope.seen(queued.segments)
    with submitting(context):
        if await lacks_key(context, queued.lane.profile, action):
            return
        await check_provider(context, queued.lane.profile)
        made = await plan(context, queued.lane, chosen)
        if action.selected:
            context.state.queue.selected.pop(action.lane, None)
    _show(context, made)


async def submit_all(context: Context, action: SubmitAll, _event: Event) -> None:
    """The same for every lane that the page shows."""
    if "submit" in context.state.busy:
        return
    seen = [lane for lane in context.state.queue.lanes if lane.requests]
    shown = [scope.seen(one.segments) for one in seen]
    made: list[Batch] = []
    with submitting(context):
        for queued, chosen in zip(seen, shown, strict=True):
            if await lacks_key(context, queued.lane.profile, action):
                continue  # it does not hold up the others
            try:
                await check_provider(context, queued.lane.profile)
                made += await plan(context, queued.lane, chosen)
            except Refused as error:  # nor does one whose provider was removed
                context.failed("submit", error)
    if made and context.state.provider.wanted is not None:
        context.toast(f"{count(len(made), 'batch')} submitted. The rest waits for a key.")
    else:
        _show(context, made)


def _show(context: Context, made: list[Batch]) -> None:
    """Go to what was submitted: the batch, or the list of them."""
    if made:
        context.screen.go_to(f"#/batches/{made[0].id}" if len(made) == 1 else "#/batches")


HANDLERS: dict[type[Action], Handler] = {
    OpenRequest: open_request,
    EditRequest: edit_request,
    TidyRequest: tidy,
    SaveRequest: save_request,
    TakeTheirRequest: take_theirs,
    RequestAsThread: as_thread,
    Submit: submit,
    SubmitAll: submit_all,
}
