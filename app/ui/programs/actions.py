"""Programs: what they handed in, and the deliveries of their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, while_busy
from app.ui.programs.dialogs import DeliveryDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class ShowDeliveries(Action, frozen=True):
    """Those in one state."""

    state: str


class FilterTarget(Action, frozen=True):
    """The value is a part of a target's address or queue."""


class FilterDeliveryBatch(Action, frozen=True):
    """The value is a batch's id, or nothing."""


class FilterOutcome(Action, frozen=True):
    """The value is the outcome of the last try, or nothing."""


class MoreDeliveries(Action, frozen=True):
    pass


class ChooseDelivery(Action, frozen=True):
    id: str


class ChooseDeliveries(Action, frozen=True):
    """Choose all that are shown, or none."""


def _deliver(state: State, action: DeliverAgain) -> str:
    programs = state.programs
    match action.which:
        case "one":
            waits = isinstance(state.dialog, DeliveryDialog) and state.dialog.one.state == "waiting"
            return "Save" if waits else "Redeliver"
        case "chosen":
            return "Redeliver selected"
        case _:
            failed = programs.which == "failed" and not (programs.target or programs.batch or programs.outcome)
            return "Redeliver all failed" if failed else "Redeliver all matching"


def _nothing_to_deliver(state: State, action: DeliverAgain) -> str | None:
    if action.which == "chosen" and not state.programs.chosen:
        return "None is chosen."
    return "None is listed." if action.which == "all" and not state.programs.rows else None


class DeliverAgain(Action, frozen=True):
    """``one`` (the open one), ``chosen``, or ``all`` that fit the filter."""

    which: str
    command = Command(_deliver, "", _nothing_to_deliver)


class DeliverBatchAgain(Action, frozen=True):
    """The results of one batch: ``failed`` ones, or ``all``."""

    batch: str
    which: str


class OpenDelivery(Action, frozen=True):
    id: str


class TypeTarget(Action, frozen=True):
    pass


class ChooseTargetKind(Action, frozen=True):
    """The value is ``webhook`` or ``rabbitmq``."""


class ChooseProgramsProvider(Action, frozen=True):
    """The value is a profile's id, or nothing for the one that is in use."""


class ChooseTries(Action, frozen=True):
    """The value is how many."""


class ChooseTriesOver(Action, frozen=True):
    """The value is seconds."""


class SwitchPrograms(Action, frozen=True):
    """``failures``, ``ordered`` or ``private``; the value is true or false."""

    what: str


class TypeHost(Action, frozen=True):
    pass


class AllowHost(Action, frozen=True):
    """Call this webhook's host from the page; without ``host`` the one that is typed."""

    host: str = ""


class ForbidHost(Action, frozen=True):
    host: str


class TypeSecret(Action, frozen=True):
    host: str


def _no_secret_typed(state: State, action: SaveSecret) -> str | None:
    return None if state.programs.typed_secrets.get(action.host) else "Enter the secret first."


class SaveSecret(Action, frozen=True):
    host: str
    command = Command("Keep it", "", _no_secret_typed)


class MakeSecret(Action, frozen=True):
    host: str


class RemoveSecret(Action, frozen=True):
    host: str


class TypeServerToken(Action, frozen=True):
    pass


class EnterServerToken(Action, frozen=True):
    pass


class ForgetTurned(Action, frozen=True):
    """Forget the messages that were refused."""


class ChooseFolder(Action, frozen=True):
    """Have the browser ask which folder is to be watched."""


class AllowFolder(Action, frozen=True):
    """Have the browser ask whether the page may read and write it."""


class SwitchFolder(Action, frozen=True):
    on: bool


class TakeFile(Action, frozen=True):
    """A file that waits because there were results beside it."""

    name: str


class MendFile(Action, frozen=True):
    """Convert the lines of a file that are written for another service or almost right, and take them."""

    name: str


# --- RabbitMQ


class TypeBroker(Action, frozen=True):
    """Set one field of the settings being edited."""

    name: str


class TypeBrokerPassword(Action, frozen=True):
    pass


class RememberBrokerPassword(Action, frozen=True):
    pass


class EditBroker(Action, frozen=True):
    """Open the fields, or (``on`` false) leave them as they are stored."""

    on: bool


class SaveBroker(Action, frozen=True):
    pass


class TestBroker(Action, frozen=True):
    command = Command("Test the connection", "", busy=while_busy("broker"))


class TakeMessages(Action, frozen=True):
    """Take messages from the queue while the page is open, or stop it."""

    on: bool


class ForgetBrokerPassword(Action, frozen=True):
    pass


CHOICES = (
    ChooseProgramsProvider,
    ChooseTries,
    ChooseTriesOver,
    SwitchPrograms,
    TypeHost,
    AllowHost,
    ForbidHost,
    TypeSecret,
    SaveSecret,
    MakeSecret,
    RemoveSecret,
    TypeServerToken,
    EnterServerToken,
    ForgetTurned,
)
"""What is chosen about programs (choices_handlers)."""
FOLDER = (ChooseFolder, AllowFolder, SwitchFolder, TakeFile, MendFile)
"""What is done with the watched folder (folder_handlers)."""
