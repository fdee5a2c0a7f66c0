"""A file whose lines are requests already: looked over, and added to the queue as they are."""

from __future__ import annotations

import os.path
import re

from app.core.base import text
from app.services.planning.requestfile_job import RequestFileReport
from app.services.results.requestfile_job import WRITE_FILE_ANSWERS
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.data_state import ImportDraft
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.datasets import looking
from app.ui.datasets.actions import CheckRequests, QueueRequests, SaveFileAnswers, StopRequests

_NOT_ADDED = "Nothing was added to the queue."


async def check(context: Context, _action: CheckRequests, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is not None and draft.requests is not None and not draft.requests.doing and not draft.busy:
        draft.requests.profile = context.state.profile
        await looking.check(context, draft, draft.requests)


async def queue(context: Context, _action: QueueRequests, _event: Event) -> None:
    here = context.state.data
    draft = here.draft
    offer = draft.requests if draft is not None else None
    if draft is None or offer is None or offer.doing or draft.doing or offer.report is None:
        return
    files, encoding = context.services.planning().files, offer.encoding
    digest, seen = offer.report.record.digest, offer.seen
    offer.fault, began = None, context.state.route
    try:  # nothing is awaited before it is shown as under way: a second press does nothing
        done = await stoppable(context, offer, "queue", lambda moved: files.add(draft.source, encoding, offer.profile, moved, digest, seen))
    except Stopped:
        late = await looking.learn_before(context, offer)
        offer.fault = ("Stopped.", "It was too late to stop: the requests are in the queue." if late else _NOT_ADDED)
    except Exception as error:
        words = looking.requests_words(error)
        if words is None:
            raise
        offer.fault = (_NOT_ADDED, words)
        await looking.learn_before(context, offer)
    else:
        if here.draft is draft:
            here.draft, here.pasted = None, None
        here.files = tuple(await files.added())
        context.toast(_added(done))
        context.ask_to_keep()
        if not here.waiting:
            context.lead_on(began, "#/queue")
    await context.refresh_queue()
    context.changed()
    await looking.next_file(context)


def _added(done: RequestFileReport) -> str:
    left = done.record.left_out
    beside = f" {text.count(left, 'line')} at fault {'was' if left == 1 else 'were'} left out." if left else ""
    return f"Added {text.count(done.record.requests, 'request')} of “{done.record.file}” to the queue. Nothing was sent yet.{beside}"


def stop(context: Context, _action: StopRequests, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is None or draft.requests is None:
        return
    if draft.requests.stop is None:
        draft.requests.fault = None
    else:
        stop_under_way(draft)


def stop_under_way(draft: ImportDraft) -> None:
    """Stop the look over its lines, or their way into the queue."""
    if draft.requests is not None and draft.requests.stop is not None:
        draft.requests.stop()


async def save_answers(context: Context, action: SaveFileAnswers, _event: Event) -> None:
    here = context.state.data
    record = next((one for one in here.files if one.id == action.id), None)
    if record is None:
        return
    try:
        done = await context.services.compute.run(WRITE_FILE_ANSWERS, record)
    except Exception as error:
        words = looking.requests_words(error)
        if words is None:
            raise
        here.fault = ("No file was written.", words)
        context.changed()
        return
    told = done.value
    if done.blob is None or not told.lines:
        context.toast(f"No answers to “{record.file}” are here yet.")
        return
    stem = re.sub(r"[^\w.-]+", "-", os.path.splitext(record.file)[0]).strip("-.")[:80] or "requests"
    context.screen.save_file(f"{stem}-answers.jsonl", done.blob, "application/jsonl")
    missing = f" {text.count(done.faulty, 'line')} could not be read." if done.faulty else ""
    context.toast(f"{text.number(told.answered)} of {text.count(told.requests, 'request')} answered.{missing}")


HANDLERS: dict[type[Action], Handler] = {
    QueueRequests: queue,
    CheckRequests: check,
    StopRequests: stop,
    SaveFileAnswers: save_answers,
}
