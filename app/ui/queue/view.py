"""The queue: what waits to be sent, by lane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from simple_html import a, button, div, h1, h2, header, input_, p, section, span

from app.core.base import text
from app.core.base.ids import without_file
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.openai import kinds, problems
from app.core.queue.selection import Selection
from app.core.queue.waiting import when_added
from app.services.queue.lane import LaneQueue, QueueRow
from app.ui.base.actions import AskEnd
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, command, empty, identifier, note, problem_note, tag, tool, unseen, windowed
from app.ui.base.state import State
from app.ui.provider.actions import ExpireFiles
from app.ui.queue.actions import (
    ClearSelection,
    DeleteRequest,
    DeleteSelected,
    OpenRequest,
    RestoreRequests,
    ScrollLane,
    SearchLane,
    SelectLane,
    SelectRequest,
    Submit,
    SubmitAll,
)
from app.ui.queue.bulk_actions import AskBulk
from app.ui.queue.outlook_view import lane_outlook
from app.ui.threads.actions import NewThread

_SEARCHED = 20
"""A list of so many requests can be looked through without a search."""


def queue(state: State) -> Node:
    waiting = sum(lane.requests for lane in state.queue.lanes)
    size = sum(lane.size for lane in state.queue.lanes)
    lanes = [lane for lane in state.queue.lanes if lane.requests]
    return [
        header(
            {},
            div({}, h1({}, "Queue"), p({}, join([text.count(waiting, "request"), text.size(size) if waiting else NOTHING]))),
            div(
                at("actions"),
                command(state, SubmitAll(), "primary", data_once=True, id="submit-all"),
            )
            if len(lanes) != 1
            else NOTHING,
        ),
        [_came_back(state, one) for one in came_back(state)],
        _edits(state),
        [_lane(state, lane) for lane in state.queue.lanes]
        or empty(
            "Queue is empty",
            ["A request stays on this machine until it is sent in a batch. ", when_added(state.queue.automatic, state.profile)],
            command(state, NewThread(), "primary", words="New prompt"),
        ),
    ]


def _edits(state: State) -> list[Node]:
    """Changes of many requests, under way or to be undone. Most queues have none, and load nothing for it."""
    if not state.queue.edits and not state.queue.work.doing:
        return []
    from app.ui.queue.bulk_view import edit_notes

    return edit_notes(state)


def came_back(state: State) -> list[Batch]:
    """For each lane that holds requests: its newest batch, if that one was given up and its requests are back here."""
    found = []
    for queued in state.queue.lanes:
        batches = [batch for batch in state.batches.all if batch.lane == queued.lane]
        newest = max(batches, key=lambda one: one.created, default=None)
        if queued.requests and newest is not None and newest.state == "withdrawn" and newest.problem is not None:
            found.append(newest)
    return found


def _came_back(state: State, batch: Batch) -> Node:
    if batch.problem is None:
        return NOTHING
    again = command(state, Submit(batch.lane.key), "small", words="Submit again", data_once=True)
    return problem_note(batch.problem, *quota_remedies(state, batch), again)


def quota_remedies(state: State, batch: Batch) -> list[Node]:
    """What helps where the provider keeps no more files: let new ones expire, and look which are not needed."""
    profile = state.provider.profiles.get(batch.lane.profile)
    if batch.problem is None or batch.problem.code != problems.FILE_QUOTA or profile is None:
        return []
    days = kinds.REMEDY // kinds.DAY
    expire = act(f"Let files expire after {days} days", ExpireFiles(profile.id), "small") if not profile.expires_after else NOTHING
    return [expire, a(at("btn small", href="#/batches/account"), "Show the files there")]


def _lane(state: State, queued: LaneQueue) -> Node:
    lane = queued.lane
    key = lane.key
    found, shown, selected = state.queue.found.get(key), state.queue.listed(key), state.queue.chosen(key)
    profile = state.provider.profiles.get(lane.profile)
    name = profile.name if profile else "removed provider"
    return section(
        at("card lane", aria_label=f"Queue group {lane.endpoint} {lane.model}"),
        header(
            {},
            input_(
                at(
                    type="checkbox",
                    checked=bool(shown) and selected == shown,
                    disabled=not shown,
                    change=SelectLane(key),
                    aria_label="Select all in this group" if found is None else "Select all that were found",
                )
            ),
            h2({}, f"{kinds.short(lane.endpoint)} · {lane.model}"),
            tag(name),
            span(at("dim"), join([text.count(queued.requests, "request"), text.size(queued.size)])),
            span(at("row wrap end"), _lane_actions(state, queued, selected)),
        ),
        note("bad", "The provider of this group was removed.", "Add it again in the settings to submit these requests.")
        if profile is None
        else NOTHING,
        _key(state, queued, profile),
        lane_outlook(state, queued),
        _search(state, queued, shown) if queued.requests > _SEARCHED or key in state.queue.words else NOTHING,
        _lines(state, queued) if queued.requests else NOTHING,
        _deleted(queued) if queued.deleted else NOTHING,
    )


def _key(state: State, queued: LaneQueue, profile: Profile | None) -> Node:
    """Once for each provider, at the first of its groups that holds requests."""
    if profile is None or profile.practice:
        return NOTHING
    first = next((one for one in state.queue.lanes if one.lane.profile == profile.id and one.requests), None)
    if first is None or first.lane != queued.lane:
        return NOTHING
    from app.ui.provider.key_view import wanted_key  # in practice nobody needs it

    return wanted_key(state, profile, "These requests wait here until there is one.")


def _lane_actions(state: State, queued: LaneQueue, selected: int) -> Node:
    key = queued.lane.key
    only = len([lane for lane in state.queue.lanes if lane.requests]) == 1
    if selected:
        return [
            act("Clear", ClearSelection(key), "quiet small"),
            command(state, AskBulk(key), "small"),
            command(state, DeleteSelected(key), "small danger"),
            command(state, Submit(key, selected=True), "primary small", data_once=True),
        ]
    kind = "primary" if only else ""
    return command(state, Submit(key), kind, data_once=True)


def _deleted(queued: LaneQueue) -> Node:
    key = queued.lane.key
    return div(
        at("pad row wrap dim"),
        span({}, f"{text.count(queued.deleted, 'request')} deleted from this group."),
        act("Restore", RestoreRequests(key), "small"),
        act("Delete permanently …", AskEnd("requests", key), "quiet small danger"),
    )


def _search(state: State, queued: LaneQueue, shown: int) -> Node:
    key = queued.lane.key
    words = state.queue.words.get(key, "")
    done = state.queue.searched.get(key)
    if done is not None:
        said = f"Searching … {text.percent(100 * done[0] // max(1, done[1]))}"
    elif key in state.queue.found:
        said = f"{text.number(shown)} of {text.count(queued.requests, 'request')}"
    else:
        said = ""
    return div(
        at("pad row wrap"),
        input_(
            at(
                "input grow",
                id=f"search-{key}",
                type="search",
                value=words,
                input=SearchLane(key),
                placeholder="Search these requests",
                aria_label="Search requests in this group",
            )
        ),
        span(at("dim", role="status"), said),
    )


def _lines(state: State, queued: LaneQueue) -> Node:
    key = queued.lane.key
    found = state.queue.found.get(key)
    if found is not None and not found.requests:
        return p(at("pad dim"), "No requests in this group match.")
    first, rows = state.queue.lines.get(key, (0, []))
    chosen = state.queue.selected.get(key, Selection())
    head = div(
        at("line line-head queue-line", role="row"),
        *(span(at(one.look, role="columnheader"), one.title or unseen(one.spoken)) for one in _COLUMNS),
    )
    return windowed(
        key,
        state.queue.listed(key),
        first,
        [_row(key, first + n, one, chosen.has(one.id)) for n, one in enumerate(rows)],
        ScrollLane(key),
        title="Requests in this group",
        head=head,
    )


def _row(key: str, n: int, row: QueueRow, selected: bool) -> Node:
    return div(
        at("line queue-line", id=f"row-{row.id}", role="row", aria_rowindex=str(n + 1), aria_selected="true" if selected else "false"),
        *(span(at(f"{one.look} {one.cells}".strip(), role="cell"), one.cell(key, n, row, selected)) for one in _COLUMNS),
    )


class _Column(NamedTuple):
    """A column of a lane's requests. ``look``: the classes that give it its width (``w-…``, ``grow``); ``cells``: more of its cells;
    ``spoken``: its name where it has no title."""

    title: str
    look: str
    cell: Callable[[str, int, QueueRow, bool], Node]
    """Of the lane's key, the row's number from 0, the row, and whether it is selected."""
    cells: str = ""
    spoken: str = ""


def _select(key: str, n: int, row: QueueRow, selected: bool) -> Node:
    return input_(at(type="checkbox", checked=selected, change=SelectRequest(key, row.id), aria_label=f"Select request {n + 1}"))


def _request(key: str, _n: int, row: QueueRow, _selected: bool) -> Node:
    shown = row.preview
    return button(
        at("cell clip", type="button", click=OpenRequest(key, row.id), title="Edit"),
        shown.fault or shown.text or "(no text)",
        span(at("dim"), f" · {text.count(shown.images, 'image')}") if shown.images else NOTHING,
    )


def _tools(key: str, _n: int, row: QueueRow, _selected: bool) -> Node:
    return [tool("edit", "Edit", OpenRequest(key, row.id)), tool("close", "Delete request", DeleteRequest(key, row.id))]


_COLUMNS: Final = (
    _Column("", "w-check", _select, spoken="Selected"),
    _Column("Request", "grow clip", _request),
    _Column("Id", "w-l hide-s", lambda _key, _n, row, _selected: identifier(without_file(row.id)), "clip tail mono dim"),
    _Column("", "w-s", _tools, "row", spoken="Actions"),
)
