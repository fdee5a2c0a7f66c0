"""The frame around every view: navigation, what is always in sight, toasts and the open dialog."""

from __future__ import annotations

from simple_html import a, b, div, footer, kbd, main, nav, span

from app.core.base import text
from app.ui.base.actions import Dismiss, DismissNotice, ReloadPage, SkipToView, Undo
from app.ui.base.actions_base import Action, command_of
from app.ui.base.help_links import of_view
from app.ui.base.markup import NOTHING, Node, at, ending, trusted, under_body
from app.ui.base.parts import act, batch_title, command, icon, problem_note, tool
from app.ui.base.said_state import Toast
from app.ui.base.standing import needs, standing
from app.ui.base.state import TITLES, State
from app.ui.shell.actions import OpenPalette, OpenShortcuts
from app.ui.shell.crumbs import crumbs
from app.ui.shell.frame import facts, page

_BRAND = (
    '<svg viewBox="0 0 24 24" fill="none" aria-hidden="true">'
    '<path d="M3 17h18" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>'
    '<path d="M6.5 17a5.5 5.5 0 0 1 11 0" fill="var(--accent)"/>'
    '<path d="M14.5 3.2a5 5 0 1 0 4.6 6.6 4 4 0 0 1-4.6-6.6z" fill="currentColor"/></svg>'
)

_TITLE = 60


def shell(state: State) -> Node:
    """The whole page."""
    return [_rail(state), page(state, crumbs(state), _view(state)), _dialog(state) if state.dialog is not None else _toasts(state)]


def _view(state: State) -> Node:
    """What the address names. Each view is imported when it is first drawn: the start waits for its own only."""
    match state.route.view:
        case "home":
            from app.ui.home.view import home as draw
        case "compose":
            from app.ui.threads.view import compose as draw
        case "threads":
            from app.ui.threads.list_view import thread_list as draw
        case "data":
            from app.ui.datasets.view import data as draw
        case "queue":
            from app.ui.queue.view import queue as draw
        case "batches":
            from app.ui.batches.view import batches as draw
        case "batch":
            from app.ui.batches.batch_view import batch as draw
        case "account":
            from app.ui.account.view import account as draw
        case "results":
            if state.results.layout.compare is not None:
                from app.ui.results.compare_view import compare as draw
            else:
                from app.ui.results.table_view import results as draw
        case "recipe":
            from app.ui.templates.recipe_view import recipe as draw
        case "log":
            from app.ui.activity.view import log as draw
        case "programs":
            from app.ui.programs.view import programs as draw
        case "settings":
            from app.ui.settings.view import settings as draw
        case "help":
            from app.ui.help.view import help_room as draw
        case "nowhere":
            from app.ui.shell.nowhere_view import nowhere as draw
    return draw(state)


def _dialog(state: State) -> Node:
    """What stands outside of an open dialog is behind its backdrop and inert: toasts stand in it, and what failed while it is open."""
    from app.ui.shell.dialogs_view import show

    shown = ending(show(state), _toasts(state))
    failed = state.problems.get(state.failed_here)
    return under_body(shown, problem_note(failed, dismiss=DismissNotice(failed.code))) if failed is not None else shown


def undrawable(state: State) -> Node:
    """What is shown when a view cannot be drawn: the way to the others, and what failed."""
    return [_rail(state), page(state)]


def bare(state: State) -> Node:
    """What is left when not even the frame can be drawn."""
    return main(at(id="main"), [problem_note(problem) for problem in state.problems.values()], act("Reload the page", ReloadPage()))


def title(state: State) -> str:
    """The document's title: how many batches are on their way, and what is open."""
    running = standing(state.batches.all).running
    head = f"{text.count(running, 'batch')} running · " if running else ""
    return f"{head}{_place(state)} — Nightshift"


def _place(state: State) -> str:
    """Where one is: the batch or the table that is open by its name, every other view by its own."""
    route = state.route
    name = ""
    if route.view == "batch":
        name = next((batch_title(one, state.zone) for one in state.batches.all if one.id == route.id), "")
    elif route.view == "data" and route.id:
        name = next((one.name for one in state.data.all or () if one.id == route.id), "")
    return text.shorten(name, _TITLE) or TITLES[route.view]


def _rail(state: State) -> Node:
    waiting = sum(lane.requests for lane in state.queue.lanes)
    running = standing(state.batches.all).running
    kept = sum(not thread.deleted for thread in state.threads.all)
    wanted = len(needs(state))
    return nav(
        at("rail", aria_label="Views"),
        act("Skip to the view", SkipToView(), "skip"),
        div(at("brand"), trusted(_BRAND), "Nightshift"),
        _link(state, "compose", "Compose", cls="compose"),
        _link(state, "home", "Home", text.number(wanted) if wanted else "", counts="to settle"),
        _link(state, "threads", "Prompts", text.number(kept) if kept else ""),
        _link(state, "data", "Data"),
        _link(state, "queue", "Queue", text.number(waiting) if waiting else ""),
        _link(state, "batches", "Batches", text.number(running) if running else ""),
        _link(state, "results", "Results"),
        _link(state, "programs", "Integrations"),
        _link(state, "settings", "Settings"),
        _link(state, "log", "Activity"),
        div(at("keys"), [_opens(state, one) for one in (OpenPalette(), OpenShortcuts())], _help(state)),
        footer({}, facts(state)),
    )


def _help(state: State) -> Node:
    """The guide, at the page that is about what is open; from there to all of its pages."""
    current = state.route.view == "help"
    address = "#/help" if current else of_view(state.route.view)
    return a(at("btn quiet small", href=address, aria_current="page" if current else None), "Help")


def _opens(state: State, action: Action) -> Node:
    """A way that has a key as well, and shows it."""
    what = command_of(action)
    keys = what.shortcut(action)
    return command(state, action, "quiet small", words=[what.words(state, action), " ", kbd({}, keys.spelled) if keys else NOTHING])


def _link(state: State, view: str, word: str, count: str = "", cls: str = "", counts: str = "") -> Node:
    """``counts``: what the number is of, where the word does not say it."""
    shown = state.route.view
    current = shown == view or (view == "batches" and shown in ("batch", "account")) or (view == "data" and shown == "recipe")
    return a(
        at(cls, href=f"#/{view}", aria_current="page" if current else None),
        icon(view),
        word,
        b({}, count, span(at("visually-hidden"), f" {counts}") if counts else NOTHING) if count else NOTHING,
    )


def _toasts(state: State) -> Node:
    return div(at("toasts", role="status", aria_live="polite", aria_atomic="false"), [_toast(one) for one in _in_sight(state.toasts)])


def _in_sight(toasts: list[Toast]) -> list[Toast]:
    """The newest two that say different things: when one is undone or dismissed, an earlier one of its kind can be undone as well."""
    newest = {one.text: one for one in toasts}
    return sorted(newest.values(), key=lambda one: one.id)[-2:]


def _toast(toast: Toast) -> Node:
    return div(
        at("toast", id=f"toast-{toast.id}"),
        span({}, toast.text),
        act("Undo", Undo(toast.id), "act") if toast.undo else NOTHING,
        tool("close", "Dismiss", Dismiss(toast.id)),
    )
