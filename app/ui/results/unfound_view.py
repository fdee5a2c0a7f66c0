"""What is said of answers that were not found, or are no good ones: that they may be, or are, paid for, and each way on."""

from __future__ import annotations

from typing import Any

from simple_html import datalist, div, option, p

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.services.results.shown import Opened
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, command, field, keys_of, note, typed
from app.ui.base.state import State
from app.ui.results.actions import AssignAnswer, Download, FetchAgain, MatchNames, ReleaseAnswer, ShowOutcomes, TypeWhose

_SHOWN = 3


def notes(state: State, batch: Batch) -> list[Node]:
    """What a person must know about an ended batch's answers before sending anything again."""
    if batch.state not in pipeline.FETCHED:
        return []
    return [_unfound(batch), _matching(state, batch), _flawed(batch), _differing(batch), _counts(batch)]


def _unfound(batch: Batch) -> Node:
    count = batch.tally.unfound
    if not count:
        return NOTHING
    said = batch.remote.completed if batch.remote else 0
    found = batch.tally.answered + batch.tally.flawed + batch.tally.unreadable
    title = f"Provider says answered, not found in its files: {text.count(count, 'request')}."
    if said <= found:
        title = f"May have been answered, not found in the provider's files: {text.count(count, 'request')}."
    counted = f"The provider counts {text.count(said, 'answer')}; {text.number(found)} were found. " if said > found else ""
    words = (
        f"{counted}What was answered is billed, so none of this is resent automatically: it could be paid for twice. Download again, "
        "which is free; check the files; or send the requests again."
    )
    return note(
        "",
        title,
        words,
        act("Download the answers again", FetchAgain(batch.id), "small", title="Ask the provider once more; it is free"),
        *(
            act(f"{'Answers' if file.which == 'output' else 'Errors'} ↓", Download(batch.id, file.which), "small quiet")
            for file in batch.fetched
            if not file.gone
        ),
    )


def _matching(state: State, batch: Batch) -> Node:
    """Answers under other ids, and whose they may be."""
    if not (batch.tally.unfound and batch.tally.unexpected):
        return NOTHING
    match = state.batch.match
    strange = text.count(batch.tally.unexpected, "answer")
    if match is None:
        return note(
            "",
            f"{strange} under ids that this batch does not have.",
            "Their ids do not say which request they belong to. Open one under “Unexpected” to match it.",
            act("Show them", ShowOutcomes("unexpected"), "small"),
        )
    shown = list(match.pairs.items())[:_SHOWN]
    example = ", ".join(f"“{theirs[:60]}” is “{ours[:60]}”" for theirs, ours in shown) + (" and so on" if len(match.pairs) > _SHOWN else "")
    how = "Each of them matches one request by its name" if match.by == "name" else "They number the requests in order"
    look = "" if match.by == "name" else " Compare one or two answers with their requests before you confirm."
    return note(
        "",
        f"{strange} under ids that this batch does not have.",
        f"{how}: {example}.{look}",
        command(state, MatchNames(batch.id), "small primary"),
        act("Show them", ShowOutcomes("unexpected"), "small"),
    )


def whose(state: State, one: Opened) -> Node:
    """Below an answer: the way to say which request it is meant for, or to take that back."""
    if one.matched:
        return note(
            "info",
            "Matched by you.",
            f"In the provider's files this answer has the id “{text.shorten(one.matched, 80)}”.",
            command(state, ReleaseAnswer(one.batch, one.row), "small"),
        )
    if one.outcome != "unexpected":
        return NOTHING
    if not one.open_ids:
        return p(at("dim"), "Every request of this batch has its own line: this answer is kept, and belongs to none of them.")
    batch = state.batch
    assign = AssignAnswer(one.batch, one.row)

    def control(**tied: Any) -> Node:
        names = datalist(at(id="whose-ids"), [option(at(value=id)) for id in one.open_ids])
        box = typed("whose", batch.whose, TypeWhose(), list="whose-ids", data_key=keys_of(assign))
        return [box(**tied), names]

    return div(
        at("stack tight"),
        field(
            "whose",
            "Request that it answers (custom_id)",
            control,
            hint="A request that was not found in the provider's files. It can be undone.",
            faults=[batch.whose_fault] if batch.whose_fault else [],
        ),
        div(
            at("row"),
            command(state, assign, "small primary"),
        ),
    )


def _row(count: int, how: str, means: str, which: str) -> Node:
    """That so many requests were answered in this way, with a button that lists them; nothing where there are none."""
    if not count:
        return NOTHING
    were = "was" if count == 1 else "were"
    return note("", f"{text.count(count, 'request')} {were} {how}.", means, act("Show them", ShowOutcomes(which), "small"))


def _flawed(batch: Batch) -> Node:
    return _row(
        batch.tally.flawed,
        "answered, but with no good answer",
        "Cut off, empty, refused, or not in the form that was asked for; each kind is listed below with what to do. They are billed, and "
        "not counted among the answers.",
        "flawed",
    )


def _differing(batch: Batch) -> Node:
    return _row(
        batch.tally.differing,
        "answered twice, and differently",
        "The first good answer counts; the other one is kept with it. Both may be billed: check the provider's page.",
        "differing",
    )


def _counts(batch: Batch) -> Node:
    """That the provider's counts and its files contradict each other: the files win."""
    remote, tally = batch.remote, batch.tally
    if remote is None or not remote.total or tally.unfound or batch.ending == pipeline.UNFOLLOWED:
        return NOTHING
    found = tally.answered + tally.flawed + tally.unreadable
    if remote.completed == found:
        return NOTHING
    return note(
        "info",
        f"The provider counts {text.count(remote.completed, 'answer')}, its files hold {text.number(found)}.",
        "Here the files count. If it matters for the bill, ask the provider.",
    )
