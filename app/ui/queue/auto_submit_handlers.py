"""Requests that go out by themselves: what the person chooses and is told about it, and what the page does when some went."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import capacity
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.settings import Automatic
from app.core.queue.auto_submit import MOST, Origin, waits
from app.core.queue.lanes import LineRefusal
from app.core.queue.summaries import NO_FORECAST, forecast, may_refuse
from app.services.queue.auto_submit import AutoSubmitted, expected
from app.services.queue.lane import LaneQueue
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.queue import editing
from app.ui.queue.actions import HoldLane, ReadOtherwise, ReleaseLane, SetAfter, TypeMinutes
from app.ui.queue.outlook import outlook

HOUR = 3_600


async def refresh_rules(context: Context) -> None:
    """What was chosen and told."""
    context.state.queue.automatic = await context.services.rules.chosen()
    context.state.queue.notices = await context.services.rules.notices()
    context.state.queue.otherwise = await context.services.rules.otherwise()
    context.services.auto_submitter.nudge()
    context.changed()


def tell(context: Context) -> None:
    """Where the queue's view is seen, it says what goes out by itself: from now on the person knows, for each provider that bills."""
    if context.state.route.view != "queue" or not context.visible:
        return
    for queued in context.state.queue.lanes:
        profile = queued.lane.profile
        if any(outlook(context.state, part, kind).why == "untold" for kind, part in queued.parts().items()):
            context.state.queue.notices[profile] = context.state.now
            context.tasks.start("told", _save_notice(context, profile))


async def _save_notice(context: Context, profile: str) -> None:
    await context.services.rules.tell(profile)
    await refresh_rules(context)


# --- what happened


def queue_changed(context: Context) -> None:
    """The lanes were read again: how they would go, which of the refused requests are still there, and whether something is due."""
    state = context.state
    parts = {(lane.lane.key, kind): part for lane in state.queue.lanes for kind, part in lane.parts().items()}
    plans, unknown = {}, {}
    for at, part in parts.items():
        profile = state.provider.profiles.get(part.lane.profile)
        limits = capacity.batch_limits(part.lane, profile, state.provider.limits) if profile else None
        if limits is None or not any(segment.live and may_refuse(segment, limits) for segment in part.segments):
            plans[at] = forecast(part.segments, limits, {}) if limits else NO_FORECAST
        else:
            plans[at] = state.queue.plans.get(at, NO_FORECAST)
            unknown[at] = part
    state.queue.plans = plans
    state.queue.stuck = {at: left for at, part in parts.items() if (left := _still(part, state.queue.stuck.get(at, ())))}
    state.queue.stopped = {at: one for at, one in state.queue.stopped.items() if at in parts}
    if unknown:
        context.tasks.start("outlook", _look_closer(context, unknown))
    context.services.auto_submitter.nudge()


async def _look_closer(context: Context, parts: dict[tuple[str, Origin], LaneQueue]) -> None:
    """Some lines may be more than a batch takes: they have to be looked at one by one."""
    state = context.state
    for at, part in parts.items():
        profile = state.provider.profiles.get(part.lane.profile)
        found = await expected(context.services.queue, part, profile, state.provider.limits)
        if at in state.queue.plans:
            state.queue.plans[at] = found
    context.changed()


def _still(queue: LaneQueue, refused: tuple[LineRefusal, ...]) -> tuple[LineRefusal, ...]:
    """Those that still wait there."""
    here = {segment.bytes_id: frozenset(segment.gone_positions()) for segment in queue.segments} if refused else {}
    return tuple(one for one in refused if one.bytes_id in here and one.position not in here[one.bytes_id])


def closed(context: Context, done: AutoSubmitted) -> None:
    """Requests of a lane went out by themselves, or could not."""
    context.state.queue.stuck[done.lane.key, done.origin] = done.refused
    context.state.problems.pop("closing", None)
    _tell_stopped(context, done)
    if done.batches:
        context.ask_to_keep()
        context.services.engine.nudge()
        context.tasks.start("closed", _went(context, done))
    context.changed()


def _tell_stopped(context: Context, done: AutoSubmitted) -> None:
    """That a budget keeps requests back is told once: whoever dismissed it knows it, until the reason is another one."""
    told, now, key = context.state.queue.stopped, done.stopped, (done.lane.key, done.origin)
    before = told.pop(key, None)
    if now is None:
        return
    told[key] = now
    if before is None or (before.stop, before.limit) != (now.stop, now.limit):
        context.state.problems["budget"] = now.problem


async def _went(context: Context, done: AutoSubmitted) -> None:
    await context.refresh_batches()
    await context.refresh_queue()
    count = sum(batch.requests for batch in done.batches)
    context.toast(f"{text.count(count, 'request')} of {done.lane.model} {'was' if count == 1 else 'were'} submitted automatically.")


# --- what the person chooses


async def hold(context: Context, action: HoldLane, _event: Event) -> None:
    await context.services.rules.hold(keys.lane_of(action.lane))
    await refresh_rules(context)


async def release(context: Context, action: ReleaseLane, _event: Event) -> None:
    await context.services.rules.release(keys.lane_of(action.lane))
    await refresh_rules(context)


async def set_after(context: Context, action: SetAfter, event: Event) -> None:
    """As chosen from the list; «other» opens the field for minutes."""
    if action.profile not in context.state.provider.profiles:
        return
    context.state.queue.minutes.pop((action.profile, action.kind), None)
    if event.text == "other":
        chosen = context.state.queue.automatic.get(action.profile, Automatic(id=action.profile))
        context.state.queue.minutes[action.profile, action.kind] = f"{(waits(chosen, action.kind) or HOUR) / 60:g}"
        return
    await _go_after(context, action.profile, action.kind, event.text, 1)


async def type_minutes(context: Context, action: TypeMinutes, event: Event) -> None:
    context.state.queue.minutes[action.profile, action.kind] = event.text
    await _go_after(context, action.profile, action.kind, event.text, 60)


async def read_otherwise(context: Context, action: ReadOtherwise, _event: Event) -> None:
    await context.services.rules.tell_otherwise(action.profile)
    await refresh_rules(context)


async def _go_after(context: Context, profile: str, kind: Origin, typed: str, unit: int) -> None:
    """Keep what is a length of time; the view says what is wrong with the rest."""
    seconds = int(typed) * unit if typed.isdecimal() and len(typed) < 9 else -1
    if 0 <= seconds <= MOST and (seconds or unit == 1):
        await context.services.rules.set_after(profile, float(seconds), kind)
        await refresh_rules(context)


# --- what happens elsewhere


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """Requests of a batch went into the queue again, or came back to it."""
    if before is not None and before.resent != batch.resent:
        context.catch_up("queue", context.refresh_queue)
    if batch.state == "withdrawn" and (before is None or before.state != batch.state):
        context.tasks.start("queue", context.refresh_queue())


def on_table(context: Context) -> None:
    """Another tab wrote requests."""
    context.catch_up("queue", context.refresh_queue)


def on_beat(context: Context, _beat: int) -> None:
    """Other tabs are told while a request is open here in an editor."""
    if editing.is_due(context.state, context.services.clock.now()):
        context.tasks.start("editing", editing.tell(context.state, context.services))


def handed_in(context: Context) -> None:
    """Programs handed in requests: show them in the queue, and see whether they go out."""
    context.catch_up("queue", context.refresh_queue)
    context.services.auto_submitter.nudge()


HANDLERS: dict[type[Action], Handler] = {
    HoldLane: hold,
    ReleaseLane: release,
    SetAfter: set_after,
    TypeMinutes: type_minutes,
    ReadOtherwise: read_otherwise,
}
