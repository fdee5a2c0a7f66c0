"""What each dialog holds while it is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from app.core.activity.log import LogEntry
from app.core.batches.pipeline import Way
from app.core.model.providers import Profile
from app.services.batches.settling import Found
from app.services.results.review import Opened

if TYPE_CHECKING:
    from app.core.programs.message import Handed
    from app.core.workspace.renaming import Address


class Aside(msgspec.Struct):
    """A dialog with a text that can be had back for a while after it was closed."""

    @property
    def aside(self) -> str:
        """What is said when it is closed with such a text in it; empty where nothing is lost."""
        return ""


class Paste(Aside):
    """The dialog that takes a conversation as text."""

    text: str = ""
    fault: str = ""
    making: bool = False

    @property
    def aside(self) -> str:
        return "The pasted text was put aside." if self.text.strip() else ""


class RequestDialog(Aside):
    """One queued request, its body as text that can be edited."""

    lane: str
    id: str
    endpoint: str
    text: str
    before: str
    fault: str = ""
    saving: bool = False
    making: bool = False
    rev: int = 0
    theirs: str = ""
    """What another tab made of the request since it was opened here."""

    @property
    def aside(self) -> str:
        return "The edited request was put aside; it is not saved." if self.text != self.before else ""


class AddressDialog(msgspec.Struct):
    """Asks for the address of an image for one message."""

    message: str
    text: str = ""
    fault: str = ""


class ProfileDialog(msgspec.Struct):
    """A provider profile being made or changed."""

    profile: Profile
    fresh: bool
    fault: str = ""
    also: str | None = None
    seen: Profile | None = None
    """The provider as it was when the dialog was opened."""

    @property
    def hosts(self) -> str:
        """The other hosts of its redirects, as typed."""
        return " ".join(self.profile.also) if self.also is None else self.also


class CancelDialog(msgspec.Struct):
    """Asks before a batch is cancelled, because what was answered by then is billed."""

    batch: str


class SettleDialog(msgspec.Struct):
    """Asks before a way is taken that leads out of where a batch is stuck. ``typed`` is the id of the batch at the provider, ``fault`` what
    is wrong with it, ``found`` what was seen of it."""

    batch: str
    way: Way
    typed: str = ""
    fault: str = ""
    found: Found | None = None


class RiskDialog(msgspec.Struct):
    """Requests that may be paid twice: shall they be sent again? Their ``rows``, and in the words of each code what is known."""

    batch: str
    which: str
    rows: tuple[int, ...]
    reasons: tuple[str, ...]


class ForgetDialog(msgspec.Struct):
    """Asks before a batch is deleted from this browser, because its answers may be nowhere else."""

    batch: str


class SweepDialog(msgspec.Struct):
    """Asks before files are deleted at the provider, because nothing brings them back. ``elsewhere``: how many of them are of batches that
    were made elsewhere."""

    provider: str
    files: int
    size: int
    elsewhere: int
    profile: str = ""
    ids: tuple[str, ...] = ()
    """The files that the person is asked about: these are deleted and no others."""


class LogDialog(msgspec.Struct):
    """One entry of the log in full."""

    entry: LogEntry


class ImportDialog(msgspec.Struct):
    """A workspace that was read from a file: what it holds, and what becomes of it. ``counts`` are words and figures."""

    name: str
    counts: tuple[tuple[str, str], ...]
    on_their_way: int
    findings: tuple[str, ...]
    sealed: bool
    begin: Callable[[str], Awaitable[None]]
    """Import it: ``merge`` or ``replace``."""
    undoable: bool = False
    """Whether an earlier import could still be undone, and no longer after this one."""
    fault: str = ""
    merged: tuple[Address, ...] = ()
    """The addresses that would be others after merging; ``replaced``: after replacing."""
    replaced: tuple[Address, ...] = ()


class DeliveryDialog(msgspec.Struct):
    """One message with every try at its delivery. ``kind`` and ``typed`` are the target as it is being edited."""

    one: Handed
    kind: str = "webhook"
    typed: str = ""
    fault: str = ""


Dialog = (
    Paste
    | RequestDialog
    | AddressDialog
    | ProfileDialog
    | CancelDialog
    | SettleDialog
    | ForgetDialog
    | RiskDialog
    | SweepDialog
    | ImportDialog
    | LogDialog
    | DeliveryDialog
    | Opened
)
