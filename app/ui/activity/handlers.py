"""The log: which of it, and its file."""

from __future__ import annotations

from itertools import pairwise

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.openai.wire import BytesBlob
from app.services.runtime.logbook import Logbook, utc
from app.ui.activity.actions import ExportLog, FilterLog, OpenLogEntry, ScrollLog, SetNotify, ShowLog
from app.ui.activity.dialogs import LogDialog
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route, Scroll

_LOG = 3
"""Seconds between two readings of a log that is in sight and was added to."""


def _sift(context: Context) -> None:
    log = context.state.log
    log.shown = log.entries if log.which == "all" else tuple(entry for entry in log.entries if entry.trouble)


async def read(context: Context) -> None:
    """Read what is in sight of the log again; nothing where none of it is."""
    log, route = context.state.log, context.state.route
    if route.view not in ("log", "batch"):
        log.entries, log.shown, log.read = (), (), False
        return
    log.old = False
    entries = await Logbook(context.services.records, context.services.clock).entries(route.id)
    if context.state.route == route:
        log.entries, log.read = tuple(reversed(entries)), True
        _sift(context)
        context.changed()


def on_route(context: Context, before: Route) -> None:
    """Another view is open, or another batch: begin at the newest entry."""
    log, route = context.state.log, context.state.route
    if route != before:
        log.entries, log.shown, log.read, log.which = (), (), False, "all"
        context.state.scroll.pop("log", None)
    if route.view in ("log", "batch"):
        _read_soon(context)


def on_table(context: Context) -> None:
    """Another tab added to the log."""
    context.state.log.old = True


def on_beat(context: Context, beat: int) -> None:
    """A log that is in sight and was added to is read again now and then."""
    if context.visible and context.state.log.old and beat % _LOG == 0:
        _read_soon(context)


def _read_soon(context: Context) -> None:
    async def read_log() -> None:
        await read(context)

    context.catch_up("log", read_log)


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """The log was added to. Of a batch that has just ended there is a desktop notice: where that was asked for, from the tab that carries
    it, once."""
    context.state.log.old = True
    if before is not None and before.state == batch.state:
        return
    endings = sum(after.state in pipeline.FINAL and after.state != earlier.state for earlier, after in pairwise(batch.timeline))
    wanted = context.state.preferences.notify and context.screen.notices == "granted"
    if wanted and context.services.engine.leads and batch.state in pipeline.FETCHED and endings == 1:
        from app.ui.activity.notices_view import words  # most batches end unseen

        context.screen.notify(*words(batch, context.state.zone), f"nightshift:{batch.id}", f"#/batches/{batch.id}")


def show(context: Context, action: ShowLog, _event: Event) -> None:
    context.state.log.which = "problems" if action.which == "problems" else "all"
    context.state.scroll.pop("log", None)
    _sift(context)


def choose(context: Context, _action: FilterLog, event: Event) -> None:
    context.screen.go_to(f"#/log/{event.text}" if event.text else "#/log")


def scroll(context: Context, _action: ScrollLog, event: Event) -> None:
    context.state.scroll["log"] = Scroll.of(event)


def open_entry(context: Context, action: OpenLogEntry, _event: Event) -> None:
    entry = next((entry for entry in context.state.log.entries if entry.id == action.id), None)
    if entry is not None:
        context.state.dialog = LogDialog(entry)


async def export(context: Context, _action: ExportLog, _event: Event) -> None:
    """What is in sight, oldest first, as a file."""
    book = Logbook(context.services.records, context.services.clock)
    data = await book.file(list(reversed(context.state.log.shown)))
    day = utc(context.services.clock.now())[:10]
    of = f"-{context.state.route.id}" if context.state.route.id else ""
    context.screen.save_file(f"nightshift-log{of}-{day}.jsonl", BytesBlob(data), "application/jsonl")


async def set_notify(context: Context, action: SetNotify, _event: Event) -> None:
    """Ask the browser where it has not been asked; the person's own wish is kept."""
    if action.on and context.screen.notices == "default":
        context.screen.ask_for_notices()  # now, while the click is handled
    await context.prefer(notify=action.on)
    context.state.browser.notices = context.screen.notices


HANDLERS: dict[type[Action], Handler] = {
    ShowLog: show,
    FilterLog: choose,
    ScrollLog: scroll,
    OpenLogEntry: open_entry,
    ExportLog: export,
    SetNotify: set_notify,
}
