"""What became of all rows of a table of answers: the sum that adds up, and what went wrong, kind by kind, with its remedies."""

from __future__ import annotations

from typing import Final

from simple_html import button, div, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.openai import advice
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.outcome_report import OutcomeGroup, OutcomeReport, Remedy, remedies
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, pill, unseen
from app.ui.base.results_state import ResultsState
from app.ui.results.answers_view import OUTCOMES
from app.ui.results.selection_actions import RetryKind, ShowOutcome, ToggleKinds

_WORDS: Final[dict[Remedy, str]] = {
    "same": "Send again …",
    "limit": "Raise the limit …",
    "model": "Other model …",
    "tell": "Tell the model …",
}
_KINDS_SHOWN = 50
_FEW = 3
"""So many kinds are listed without being asked for."""


def shows_kinds(here: ResultsState) -> bool:
    """Whether what went wrong is listed kind by kind: as the person wants it, or where there are few."""
    if here.outcomes.kinds is None:
        return here.outcomes.report is not None and len(here.outcomes.report.groups) <= _FEW
    return here.outcomes.kinds


def report(here: ResultsState) -> Node:
    """The sum, and below it the kinds."""
    found = here.outcomes.report
    if found is None or not found.rows:
        return NOTHING
    open_ = shows_kinds(here) and bool(found.groups)
    return section(
        at("card", aria_label="Outcomes of the requests"),
        div(at("pad row wrap sum"), _sum(found), _more(found, open_)),
        _kinds(found) if open_ else NOTHING,
    )


def _sum(found: OutcomeReport) -> Node:
    """``2,000 requests = 1,951 answered + 49 failed``: each word lets its rows through."""
    parts: list[Node] = []
    for word, count in found.sums.items():
        said = OUTCOMES[word][1] if word in OUTCOMES else word
        parts.append(
            button(
                at("btn link", type="button", click=ShowOutcome(word), title=f"Only the rows that are {said}"),
                f"{text.number(count)} {said}",
            )
        )
    beside = [f"{text.count(found.unexpected, 'answer')} to no request"] if found.unexpected else []
    beside += [f"{text.count(found.damaged, 'line')} that cannot be read"] if found.damaged else []
    return [
        span({}, f"{text.count(found.rows, 'request')} = "),
        span(at("row wrap tight"), join(parts, " + ")),
        span(at("dim"), f"and beside them {' and '.join(beside)}") if beside else NOTHING,
        span(at("dim num"), dollars(round(found.cost * PER_DOLLAR))) if found.cost else NOTHING,
    ]


def _more(found: OutcomeReport, open_: bool) -> Node:
    if not found.groups:
        return NOTHING
    words = f"{text.count(len(found.groups), 'kind')} of {text.plural(len(found.groups), 'problem')}"
    return span(at("row end"), act(words, ToggleKinds(), "small quiet", aria_expanded=str(open_).lower()))


def _kinds(found: OutcomeReport) -> Node:
    shown = found.groups[:_KINDS_SHOWN]
    more = len(found.groups) - len(shown)
    return [
        table(
            at("table groups kinds"),
            thead(
                {},
                tr(
                    {},
                    th(at("num"), "Requests"),
                    th({}, "What"),
                    th({}, "What it means"),
                    th(at("num"), "Cost"),
                    th({}, unseen("Remedies")),
                ),
            ),
            tbody({}, [_kind(each) for each in shown]),
        ),
        p(at("pad dim"), f"and {text.number(more)} other kinds: they are among the values of the column Error code.")
        if more > 0
        else NOTHING,
    ]


def _kind(group: OutcomeGroup) -> Node:
    tone, word = OUTCOMES.get(group.outcome, ("wait", group.outcome))
    meaning = advice.explain(group.code)
    left = group.count - group.again
    paid = dollars(round(group.cost * PER_DOLLAR)) if group.cost else ""
    twice = " Sending it again is billed again." if group.risky and "billed again" not in meaning.remedy else ""
    return tr(
        {},
        td(at("num"), text.number(group.count)),
        td({}, pill(tone, word), div(at("dim mono clip"), group.code[:80]), _again(group)),
        td(at("means"), f"{meaning.sentence} {meaning.remedy}{twice}"),
        td(at("num paid"), span(at("dim"), paid or "–")),
        td(
            at("remedies"),
            div(
                at("row wrap end"),
                [_remedy(group, each, n) for n, each in enumerate(remedies(group.outcome, group.code))] if left else NOTHING,
                act("Show", ShowOutcome(group.outcome, group.code), "small quiet", aria_label=f"Show these rows: {_name(group)}"),
            ),
        ),
    )


def _again(group: OutcomeGroup) -> Node:
    return div(at("dim"), f"{text.number(group.again)} sent again") if group.again else NOTHING


def _name(group: OutcomeGroup) -> str:
    return group.code[:80] or group.outcome


def _remedy(group: OutcomeGroup, which: Remedy, n: int) -> Node:
    return act(
        _WORDS[which],
        RetryKind(group.outcome, group.code, which),
        "small" if n == 0 else "small quiet",
        aria_label=f"{_WORDS[which]} {_name(group)}",
    )
