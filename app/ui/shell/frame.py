"""What is on top of every view: engine, key and storage on small screens, and the failures that concern all of them."""

from __future__ import annotations

from functools import cache

from simple_html import a, div, main, p, span

from app.core.base import text
from app.core.batches import pipeline
from app.core.openai import base_urls
from app.ui.base import help_links
from app.ui.base.actions import DismissNotice, GoOnline, ReloadPage
from app.ui.base.actions_base import Action, kinds
from app.ui.base.commands import VIEWS, Command, Shortcut
from app.ui.base.markup import NOTHING, Node, at, keys
from app.ui.base.parts import command, note, problem_note
from app.ui.base.state import State
from app.ui.datasets.actions import ChooseTable

OFFLINE = (
    "Nothing is lost; what you write is saved here, and batches continue automatically when the browser says that the network is back."
)


def page(state: State, *children: Node) -> Node:
    """A view: the common notices, then its own content."""
    return main(
        at(
            "view",
            id="main",
            tabindex="-1",
            data_autofocus=str(state.moves) if state.moves else None,
            data_page_key=_page_keys(state),
            data_focus=f"{state.focus.id} {state.focus.n}" if state.focus.n else None,
            page_drop=ChooseTable(),
            data_read="blob",
            data_unkept=state.lock.guard != "none",  # static/js/lastview.mjs: who has a passphrase shows nothing before it was entered
        ),
        div(at("drop-sheet", aria_hidden="true"), p({}, "Drop files to import them")),
        div(at("strip"), facts(state), a(at(href=help_links.of_view(state.route.view)), "Help")),
        _notices(state),
        _practice_run(state),
        list(children),
        _debug(state),
    )


def _practice_run(state: State) -> Node:
    if state.preferences.practice_run.shown != "on":
        return NOTHING
    from app.ui.shell.practice_run_view import panel

    return panel(state)


def _debug(state: State) -> Node:
    if state.debug is None:
        return NOTHING
    from app.ui.activity.debug_view import panel

    return panel(state, state.debug)


@cache
def _reachable() -> tuple[tuple[Shortcut, Action, Command], ...]:
    """The shortcuts that count wherever the focus is, in every view or in one: those that the commands of all actions name."""
    return tuple(
        (one, kind(**one.given), kind.command)
        for kind in kinds()
        if kind.command is not None
        for one in kind.command.shortcuts
        if one.everywhere
    )


def _page_keys(state: State) -> str:
    """Those of them that do something now."""
    here = ("page", VIEWS.get(state.route.view, "page"))
    letters = state.preferences.letter_keys
    return keys(
        {
            one.keys: action
            for one, action, what in _reachable()
            if one.scope in here and (letters or not one.letter) and what.refusal(state, action) is None
        }
    )


def facts(state: State) -> Node:
    """The state of engine, key and storage: always in sight."""
    if not state.engine.online:
        engine = span(at(data_engine="offline"), span(at("dot warn")), "Offline: batches wait")
    elif state.engine.stopped:
        engine = span(at(data_engine="stopped"), span(at("dot bad")), "Stopped: reload the page")
    elif state.engine.fault:
        engine = span(at(data_engine="waits"), span(at("dot bad")), f"Waiting: {state.engine.fault}")
    elif state.engine.leads:
        engine = span(at(data_engine="here"), span(at("dot")), "Active in this tab")
    else:
        engine = span(at(data_engine="elsewhere"), span(at("dot wait")), "Active in another tab")
    profile = state.profile
    if profile.practice:
        key: Node = "Practice: simulated, no key"
    elif profile.id in state.provider.keys and state.provider.keys[profile.id].present:
        key = [f"Key: {profile.name} ", span(at(data_secret=True), state.provider.keys[profile.id].masked)]
    elif profile.id in state.provider.keys and state.provider.keys[profile.id].locked:
        key = [f"{profile.name}: ", a(at(href="#/settings"), "key locked")]
    else:
        key = [f"{profile.name}: ", a(at(href="#/settings"), "no key yet")]
    usage = state.browser.usage
    room: Node = NOTHING
    if usage is not None:
        room = span({}, f"{text.size(usage.used)} used" + (f" of {text.size(usage.quota)}" if usage.quota else ""))
    return [engine, span({}, key), room]


def _waits_for_network(state: State) -> bool:
    """Whether anything here needs the network: the provider in use, or a batch on its way. Practice does not."""
    batches = (batch for batch in state.batches.all if batch.state not in pipeline.FINAL)
    profiles = {state.profile.id, *(batch.lane.profile for batch in batches)}
    return any(base_urls.leaves_the_machine(one) for id in profiles if (one := state.provider.profiles.get(id)) is not None)


def _notices(state: State) -> list[Node]:
    """What is said above every view. What draws the rare ones is imported when there is one: the usual start need not wait for it."""
    above = {code: one for code, one in state.problems.items() if code != state.failed_here}
    found: list[Node] = [problem_note(one, dismiss=DismissNotice(code)) for code, one in above.items()]
    if not state.engine.online and _waits_for_network(state):
        found.insert(0, note("", "You are offline.", OFFLINE, command(state, GoOnline(), "small")))
    if state.lock.guard == "locked":
        from app.ui.provider.lock_view import waiting

        found.append(waiting(state))
    if state.browser.stops:
        from app.ui.activity.notices_view import stops_note

        found.append(stops_note(state))
    if state.provider.reload_needed and state.route.view != "settings":
        found.append(
            note(
                "info",
                "A provider's address changed or was added.",
                "Reload the page to be able to call it; nothing is lost.",
                command(state, ReloadPage(), "small"),
            )
        )
    if state.damage.found:
        from app.ui.damage.view import notice

        found.append(notice(state))
    if state.browser.update:
        from app.ui.settings.version_view import update_note

        found.append(update_note(state))
    return found
