"""Every view and dialog in the states that the unit tests draw and the gallery shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from app.core.model.batches import Tally
from app.core.model.lanes import CHAT, Lane
from app.core.model.threads import Thread
from app.core.programs.rabbit import ConnectionState
from app.ui.base.data_state import DataState
from app.ui.base.debug import DebugState, Traced
from app.ui.base.picking import LISTS
from app.ui.base.picking_state import PickingState
from app.ui.base.queue_state import EditingWork
from app.ui.base.results_state import BesideState
from app.ui.base.state import Route, State
from app.ui.base.workspace_state import LogState, WorkspaceState
from tests.states import answered, first, helping, plans, prompts, pythons, reading, tried
from tests.states.dialogs import dialogs
from tests.states.drawn import NOW, STATES, VIEWS, batch, everything, nothing
from tests.states.programs import FOLDERS, MESSAGE_STATES, SERVER, broker, folder, programs
from tests.states.tables import states, table


def debug() -> DebugState:
    """A panel with something of each kind; it holds nothing that was written."""
    found = DebugState(start=(("python", 412.3), ("ready", 903.1)), tasks=(("batch b-1", 1), ("engine", 1), ("tick", 1)))
    found.traced += (
        Traced(NOW - 3, "event", "EnqueueAndSubmit", 0.0, 0.004, 0.21),
        Traced(NOW - 2, "effect", "Upload", 0.0, 1.5, 1.5),
        Traced(NOW - 1, "notice", "route", 0.0),
        Traced(NOW, "event", "SetOption", 0.0, 0.0006),
    )
    found.longest = {"event": 0.004, "draw": 0.0123, "block": 0.05}
    return found


def variants(said: str) -> Iterator[tuple[str, State]]:
    """Every view and dialog of a state with something of everything."""
    for view in VIEWS:
        yield view, everything(said, view)
    for where in STATES:
        yield f"batch {where}", everything(said, "batch", where)
    paid, used = everything(said, "home"), Tally(answered=9, input_tokens=2_000_000, output_tokens=1_000_000)
    paid.batches.all = [
        replace(batch(n, where, said), lane=Lane("openai", CHAT, "gpt-4o-mini"), created=NOW - 3_600 * n, tally=used)
        for n, where in enumerate(("in_progress", "done", "failed"))
    ]
    yield "home with what was spent", paid
    for view, kind in LISTS.items():
        several = everything(said, view)
        several.data.open = several.data.draft = None
        several.picking = PickingState(kind, {"t-1", "b-1", "d-1", "d-2"})
        yield f"{view} being selected", several
    changing = everything(said, "queue")
    changing.queue.work = EditingWork("change", 40, lambda: None, 1_200)
    yield "queue being changed", changing
    raw = everything(said)
    raw.compose.editor = "raw"
    yield "raw", raw
    hanging = everything(said, "batch", "validating")
    hanging.now = NOW + 90_000
    yield "hanging", hanging
    unread = everything(said, "log")
    unread.log = LogState()
    yield "log being read", unread
    empty = everything(said, "log")
    empty.log = LogState("problems", read=True)
    yield "log without problems", empty
    hand = everything(said, "compose")
    hand.compose.thread = Thread(id="t-1", messages=raw.compose.thread.messages, options=raw.options, raw=said)
    yield "typed by hand", hand
    for name, missing in (("not there", said), ("deleted", "t-3")):
        away = everything(said, "compose")
        away.compose.missing = missing
        yield f"a prompt that is {name}", away
        away = everything(said, "data")
        away.data = DataState(all=(table(3, said),), missing="d-3" if name == "deleted" else said)
        away.route = Route("data", away.data.missing)
        yield f"a table that is {name}", away
    for saving in ("saving", "saved", "full", "lost"):
        one = everything(said)
        one.compose.saving = saving
        yield saving, one
    for doing in ("export", "check", "import", "undo", "keep"):
        one = everything(said, "settings")
        one.workspace = WorkspaceState(doing=doing, share=40)
        yield f"{doing} under way", one
    for which in MESSAGE_STATES:
        one = everything(said, "programs")
        one.programs = programs(said, which)
        yield f"programs {which}", one
    for n, way in enumerate(FOLDERS):
        one = everything(said, "programs")
        one.programs.folder, one.programs.server = folder(said, way, on=way != "open"), SERVER[n]
        yield f"programs with a folder {way}", one
    for light in get_args(ConnectionState):
        one = everything(said, "settings")
        one.broker = broker(said, light, edited=light == "stopped")
        yield f"RabbitMQ {light}", one
    for name, help_state, route in helping.states(said):
        one = everything(said)
        one.help, one.route = help_state, route
        yield name, one
    for name, tables in states(said):
        one = everything(said, "data")
        one.data = tables
        yield name, one
    for name, tables, prompt in prompts.states(said):
        one = everything(said, "data")
        one.route = Route("data", prompts.ID, "prompt")
        one.data, one.prompt = tables, prompt
        yield name, one
    for name, tables, prompt, plan in plans.states(said):
        one = everything(said, "data")
        one.route = Route("data", plans.ID, "check")
        one.data, one.prompt, one.plan = tables, prompt, plan
        yield name, one
    for name, tries in tried.states(said):
        one = everything(said, "data")
        one.route = Route("data", prompts.ID, "prompt")
        _name, one.data, one.prompt = next(each for each in prompts.states(said) if each[0] == "a prompt")
        one.tries = tries
        yield name, one
    for name, answers in answered.states(said):
        one = everything(said, "results")
        one.results = answers
        yield name, one
    for name, answers, python in pythons.states(said):
        one = everything(said, "results")
        one.results, one.python = answers, python
        yield name, one
    for name, drawn in answered.charts(said):
        one = everything(said, "results")
        one.charts = drawn
        yield name, one
    stepped = everything(said, "results")
    stepped.results, stepped.follow = answered.table(said, scope="table/d-2"), answered.stepping(said)
    yield "results with steps", stepped
    linked = everything(said, "results")
    linked.results = answered.table(said, at=(answered.BATCH, 3), beside=BesideState(answered.opened(said), place=3))
    linked.follow = answered.linked()
    yield "results with a request that others follow", linked
    for name, recipe in prompts.recipe_states(said):
        one = everything(said, "recipe")
        one.recipe = recipe
        yield name, one
    watched = everything(said, "queue")
    watched.debug = debug()
    yield "queue with the debug panel", watched
    fresh = everything(said, "compose")
    fresh.debug = DebugState()
    yield "the debug panel just opened", fresh
    yield from first.states(said)
    for n, (view, dialog) in enumerate(dialogs(said)):
        one = everything(said, view)
        one.dialog = dialog
        yield f"{view} under {type(dialog).__name__} {n}", one


def shown(said: str) -> Iterator[tuple[str, State]]:
    """What the gallery shows: every view at the first start, and all of :func:`variants`."""
    for view in VIEWS:
        state = nothing()
        state.route = Route(view)  # type: ignore[arg-type]  # one of the views
        if view == "data":
            state.data.all = ()
        if view == "results":
            state.results.stamp = "nothing"
        if view == "nowhere":
            state.route = Route("nowhere", "#/unknown")
        yield f"{view} at the first start", state
    yield from variants(said)
    for name, answers, texts in reading.states(said):
        one = everything(said, "results")
        one.results, one.reading = answers, texts
        yield name, one


def variant(name: str, said: str) -> State:
    """One of :func:`variants`."""
    return next(state for one, state in variants(said) if one == name)
