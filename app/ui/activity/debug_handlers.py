"""The debug panel: opened by a command or by ``?debug`` behind the address, off at every start."""

from __future__ import annotations

import time
from collections import Counter

from app.ui.activity.actions import ClearDebug, ToggleDebug
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.debug import DebugState
from app.ui.base.state import DEBUG, Route

_BEAT = 0.1
"""Seconds between two looks at how late the page's loop is."""


def _open(context: Context) -> None:
    context.state.debug = debug = DebugState(start=context.screen.timings())
    context.services.engine.watched = lambda name, took: debug.effect(name, context.services.clock.now(), took)
    _count(context, debug)
    context.tasks.start("debug", _watch(context, debug))


def _close(context: Context) -> None:
    context.state.debug = None
    context.services.engine.watched = None


async def _watch(context: Context, debug: DebugState) -> None:
    """How late the loop is at most: as long as that, the page did not answer. A hidden page is woken seldom, which says nothing."""
    while context.state.debug is debug:
        began = time.perf_counter()
        await context.services.clock.sleep(_BEAT)
        if context.visible:
            debug.hold("block", max(0.0, time.perf_counter() - began - _BEAT))


def _count(context: Context, debug: DebugState) -> None:
    debug.tasks = tuple(sorted(Counter(context.tasks.names).items()))


def on_route(context: Context, _before: Route) -> None:
    """The address says that the panel shall be there; another address does not close it."""
    if context.state.debug is None and context.screen.route.endswith(DEBUG):
        _open(context)


def on_beat(context: Context, _beat: int) -> None:
    if context.state.debug is not None:
        _count(context, context.state.debug)


def toggle(context: Context, _action: ToggleDebug, _event: Event) -> None:
    if context.state.debug is None:
        _open(context)
    else:
        _close(context)


def clear(context: Context, _action: ClearDebug, _event: Event) -> None:
    """Begin again, so that one thing can be looked at alone."""
    if context.state.debug is not None:
        _open(context)


HANDLERS: dict[type[Action], Handler] = {
    ToggleDebug: toggle,
    ClearDebug: clear,
}
