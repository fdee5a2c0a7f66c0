"""A file whose lines are requests already: what is in it, and what stands against lines of it."""

from __future__ import annotations

from typing import Final

from simple_html import details as fold
from simple_html import div, h2, header, li, p, section, small, span, table, tbody, td, th, thead, tr, ul
from simple_html import summary as fold_title

from app.core.base import text
from app.core.model.sendings import QueuedRows
from app.core.openai import kinds
from app.services.planning.requestfile_job import AdvisedLines, LaneOfFile, RequestFileReport
from app.ui.base.data_state import RequestsOffer
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, bar_part, few, note, pill, tool
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.datasets.actions import CheckRequests, SaveFileAnswers, StopRequests

_NAMED: Final = 6
"""Lines that are named beside what is said of them."""


def offer(state: State, one: RequestsOffer) -> Node:
    """That its lines are requests, and what the look over them found."""
    return section(
        at("card", aria_label="Requests"),
        header(
            {},
            div(
                at("grow"),
                h2({}, "These lines are already requests"),
                p(at("dim", role="status"), _said(one)),
            ),
        ),
        _progress(one) if one.doing else NOTHING,
        note("bad", *one.fault, act("Check again", CheckRequests(), "small"), tool("close", "Dismiss", StopRequests()))
        if one.fault
        else NOTHING,
        _found(state, one, one.report) if one.report is not None else NOTHING,
    )


def _said(one: RequestsOffer) -> Node:
    report = one.report
    if report is None:
        return "They can be queued as they are, with their ids, or imported as a table."
    size = sum(lane.size for lane in report.lanes)
    left = report.record.left_out
    if not report.record.requests:
        return "No line of it can be sent as it is."
    return join(
        [
            f"{text.count(report.record.requests, 'request')} can be sent ({text.size(size)}) to {one.profile.name}",
            f"{text.count(left, 'line')} left out" if left else "no line left out",
        ]
    )


def _progress(one: RequestsOffer) -> Node:
    words = "Adding to the queue" if one.doing == "queue" else "Checking lines"
    return div(
        at("pad stack tight"),
        div(at("row"), span(at("grow", role="status"), f"{words} … {text.percent(one.share)}"), act("Stop", StopRequests(), "small")),
        span(at("bar", role="img", aria_label=f"{text.percent(one.share)} done"), bar_part("g", float(one.share))),
    )


def _found(state: State, one: RequestsOffer, report: RequestFileReport) -> Node:
    return [
        _before(state, one),
        note(
            "",
            "Another provider has been chosen since.",
            f"These would go to {one.profile.name}.",
            act(f"Check them for {text.head(state.profile.name, 40)}", CheckRequests(), "small"),
        )
        if state.profile != one.profile
        else NOTHING,
        [
            note("info", f"{text.count(count, 'line')} {'was' if count == 1 else 'were'} converted.", _converted(name))
            for name, count in report.converted.items()
        ],
        note(
            "",
            f"{text.count(report.targets, 'line')} {'says' if report.targets == 1 else 'say'} where results should go.",
            "Only programs and the watched folder can ask for that. Here the answers stay in this browser, and you can save them.",
        )
        if report.targets
        else NOTHING,
        _lanes(report.lanes),
        _left_out(report),
        [_advice(each) for each in report.advised],
    ]


def _converted(name: str) -> str:
    return f"It was written {name}, and is the same request in this provider's form. Its model keeps its name: check the list below."


def _before(state: State, one: RequestsOffer) -> Node:
    """That this very file was queued before: again, its requests are asked, and paid, a second time."""
    if one.before is None:
        return NOTHING
    when = text.clock(one.before.at, offset=state.zone, now=state.now)
    return note(
        "",
        f"{text.count(one.before.requests, 'request')} of this very file {'was' if one.before.requests == 1 else 'were'} added to the "
        f"queue {when}.",
        "Added again, they are asked and billed a second time.",
    )


def _lanes(lanes: tuple[LaneOfFile, ...]) -> Node:
    if not lanes:
        return NOTHING
    heads = ("Endpoint", "Model", "Requests", "Size")
    return div(
        at("scroll-x", tabindex="0", role="region", aria_label="Requests by model"),
        table(
            at("table"),
            thead({}, tr({}, [th(at("num" if n > 1 else "", scope="col"), one) for n, one in enumerate(heads)])),
            tbody(
                {},
                [
                    tr(
                        {},
                        td({}, kinds.short(one.endpoint)),
                        td(at("clip"), one.model),
                        td(at("num"), text.number(one.requests)),
                        td(at("num"), text.size(one.size)),
                    )
                    for one in lanes
                ],
            ),
        ),
    )


def _left_out(report: RequestFileReport) -> Node:
    count = report.record.left_out
    if not count:
        return NOTHING
    more = count - len(report.faults)
    return note(
        "",
        f"{text.count(count, 'line')} can't be sent and will be left out.",
        fold(
            {},
            fold_title({}, "Show them"),
            ul(
                {},
                few(
                    report.faults,
                    lambda _n, one: li(
                        {}, f"Line {text.number(one.line)}: {one.sentence}", span(at("dim mono"), f" {one.text}") if one.text else NOTHING
                    ),
                    "lines",
                ),
            ),
            p(at("dim"), f"{text.number(more)} more are not kept.") if more > 0 else NOTHING,
        ),
    )


def _advice(one: AdvisedLines) -> Node:
    named = ", ".join(text.number(line) for line in one.lines[:_NAMED])
    more = f" and {text.number(one.count - _NAMED)} more" if one.count > _NAMED else ""
    return div(
        at("pad stack tight finding"),
        div(at("row wrap"), pill("warn", "look at it"), span(at("grow"), one.sentence, " ", span(at("dim"), one.remedy))),
        span(at("dim"), f"{text.count(one.count, 'line')}: {named}{more}"),
    )


def files(state: State) -> Node:
    """Files whose requests were queued as they are."""
    return section(
        at("card", aria_label="Request files"),
        header({}, h2({}, "Request files")),
        few(state.data.files, lambda _n, one: _file(state, one), "request files"),
    )


def _file(state: State, one: QueuedRows) -> Node:
    facts = join(
        [
            f"{text.count(one.requests, 'request')} queued",
            ago(state, one.at),
            f"{text.count(one.left_out, 'line')} left out" if one.left_out else NOTHING,
        ]
    )
    return div(
        at("thread-line"),
        div(at("grow"), div(at("clip", title=one.file), one.file), small({}, facts)),
        span({}),
        act("Save answers", SaveFileAnswers(one.id), "small", aria_label=f"Save answers to {one.file}"),
    )
