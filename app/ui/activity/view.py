"""The log: what happened, newest first; of everything, or on a batch's page of that batch."""

from __future__ import annotations

from typing import Final

from simple_html import a, button, dd, div, dl, dt, h1, h2, header, label, p, section, span

from app.core.activity.log import LogEntry, said
from app.core.base import text
from app.ui.activity.actions import ExportLog, FilterLog, OpenLogEntry, ScrollLog, ShowLog
from app.ui.activity.dialogs import LogDialog
from app.ui.activity.said_view import said_card
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import batch_title, choice, command, segmented, state_word, windowed
from app.ui.base.state import State
from app.ui.base.workspace_state import LogState


def log(state: State) -> Node:
    """Everything that happened, or what happened to one batch."""
    known = {batch.id: batch_title(batch, state.zone) for batch in state.batches.all}
    options = [("", "All batches"), *((id, text.shorten(name, 40)) for id, name in reversed(known.items()))]
    return [
        header(
            {},
            div({}, h1({}, "Activity"), p({}, "What happened and when. No keys, prompts or answers.")),
            div(
                at("actions"),
                label(at("visually-hidden", for_="log-batch"), "Batch"),
                div(at("field"), choice("log-batch", state.route.id, options, FilterLog())),
                command(state, ExportLog(), title="Download these entries as JSON lines"),
            ),
        ),
        said_card(state) if not state.route.id else NOTHING,
        section(
            at("card", aria_label="Entries"),
            header({}, h2({}, _heading(state.log)), _which(state.log)),
            _list(state, with_batch=True),
        ),
    ]


def of_batch(state: State) -> Node:
    """The log of the batch that is open."""
    return section(
        at("card", aria_label="Activity"),
        header({}, h2({}, "Activity"), _which(state.log), command(state, ExportLog(), "quiet small")),
        _list(state, with_batch=False),
    )


def _heading(substate: LogState) -> str:
    return text.count(len(substate.shown), "problem" if substate.which == "problems" else "entry") if substate.read else "Reading …"


def _which(substate: LogState) -> Node:
    return segmented("Show", substate.which, [("all", "Everything", ShowLog("all")), ("problems", "Problems", ShowLog("problems"))])


def _list(state: State, *, with_batch: bool) -> Node:
    substate, scroll = state.log, state.scrolled("log")
    if substate.read and not substate.shown:
        return p(at("pad dim"), "No problems." if substate.which == "problems" else "Nothing yet.")
    first, last = scroll.window(len(substate.shown))
    names = {batch.id: batch_title(batch, state.zone) for batch in state.batches.all} if with_batch else {}
    return windowed(
        "log",
        len(substate.shown),
        first,
        [_row(state, one, names, with_batch=with_batch) for one in substate.shown[first:last]],
        ScrollLog(),
        title="Activity",
        head=_HEAD if with_batch else _HEAD_ALONE,
    )


def _heads(*names: str) -> Node:
    """What the columns are called, for those who hear them: to the eye they say it themselves."""
    return div(at("visually-hidden", role="row"), [[span(at(role="columnheader"), name), " "] for name in names])


_HEAD: Final = _heads("Time", "Batch", "What happened", "Took")
_HEAD_ALONE: Final = _heads("Time", "What happened", "Took")


def _row(state: State, one: LogEntry, names: dict[str, str], *, with_batch: bool) -> Node:
    sentence = said(one)
    return div(
        at(f"line log-line{'' if with_batch else ' alone'}", role="row", id=f"log-{one.id}"),
        span(at("dim mono", role="cell"), moment(one.at, state)),
        span(
            at("clip dim hide-s", role="cell"), a(at(href=f"#/log/{one.batch}"), names.get(one.batch, one.batch)) if one.batch else NOTHING
        )
        if with_batch
        else NOTHING,
        span(
            at("clip", role="cell"),
            button(
                at("cell clip", type="button", click=OpenLogEntry(one.id), title=sentence),
                [span(at("warning", aria_label="Problem:"), "⚠ "), sentence] if one.trouble else sentence,
            ),
        ),
        span(at("num dim hide-s", role="cell"), text.span(one.took) if one.took >= 1 else ""),
    )


def moment(when: float, state: State) -> str:
    """A time of the log, to the second; of another day with month and day, since the log goes back a few weeks."""
    return text.stamp(when, offset=state.zone, now=state.now)


def entry(one: LogEntry, state: State) -> Node:
    """All that is known of one entry."""
    name = next((batch_title(each, state.zone) for each in state.batches.all if each.id == one.batch), one.batch)
    facts: list[tuple[str, Node]] = [("When", moment(one.at, state) + (f" to {moment(one.until, state)}" if one.until else ""))]
    if one.batch:
        facts.append(("Batch", a(at(href=f"#/batches/{one.batch}"), name) if name != one.batch else f"{name}, which is no longer here"))
    if one.was:
        facts.append(("State", f"{state_word(one.was)} → {state_word(one.what)}"))
    facts += [("Error code", one.code)] if one.code else []
    facts += [("Status", str(one.status))] if one.status else []
    facts += [("Took", text.span(one.took) if one.took >= 1 else f"{1000 * one.took:.0f} ms")] if one.took else []
    facts += [("Times", text.number(one.times))] if one.times > 1 else []
    return [p({}, said(one)), dl(at("facts left"), [[dt({}, title), dd({}, value)] for title, value in facts])]


def dialog_of(state: State, one: LogDialog) -> Node:
    """One entry in full."""
    return dialog("log-entry", "What happened", entry(one.entry, state))
