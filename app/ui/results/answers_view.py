"""A batch's requests beside what came back: what ended badly by its error code, what was sent again and where to, and the list itself."""

from __future__ import annotations

from simple_html import a, button, div, h2, h3, header, input_, li, ol, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.base.ids import without_file
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.openai import advice
from app.services.batches.attempts import Attempt, RequestHistory
from app.services.batches.resend import can_send_again
from app.services.results.review import CODE
from app.services.results.shown import AnswerRow, Group, Opened
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import Tone, act, batch_pill, batch_title, command, identifier, pill, segmented, unseen, windowed
from app.ui.base.state import State
from app.ui.results.actions import AskRisk, ClearPicked, OpenAnswer, Pick, PickAll, ScrollAnswers, SendAgain, ShowOutcomes, StopSending

OUTCOMES: dict[str, tuple[Tone, str]] = {
    "answered": ("good", "answered"),
    "failed": ("bad", "failed"),
    "expired": ("warn", "expired"),
    "cancelled": ("warn", "cancelled"),
    "missing": ("bad", "missing"),
    "unfound": ("warn", "not found"),
    "flawed": ("warn", "flawed"),
    "unread": ("wait", "not yet"),
    "unexpected": ("warn", "unexpected"),
    "damaged": ("bad", "damaged"),
}
_GROUPS_SHOWN = 20
_LINKS_SHOWN = 5


# --- what ended badly --------------------------------------------------------------------------------------------------------------


def unanswered(state: State, batch: Batch) -> Node:
    """What was not answered, by error code, each with its remedy; and what was sent again."""
    groups = state.batch.groups if batch.state in pipeline.FETCHED else ()
    words = [*_onward(state, batch), *_stays(state, batch), *_before(state, batch)]
    if not groups and not words:
        return NOTHING
    shown = groups[:_GROUPS_SHOWN]
    more = len(groups) - len(shown)
    return section(
        at("card", aria_label="Not answered"),
        header({}, h2({}, _title(groups)), _sending(state)),
        div(at("pad stack tight"), [p({}, each) for each in words]) if words else NOTHING,
        table(
            at("table groups"),
            thead({}, tr({}, th(at("num"), "Requests"), th({}, "Code"), th(at("hide-s"), "What it means"), th({}, unseen("Actions")))),
            tbody({}, [_group(state, batch, each) for each in shown]),
        )
        if groups
        else NOTHING,
        p(at("pad dim"), f"and {text.number(more)} other codes") if more else NOTHING,
    )


def _title(groups: tuple[Group, ...]) -> str:
    if any(group.outcome in ("unfound", "flawed") for group in groups):
        return "Without a good answer"
    return "Not answered" if groups else "Sent again"


def _group(state: State, batch: Batch, group: Group) -> Node:
    left = group.count - group.resent
    risky = group.risky
    resent = span(at("dim"), f"{text.number(group.resent)} sent again") if group.resent else NOTHING
    return tr(
        {},
        td(at("num"), text.number(group.count)),
        td(
            {},
            button(
                at("btn link mono", type="button", click=ShowOutcomes(f"{CODE}{group.code}"), title="Show these requests"),
                group.code[:80],
            ),
            resent,
        ),
        td(at("means"), _meaning(group.code)),
        td(
            at("num"),
            NOTHING
            if not left or batch.input_missing
            else command(
                state,
                AskRisk(batch.id, f"{CODE}{group.code}"),
                "small quiet",
                words=f"Queue {text.number(left)} again …",
                spins=False,
                aria_label=f"Queue {text.number(left)} again, may be paid twice: {group.code[:80]}",
            )
            if risky
            else command(
                state,
                SendAgain(batch.id, f"{CODE}{group.code}"),
                "small",
                words=f"Queue {text.number(left)} again",
                spins=False,
                aria_label=f"Queue {text.number(left)} again: {group.code[:80]}",
            ),
        ),
    )


def _meaning(code: str) -> str:
    found = advice.explain(code)
    return f"{found.sentence} {found.remedy}"


def _sending(state: State) -> Node:
    """How far a sending by hand is, and a way to stop it."""
    batch = state.batch
    if batch.sending is None:
        return NOTHING
    done, total = batch.sending
    words = f"{text.number(done)} of {text.number(total)} are back in the queue" if total else "looks which can be sent again"
    return span(at("row"), span(at("dim", role="status"), words), command(state, StopSending(), "small quiet"))


def _onward(state: State, batch: Batch) -> list[Node]:
    """What was sent again, and where that is now."""
    if not batch.resent:
        return []
    later = sorted(
        (each for each in state.batches.all if batch.id in each.previous_batches and each.state != "withdrawn"),
        key=lambda each: each.created,
    )
    waiting = sum(each.live for lane in state.queue.lanes for each in lane.segments if batch.id in each.previous_batches)
    where: list[Node] = [a({"href": "#/queue"}, f"{text.number(waiting)} wait in the queue")] if waiting else []
    if later:
        where.append(join([span({}, "in ", _link(state, each)) for each in later[-_LINKS_SHOWN:]], ", "))
    if len(later) > _LINKS_SHOWN:
        where.append(f"and {text.number(len(later) - _LINKS_SHOWN)} more")
    return [
        join(
            [
                button(
                    at("btn link", type="button", click=ShowOutcomes("went"), title="Show these requests"),
                    f"{text.count(batch.resent, 'request')} sent again",
                ),
                *(where or ["they are not here any more"]),
            ],
            " · ",
        )
    ]


def _stays(state: State, batch: Batch) -> list[Node]:
    if not batch.resend_exhausted:
        return []
    profile = state.provider.profiles.get(batch.lane.profile)
    times = f"{text.count(profile.resend, 'time')}, " if profile else ""
    was, stay = ("was", "stays as it is") if batch.resend_exhausted == 1 else ("were", "are unchanged")
    count = text.count(batch.resend_exhausted, "request")
    return [f"{count} {was} sent again {times}as often as the settings of this provider allow, and {stay}. You can send it again by hand."]


def _before(state: State, batch: Batch) -> list[Node]:
    """Where its requests come from."""
    if not batch.previous_batches:
        return []
    known = {each.id: each for each in state.batches.all}
    found = [_link(state, known[id]) for id in batch.previous_batches[-_LINKS_SHOWN:] if id in known]
    return (
        [join(["Requests of this batch were sent before in ", join(found, ", ")], "")]
        if found
        else ["Requests of this batch were sent before."]
    )


def _link(state: State, batch: Batch) -> Node:
    return a({"href": f"#/batches/{batch.id}"}, text.shorten(batch_title(batch, state.zone), 64))


# --- the list ----------------------------------------------------------------------------------------------------------------------


def answers(state: State, one: Batch) -> Node:
    if one.state == "withdrawn":
        return NOTHING
    batch = state.batch
    counts = [
        (name, getattr(one.tally, name))
        for name in ("answered", "failed", "expired", "cancelled", "missing", "unfound", "flawed", "unread", "unexpected", "damaged")
        if getattr(one.tally, name)
    ]
    filters = [("all", f"All {text.number(one.requests)}", ShowOutcomes("all"))]
    filters += [(name, f"{OUTCOMES[name][1].capitalize()} {text.number(count)}", ShowOutcomes(name)) for name, count in counts]
    if batch.which.startswith(CODE):
        filters.append((batch.which, batch.which.removeprefix(CODE)[:40], ShowOutcomes(batch.which)))
    if one.tally.differing:
        filters.append(("differing", f"Answered twice {text.number(one.tally.differing)}", ShowOutcomes("differing")))
    if batch.which == "went":
        filters.append(("went", "Sent again", ShowOutcomes("went")))
    pick = bool(can_send_again(one) or batch.picked)
    return section(
        at("card", aria_label="Answers"),
        header(
            {},
            h2({}, "Answers"),
            segmented("Show", batch.which, filters) if counts else span(at("dim"), "as soon as the batch has ended"),
            _picked(state, one),
        ),
        windowed(
            "answers",
            batch.total,
            batch.first,
            [_row(row, pick, row.row in batch.picked) for row in batch.rows],
            ScrollAnswers(),
            title="Requests and answers",
            head=_head(state, pick),
        ),
    )


def _head(state: State, pick: bool) -> Node:
    titles = (("", "Outcome"), ("hide-s", "Id"), ("", "Asked"), ("hide-s", "Answered"), ("num hide-s", "Tokens"))
    box = span(
        at(role="columnheader"),
        input_(
            at(
                type="checkbox",
                checked=bool(state.batch.picked),
                change=PickAll(),
                aria_label="Select all shown that can be sent again",
            )
        ),
    )
    return div(
        at("line line-head answer-line pick" if pick else "line line-head answer-line", role="row"),
        box if pick else NOTHING,
        [span(at(cls, role="columnheader"), title) for cls, title in titles],
    )


def _picked(state: State, batch: Batch) -> Node:
    if not state.batch.picked:
        return NOTHING
    return span(
        at("row end"),
        act("Clear", ClearPicked(), "quiet small"),
        command(state, SendAgain(batch.id, "picked"), "small primary"),
    )


def _row(row: AnswerRow, pick: bool, picked: bool) -> Node:
    tone, word = OUTCOMES[row.outcome]
    box = (
        input_(at(type="checkbox", checked=picked, change=Pick(row.row), aria_label=f"Select request {text.number(row.row + 1)}"))
        if row.can_go and not row.resent
        else NOTHING
    )
    return div(
        at("line answer-line pick" if pick else "line answer-line", role="row", id=f"answer-{row.row}", aria_rowindex=str(row.row + 1)),
        span(at(role="cell"), box) if pick else NOTHING,
        span(
            at("clip", role="cell"),
            pill(tone, word),
            span(at("went", role="img", title="Sent again", aria_label="sent again"), " ↻") if row.resent else NOTHING,
        ),
        span(at("clip tail mono dim hide-s", role="cell", title=row.id), identifier(without_file(row.id))),
        span(
            at("clip", role="cell"),
            button(at("cell clip", type="button", click=OpenAnswer(row.row), title=row.asked or None), row.asked or "(no text)"),
        ),
        span(
            at("clip hide-s", role="cell"),
            button(at("cell clip", type="button", click=OpenAnswer(row.row), title=row.answered or None), row.answered or "–"),
        ),
        span(at("num dim hide-s", role="cell"), text.number(row.tokens) if row.tokens else ""),
    )


# --- one request's attempts --------------------------------------------------------------------------------------------------------


def attempts(state: State, one: Opened) -> Node:
    """Every sending of a request, newest first, and what comes next."""
    story = state.batch.story
    if story is None or one.outcome == "unexpected" or (one.row >= state.batch.total and not one.id):
        return NOTHING
    next_up: list[Node] = []
    if story.waits:
        next_up = [li({}, pill("wait", "waits"), " in ", a({"href": "#/queue"}, "the queue"), " to be sent again")]
    elif story.deleted:
        next_up = [li({}, pill("warn", "deleted"), " in ", a({"href": "#/queue"}, "the queue"), ", where it can be restored")]
    return section(
        at("attempts", aria_label="Attempts"),
        h3({}, f"Attempts: {text.number(len(story.attempts))}"),
        ol({}, next_up, [_attempt(state, one, each) for each in story.attempts]),
    )


def _attempt(state: State, one: Opened, attempt: Attempt) -> Node:
    batch = attempt.batch
    if batch is None:
        return li(at("dim"), "in a batch that was deleted from this browser")
    tone, word = OUTCOMES[attempt.outcome]
    what = pill(tone, word) if attempt.outcome != "unread" or batch.state in pipeline.FETCHED else batch_pill(batch)
    here = batch.id == one.batch
    where: Node = "in this batch" if here else span({}, "in ", _link(state, batch))
    when = text.clock(batch.created, offset=state.zone, now=state.now)
    return li(at(aria_current="true" if here else None), what, " ", where, span(at("dim"), f" · {when}"), _code(attempt.code))


def _code(code: str) -> Node:
    return span(at("dim"), " · ", span(at("mono"), code[:80])) if code else NOTHING


def can_send_one(one: Opened, story: RequestHistory | None) -> bool:
    """Whether this request can be sent again from this batch: it was not answered, is nowhere under way, and this is its last attempt."""
    return story is not None and one.can_go and not story.waits and not story.deleted and story.newest == one.batch


def can_risk_one(one: Opened, story: RequestHistory | None) -> bool:
    """Whether it can be sent again on purpose only: it was answered, or may have been."""
    return story is not None and one.risky and not one.resent and not story.waits and not story.deleted and story.newest == one.batch
