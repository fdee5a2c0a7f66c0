"""The first minutes in every state that the page shows: the practice run, keys that are missing or locked. All texts are one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from app.core.model.providers import OPENAI
from app.core.model.settings import PracticeRun
from app.core.templates.worked.practice_run import STEPS
from app.ui.base.data_state import DataState
from app.ui.base.lock_state import LockState
from app.ui.base.provider_state import KeyState, KeyTest, KeyWanted
from app.ui.base.state import Route, State
from app.ui.base.worked_actions import busy_name
from app.ui.threads.actions import EnqueueAndSubmit
from tests.states import plans
from tests.states.drawn import everything, problem


def states(said: str) -> Iterator[tuple[str, State]]:
    """Each with a name."""
    for n in (0, 3, 4, len(STEPS)):
        one = everything(said, "queue" if n else "settings")
        run = PracticeRun("on", plans.ID if n else "", said, done=STEPS[:n])
        one.preferences = replace(one.preferences, profile="p-1" if n == 3 else "practice", practice_run=run)
        yield f"practice run with {n} steps done", one
    empty = everything(said, "data")
    empty.data = DataState(all=(), fault=(said, said))
    empty.busy = {busy_name("embed")}
    yield "data with an example being opened", empty
    yield from _keys(said)
    for guard in ("none", "open", "locked"):
        one = everything(said, "settings")
        one.lock = LockState(guard, fault=said, changing=guard == "open")
        one.provider.keys = {**one.provider.keys, "openai": KeyState(guard != "locked", True, said, locked=guard == "locked")}
        yield f"settings with the passphrase {guard}", one


def _keys(said: str) -> Iterator[tuple[str, State]]:
    wanted = KeyWanted("p-1", EnqueueAndSubmit(), said, 2)
    missing, locked, failing = KeyState(), KeyState(remembered=True, locked=True), KeyState(True, True, said)
    for view, name, key in (("compose", "missing", missing), ("queue", "locked", locked), ("check", "that fails", failing)):
        one = everything(said, view if view != "check" else "data")
        if view == "check":
            _name, one.data, one.prompt, one.plan = next(iter(plans.states(said)))
            one.route = Route("data", plans.ID, "check")
        lanes = one.queue.lanes
        lanes[0] = replace(lanes[0], lane=replace(lanes[0].lane, profile="p-1"))
        one.provider.keys = {"p-1": key}
        one.provider.wanted, one.provider.entered, one.provider.key_faults = wanted, "p-1", {"p-1": said}
        one.provider.key_test = KeyTest("p-1", good=False, problem=problem(said))
        one.lock = LockState("locked" if key.locked else "none", fault=said)
        yield f"{view} with a key {name}", one
    replacing = everything(said, "settings")
    replacing.provider.replacing = {OPENAI.id, "p-1"}
    yield "settings with a key being replaced", replacing
    testing = everything(said, "compose")
    testing.provider.entered = "p-1"
    testing.busy = {"test:p-1"}
    yield "compose with a key being tested", testing
