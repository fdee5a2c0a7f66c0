"""The log: which of it, and its file."""

from __future__ import annotations

from app.core.openai.wire import BytesBlob
from app.services.runtime.logbook import Logbook, utc
from app.services.runtime.records import Records
from app.ui.activity.actions import ExportLog, FilterLog, OpenLogEntry, ScrollLog, ShowLog
from app.ui.queue.handlers import scroll_of
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import LogDialog
from app.ui.shell.loop import App, Handler


def _sift(app: App) -> None:
    here = app.state.log
    here.shown = here.entries if here.which == "all" else tuple(one for one in here.entries if one.trouble)


async def read(app: App) -> None:
    """Read what is in sight of the log anew; nothing where none of it is."""
    here, route = app.state.log, app.state.route
    if route.view not in ("log", "batch"):
        here.entries, here.shown, here.read = (), (), False
        return
    here.old = False
    entries = await Logbook(Records(app.services.store), app.services.clock).entries(route.id)
    if app.state.route == route:
        here.entries, here.read = tuple(reversed(entries)), True
        _sift(app)
        app.changed()


def arrive(app: App) -> None:
    """Another view is open, or another batch: begin at the newest entry."""
    here = app.state.log
    here.entries, here.shown, here.read, here.which = (), (), False, "all"
    app.state.scroll.pop("log", None)


def show(app: App, action: ShowLog, _event: Event) -> None:
    app.state.log.which = "problems" if action.which == "problems" else "all"
    app.state.scroll.pop("log", None)
    _sift(app)


def choose(app: App, _action: FilterLog, event: Event) -> None:
    app.screen.go_to(f"#/log/{event.text}" if event.text else "#/log")


def scroll(app: App, _action: ScrollLog, event: Event) -> None:
    app.state.scroll["log"] = scroll_of(event)


def open_entry(app: App, action: OpenLogEntry, _event: Event) -> None:
    entry = next((one for one in app.state.log.entries if one.id == action.id), None)
    if entry is not None:
        app.state.dialog = LogDialog(entry)


async def export(app: App, _action: ExportLog, _event: Event) -> None:
    """What is in sight, oldest first, as a file."""
    book = Logbook(Records(app.services.store), app.services.clock)
    data = await book.file(list(reversed(app.state.log.shown)))
    day = utc(app.services.clock.now())[:10]
    of = f"-{app.state.route.id}" if app.state.route.id else ""
    app.screen.save_file(f"nightshift-log{of}-{day}.jsonl", BytesBlob(data), "application/jsonl")


HANDLERS: dict[type[Action], Handler] = {
    ShowLog: show,
    FilterLog: choose,
    ScrollLog: scroll,
    OpenLogEntry: open_entry,
    ExportLog: export,
}
