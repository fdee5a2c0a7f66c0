"""Programs: what they handed in, and the deliveries of their results."""

from __future__ import annotations

from app.ui.base.actions_base import Action


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


class DeliverAgain(Action, frozen=True):
    """``one`` (the open one), ``chosen``, or ``all`` that fit the filter."""

    which: str


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


class SaveSecret(Action, frozen=True):
    host: str


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
    pass


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
