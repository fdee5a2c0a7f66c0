"""What the queue says about each lane: how full it is, when it goes out by itself, and what can be done about that."""

from __future__ import annotations

from simple_html import a, b, div, p, span

from app.core.base import text
from app.core.batches import capacity
from app.core.model.providers import Profile
from app.core.queue.auto_submit import ORIGINS, Origin, Outlook
from app.core.queue.lanes import LineRefusal
from app.core.queue.summaries import NO_FORECAST
from app.services.queue.lane import LaneQueue
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, bar_part, note
from app.ui.base.state import State
from app.ui.queue.actions import HoldLane, OpenRequest, ReadOtherwise, ReleaseLane
from app.ui.queue.outlook import outlook

_SHOWN = 3
"""Requests that cannot go, shown with their reason; the others are counted."""


def lane_outlook(state: State, queued: LaneQueue) -> Node:
    """For below a lane's head. Nothing where no request waits."""
    profile = state.provider.profiles.get(queued.lane.profile)
    if profile is None or not queued.requests:
        return NOTHING
    parts = queued.parts()
    return [
        _otherwise(state, profile) if "own" in parts else NOTHING,
        [_part(state, part, profile, kind, both=len(parts) > 1) for kind, part in parts.items()],
        _stays(state, queued),
    ]


def _part(state: State, queued: LaneQueue, profile: Profile, kind: Origin, *, both: bool) -> Node:
    """What becomes of the lane's requests of one origin. ``both``: the lane holds those of the other as well."""
    found = outlook(state, queued, kind)
    whose = {"own": "added by hand", "programs": "from programs, or sent again", "created": "in batches that a program created"}[kind]
    return [
        _first_time(state, queued, profile, found),
        div(
            at("pad row wrap outlook"),
            div(
                at("grow stack tight"),
                span(
                    {},
                    [f"{text.number(queued.requests)} {whose}: "] if both else NOTHING,
                    b({}, _sentence(state, queued, kind, profile, found)),
                    " ",
                    _bills(profile, found),
                ),
                _fill(state, queued, profile),
            ),
            _hold(queued, found),
            a(at("btn quiet small", href="#/settings"), "Auto-submit settings"),
        ),
    ]


def _clock(state: State, at: float) -> str:
    return f"at {text.clock(at, offset=state.zone, now=state.now)} (in {text.span(max(60.0, at - state.now))})"


def _sentence(state: State, queued: LaneQueue, kind: Origin, profile: Profile, found: Outlook) -> str:
    if found.step != "wait":
        return "Submitting now."
    match found.why:
        case "age" if kind == "created":
            return "Submitted at once: a program created this batch."
        case "age" | "untold" if found.at:
            full = state.queue.plans.get((queued.lane.key, kind), NO_FORECAST).full
            until = "" if full else f", or as soon as {_enough(state, queued, profile)}"
            return f"Submits automatically {_clock(state, found.at)}{until}."
        case "full":
            return f"A full batch: submits automatically {_clock(state, found.at)}."
        case "off":
            return "Waits until you submit it."
        case "held":
            return "Paused: stays here until you resume or submit it."
        case "given_back":
            return "Returned from a batch: stays here until you submit it or resume auto-submit."
        case "no_key":
            return f"Auto-submit is waiting: there is no key for {profile.name}."
        case "locked":
            return f"Auto-submit is waiting: the key for {profile.name} is locked."
        case "bad_key":
            return f"Auto-submit is waiting: the last test of the key for {profile.name} failed."
        case "reload":
            return f"Auto-submit is waiting: this page must be reloaded before it may call {profile.name}."
        case "offline":
            return "Submits automatically when this machine is online again."
        case "edited":
            return "Submits automatically once none of its requests is being edited."
        case _:
            return "None of these can be submitted."


def _enough(state: State, queued: LaneQueue, profile: Profile) -> str:
    """What fills a batch, in words."""
    limits = capacity.batch_limits(queued.lane, profile, state.provider.limits)
    enough = [text.count(limits.requests, "request"), text.size(limits.size)]
    if limits.tokens:
        enough.append(f"about {text.count(limits.tokens, 'token')}")
    return f"{', '.join(enough[:-1])} or {enough[-1]} are here"


def _bills(profile: Profile, found: Outlook) -> str:
    goes = found.step != "wait" or found.why in ("age", "full", "untold", "offline", "edited")
    return f"{profile.name} bills it." if goes and not profile.practice else ""


def _fill(state: State, queued: LaneQueue, profile: Profile) -> Node:
    """How much of one batch is here, with a bar for what is nearest to its limit."""
    sums, limits = queued.sums, capacity.batch_limits(queued.lane, profile, state.provider.limits)
    share = max(sums.requests / limits.requests, sums.size / limits.size)
    words = [
        f"{text.number(sums.requests)} of {text.count(limits.requests, 'request')}",
        f"{text.size(sums.size)} of {text.size(limits.size)}",
        f"about {text.number(sums.tokens)} of {text.count(limits.tokens, 'token')} (estimated)"
        if limits.tokens
        else f"about {text.count(sums.tokens, 'token')} (estimated)",
    ]
    if limits.tokens:
        share = max(share, sums.tokens / limits.tokens)
    if limits.inputs:
        share = max(share, sums.inputs / limits.inputs)
        words.append(f"{text.number(sums.inputs)} of {text.count(limits.inputs, 'input')}")
    return span(
        at("meter"),
        span(at("bar", aria_hidden="true"), bar_part("g", min(100.0, 100 * share))),
        span(at("dim"), join([*words])),
    )


def _hold(queued: LaneQueue, found: Outlook) -> Node:
    key = queued.lane.key
    if found.why == "held":
        return act("Resume", ReleaseLane(key), "small")
    if found.why == "given_back":
        return act("Resume auto-submit", ReleaseLane(key), "small")
    return (
        NOTHING
        if found.why == "off"
        else act("Pause", HoldLane(key), "small", title="Keep these requests here until you resume or submit them")
    )


def _first_time(state: State, queued: LaneQueue, profile: Profile, found: Outlook) -> Node:
    """Before anything of a provider that bills has gone out: what will happen, in full."""
    if (
        profile.practice
        or found.why not in ("age", "full", "untold")
        or any(batch.lane.profile == profile.id for batch in state.batches.all)
    ):
        return NOTHING
    when = f"{text.clock(found.at, offset=state.zone, now=state.now)}" if found.at else "now"
    return note(
        "info",
        "These requests are submitted automatically.",
        f"At {when}, while this page is open, they are sent to {profile.name} with your key, and {profile.name} bills them. "
        "“Pause” keeps them here. Settings decide when requests are submitted automatically, if at all.",
    )


def _otherwise(state: State, profile: Profile) -> Node:
    """An older version said that all requests go by themselves: those that were made by hand don't any more."""
    if profile.id not in state.queue.otherwise:
        return NOTHING
    return note(
        "info",
        "Requests that you add by hand are no longer submitted automatically.",
        f"They wait here until you submit them, and {profile.name} bills nothing for them before that. Requests from programs are "
        "submitted as before. Settings can submit your own automatically as well. ",
        act("Understood", ReadOtherwise(profile.id), "small"),
    )


def _stays(state: State, queued: LaneQueue) -> Node:
    """The requests that cannot go, and why."""
    key = queued.lane.key
    kept = [note("", "A budget keeps them here.", one.problem.what) for kind in ORIGINS if (one := state.queue.stopped.get((key, kind)))]
    refused = {
        one.custom_id: one
        for kind in ORIGINS
        for one in (*state.queue.plans.get((key, kind), NO_FORECAST).refused, *state.queue.stuck.get((key, kind), ()))
    }
    if not refused:
        return kept
    shown = [*refused.values()][:_SHOWN]
    rest = len(refused) - len(shown)
    return [
        *kept,
        note(
            "",
            f"{text.count(len(refused), 'request')} cannot be submitted and {'stays' if len(refused) == 1 else 'stay'} here.",
            [_refused(key, one) for one in shown] + ([p({}, f"… and {text.number(rest)} more.")] if rest else []),
        ),
    ]


def _refused(key: str, one: LineRefusal) -> Node:
    return p(at("row wrap"), span(at("grow words"), one.sentence), act("Edit", OpenRequest(key, one.custom_id), "small"))
