"""What the open view is under, and a link to it: above every view that shows one of many things."""

from __future__ import annotations

from simple_html import a, div, li, nav, ol

from app.core.base import text
from app.ui.base.actions import CopyLink
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import batch_title, tool
from app.ui.base.state import DEBUG, State

_NAME = 60
_BATCHES = ("#/batches", "Batches")
_DATA = ("#/data", "Data")


def above(state: State) -> list[tuple[str, str]]:
    """The views that the open one is under, outermost first: addresses and words. None for the rooms of the navigation."""
    route = state.route
    match route.view:
        case "batch" | "account":
            return [_BATCHES]
        case "compose":
            return [("#/threads", "Prompts")]
        case "recipe":
            return [_DATA]
        case "data" if route.id:
            return [_DATA, (f"#/data/{route.id}", _table(state, route.id))] if route.part else [_DATA]
        case "log" if route.id:
            return [("#/log", "Activity")]
        case "results" if route.id:
            return _above_results(state)
        case _:
            return []


def _above_results(state: State) -> list[tuple[str, str]]:
    """Answers are under the batch or the table that they are of."""
    scope, _, _at = f"{state.route.id}/".partition("at/")
    kind, _, id = scope.strip("/").partition("/")
    if kind == "batch" and (one := next((each for each in state.batches.all if each.id == id), None)) is not None:
        return [_BATCHES, (f"#/batches/{id}", text.shorten(batch_title(one, state.zone), _NAME))]
    if kind == "table" and id:
        return [_DATA, (f"#/data/{id}", _table(state, id))]
    return [("#/results", "Results")]


def _table(state: State, id: str) -> str:
    return text.shorten(next((one.name for one in state.data.all or () if one.id == id), ""), _NAME) or "Table"


def crumbs(state: State) -> Node:
    found = above(state)
    if not found:
        return NOTHING
    return div(
        at("crumbs"),
        nav(at(aria_label="Breadcrumb"), ol({}, [li({}, a(at(href=href), words)) for href, words in found])),
        tool("link", "Copy link to this view", CopyLink()),
    )


def own_address(state: State, shown: str) -> str:
    """What leads to the open view at any time. ``shown``: the address as the browser has it; a prompt that is open has one of its own also
    where that does not name it."""
    if state.route.view == "compose":
        id = state.compose.thread.id
        return f"#/compose/{id}" if any(one.id == id for one in state.threads.all) else "#/compose"
    return shown.removesuffix(DEBUG) or "#/compose"
