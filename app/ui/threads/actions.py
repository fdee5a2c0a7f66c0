"""Threads and their messages."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class NewThread(Action, frozen=True):
    pass


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
    pass


class EditMessage(Action, frozen=True):
    id: str


class SetRole(Action, frozen=True):
    id: str


class MoveMessage(Action, frozen=True):
    id: str
    by: int


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


class AddImageAddress(Action, frozen=True):
    pass


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
    pass


class TypePaste(Action, frozen=True):
    pass


class ApplyPaste(Action, frozen=True):
    pass


class Enqueue(Action, frozen=True):
    pass


class EnqueueAndSubmit(Action, frozen=True):
    pass
