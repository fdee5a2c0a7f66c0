"""The tab of a table on which its rows are checked, priced, planned, and added to the queue."""

from __future__ import annotations

from simple_html import a, div, h2, header, li, p, section, span, ul

from app.core.base import text
from app.core.templates.findings import TemplateFinding
from app.services.planning.queue_job import AddedRows
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, bar_part, command, few, note, tool
from app.ui.base.plan_state import PlanState
from app.ui.base.state import State
from app.ui.plan import ways_view
from app.ui.plan.actions import AddRows, CheckRows, MeanColumn, StopPlan
from app.ui.plan.answered_view import answered
from app.ui.plan.findings_view import findings
from app.ui.plan.lanes_view import batches
from app.ui.plan.paid_view import paid
from app.ui.plan.price_view import price
from app.ui.plan.standing import outdated, unready
from app.ui.provider.key_view import wanted_key

_DOING = {"check": "Checking rows …", "queue": "Adding to the queue …", "file": "Writing the file …", "": ""}


def plan(state: State) -> Node:
    """The tab."""
    here = state.plan
    if here.dataset != state.route.id:
        if here.doing:
            return note(
                "info",
                "Another table is being checked or queued.",
                "Wait until it has ended, or stop it.",
                act("Stop", StopPlan(), "small"),
            )
        return p(at("pad dim", role="status"), "Reading the plan …")
    return div(
        at("stack"),
        _faults(state),
        _head(state, here),
        wanted_key(state, state.profile, "Checking and adding to the queue go without one; submitting does not."),
        note("bad", *here.fault, tool("close", "Dismiss", StopPlan())) if here.fault else NOTHING,
        _progress(here) if here.doing else NOTHING,
        _found(state, here),
    )


def _faults(state: State) -> Node:
    """What is wrong with the prompt itself, before any row is looked at."""
    wrong = [one for one in state.prompt.findings if one.severity == "error"]
    if not wrong or state.prompt.dataset != state.route.id:
        return NOTHING
    return note(
        "bad",
        "The prompt has errors.",
        ul({}, few(wrong, lambda _n, one: _fault(one), "faults")),
        a(at("btn small", href=f"#/data/{state.route.id}/prompt"), "Edit the prompt"),
    )


def _fault(one: TemplateFinding) -> Node:
    return li(
        {},
        f"{one.sentence} {one.remedy} ",
        act(f"Use {text.head(one.suggestion, 40)}", MeanColumn(one.name), "small") if one.suggestion else NOTHING,
    )


def _head(state: State, here: PlanState) -> Node:
    checked = here.checked
    why = unready(state)
    said: Node = "Every row becomes a request and is checked here. Nothing is sent."
    if checked is not None:
        report = checked.report
        said = join(
            [
                f"{text.count(report.rows, 'row')} checked",
                f"{text.count(report.requests, 'request')} can be sent ({text.size(report.size)})",
                f"{text.count(report.left_out, 'row')} left out" if report.left_out else "no row left out",
                *([f"{text.count(report.partly, 'row')} not asked in every way"] if report.partly else []),
            ]
        )
    elif why is not None:
        said = why
    elif here.reuse:
        said = "Every row's request is made from the current prompt; rows that already have a good answer are left out. Nothing is sent."
    return section(
        at("card", aria_label="Check"),
        header(
            {},
            div(at("grow"), h2({}, "Check"), p(at("dim", role="status"), said)),
            div(at("row wrap end"), command(state, CheckRows(), "" if checked is not None else "primary"), _add(state, here)),
        ),
        ways_view.asked(state) if state.prompt.template is not None else NOTHING,
    )


def _add(state: State, here: PlanState) -> Node:
    return command(state, AddRows(), "" if here.added is not None else "primary") if here.checked is not None else NOTHING


def _progress(here: PlanState) -> Node:
    return section(
        at("card"),
        div(
            at("pad stack tight"),
            div(
                at("row"),
                span(at("grow", role="status"), f"{_DOING[here.doing]} {text.percent(here.share)}"),
                act("Stop", StopPlan(), "small"),
            ),
            span(at("bar", role="img", aria_label=f"{text.percent(here.share)} done"), bar_part("g", float(here.share))),
        ),
    )


def _found(state: State, here: PlanState) -> Node:
    checked = here.checked
    if checked is None:
        return _before(state, here)
    old = outdated(state)
    return [
        note("", "These figures are out of date.", f"{old} Check the rows again.") if old is not None else NOTHING,
        _added(here.added) if here.added is not None else _before(state, here),
        answered(here, checked),
        findings(here, checked.report),
        price(state, here, checked),
        batches(state, here, checked),
    ]


def _added(added: AddedRows) -> Node:
    record = added.record
    reused = ""
    if record.reused:
        reused = f" {text.count(record.reused, 'request')} answered already {'was' if record.reused == 1 else 'were'} left out."
    left = (
        f" {text.count(record.left_out, 'row')} at fault {'was' if record.left_out == 1 else 'were'} left out." if record.left_out else ""
    )
    return note(
        "good",
        f"Added {text.count(record.requests, 'request')} to the queue.",
        f"Nothing was sent yet.{left}{reused}",
        a(at("btn small primary", href="#/queue"), "Open the queue"),
    )


def _before(state: State, here: PlanState) -> Node:
    """That rows of this table were added before: added again, they are asked, and paid, a second time."""
    if not here.before:
        return NOTHING
    last = here.before[0]
    when = text.clock(last.at, offset=state.zone, now=state.now)
    return note(
        "info",
        f"{text.count(last.requests, 'request')} of this table {'was' if last.requests == 1 else 'were'} added to the queue {when}.",
        f"{paid(state, last)} Added again, they are asked and billed a second time.".lstrip(),
        a(at("btn small", href="#/queue"), "Open the queue"),
    )
