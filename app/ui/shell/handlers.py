"""Toasts, notices, dialogs."""

from __future__ import annotations

from app.core.openai.wire import BytesBlob
from app.services.results.review import Opened
from app.ui.shell import drawing
from app.ui.shell.actions import (
    CloseDialog,
    CopyText,
    Dismiss,
    DismissNotice,
    ForgetStops,
    GoOnline,
    ReadAgain,
    ReloadPage,
    SaveText,
    SkipToView,
    TakeUpdate,
    Undo,
)
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import Paste, RequestDialog
from app.ui.shell.loop import COPIED, App, Handler


async def undo(app: App, action: Undo, _event: Event) -> None:
    toast = next((one for one in app.state.toasts if one.id == action.toast), None)
    if toast is None or toast.undo is None:
        return
    dismiss(app, Dismiss(action.toast), _event)
    await toast.undo()


def dismiss(app: App, action: Dismiss, _event: Event) -> None:
    app.state.toasts = [one for one in app.state.toasts if one.id != action.toast]


def dismiss_notice(app: App, action: DismissNotice, _event: Event) -> None:
    app.state.problems.pop(action.code, None)


def close_dialog(app: App, _action: CloseDialog, _event: Event) -> None:
    put_aside(app)


def put_aside(app: App) -> None:
    """Close the dialog; a text that was typed into it can be had back."""
    kept = app.state.dialog
    app.state.dialog = None
    typed = isinstance(kept, Paste) and kept.text.strip()
    edited = isinstance(kept, RequestDialog) and kept.text != kept.before
    if typed or edited:

        async def reopen() -> None:
            app.state.dialog = kept

        app.toast("The pasted text was put aside." if typed else "The edited request was put aside; it is not saved.", reopen)


def go_online(app: App, _action: GoOnline, _event: Event) -> None:
    """The person knows better than the browser. Where they don't, calls fail as they do without a network, and nothing is lost."""
    app.network(True)


def skip(app: App, _action: SkipToView, _event: Event) -> None:
    app.state.moves += 1


def copy_text(app: App, action: CopyText, _event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, Opened):
        return
    said = {"answer": one.answer.text if one.answer else "", "sent": one.body, "line": one.line}.get(action.what, "")
    if said:
        app.screen.copy_text(said)
        app.toast(COPIED)


def save_text(app: App, action: SaveText, _event: Event) -> None:
    """All of a text of which only the first part is shown, as a file. Half characters, which no file can hold, become �."""
    found = drawing.kept(action.key)
    if found is None:
        app.toast("This text is not in sight any more. Open it again, then save it.")
        return
    said, name = found
    stem = "".join(one if one.isalnum() and one.isascii() else "-" for one in name.lower()[:60]).strip("-") or "text"
    app.screen.save_file(f"nightshift-{stem}.txt", BytesBlob(said.encode("utf-8", "replace")), "text/plain")


async def reload(app: App, _action: ReloadPage, _event: Event) -> None:
    await app.services.drafts.settled()
    app.screen.reload()


async def read_again(app: App, _action: ReadAgain, _event: Event) -> None:
    await app.services.drafts.settled()
    app.screen.forgive()
    app.screen.reload()


def forget_stops(app: App, _action: ForgetStops, _event: Event) -> None:
    if not any(one.suspect for one in app.state.stops):
        app.screen.forgive()  # nothing is passed over for them: they are only told
    app.state.stops = ()


async def take_update(app: App, _action: TakeUpdate, _event: Event) -> None:
    """Reload into the newer version, once everything typed is on disk; what cannot be kept over a reload keeps the page."""
    state = app.state
    if any(typed.strip() for typed in state.typed_keys.values()):
        app.toast("A key was typed and not saved. Save it or clear the field, then reload.")
        return
    await app.services.drafts.settled()
    if app.services.drafts.unsaved(state.compose.thread.id):
        app.toast("Not everything that was typed is on disk, so the page was not reloaded. The composer says why.")
        return
    app.screen.take_over()


HANDLERS: dict[type[Action], Handler] = {
    Undo: undo,
    Dismiss: dismiss,
    DismissNotice: dismiss_notice,
    CloseDialog: close_dialog,
    ReloadPage: reload,
    ReadAgain: read_again,
    ForgetStops: forget_stops,
    TakeUpdate: take_update,
    GoOnline: go_online,
    SkipToView: skip,
    CopyText: copy_text,
    SaveText: save_text,
}
