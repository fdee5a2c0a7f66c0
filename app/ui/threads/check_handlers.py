"""Checking the thread that is being edited: what is wrong with it, its lane, and how large its request is."""

from __future__ import annotations

from typing import Any

from app.core.base import text
from app.core.base.findings import Finding
from app.core.bodies import bodies, requests
from app.core.json import jsontext
from app.core.model.lanes import Lane
from app.core.model.threads import STORED, Thread
from app.core.openai import kinds
from app.core.queue import lanes
from app.ui.base.context import Context

BIG = 100_000
"""Characters of a text from which on it is checked when the person pauses, not at every key stroke."""
PAUSE = 0.4
"""Seconds without a key stroke that count as a pause."""


def look(context: Context) -> None:
    """Work out what follows from the thread: what is wrong with it, its lane and the size of its request."""
    compose = context.state.compose
    thread = compose.thread
    compose.looked, compose.weighed = thread, False
    compose.findings, body = _checked(thread)
    endpoint = kinds.line_url(context.state.profile, thread.options.endpoint)
    if body is None:
        compose.lane, compose.size = Lane(context.state.preferences.profile, endpoint, ""), len(thread.raw or "")
        return
    compose.lane = lanes.lane_of(context.state.preferences.profile, endpoint, body)
    try:
        compose.size = len(requests.line("", compose.lane.endpoint, body))
    except requests.LineFault:
        compose.size = 0  # the finding about the half character is beside it
    else:
        if any(one.url.startswith(STORED) for message in thread.messages for one in message.images) or STORED in (thread.raw or ""):
            context.tasks.start("weigh", _weigh(context, thread))
        _limit(context)


async def _weigh(context: Context, thread: Thread) -> None:
    """Add the images that are kept apart to the size."""
    more = await context.services.images.size_of(thread)
    compose = context.state.compose
    if compose.looked is thread and not compose.weighed:
        compose.size, compose.weighed = compose.size + more, True
        _limit(context)
        context.changed()


def _limit(context: Context) -> None:
    """What no batch of the provider may hold is not queued."""
    compose, profile = context.state.compose, context.state.profile
    if compose.size > profile.max_bytes and not any(finding.field == "size" for finding in compose.findings):
        over, most = text.size(compose.size - profile.max_bytes), text.size(profile.max_bytes)
        sentence = f"The request has {text.size(compose.size)}, {over} too many; {profile.name} takes {most} a batch at most."
        compose.findings += (Finding("size", sentence, "Shorten it, or remove images."),)


def _checked(thread: Thread) -> tuple[tuple[Finding, ...], dict[str, Any] | None]:
    """What is wrong with a thread, and its body if it has one. A body typed by hand is parsed once."""
    if thread.raw is None:
        return bodies.problems(thread), bodies.body_of(thread)
    parsed = jsontext.parse(thread.raw)
    if parsed.fault or parsed.warnings or not isinstance(parsed.value, dict):
        body = parsed.value if not parsed.fault and isinstance(parsed.value, dict) else None
        return bodies.problems(thread), body
    return bodies.body_problems(thread.options.endpoint, parsed.value, thread.raw), parsed.value


def look_soon(context: Context) -> None:
    """Look now, or for a large text when the person pauses."""
    thread = context.state.compose.thread
    if len(thread.raw or "") + sum(len(message.text) for message in thread.messages) <= BIG:
        look(context)
    else:
        context.tasks.start("look", _look_after_a_pause(context, thread))


async def _look_after_a_pause(context: Context, thread: Thread) -> None:
    await context.services.clock.sleep(PAUSE)
    if context.state.compose.thread is thread:
        look(context)
        context.changed()
