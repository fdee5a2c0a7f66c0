"""All batches: those on their way and those that ended."""

from __future__ import annotations

from simple_html import a, div, h1, h2, header, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.batches import durations, pipeline
from app.core.model.batches import Batch
from app.core.openai import kinds
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import (
    act,
    batch_pill,
    batch_title,
    command,
    empty,
    note,
    pill,
    progress_bar,
    shown_problem,
    state_word,
    unseen_status,
)
from app.ui.base.picking import pick_bar, pick_box, pick_start
from app.ui.base.stars import first, star
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.batches import capacity_view
from app.ui.batches.actions import RemovalRead
from app.ui.batches.label_view import few_tags, search_field, sought
from app.ui.batches.rescue_actions import AskRescue, can_rescue
from app.ui.threads.actions import NewThread

_LONG = 3_600.0
"""Seconds from which on a batch that has not ended can be rescued from the list."""


def lane_words(batch: Batch) -> str:
    return " ".join(_lane_parts(batch))


def _lane_parts(batch: Batch) -> tuple[str, str]:
    return f"{kinds.short(batch.lane.endpoint)} ·", batch.lane.model


def batches(state: State) -> Node:
    newest = first(state, "batch", sorted(state.batches.all, key=lambda one: -one.created), lambda one: one.id)
    found = sought(state, newest)
    pending = [one for one in found if one.state not in pipeline.FINAL]
    ended = [one for one in found if one.state in pipeline.FINAL]
    return [
        header(
            {},
            div({}, h1({}, "Batches"), p({}, join([f"{text.number(len(pending))} active", f"{text.number(len(ended))} ended"]))),
            div(
                at("actions"),
                pick_start(state, "batch"),
                a(at("btn quiet", href="#/batches/account"), "At the provider"),
            ),
        ),
        _removed(state),
        search_field(state),
        pick_bar(state, "batch", [one.id for one in found]),
        p(at("pad dim", role="status"), "No batch has all of these words.") if newest and not found else NOTHING,
        _table(state, "Active", pending) if pending else NOTHING,
        _table(state, "Finished", ended) if ended else NOTHING,
        empty(
            "No batches yet",
            "A batch is what you submit from the queue. It is answered within 24 hours, at half the price.",
            act("New prompt", NewThread(), "primary"),
        )
        if not newest
        else NOTHING,
    ]


def _removed(state: State) -> Node:
    """What left this browser by itself."""
    one = state.batches.removed
    if one is None:
        return NOTHING
    named = ", ".join(one.names[-5:])
    more = f" and {text.number(one.count - 5)} more" if one.count > 5 else ""
    return note(
        "info",
        f"{text.count(one.count, 'old batch')} left this browser by {text.clock(one.at, offset=state.zone)}.",
        f"{named}{more}. Their answers were exported, or their requests were returned to the queue. "
        "The settings say how long batches are kept.",
        act("Read", RemovalRead(), "small"),
    )


def _table(state: State, title: str, rows: list[Batch]) -> Node:
    return section(
        at("card"),
        header({}, h2({}, title)),
        div(
            at("scroll-x"),
            table(
                at("table runs"),
                thead(
                    {},
                    tr(
                        {},
                        th({}, "Batch"),
                        th(at("hide-s"), "Endpoint · model"),
                        th({}, "State"),
                        th({}, "Answered"),
                        th(at("num hide-s"), "Requests"),
                        th(at("num hide-s"), "Created"),
                        th(at("num hide-s"), "Status for"),
                    ),
                ),
                tbody({}, [_row(state, row) for row in rows]),
            ),
        ),
    )


def _row(state: State, batch: Batch) -> Node:
    since = batch.timeline[-1].at if batch.timeline else batch.created
    age = state.now - since
    waits = batch.state not in pipeline.FINAL
    name = batch_title(batch, state.zone)
    return tr(
        at(id=f"batch-{batch.id}"),
        td(
            {},
            span(
                at("starred"),
                pick_box(state, "batch", batch.id, name) or star(state, "batch", batch.id, name),
                span({}, a(at("batch-name clip", href=f"#/batches/{batch.id}", title=name), name), few_tags(batch)),
            ),
        ),
        td(at("mono hide-s"), [[span(at("nowrap", title=one), one), " "] for one in _lane_parts(batch)]),
        td({}, batch_pill(batch), _rescue(state, batch)),
        td({}, _progress(state, batch)),
        td(at("num hide-s"), text.number(batch.requests)),
        td(at("num hide-s"), text.clock(batch.created, offset=state.zone, now=state.now)),
        td(at("num hide-s"), _in_state(state, batch, age) if waits else ago(state, since)),
    )


def _in_state(state: State, batch: Batch, age: float) -> Node:
    slow = durations.alarm(batch, state.batches.histories.get(batch.lane.key), state.now) is not None
    offered = can_rescue(batch) and (slow or state.now - batch.created > _LONG)
    return [
        text.span(age),
        [" ", pill("warn", "longer than usual")] if slow else NOTHING,
        [" ", command(state, AskRescue(batch.id), "small quiet")] if offered else NOTHING,
    ]


def _rescue(state: State, batch: Batch) -> Node:
    """That it is rescued, or will be."""
    one = state.rescues.all.get(batch.id)
    if one is None or one.stage == "ended" or batch.state in pipeline.FINAL:
        return NOTHING
    words = "being rescued" if one.stage == "begun" else f"rescue {text.clock(one.at, offset=state.zone, now=state.now)}"
    return [" ", pill("wait", words)]


def _progress(state: State, batch: Batch) -> Node:
    if (moving := state.batches.progress.get(batch.id)) is not None and batch.state not in pipeline.FINAL:
        return span(at("dim"), progress_words(*moving))
    if batch.state == "waiting":
        return a(at(href=f"#/batches/{batch.id}", title=capacity_view.short(state, batch)), capacity_view.brief(state, batch))
    if (problem := shown_problem(batch)) is not None:
        return a(at(href=f"#/batches/{batch.id}"), problem.what)
    return progress_bar(batch)


def progress_words(step: str, done: int, total: int) -> str:
    """How far an upload, a download or the checking of answers is."""
    if step == "checking":
        return f"checked {text.number(done)} of {text.number(total)}"
    if step == "answered":
        return f"asked {text.number(done)} of {text.number(total)}"
    of = f" of {text.size(total)}" if total else ""
    return f"{step} {text.size(done)}{of}"


def spoken(one: Batch) -> Node:
    """What is said aloud of a batch as it goes on, and not shown: each state, and every tenth that is answered."""
    word = state_word(one.state)
    if one.state == "in_progress" and one.remote is not None and one.remote.completed:
        word += f", {text.percent(100 * one.remote.completed // max(1, one.requests) // 10 * 10)} answered"
    return unseen_status(word)
