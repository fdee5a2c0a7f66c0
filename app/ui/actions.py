"""Everything that a person can do, as typed values. The page carries them as JSON in its attributes and hands them back as they were."""

from __future__ import annotations

from functools import cache
from typing import Any, Union

import msgspec

from app.core.patterns import pattern


class Action(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Base of all actions; the tag is the class's name."""


# --- everywhere ------------------------------------------------------------------------------------------------------------------


class Undo(Action, frozen=True):
    toast: int


class Dismiss(Action, frozen=True):
    toast: int


class DismissNotice(Action, frozen=True):
    code: str


class CloseDialog(Action, frozen=True):
    pass


class ReloadPage(Action, frozen=True):
    pass


class TakeUpdate(Action, frozen=True):
    """Switch to the newer version of the program."""


class SkipToView(Action, frozen=True):
    """Move the focus past the navigation."""


class CopyText(Action, frozen=True):
    """Copy the text that the open dialog shows under ``what``."""

    what: str


# --- threads ---------------------------------------------------------------------------------------------------------------------


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
    pass


# --- messages --------------------------------------------------------------------------------------------------------------------


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
    """Indent the JSON of an editor: ``schema``, ``raw`` or ``request``."""

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


# --- queue -----------------------------------------------------------------------------------------------------------------------


class ScrollLane(Action, frozen=True):
    lane: str


class SelectRequest(Action, frozen=True):
    lane: str
    id: str


class SelectLane(Action, frozen=True):
    lane: str


class ClearSelection(Action, frozen=True):
    lane: str


class DeleteRequest(Action, frozen=True):
    lane: str
    id: str


class DeleteSelected(Action, frozen=True):
    lane: str


class RestoreRequests(Action, frozen=True):
    lane: str


class ForgetRequests(Action, frozen=True):
    lane: str


class OpenRequest(Action, frozen=True):
    lane: str
    id: str


class EditRequest(Action, frozen=True):
    pass


class SaveRequest(Action, frozen=True):
    pass


class RequestAsThread(Action, frozen=True):
    pass


class Submit(Action, frozen=True):
    """Submit the requests of one lane: all, or the selected ones."""

    lane: str
    selected: bool = False


class SubmitAll(Action, frozen=True):
    pass


class HoldLane(Action, frozen=True):
    """Keep a lane's requests from going out by themselves."""

    lane: str


class ReleaseLane(Action, frozen=True):
    """Let them go by themselves again."""

    lane: str


# --- batches ---------------------------------------------------------------------------------------------------------------------


class CancelBatch(Action, frozen=True):
    id: str


class AskCancel(Action, frozen=True):
    id: str


class TryNow(Action, frozen=True):
    id: str


class ShowOutcomes(Action, frozen=True):
    which: str


class ScrollAnswers(Action, frozen=True):
    pass


class OpenAnswer(Action, frozen=True):
    row: int


class StepAnswer(Action, frozen=True):
    by: int


class SendAgain(Action, frozen=True):
    """Put unanswered requests of a batch back into the queue. ``which``: ``all``, ``picked``, ``row:<n>``, or a filter such as
    ``code:<error code>``."""

    id: str
    which: str


class StopSending(Action, frozen=True):
    """What is not back in the queue yet stays where it is."""


class Pick(Action, frozen=True):
    """Choose a row of the open batch, or not."""

    row: int


class PickAll(Action, frozen=True):
    """Choose every row under the filter that can be sent again, or none."""


class ClearPicked(Action, frozen=True):
    pass


class FetchAgain(Action, frozen=True):
    """Fetch the answers of an ended batch that are not here."""

    id: str


class AskForget(Action, frozen=True):
    id: str


class ForgetBatch(Action, frozen=True):
    """Delete an ended batch from this browser."""

    id: str


class RemovalRead(Action, frozen=True):
    """The note about batches that left this browser by themselves was read."""


class Download(Action, frozen=True):
    id: str
    which: str


# --- the account at the provider -------------------------------------------------------------------------------------------------


class LookAtAccount(Action, frozen=True):
    """List what is at the provider."""


class ChooseAccount(Action, frozen=True):
    """Look at another provider's account: the field's value."""


class ScrollAccount(Action, frozen=True):
    pass


class ChooseFile(Action, frozen=True):
    id: str


class ChooseFiles(Action, frozen=True):
    """Choose all files of one kind (core.sweeping.What), or none."""

    what: str = ""


class ShowAccount(Action, frozen=True):
    """Show the account's files or its batches."""

    tab: str


class AdoptBatch(Action, frozen=True):
    """Bring a batch here that was made elsewhere. ``id`` is the provider's."""

    id: str


class AskSweep(Action, frozen=True):
    pass


class SweepFiles(Action, frozen=True):
    """Delete the chosen files at the provider."""


class StopSweep(Action, frozen=True):
    pass


class SetKeeping(Action, frozen=True):
    """How many days ended batches are kept: the field's value."""


class ToggleClear(Action, frozen=True):
    """Whether a provider's files are deleted once the answers are here."""

    profile: str


# --- settings --------------------------------------------------------------------------------------------------------------------


class ChooseProfile(Action, frozen=True):
    pass


class UseProfile(Action, frozen=True):
    id: str


class AddProfile(Action, frozen=True):
    pass


class OpenProfile(Action, frozen=True):
    id: str


class TypeProfile(Action, frozen=True):
    """Set one field of the profile being edited."""

    name: str


class SaveProfile(Action, frozen=True):
    pass


class RemoveProfile(Action, frozen=True):
    id: str


class TypeKey(Action, frozen=True):
    profile: str


class RememberKey(Action, frozen=True):
    profile: str


class SaveKey(Action, frozen=True):
    profile: str


class RemoveKey(Action, frozen=True):
    profile: str


class TestKey(Action, frozen=True):
    profile: str


class RefreshModels(Action, frozen=True):
    pass


class ShowLog(Action, frozen=True):
    """``all`` or ``problems``."""

    which: str


class FilterLog(Action, frozen=True):
    """The value is a batch's id, or nothing."""


class ScrollLog(Action, frozen=True):
    pass


class OpenLogEntry(Action, frozen=True):
    id: str


class ExportLog(Action, frozen=True):
    pass


class SetNotify(Action, frozen=True):
    on: bool


class SetTheme(Action, frozen=True):
    theme: str


class AskPersist(Action, frozen=True):
    pass


class WithKeys(Action, frozen=True):
    """Export the API keys too, or not."""


class TypePassphrase(Action, frozen=True):
    """``which``: ``first`` and ``again`` for an export, ``import`` for the file that was chosen."""

    which: str


class ExportWorkspace(Action, frozen=True):
    pass


class ChooseWorkspace(Action, frozen=True):
    """Read the file that was chosen; nothing is imported yet."""


class BringWorkspace(Action, frozen=True):
    """Import the file that was read: ``merge`` or ``replace``."""

    mode: str


class StopWorkspace(Action, frozen=True):
    """Stop an export, a check or an import."""


class UndoImport(Action, frozen=True):
    pass


class KeepImport(Action, frozen=True):
    """Give up the undo of the last import."""


class SetAfter(Action, frozen=True):
    """How long requests for a provider wait before they go out by themselves, as chosen from the list."""

    profile: str


class TypeMinutes(Action, frozen=True):
    """The same, typed in minutes."""

    profile: str


class TypeLimit(Action, frozen=True):
    """``which``: ``name`` or ``tokens``."""

    profile: str
    which: str


class SaveLimit(Action, frozen=True):
    profile: str


class RemoveLimit(Action, frozen=True):
    """An own limit, or (``told``) one that the provider named."""

    profile: str
    name: str
    told: bool = False


class SetSpeed(Action, frozen=True):
    pass


class ToggleTrap(Action, frozen=True):
    trap: str


def _all(base: type[Action]) -> list[type[Action]]:
    return [one for sub in base.__subclasses__() for one in (sub, *_all(sub))]


ACTIONS: tuple[type[Action], ...] = tuple(_all(Action))


@cache
def _decoder() -> msgspec.json.Decoder[Action]:
    """Made with the first action: it takes some milliseconds, which the first view need not wait for."""
    return msgspec.json.Decoder(Union[ACTIONS])  # noqa: UP007  # made of a tuple, which `|` cannot take


_ENCODER = msgspec.json.Encoder()


class Event(msgspec.Struct, frozen=True):
    """What the page handed over: the action, the field's value (text, true/false, a list of files, or None) and a few facts."""

    action: Action
    value: Any = None
    extra: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """The value as text; empty where it is none."""
        return self.value if isinstance(self.value, str) else ""


class _Message(msgspec.Struct, frozen=True):
    action: msgspec.Raw
    value: Any = None
    extra: dict[str, Any] = {}


_ESCAPES = pattern(r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u])|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_MESSAGE = msgspec.json.Decoder(_Message)


def _whole(message: str) -> str:
    """The message with U+FFFD for each escaped half of a character; whole pairs and escaped backslashes stay."""
    return _ESCAPES.sub(lambda found: found[1] or "\\ufffd", message)


def encode(action: Action) -> str:
    """The action as the page carries it."""
    return _ENCODER.encode(action).decode()


def decode(message: str | bytes) -> Event:
    """Read what the page handed over. msgspec.MsgspecError when it is no action of ours.

    Half a character (a lone surrogate: an emoji cut in two) can be neither stored nor sent; U+FFFD takes its place.
    """
    try:
        raw = _MESSAGE.decode(message)
    except msgspec.DecodeError:
        raw = _MESSAGE.decode(_whole(message if isinstance(message, str) else message.decode()))
    return Event(_decoder().decode(raw.action), raw.value, raw.extra)
