"""Toasts, notices, dialogs."""

from __future__ import annotations

from app.ui import actions
from app.ui.actions import Action, Event
from app.ui.app import App, Handler
from app.ui.state import Paste


async def undo(app: App, action: actions.Undo, _event: Event) -> None:
    toast = next((one for one in app.state.toasts if one.id == action.toast), None)
    if toast is None or toast.undo is None:
        return
    dismiss(app, actions.Dismiss(action.toast), _event)
    await toast.undo()


def dismiss(app: App, action: actions.Dismiss, _event: Event) -> None:
    app.state.toasts = [one for one in app.state.toasts if one.id != action.toast]


def dismiss_notice(app: App, action: actions.DismissNotice, _event: Event) -> None:
    app.state.problems.pop(action.code, None)


def close_dialog(app: App, _action: actions.CloseDialog, _event: Event) -> None:
    if isinstance(app.state.dialog, Paste) and app.state.dialog.text.strip():
        kept = app.state.dialog

        async def reopen() -> None:
            app.state.dialog = kept

        app.toast("The pasted text was put aside.", reopen)
    app.state.dialog = None


async def reload(app: App, _action: actions.ReloadPage, _event: Event) -> None:
    await app.services.drafts.settled()
    app.screen.reload()


HANDLERS: dict[type[Action], Handler] = {
    actions.Undo: undo,
    actions.Dismiss: dismiss,
    actions.DismissNotice: dismiss_notice,
    actions.CloseDialog: close_dialog,
    actions.ReloadPage: reload,
}
