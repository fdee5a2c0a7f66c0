"""One batch: its state and why it waits, its files, and the answers beside what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from simple_html import (
    a,
    b,
    dd,
    details,
    div,
    dl,
    dt,
    h1,
    h2,
    header,
    li,
    ol,
    p,
    pre,
    section,
    span,
    summary,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)

from app.core.base import text
from app.core.batches import batchproblems, pipeline, remote_files
from app.core.batches.pipeline.ways import STUBBORN
from app.core.model.batches import Batch, Moment
from app.core.model.remote import RemoteError
from app.core.openai import base_urls, problems
from app.services.batches.delete_batch import can_forget
from app.services.batches.resend import can_send_again
from app.ui.activity import view as activity_view
from app.ui.base.markup import NOTHING, Node, at, join, long
from app.ui.base.parts import (
    act,
    batch_pill,
    batch_title,
    command,
    empty,
    note,
    problem_note,
    progress_meter,
    shown_problem,
    state_word,
    tool,
)
from app.ui.base.reading_actions import CopyPiece
from app.ui.base.state import State
from app.ui.batches import capacity_view, rescue_note, settling_view
from app.ui.batches.actions import AskCancel, AskForget, StopFollowing, TryNow
from app.ui.batches.cost_view import cost
from app.ui.batches.durations_view import alarm_note, expectation, how_long
from app.ui.batches.label_actions import AskLabels
from app.ui.batches.label_view import tags
from app.ui.batches.rescue_actions import AskRescue, can_rescue
from app.ui.batches.view import lane_words, progress_words, spoken
from app.ui.provider.actions import AllowRedirect, OpenProfile
from app.ui.queue.view import quota_remedies
from app.ui.results import addresses, answers_view, unfound_view
from app.ui.results.actions import Download, FetchAgain, SendAgain
from app.ui.results.take_actions import OpenTakeAway
from app.ui.threads.sent_view import prompts_of_batch

if TYPE_CHECKING:
    from app.services.planning.planning import RowsOrigin

_PATH = ("planned", "uploaded", "validating", "in_progress", "finalizing", "downloading", "reconciling")
_ADOPTED = ("adopting", *_PATH[2:])
_ERRORS_SHOWN = 50
_NAME = 80
_BEFORE = 3
"""Batches of answers that are named."""
_SLOW_CANCEL = "Cancelling usually takes at most ten minutes. Nightshift keeps checking; you can stop following the batch."


def batch(state: State) -> Node:
    one = next((each for each in state.batches.all if each.id == state.route.id), None)
    if one is None:
        return [
            header(
                {},
                div({}, h1({}, "Batch not found"), p({}, "It is not in this browser: it was deleted here, or it is in another browser.")),
            ),
            empty(
                "What you can do",
                "The provider may still have it: you can import it from there.",
                a(at("btn", href="#/batches/account"), "At the provider"),
            ),
        ]
    ended = one.state in pipeline.FINAL
    return [
        _header(state, one, ended),
        _problem(state, one, ended),
        alarm_note(state, one),
        rescue_note.standing(state, one),
        capacity_view.waits(state, one),
        section(
            at("card batch-card"),
            _steps(state, one, ended),
            div(
                at("pad row wrap"),
                batch_pill(one),
                span(at("grow words"), _moving(state, one)),
                span(at("dim"), _why(state, one), spoken(one)),
            ),
            div(at("pad dim"), expected) if (expected := expectation(state, one)) else NOTHING,
            cost(state, one),
            _origins(state),
            prompts_of_batch(state, one),
            _adopted(state, one),
            _keeping(state, one),
            _facts(state, one),
        ),
        _delivery(state, one),
        unfound_view.notes(state, one),
        answers_view.unanswered(state, one),
        answers_view.answers(state, one),
        activity_view.of_batch(state),
    ]


def _delivery(state: State, one: Batch) -> Node:
    """What became of its results at the programs that wait for them, if any do."""
    if not state.programs.of_batch or state.programs.counted != one.id:
        return NOTHING
    from app.ui.programs.message_view import of_batch

    return of_batch(state, one.id)


def _header(state: State, one: Batch, ended: bool) -> Node:
    again = can_send_again(one)
    cancellable = (
        one.state in ("planned", "uploading", "uploaded", "waiting", "creating", "validating", "in_progress", "finalizing")
        and not one.cancel_requested
    )
    files = [("input", "Requests")] if one.state not in ("withdrawn", "adopting") and not one.input_missing else []
    files += [(file.which, "Answers" if file.which == "output" else "Errors") for file in one.fetched if not file.gone]
    return header(
        {},
        div(
            {},
            div(at("row"), h1({}, batch_title(one, state.zone)), tool("edit", "Name and tags", AskLabels(one.id))),
            p({}, join([span(at("mono"), lane_words(one)), text.count(one.requests, "request")]), tags(one)),
        ),
        div(
            at("actions"),
            command(state, OpenTakeAway(batch=one.id), "primary", title="As a table: CSV, Excel, JSONL and others")
            if one.state in pipeline.FETCHED and one.tally.answered
            else NOTHING,
            a(at("btn", href=addresses.of_batch(one.id)), "Open in Results") if one.state in pipeline.FETCHED else NOTHING,
            [act(f"{title} ↓", Download(one.id, which), title=f"Download the {which} file") for which, title in files],
            command(
                state,
                SendAgain(one.id, "all"),
                words=f"Queue {text.number(again)} again",
                title="Return what was not answered to the queue",
            )
            if again
            else NOTHING,
            act("Download the answers again", FetchAgain(one.id), title="Ask the provider again for what is missing here; it is free")
            if _lacks_answers(state, one) and not one.tally.unfound
            else NOTHING,
            act("Delete", AskForget(one.id), "quiet danger", title="Delete this batch from this browser") if can_forget(one) else NOTHING,
            command(state, AskRescue(one.id), "quiet") if can_rescue(one) else NOTHING,
            act("Cancel batch", AskCancel(one.id), "danger") if cancellable else NOTHING,
        ),
    )


def _origins(state: State) -> Node:
    """Of which tables the requests are, and which version of the prompt asked."""
    return [_origin(state, one) for one in state.batch.origins]


def _origin(state: State, one: RowsOrigin) -> Node:
    added = one.added
    if added.follow is not None:
        names = {each.id: batch_title(each, state.zone) for each in state.batches.all}
        before = [a(at(href=f"#/batches/{each}"), text.shorten(names.get(each, each), _NAME)) for each in added.followed[:_BEFORE]]
        return div(at("pad dim"), "Continues answers of ", join(before, ", "), " …" if len(added.followed) > _BEFORE else NOTHING)
    if not added.dataset:
        return div(at("pad dim"), f"Requests of the file {text.shorten(added.file, _NAME)}") if added.file else NOTHING
    address = f"#/data/{added.dataset}"
    if not one.table:
        return div(at("pad dim"), "Rows of a table that is no longer here")
    asked: Node = [", asked by ", a(at(href=f"{address}/prompt"), one.version)] if one.version else NOTHING
    return div(at("pad dim"), "Rows of ", a(at(href=address), one.table), asked)


def _lacks_answers(state: State, one: Batch) -> bool:
    """Whether something of an ended batch is known or seen not to be here: a file, or the ledger."""
    unread = one.state in pipeline.FETCHED and any(row.outcome == "unread" for row in state.batch.rows)
    return pipeline.can_fetch_again(one) or unread


def _problem(state: State, one: Batch, ended: bool) -> Node:
    """What went wrong; for a file that the provider refused, with every line that it names."""
    errors = one.remote.errors if one.remote and one.state == "failed" else ()
    problem = shown_problem(one) or (batchproblems.from_errors(errors, ran=pipeline.ran(one)) if errors else None)
    if problem is None:
        ways_on = settling_view.buttons(state, one)
        return note("", "It has not ended.", _SLOW_CANCEL, *ways_on) if ways_on else NOTHING
    elsewhere = settling_view.looks_in_vain(one)  # the look that failed has the button, and what happens next
    buttons = [] if ended or elsewhere else [act("Try now", TryNow(one.id), "small")]
    problem = replace(problem, do="") if elsewhere else problem
    if problem.code == batchproblems.UNKNOWN_STATUS and one.state in pipeline.FOLLOWED:
        buttons.append(act("Stop following", StopFollowing(one.id), "small", title="Download what the provider lists, and stop checking"))
    if problem.code == problems.REDIRECTED and one.lane.profile in state.provider.profiles:
        host = problem.detail if base_urls.check_base_url(problem.detail) is None else ""
        buttons.append(
            act(f"Allow {host}", AllowRedirect(one.lane.profile, host), "small")
            if host
            else act("Add a host to the provider", OpenProfile(one.lane.profile), "small")
        )
    buttons += quota_remedies(state, one)
    return [
        problem_note(problem, *buttons),
        settling_view.looking(state, one),
        settling_view.choices(state, one),
        _refused_lines(errors) if errors else NOTHING,
    ]


def _refused_lines(errors: tuple[RemoteError, ...]) -> Node:
    shown = errors[:_ERRORS_SHOWN]
    more = len(errors) - len(shown)
    return section(
        at("card", aria_label="Refused lines"),
        header({}, h2({}, f"The provider refused {text.count(len(errors), 'line')}")),
        table(
            at("table"),
            thead({}, tr({}, th(at("num"), "Line"), th({}, "What it says"), th(at("hide-s"), "Code"), th(at("hide-s"), "Field"))),
            tbody(
                {},
                [
                    tr(
                        {},
                        td(at("num"), text.number(each.line) if each.line else "–"),
                        td({}, each.message or each.code),
                        td(at("mono hide-s"), each.code),
                        td(at("mono hide-s"), each.param),
                    )
                    for each in shown
                ],
            ),
        ),
        p(at("pad dim"), f"and {text.number(more)} more; all of them are in the details below") if more else NOTHING,
    )


def _moving(state: State, one: Batch) -> Node:
    if (moving := state.batches.progress.get(one.id)) is not None and one.state not in pipeline.FINAL:
        return progress_words(*moving)
    return progress_meter(one)


def _why(state: State, one: Batch) -> Node:
    """Why it waits and until when."""
    if one.state in pipeline.FINAL:
        return ""
    if state.engine.stopped:
        return "this tab stopped: reload the page"
    if state.engine.fault:
        return state.engine.fault
    profile = state.provider.profiles.get(one.lane.profile)
    if not state.engine.online and one.state != "reconciling" and profile is not None and base_urls.leaves_the_machine(profile):
        return "you are offline: it continues when the network is back"
    if not state.engine.leads:
        return "another tab of Nightshift works on it"
    if one.state == "waiting":
        return capacity_view.short(state, one)
    wait = one.retry_at - state.now
    if one.state == "creating" and one.outcome_unknown:
        return f"next check in {text.span(wait)}" if wait > 0 else "checking with the provider"
    if one.problem is not None:
        often = f"failed {text.number(one.tries)} times in a row; " if one.tries >= STUBBORN else ""
        return often + (f"tries again in {text.span(wait)}" if wait > 0 else "tries again now")
    if one.live and one.state in pipeline.FOLLOWED:
        return f"its requests are asked one by one, at the {one.live} price, as long as this page is open"
    if one.state in ("validating", "in_progress", "finalizing", "cancelling"):
        return f"the provider is working on it; checked {text.ago(state.now - one.updated)}"
    return ""


def _adopted(state: State, one: Batch) -> Node:
    """That a batch was created elsewhere, and what is not known of it."""
    if not one.adopted:
        return NOTHING
    words = f"Created elsewhere, imported {text.clock(one.adopted, offset=state.zone)}. Its requests are not resent automatically."
    if one.state == "adopting":
        words = "Created elsewhere: its requests are being read from its input file. Nothing is created or sent."
    elif one.input_missing:
        counted = f" The provider counted {text.count(one.remote.total, 'request')}." if one.remote and one.remote.total else ""
        words += f" Its input file is no longer at the provider: what was asked is not known, only what was answered.{counted}"
    return p(at("pad dim"), words)


def _keeping(state: State, one: Batch) -> Node:
    """Until when the provider keeps the answers, and whether that matters."""
    notes: list[Node] = []
    until = remote_files.kept_until(one)
    if until:
        left = until - state.now
        day = text.clock(until, offset=state.zone)
        whole, said = remote_files.is_whole(one), remote_files.says_until(one)
        if whole:
            words = f"The provider keeps the answers until {day}; they are stored here."
            words = words if left > 0 and said else "The answers are stored here."
        elif not said:
            words = "The provider did not say how long it keeps the answers; OpenAI keeps them for 30 days. "
            words += f"They should be downloaded before {day}." if left > 0 else "What was not downloaded may be gone."
        elif left > 0 and one.tally.unfound:
            words = f"The provider keeps its files until {day}: missing answers can be looked for there for {text.span(left)}."
        elif left > 0:
            words = f"The provider keeps the answers until {day}: they must be downloaded within {text.span(left)}."
        else:
            words = f"The provider kept the answers until {day}. What was not downloaded by then is gone there."
        notes.append(p(at("pad dim" if whole else "pad"), words))
    elif one.remote_cleanup.gone and one.state != "withdrawn":
        notes.append(p(at("pad dim"), "The files of this batch were deleted at the provider; the answers are stored here."))
    if one.remote_cleanup.problem is not None:
        at_next = remote_files.next_clearing(one, state.now)
        again = f"It is retried in {text.span(at_next - state.now)}." if at_next else "It is retried now."
        notes.append(
            p(at("pad"), "The files of this batch could not be deleted at the provider. ", one.remote_cleanup.problem.what, " ", again)
        )
    return notes


def _steps(state: State, one: Batch, ended: bool) -> Node:
    seen: dict[str, Moment] = {}
    for moment in one.timeline:
        seen.setdefault(moment.state, moment)
    last = one.state if ended else "done"
    path = [step for step in (_ADOPTED if one.adopted else _PATH) if not ended or step in seen]
    if one.state not in path and not ended and one.state in seen:
        path = [*[step for step in path if step in seen], one.state, *[step for step in path if step not in seen]]
    lasted = how_long(one, state.now)
    return ol(at("steps", aria_label="Timeline"), [_step(state, one, step, seen, lasted.get(step, "")) for step in [*path, last]])


def _step(state: State, one: Batch, step: str, seen: dict[str, Moment], lasted: str) -> Node:
    now = step == one.state
    bad = now and step in ("failed", "withdrawn", "expired", "cancelled")
    cls = "bad" if bad else "now" if now and step not in pipeline.FINAL else "" if step in seen else "todo"
    when = text.clock(seen[step].at, offset=state.zone, now=state.now) if step in seen else ""
    times: list[Node] = [span({}, each) for each in (when, lasted) if each]
    return li(at(cls, aria_current="step" if now else None), b({}, state_word(step)), times)


_AT_PROVIDER, _HERE = "Batch at the provider", "Batch here"


def _copies(name: str, value: str) -> Node:
    """What is asked for elsewhere can be copied."""
    return tool("copy", "Copy the id", CopyPiece(value)) if name in (_AT_PROVIDER, _HERE) else NOTHING


def _facts(state: State, one: Batch) -> Node:
    remote, tally = one.remote, one.tally
    tokens = tally.input_tokens + tally.output_tokens
    rows: list[tuple[str, str]] = [("Created", text.clock(one.created, offset=state.zone)), ("Upload", text.size(one.size))]
    rows.append((_HERE, one.id))
    rows += [("An earlier attempt at the provider", earlier.id) for earlier in one.superseded]
    if remote is not None:
        rows.append((_AT_PROVIDER, remote.id))
        if remote.status:
            rows.append(("Provider status", remote.status))
        if remote.progress and one.state not in pipeline.FINAL:
            rows.append(("Completed, according to the provider", text.percent(remote.progress)))
        rows += [("Noticed", remark) for remark in remote.remarks]
        if remote.expires_at and one.state not in pipeline.FINAL:
            rows.append(("Ends by", text.clock(remote.expires_at, offset=state.zone)))
    if tokens:
        rows.append(("Tokens in", f"{text.number(tally.input_tokens)} ({text.number(tally.cached_tokens)} cached)"))
        rows.append(("Tokens out", f"{text.number(tally.output_tokens)} ({text.number(tally.reasoning_tokens)} reasoning)"))
    notes = [one_note for one_note in one.timeline if one_note.note]
    return details(
        at("pad"),
        summary({}, "Details"),
        div(
            at("stack pad"),
            dl(at("facts left"), [[dt({}, name), dd(at("mono"), value, _copies(name, value))] for name, value in rows]),
            ol({}, [li(at("dim"), f"{text.clock(each.at, offset=state.zone, now=state.now)} · {each.note}") for each in notes])
            if notes
            else NOTHING,
            pre(at("code"), long(remote.raw, "batch object")) if remote is not None and remote.raw else NOTHING,
        ),
    )
