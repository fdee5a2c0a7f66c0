"""What the page keeps of a message that a program handed in: one record beside the request, from intake to the last attempt at delivery.

The request itself is in the queue and in batches like any other (``Segment.from_program`` marks its segment). This record says who
wants the result, where it goes, and what was tried. Its id is the ``custom_id``: one that is known is a duplicate, however it comes.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record
from app.core.programs import folder
from app.core.programs.intake import Source
from app.core.programs.protocol import MessageState, Result, TryOutcome
from app.core.programs.targets import Target, Transport

MAX_ATTEMPTS: Final = 50
"""Attempts that a record keeps, the newest; all are counted."""
ENDED: Final[tuple[MessageState, ...]] = ("delivered", "failed", "kept")
"""States from which nothing follows by itself."""


class ResultFile(msgspec.Struct, frozen=True, tag_field="type", tag="folder"):
    """The result goes into the file of results beside ``file``, in the watched folder of that name of ours (core.programs.folder). Only
    the page says so: no message can."""

    folder: str
    file: str

    transport: ClassVar[Transport] = "folder"

    @property
    def text(self) -> str:
        """The file of results, as people read it."""
        return folder.results_name(self.file)


class DeliveryAttempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One try at a delivery."""

    at: float
    """Unix seconds."""
    target: str
    """The address or queue."""
    outcome: TryOutcome
    status: int = 0
    """HTTP's; 0: there was none."""
    error: str = ""
    """For people; never holds a secret."""
    seconds: float = 0.0
    """How long it took."""
    transport: Literal["", "page", "server", "broker"] = msgspec.field(default="", name="way")
    """Who called the target: this page, the local server, or a broker. Empty: nobody, it failed before."""
    by_hand: bool = msgspec.field(default=False, name="hand")
    """A person or the program asked for it."""


class ProgramMessage(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a program (id: its ``custom_id``). Times are unix seconds."""

    stored = stored_names.HANDED
    source: Source
    at: float
    """When it was taken in."""
    lane: str
    """The lane's key."""
    target: Target | ResultFile | None = None
    """Where the result goes."""
    reply_to: str = ""
    """RabbitMQ's ``reply-to`` of the message as it arrived."""
    correlation_id: str = ""
    """RabbitMQ's ``correlation-id`` of the message as it arrived."""
    message_id: str = ""
    """RabbitMQ's ``message-id`` of the message as it arrived; of a message from a folder its place there (core.programs.folder.place)."""
    caller_id: str = ""
    """The custom_id as the file has it, which is unique in that file only."""
    key: str = ""
    """Idempotency key of the result's deliveries, the same for every attempt at one result."""
    state: MessageState = "waiting"
    """Changes only as core.programs.transitions allows."""
    batch: str = ""
    """The batch that has the result."""
    row: int = -1
    """The result's row in that batch."""
    outcome: Result = ""
    """What became of the request, once it is known."""
    attempts: tuple[DeliveryAttempt, ...] = ()
    tries: int = 0
    """Attempts since the delivery became due."""
    made: int = 0
    """All attempts."""
    retry_at: float = 0.0
    """When the next attempt is due."""
    place: float = 0.0
    """Orders deliveries to one target: when the result was there, and a little more for each row."""
    by_hand: bool = False
    """The attempts now due were asked for by the person."""
    dropped: bool = False
    """Nobody wants the result any more."""
    forget: bool = False
    """With ``dropped``: the record is deleted once it has ended."""

    @property
    def name(self) -> str:
        """The custom_id as its sender knows it."""
        return self.caller_id or self.id

    @property
    def order(self) -> float:
        """Where it stands among those of its state: what is due by when its next try is, all else by when it came."""
        return self.retry_at if self.state == "due" else self.at

    @property
    def index(self) -> tuple[str, str, float]:
        return self.batch, self.state, self.order

    @property
    def where(self) -> str:
        """The place that the result goes to, as people read it; nothing where there is none."""
        return self.target.text if self.target is not None else self.reply_to

    @property
    def transport(self) -> Transport:
        """What takes the result there; a message that names no target came over RabbitMQ, or nobody waits for its result."""
        return self.target.transport if self.target is not None else "broker"


class OutboxEntry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The local server has to be told how the message of this ``custom_id`` stands. Gone when it has heard."""

    stored = stored_names.UNTOLD
    at: float = 0.0


class Programs(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the person chose about programs. One record, id ``programs``."""

    stored = stored_names.PROGRAMS
    profile: str = ""
    """The provider that their requests go to; empty: the one that is chosen for threads."""
    tries: int = 5
    """Deliveries of one result that are attempted without the person."""
    over: float = 3_600.0
    """Seconds over which these attempts are spread, about."""
    failures: bool = True
    """Requests without an answer are reported too."""
    ordered: bool = False
    """Results are sent to one target one after another, in their order."""
    private: bool = False
    """Addresses of this machine and of private networks may be called."""
    hosts: tuple[str, ...] = ()
    """Origins that the page calls itself; any other goes through the local server, where there is one."""


class ServerIdentity(Record, frozen=True, kw_only=True, omit_defaults=True):
    """By which ``name`` the local server knows this browser's database. One record, id ``door``. Not part of the workspace."""

    stored = stored_names.DOOR
    name: str


class RejectedMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that was refused: when, from where, why, and its text as far as it is kept."""

    at: float
    source: Source
    code: str
    detail: str
    custom_id: str = ""
    pointer: str = ""
    text: str = ""


class IntakeCounters(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What came in. One record, id ``programs``. The counts are of all time."""

    stored = stored_names.INTAKE
    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    rejected: tuple[RejectedMessage, ...] = msgspec.field(default=(), name="turned")
    """The last messages that were refused, newest last."""
