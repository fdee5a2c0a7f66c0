"""Moments as people say them, with the exact one at hand."""

from __future__ import annotations

from typing import Final

from simple_html import Tag

from app.core.base import text
from app.ui.base.markup import Node, at
from app.ui.base.state import State

_TIME: Final = Tag("time")


def ago(state: State, ts: float) -> Node:
    """How long ago a moment is (unix seconds); the moment itself is shown to who points at it, and read by machines."""
    return _TIME(at(datetime=text.instant(ts), title=text.clock(ts, offset=state.zone)), text.ago(max(0.0, state.now - ts)))
