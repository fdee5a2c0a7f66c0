"""The steps of the practice run above every view: the next one with the way to it, all of them below."""

from __future__ import annotations

from typing import Final

from simple_html import a, b, details, div, li, ol, p, section, span, summary

from app.core.model.settings import PracticeRun, PracticeStep
from app.core.templates.worked.practice_run import STEPS, following
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, command, tool
from app.ui.base.state import State
from app.ui.base.worked_actions import OpenWorked
from app.ui.provider.actions import UseProfile
from app.ui.results.addresses import of_table
from app.ui.results.take_actions import OpenTakeAway
from app.ui.shell.actions import HidePracticeRun

WORDS: Final[dict[PracticeStep, tuple[str, str]]] = {
    "open": ("Open an example", "A small table with its prompt."),
    "look": ("Look at a request", "Next to the prompt is what the provider receives for a row."),
    "check": ("Check and price", "Every row is checked before it can cost anything."),
    "submit": ("Submit to practice", "Add the requests to the queue and submit them there. Answers are simulated; nothing is billed."),
    "read": ("Read the answers", "A practice batch takes about ten seconds."),
    "export": ("Download the answers", "As CSV, Excel, JSON Lines or Parquet, beside the columns of the table."),
}
"""What each step is called, and what is said of it when it is next."""
_UNPAID: Final = ("check", "submit")
"""Steps that are about the provider in use."""


def panel(state: State) -> Node:
    """Nothing where it is put away."""
    run = state.preferences.practice_run
    if run.shown != "on":
        return NOTHING
    step = following(run)
    return section(
        at("card pad stack tight", aria_label="Practice run", id="practice-run"),
        div(
            at("row wrap"),
            b({}, "Practice run"),
            span(at("dim", role="status"), f"{len(run.done)} of {len(STEPS)} done"),
            span(at("end"), tool("close", "Hide the practice run", HidePracticeRun())),
        ),
        _ended() if step is None else _next(state, run, step),
        details(at(id="practice-run-steps"), summary({}, "All steps"), ol({}, [_line(run, one, step) for one in STEPS])),
    )


def _ended() -> Node:
    return div(
        at("row wrap"),
        p(at("grow"), b({}, "That was every step."), " It works the same way with your own table and your own key."),
        a(at("btn small", href="#/data"), "Open Data"),
    )


def _next(state: State, run: PracticeRun, step: PracticeStep) -> Node:
    title, said = WORDS[step]
    if step in _UNPAID and not state.profile.practice:
        return div(
            at("row wrap"),
            p(at("grow"), b({}, f"{title}: "), f"{state.profile.name} is in use, which bills its answers. Practice is free."),
            act("Use practice", UseProfile("practice"), "small primary"),
        )
    return div(at("row wrap"), p(at("grow"), b({}, f"{title}: "), said), _way(state, run, step))


def _way(state: State, run: PracticeRun, step: PracticeStep) -> Node:
    """The button that leads to where the step is done; none where the person is there."""
    if step == "open":
        return command(state, OpenWorked("classify"), "small primary", words="Open an example")
    if step == "export" and state.route.view == "results":
        return command(state, OpenTakeAway(dataset=run.table), "small primary")
    if (address := _address(state, run, step)) in ("", _here(state)):
        return NOTHING
    return a(at("btn small primary", href=address), WORDS[step][0])


def _address(state: State, run: PracticeRun, step: PracticeStep) -> str:
    match step:
        case "open":
            return ""
        case "look":
            return f"#/data/{run.table}/prompt"
        case "check":
            return f"#/data/{run.table}/check"
        case "submit":
            return "#/queue" if run.addition and state.queue.lanes else f"#/data/{run.table}/check"
        case "read" | "export":
            return of_table(run.table)


def _here(state: State) -> str:
    route = state.route
    return "/".join(["#", route.view, *([route.id] if route.id else []), *([route.part] if route.part else [])])


def _line(run: PracticeRun, step: PracticeStep, current: PracticeStep | None) -> Node:
    done = step in run.done
    sign = span(at("pill good"), span(at(aria_hidden="true"), "✓"), "done") if done else NOTHING
    return li(at("dim" if done else "", aria_current="step" if step == current else None), WORDS[step][0], " ", sign)
