"""Requests that go out by themselves: what the person chooses and is told about it, and what the page does when some went."""

from __future__ import annotations

from app.core.base import text
from app.core.model import keys
from app.core.model.settings import Automatic
from app.core.queue.auto_submit import MOST, Origin, waits
from app.core.queue.lanes import LineRefusal
from app.services.queue.auto_submit import Closed, plan
from app.services.queue.queue import LaneQueue
from app.ui.queue.actions import HoldLane, ReadOtherwise, ReleaseLane, SetAfter, TypeMinutes
from app.ui.queue.outlook import outlook
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler

HOUR = 3_600


async def refresh_rules(app: App) -> None:
    """What was chosen and told."""
    app.state.automatic = await app.services.rules.chosen()
    app.state.told = await app.services.rules.told()
    app.state.otherwise = await app.services.rules.otherwise()
    app.services.closer.nudge()
    app.changed()


def tell(app: App) -> None:
    """The queue's view is seen, and says what goes out by itself: from now on the person knows, for each provider that bills."""
    for queued in app.state.lanes:
        profile = queued.lane.profile
        if any(outlook(app.state, part, kind).why == "untold" for kind, part in queued.parts().items()):
            app.state.told[profile] = app.state.now
            app.tasks.start("told", _told(app, profile))


async def _told(app: App, profile: str) -> None:
    await app.services.rules.tell(profile)
    await refresh_rules(app)


# --- what happened


def queue_changed(app: App) -> None:
    """The lanes were read anew: how they would be cut, which of the refused requests are still there, and whether something is due."""
    state = app.state
    parts = [(one.lane, kind, part) for one in state.lanes for kind, part in one.parts().items()]
    state.plans = {(lane.key, kind): plan(part, state.profiles.get(lane.profile), state.limits) for lane, kind, part in parts}
    state.stuck = {(lane.key, kind): left for lane, kind, part in parts if (left := _still(part, state.stuck.get((lane.key, kind), ())))}
    app.services.closer.nudge()


def _still(queue: LaneQueue, refused: tuple[LineRefusal, ...]) -> tuple[LineRefusal, ...]:
    """Those that still wait there."""
    segments = {one.value.id: one.value for one in queue.segments}
    here = [(one, segments[one.segment]) for one in refused if one.segment in segments]
    return tuple(one for one, at in here if at.ids[one.position : one.position + 1] == (one.custom_id,) and one.position not in at.gone)


def closed(app: App, done: Closed) -> None:
    """Requests of a lane went out by themselves, or could not."""
    app.state.stuck[done.lane.key, done.origin] = done.refused
    app.state.problems.pop("closing", None)
    if done.batches:
        app.ask_to_keep()
        app.services.engine.nudge()
        app.tasks.start("closed", _went(app, done))
    app.changed()


async def _went(app: App, done: Closed) -> None:
    await app.refresh_batches()
    await app.refresh_queue()
    count = sum(one.requests for one in done.batches)
    app.toast(f"{text.count(count, 'request')} of {done.lane.model} went out by {'itself' if count == 1 else 'themselves'}.")


# --- what the person chooses


async def hold(app: App, action: HoldLane, _event: Event) -> None:
    await app.services.rules.hold(keys.lane_of(action.lane))
    await refresh_rules(app)


async def release(app: App, action: ReleaseLane, _event: Event) -> None:
    await app.services.rules.release(keys.lane_of(action.lane))
    await refresh_rules(app)


async def set_after(app: App, action: SetAfter, event: Event) -> None:
    """As chosen from the list; «other» opens the field for minutes."""
    if action.profile not in app.state.profiles:
        return
    app.state.minutes.pop((action.profile, action.kind), None)
    if event.text == "other":
        chosen = app.state.automatic.get(action.profile, Automatic(id=action.profile))
        app.state.minutes[action.profile, action.kind] = f"{(waits(chosen, action.kind) or HOUR) / 60:g}"
        return
    await _go_after(app, action.profile, action.kind, event.text, 1)


async def type_minutes(app: App, action: TypeMinutes, event: Event) -> None:
    app.state.minutes[action.profile, action.kind] = event.text
    await _go_after(app, action.profile, action.kind, event.text, 60)


async def read_otherwise(app: App, action: ReadOtherwise, _event: Event) -> None:
    await app.services.rules.tell_otherwise(action.profile)
    await refresh_rules(app)


async def _go_after(app: App, profile: str, kind: Origin, typed: str, unit: int) -> None:
    """Keep what is a length of time; the view says what is wrong with the rest."""
    seconds = int(typed) * unit if typed.isdecimal() and len(typed) < 9 else -1
    if 0 <= seconds <= MOST and (seconds or unit == 1):
        await app.services.rules.set_after(profile, float(seconds), kind)
        await refresh_rules(app)


HANDLERS: dict[type[Action], Handler] = {
    HoldLane: hold,
    ReleaseLane: release,
    SetAfter: set_after,
    TypeMinutes: type_minutes,
    ReadOtherwise: read_otherwise,
}
