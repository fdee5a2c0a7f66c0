"""Requests that wait, in a list: scrolled, searched, selected, deleted and brought back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.core.base import text
from app.core.model import keys
from app.core.queue import scope
from app.core.queue.scope import Scope
from app.core.queue.search import MOST
from app.core.queue.selection import Selection
from app.services.queue.lane import LaneQueue
from app.services.queue.search import chosen, search
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.base.state import Scroll
from app.ui.queue.actions import (
    ClearSelection,
    DeleteRequest,
    DeleteSelected,
    ForgetRequests,
    RestoreRequests,
    ScrollLane,
    SearchLane,
    SelectLane,
    SelectRequest,
)
from app.ui.queue.dialogs import RequestDialog

PAUSE = 0.25
"""Seconds after the last key until a search begins."""


def queued_lane(context: Context, key: str) -> LaneQueue | None:
    """The lane with this key, as the page shows it."""
    return next((lane for lane in context.state.queue.lanes if lane.lane.key == key), None)


async def scroll(context: Context, action: ScrollLane, event: Event) -> None:
    queued = queued_lane(context, action.lane)
    context.state.scroll[action.lane] = Scroll.of(event)
    if queued is not None:
        first, rows = context.state.queue.lines.get(action.lane, (0, []))
        wanted = context.state.scroll[action.lane].window(context.state.queue.listed(action.lane), margin=2)
        if wanted[0] < first or wanted[1] > first + len(rows):
            await context.refresh_rows(queued)


# --- searching


async def search_lane(context: Context, action: SearchLane, event: Event) -> None:
    """Each key begins the search again, after a pause; what was selected in another list is not selected in this one."""
    queue, key = context.state.queue, action.lane
    words = queue.words[key] = event.text[:MOST]
    queue.selected.pop(key, None)
    if words.strip():
        context.tasks.start("search", _search(context, key, words))
        return
    queue.words.pop(key)
    queue.found.pop(key, None)
    queue.searched.pop(key, None)
    if (queued := queued_lane(context, key)) is not None:
        await context.refresh_rows(queued)


async def _search(context: Context, key: str, words: str) -> None:
    queue = context.state.queue

    def told(done: int, of: int) -> bool:
        if queue.words.get(key) != words:
            return False
        queue.searched[key] = (done, of)
        context.changed()
        return True

    await context.services.clock.sleep(PAUSE)
    queued = queued_lane(context, key)
    if queued is None or queue.words.get(key) != words:
        return
    found = await search(context.services.queue, context.services.clock, queued, words, {}, told)
    if found is None or queue.words.get(key) != words:
        return
    queue.searched.pop(key, None)
    queue.found[key] = found
    if (now := queued_lane(context, key)) is not None and now is not queued:
        await context.search_again(now)
    await context.refresh_rows(queued)


# --- selecting


def select(context: Context, action: SelectRequest, event: Event) -> None:
    context.state.queue.selected.setdefault(action.lane, Selection()).mark(action.id, event.value is True)


def select_lane(context: Context, action: SelectLane, event: Event) -> None:
    context.state.queue.selected[action.lane] = Selection(everything=event.value is True)


def clear(context: Context, action: ClearSelection, _event: Event) -> None:
    context.state.queue.selected.pop(action.lane, None)


def selected(context: Context, key: str) -> Scope | set[str]:
    """What is selected in a lane's list now, to be acted upon later: by segment, or the ids where they are few."""
    queued, selection = queued_lane(context, key), context.state.queue.selected.get(key)
    if queued is None or selection is None:
        return set()
    if not selection.everything:
        return set(selection.ids)
    found, without = context.state.queue.found.get(key), frozenset(selection.ids)
    return scope.seen(queued.segments, without) if found is None else chosen(found, without)


# --- deleting


async def _delete(context: Context, key: str, meant: Scope | Collection[str], dialog: object = None) -> None:
    """``dialog``: the one that asked for it."""
    lane, queue = keys.lane_of(key), context.services.queue
    by_segment = meant if isinstance(meant, Mapping) else await queue.places(lane, meant)
    removed, undoing = await queue.remove(lane, by_segment)
    context.close(dialog)
    selection = context.state.queue.selected.get(key)
    if selection is not None and not isinstance(meant, Mapping):
        selection.ids.difference_update(meant)
    elif isinstance(meant, Mapping):
        context.state.queue.selected.pop(key, None)
    await context.refresh_queue()

    async def undo() -> None:
        await queue.restore(lane, undoing)
        await context.refresh_queue()

    if removed:
        context.toast(f"Deleted {text.count(removed, 'request')} from the queue.", undo)


@once
async def delete_one(context: Context, action: DeleteRequest, _event: Event) -> None:
    dialog = context.state.dialog
    mine = isinstance(dialog, RequestDialog) and dialog.id == action.id
    await _delete(context, action.lane, {action.id}, dialog if mine else None)


async def delete_selected(context: Context, action: DeleteSelected, _event: Event) -> None:
    await _delete(context, action.lane, selected(context, action.lane))


def _deleted(context: Context, key: str) -> Scope:
    """The deleted requests that the page tells of now: what another tab deletes from here on is not meant."""
    queued = queued_lane(context, key)
    return scope.deleted(queued.segments) if queued is not None else {}


async def restore(context: Context, action: RestoreRequests, _event: Event) -> None:
    await context.services.queue.restore(keys.lane_of(action.lane), _deleted(context, action.lane))
    await context.refresh_queue()


@once
async def forget(context: Context, action: ForgetRequests, _event: Event) -> None:
    meant, dialog = _deleted(context, action.lane), context.state.dialog
    await context.services.queue.forget(keys.lane_of(action.lane), meant)
    context.close(dialog)
    await context.refresh_queue()


HANDLERS: dict[type[Action], Handler] = {
    ScrollLane: scroll,
    SearchLane: search_lane,
    SelectRequest: select,
    SelectLane: select_lane,
    ClearSelection: clear,
    DeleteRequest: delete_one,
    DeleteSelected: delete_selected,
    RestoreRequests: restore,
    ForgetRequests: forget,
}
