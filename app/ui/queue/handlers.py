"""Requests that wait: select, view, edit, delete, submit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from app.core.base import text
from app.core.bodies import requests
from app.core.json.jsontext import JsonFault
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.openai.problems import Refused
from app.core.queue.lanes import LineRefusal
from app.core.threads import paste
from app.services.queue.queue import Changed, Gone, LaneQueue
from app.ui.queue import editing
from app.ui.queue.actions import (
    ClearSelection,
    DeleteRequest,
    DeleteSelected,
    EditRequest,
    ForgetRequests,
    OpenRequest,
    RequestAsThread,
    RestoreRequests,
    SaveRequest,
    ScrollLane,
    SelectLane,
    SelectRequest,
    Submit,
    SubmitAll,
    TakeTheirRequest,
)
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import RequestDialog
from app.ui.shell.loop import App, Handler
from app.ui.shell.state import Scroll
from app.ui.threads.check_handlers import BIG, PAUSE
from app.ui.threads.handlers import adopt


def _queued(app: App, key: str) -> LaneQueue | None:
    return next((one for one in app.state.lanes if one.lane.key == key), None)


async def scroll(app: App, action: ScrollLane, event: Event) -> None:
    queued = _queued(app, action.lane)
    app.state.scroll[action.lane] = scroll_of(event)
    if queued is not None:
        first, rows = app.state.lines.get(action.lane, (0, []))
        wanted = app.state.scroll[action.lane].window(queued.requests, margin=2)
        if wanted[0] < first or wanted[1] > first + len(rows):
            await app.refresh_rows(queued)


def scroll_of(event: Event) -> Scroll:
    """The page's measures of a scroller."""
    top, height = event.extra.get("scrollTop"), event.extra.get("clientHeight")
    return Scroll(float(top) if isinstance(top, int | float) else 0.0, float(height) if isinstance(height, int | float) else 640.0)


def select(app: App, action: SelectRequest, event: Event) -> None:
    mark(app.state.selected.setdefault(action.lane, set()), action.id, event)


def mark(chosen: set[Any], one: Any, event: Event) -> None:
    """Have ``one`` among the chosen or not, as the box that was ticked says."""
    if event.value is True:
        chosen.add(one)
    else:
        chosen.discard(one)


def select_lane(app: App, action: SelectLane, event: Event) -> None:
    queued = _queued(app, action.lane)
    if queued is not None:
        app.state.selected[action.lane] = app.services.queue.all_ids(queued) if event.value is True else set()


def clear(app: App, action: ClearSelection, _event: Event) -> None:
    app.state.selected[action.lane] = set()


async def _delete(app: App, key: str, chosen: set[str]) -> None:
    lane = keys.lane_of(key)
    removed = await app.services.queue.delete(lane, chosen)
    await app.refresh_queue()

    async def undo() -> None:
        await app.services.queue.restore(lane, chosen)
        await app.refresh_queue()

    if removed:
        app.toast(f"Deleted {text.count(removed, 'request')} from the queue.", undo)


async def delete_one(app: App, action: DeleteRequest, _event: Event) -> None:
    if isinstance(app.state.dialog, RequestDialog) and app.state.dialog.id == action.id:
        app.state.dialog = None
    await _delete(app, action.lane, {action.id})


async def delete_selected(app: App, action: DeleteSelected, _event: Event) -> None:
    await _delete(app, action.lane, set(app.state.selected.get(action.lane, ())))


def _deleted(app: App, key: str) -> set[str]:
    """The deleted requests that the page tells of now: what another tab deletes from here on is not meant."""
    queued = _queued(app, key)
    return app.services.queue.deleted_ids(queued) if queued is not None else set()


async def restore(app: App, action: RestoreRequests, _event: Event) -> None:
    await app.services.queue.restore(keys.lane_of(action.lane), _deleted(app, action.lane))
    await app.refresh_queue()


async def forget(app: App, action: ForgetRequests, _event: Event) -> None:
    await app.services.queue.forget(keys.lane_of(action.lane), _deleted(app, action.lane))
    await app.refresh_queue()


# --- one request


async def open_request(app: App, action: OpenRequest, _event: Event) -> None:
    lane = keys.lane_of(action.lane)
    try:
        line = await app.services.queue.line(lane, action.id)
    except Gone:
        app.toast("That request is not in the queue any more.")
        await app.refresh_queue()
        return
    try:
        body = requests.body_text(line)
    except requests.LineFault as fault:
        app.toast(str(fault))
        return
    app.state.dialog = RequestDialog(action.lane, action.id, lane.endpoint, body, body)
    await editing.tell(app.state, app.services)


def edit_request(app: App, _action: EditRequest, event: Event) -> None:
    if isinstance(app.state.dialog, RequestDialog):
        one = app.state.dialog
        one.text = event.text
        if len(one.text) <= BIG:
            _check(one)
        else:
            app.tasks.start("look", _check_after_a_pause(app, one, one.text))


def take_theirs(app: App, _action: TakeTheirRequest, _event: Event) -> None:
    """Let the other tab's body stand; what was typed here can be had back."""
    one = app.state.dialog
    if not isinstance(one, RequestDialog) or not one.theirs:
        return
    mine = one.text
    one.text, one.rev, one.theirs, one.fault = one.theirs, one.rev + 1, "", ""

    async def undo() -> None:
        one.text, one.rev = mine, one.rev + 1
        app.state.dialog = one

    app.toast("The other tab's text stands here now. Undo brings yours back.", undo)


def _check(one: RequestDialog) -> None:
    try:
        line = requests.check_line(one.id, one.endpoint, one.text)
    except requests.LineFault as fault:
        one.fault = str(fault)
    else:
        one.fault = str(line) if isinstance(line, JsonFault) else ""


async def _check_after_a_pause(app: App, one: RequestDialog, text: str) -> None:
    await app.services.clock.sleep(PAUSE)
    if one.text is text:
        _check(one)
        app.changed()


async def save_request(app: App, _action: SaveRequest, _event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, RequestDialog) or one.saving:
        return
    lane = keys.lane_of(one.lane)
    one.saving, typed = True, one.text
    try:
        home = await app.services.queue.edit(lane, one.id, typed, one.before)
    except Gone:
        one.fault = "This request left the queue meanwhile: it was submitted or deleted. Open it as a thread to keep your text."
        return
    except Changed as error:
        one.theirs = one.before = str(error)  # saved again, it is written over with open eyes
        one.fault = "Another tab changed this request since you opened it; nothing was saved. What it made of it stands below."
        return
    except requests.LineFault as fault:
        one.fault = str(fault)
        return
    finally:
        one.saving = False
    if isinstance(home, JsonFault):
        one.fault = str(home)
        return
    if one.text != typed:  # typed while the text before it was being saved
        one.before, one.lane = typed, home.key
    elif app.state.dialog is one:
        app.state.dialog = None
    await app.refresh_queue()
    app.toast("Saved." if home.key == lane.key else f"Saved; with another model it moved to the lane of {home.model or 'no model'}.")


async def as_thread(app: App, _action: RequestAsThread, _event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, RequestDialog):
        return
    line = requests.check_line(one.id, one.endpoint, one.text)
    source = one.text if isinstance(line, JsonFault) else line.decode()
    found = paste.read(source, app.services.clock.now(), app.services.random.token(8))
    if isinstance(found, JsonFault):
        one.fault = str(found)
        return
    if await adopt(app, one, found.thread):
        app.toast(" ".join(["A thread was made of it. The request itself stays in the queue.", *found.notes]))


# --- submit


@contextlib.contextmanager
def submitting(app: App) -> Iterator[None]:
    """The one section in which batches are planned: its buttons are busy, and a second press does nothing. Ask ``busy`` before."""
    app.state.busy.add("submit")
    app.changed()
    try:
        yield
    finally:
        app.state.busy.discard("submit")
        app.changed()


async def check_provider(app: App, id: str) -> Profile:
    """The provider to submit to. Refused when it was removed, when there is no key, or when the tab that does the work cannot have it."""
    profiles = app.services.profiles
    provider = await profiles.provider(id)
    if not provider.profile.practice and not app.state.leader and not await profiles.remembered(id):
        raise Refused(
            Problem(
                code="key_elsewhere",
                what="Another tab does the work and has no key: the key that was entered here is in this tab's memory only.",
                means="Nothing was sent. The requests are where they were.",
                do="Enter the key there, or close that tab.",
                blame="person",
            )
        )
    return provider.profile


async def plan(app: App, lane: Lane, chosen: set[str], name: str = "") -> list[Batch]:
    """Plan batches and have the engine look. Inside ``submitting``, after ``check_provider``."""
    app.ask_to_keep()
    done = await app.services.submitter.submit(lane, app.services.profiles.known[lane.profile], chosen, name)
    app.state.selected.get(lane.key, set()).difference_update(chosen)
    if done.refused:
        _show_refused(app, done.refused)
    await app.refresh_batches()
    await app.refresh_queue()
    app.services.engine.nudge()
    return list(done.batches)


def _show_refused(app: App, refused: tuple[LineRefusal, ...]) -> None:
    more = f" {len(refused) - 1:,} more are too large as well." if len(refused) > 1 else ""
    app.state.problems["too_large_line"] = Problem(
        code="too_large_line",
        what=f"{refused[0].sentence}{more}",
        means="These requests stay in the queue; the others were submitted.",
        do="Shorten them, or raise the limit in the settings if the account allows more.",
        blame="person",
    )


async def submit(app: App, action: Submit, _event: Event) -> None:
    """Submit what the page shows now; what comes into the lane from here on stays there. A second press while the first is at work does
    nothing."""
    queued = _queued(app, action.lane)
    if "submit" in app.state.busy or queued is None:
        return
    chosen = set(app.state.selected.get(action.lane, ())) if action.selected else app.services.queue.all_ids(queued)
    with submitting(app):
        await check_provider(app, queued.lane.profile)
        made = await plan(app, queued.lane, chosen)
    if len(made) == 1:
        app.screen.go_to(f"#/batches/{made[0].id}")
    elif made:
        app.screen.go_to("#/batches")


async def submit_all(app: App, _action: SubmitAll, _event: Event) -> None:
    """The same for every lane that the page shows."""
    if "submit" in app.state.busy:
        return
    seen = [one for one in app.state.lanes if one.requests]
    made: list[Batch] = []
    with submitting(app):
        for queued in seen:
            try:
                await check_provider(app, queued.lane.profile)
                made += await plan(app, queued.lane, app.services.queue.all_ids(queued))
            except Refused as error:  # a lane without a key does not hold up the others
                app.failed("submit", error)
    if made:
        app.screen.go_to("#/batches")


HANDLERS: dict[type[Action], Handler] = {
    ScrollLane: scroll,
    SelectRequest: select,
    SelectLane: select_lane,
    ClearSelection: clear,
    DeleteRequest: delete_one,
    DeleteSelected: delete_selected,
    RestoreRequests: restore,
    ForgetRequests: forget,
    OpenRequest: open_request,
    EditRequest: edit_request,
    SaveRequest: save_request,
    TakeTheirRequest: take_theirs,
    RequestAsThread: as_thread,
    Submit: submit,
    SubmitAll: submit_all,
}
