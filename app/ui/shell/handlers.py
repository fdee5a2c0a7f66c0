"""Toasts, notices, dialogs."""

from __future__ import annotations

from typing import get_args

import msgspec

from app.core.openai.wire import BytesBlob
from app.ui.base import drawing
from app.ui.base.actions import (
    AskEnd,
    CloseDialog,
    CopyLink,
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
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import COPIED, Context, Handler
from app.ui.base.dialogs import EndDialog, Ending
from app.ui.shell.crumbs import own_address


async def undo(context: Context, action: Undo, _event: Event) -> None:
    """From its toast, or from Activity where that has gone; once."""
    said = (*context.state.toasts, *context.state.said.all)
    toast = next((one for one in said if one.id == action.toast and one.undo is not None), None)
    if toast is None or toast.undo is None:
        return
    dismiss(context, Dismiss(action.toast), _event)
    context.state.said.take(action.toast)
    await toast.undo()


def dismiss(context: Context, action: Dismiss, _event: Event) -> None:
    context.state.toasts = [one for one in context.state.toasts if one.id != action.toast]


def dismiss_notice(context: Context, action: DismissNotice, _event: Event) -> None:
    context.state.problems.pop(action.code, None)


def close_dialog(context: Context, _action: CloseDialog, _event: Event) -> None:
    context.put_aside()


def go_online(context: Context, _action: GoOnline, _event: Event) -> None:
    """The person knows better than the browser. Where they don't, calls fail as they do without a network, and nothing is lost."""
    context.network(True)


def look_at_practice_run(context: Context) -> None:
    """The page was drawn: a step of the practice run may be done by now."""
    if context.state.preferences.practice_run.shown == "on":
        from app.ui.shell.practice_run_handlers import look  # most pages never need it

        look(context)


def skip(context: Context, _action: SkipToView, _event: Event) -> None:
    context.state.moves += 1


def ask_end(context: Context, action: AskEnd, _event: Event) -> None:
    if action.kind in get_args(Ending):
        context.state.dialog = EndDialog(msgspec.convert(action.kind, Ending), action.id)


def copy_link(context: Context, action: CopyLink, _event: Event) -> None:
    """What is stored is in this browser alone, so there the link leads to it; a recipe's has all of it."""
    context.screen.copy_link(action.address or own_address(context.state, context.screen.route))
    context.toast(COPIED if context.state.route.view == "recipe" else f"{COPIED} The link opens it in this browser.")


def save_text(context: Context, action: SaveText, _event: Event) -> None:
    """All of a text of which only the first part is shown, as a file. Half characters, which no file can hold, become �."""
    found = drawing.kept(action.key)
    if found is None:
        context.toast("This text is no longer open. Open it again, then save it.")
        return
    said, name = found
    stem = "".join(one if one.isalnum() and one.isascii() else "-" for one in name.lower()[:60]).strip("-") or "text"
    context.screen.save_file(f"nightshift-{stem}.txt", BytesBlob(said.encode("utf-8", "replace")), "text/plain")


async def reload(context: Context, _action: ReloadPage, _event: Event) -> None:
    await context.services.drafts.settled()
    context.screen.reload()


async def read_again(context: Context, _action: ReadAgain, _event: Event) -> None:
    await context.services.drafts.settled()
    context.screen.forgive()
    context.screen.reload()


def forget_stops(context: Context, _action: ForgetStops, _event: Event) -> None:
    if not any(one.suspect for one in context.state.browser.stops):
        context.screen.forgive()  # nothing is skipped for them: they are only told
    context.state.browser.stops = ()


async def take_update(context: Context, _action: TakeUpdate, _event: Event) -> None:
    """Reload into the newer version, once everything typed is on disk; what cannot be kept over a reload keeps the page."""
    state = context.state
    if any(typed.strip() for typed in state.provider.typed_keys.values()):
        context.toast("A key was typed and not saved. Save it or clear the field, then reload.")
        return
    await context.services.drafts.settled()
    if context.services.drafts.unsaved(state.compose.thread.id):
        context.toast("Not everything that was typed is on disk, so the page was not reloaded. The composer says why.")
        return
    context.screen.take_over()


HANDLERS: dict[type[Action], Handler] = {
    AskEnd: ask_end,
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
    SaveText: save_text,
    CopyLink: copy_link,
}
