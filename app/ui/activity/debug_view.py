"""The debug panel below a view: timings, what runs, and the last events and effects."""

from __future__ import annotations

from simple_html import dd, div, dl, dt, h2, h3, header, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.ui.activity.actions import ClearDebug, ToggleDebug
from app.ui.base.debug import KEPT, DebugState, Traced
from app.ui.base.markup import Node, at
from app.ui.base.parts import command, scrolls
from app.ui.base.state import State

_LONGEST = {
    "event": "Longest event, up to its first wait",
    "draw": "Longest drawing",
    "block": "Longest time without an answer",
}


def panel(state: State, debug: DebugState) -> Node:
    return section(
        at("card", id="debug", aria_label="Debug"),
        header(
            {},
            h2({}, "Debug"),
            span(at("dim grow"), "Of this tab, since the panel was opened. Names and figures only: no keys, no texts."),
            span(at("row end"), command(state, ClearDebug(), "quiet small"), command(state, ToggleDebug(), "small")),
        ),
        div(
            at("debug"),
            section(at("pad stack tight", aria_label="Timings"), h3({}, "Timings"), _timings(debug)),
            section(at("pad stack tight", aria_label="Running tasks"), h3({}, "Running tasks"), _tasks(debug)),
            section(at("stack tight events", aria_label="Events"), h3(at("pad"), f"Last {KEPT} events and effects"), _events(state, debug)),
        ),
    )


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{text.decimal(1000 * seconds, 1)} ms"


def _facts(rows: list[tuple[str, str]]) -> Node:
    return dl(at("facts"), [[dt({}, name), dd({}, value)] for name, value in rows])


def _timings(debug: DebugState) -> Node:
    start = [(f"Start: {name}", f"{text.decimal(milliseconds, 0)} ms") for name, milliseconds in debug.start]
    return _facts([*start, *((words, _milliseconds(debug.longest.get(what, 0.0))) for what, words in _LONGEST.items())])


def _tasks(debug: DebugState) -> Node:
    return _facts([(name, text.number(count)) for name, count in debug.tasks])


def _events(state: State, debug: DebugState) -> Node:
    if not debug.traced:
        return p(at("pad dim"), "Nothing yet.")
    return scrolls(
        "The last ones as a table",
        table(
            at("table"),
            thead({}, tr({}, th({}, "Time"), th({}, "Kind"), th({}, "Name"), th(at("num"), "Held the page"), th(at("num"), "Ended after"))),
            tbody({}, [_row(state, one) for one in reversed(debug.traced)]),
        ),
    )


def _row(state: State, one: Traced) -> Node:
    when = one.at + state.zone
    return tr(
        {},
        td(at("mono"), f"{int(when // 3600) % 24:02}:{int(when // 60) % 60:02}:{when % 60:06.3f}"),
        td({}, one.kind),
        td(at("mono"), one.name),
        td(at("num"), _milliseconds(one.took) if one.kind != "effect" else ""),
        td(at("num"), _milliseconds(one.ended)),
    )
