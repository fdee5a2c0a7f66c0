"""Threads and their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut, while_busy
from app.ui.threads.dialogs import AddressDialog, Paste

if TYPE_CHECKING:
    from app.ui.base.state import State

_SUBMITTING = while_busy("submit")


def _elsewhere(state: State, _action: Action) -> str | None:
    """What is done with the thread that is open is done where it is in sight."""
    return None if state.route.view == "compose" else "Open the prompt first."


class NewThread(Action, frozen=True):
    command = Command("New prompt", shortcuts=(Shortcut("p", "page"),), ready=PLAIN)


class DuplicateThread(Action, frozen=True):
    id: str


class DeleteThread(Action, frozen=True):
    id: str


class RestoreThread(Action, frozen=True):
    id: str


class EmptyBin(Action, frozen=True):
    pass


class SearchThreads(Action, frozen=True):
    pass


class RenameThread(Action, frozen=True):
    pass


class KeepMine(Action, frozen=True):
    pass


class TakeTheirs(Action, frozen=True):
    """Let the other tab's text stand; this tab's is kept as a copy. ``copy``: go on in the copy."""

    copy: bool = False


class AddMessage(Action, frozen=True):
    command = Command("Add message", "Add a message", _elsewhere, ready=PLAIN)


class EditMessage(Action, frozen=True):
    id: str


class SetRole(Action, frozen=True):
    id: str


def _move(_state: State, action: MoveMessage) -> str:
    return "Move up" if action.by < 0 else "Move down"


def _at_the_end(state: State, action: MoveMessage) -> str | None:
    messages = state.compose.thread.messages
    end = messages[0 if action.by < 0 else -1] if messages else None
    return f"It is the {'first' if action.by < 0 else 'last'} one." if end is not None and end.id == action.id else None


class MoveMessage(Action, frozen=True):
    id: str
    by: int
    command = Command(
        _move,
        "",
        _at_the_end,
        shortcuts=(
            Shortcut("Alt+ArrowUp", "message", "Move the message up", {"by": -1}),
            Shortcut("Alt+ArrowDown", "message", "Move the message down", {"by": 1}),
        ),
    )


class DuplicateMessage(Action, frozen=True):
    id: str


class DeleteMessage(Action, frozen=True):
    id: str


class AddImageFile(Action, frozen=True):
    id: str


class AskImageAddress(Action, frozen=True):
    id: str


class TypeImageAddress(Action, frozen=True):
    pass


def _no_address(state: State, _action: AddImageAddress) -> str | None:
    return None if isinstance(state.dialog, AddressDialog) and state.dialog.text.strip() else "Enter the address first."


class AddImageAddress(Action, frozen=True):
    command = Command("Add", "Add the image", _no_address, shortcuts=(Shortcut("Enter", "image"),))


class RemoveImage(Action, frozen=True):
    id: str
    index: int


class SetDetail(Action, frozen=True):
    id: str
    index: int


class SetOption(Action, frozen=True):
    """Set one field of ``records.Options`` to the value typed or chosen."""

    name: str


class ShowEditor(Action, frozen=True):
    """Show the conversation as a form or as its JSON body."""

    which: str


class EditRaw(Action, frozen=True):
    pass


class DropRaw(Action, frozen=True):
    pass


class Tidy(Action, frozen=True):
    """Indent the JSON of an editor: ``schema`` or ``raw``."""

    where: str


class OpenPaste(Action, frozen=True):
    command = Command("Import from text", "Import from text", ready=PLAIN)


class TypePaste(Action, frozen=True):
    pass


def _nothing_pasted(state: State, _action: ApplyPaste) -> str | None:
    return None if isinstance(state.dialog, Paste) and state.dialog.text.strip() else "Paste a text first."


def _being_made(state: State, _action: ApplyPaste) -> bool:
    return isinstance(state.dialog, Paste) and state.dialog.making


class ApplyPaste(Action, frozen=True):
    command = Command("Import prompt", "", _nothing_pasted, _being_made)


class Enqueue(Action, frozen=True):
    command = Command(
        "Add to queue",
        "Add the open prompt to the queue",
        _elsewhere,
        _SUBMITTING,
        shortcuts=(Shortcut("Ctrl+Enter", "compose"),),
        ready=PLAIN,
    )


class EnqueueAndSubmit(Action, frozen=True):
    command = Command(
        "Submit now",
        "Submit the open prompt now",
        _elsewhere,
        _SUBMITTING,
        shortcuts=(Shortcut("Ctrl+Shift+Enter", "compose"),),
        ready=PLAIN,
    )
