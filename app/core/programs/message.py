"""What the page keeps of a message that a program handed in: one record beside the request, from intake to the last attempt at delivery.

The request itself stands in the queue and in batches like any other (``Segment.handed`` marks its segment). This record says who wants the
result, where it goes, and what was tried. Its id is the ``custom_id``: one that is known is a duplicate, however it comes.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record
from app.core.programs import folder
from app.core.programs.intake import RabbitQueue, Source, Target, Webhook
from app.core.programs.protocol import MessageState, Result, TryOutcome

MAX_ATTEMPTS: Final = 50
"""Attempts that a record keeps, the newest; all are counted."""
ENDED: Final[tuple[MessageState, ...]] = ("delivered", "failed", "kept")
"""States from which nothing follows by itself."""


class ResultFile(msgspec.Struct, frozen=True, tag_field="type", tag="folder"):
    """The result goes into the file of results beside ``file``, in the watched folder of that name of ours (core.programs.folder). Only
    the page says so: no message can."""

    folder: str
    file: str


class DeliveryAttempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One try at a delivery. ``at`` is unix seconds, ``seconds`` how long it took; ``target`` is the address or queue; ``status`` is
    HTTP's, 0 where there was none; ``error`` is for people and never holds a secret; ``way`` is how it went: straight, by the local
    server, or by a broker. ``hand``: a person or the program asked for it."""

    at: float
    target: str
    outcome: TryOutcome
    status: int = 0
    error: str = ""
    seconds: float = 0.0
    way: Literal["", "page", "server", "broker"] = ""
    hand: bool = False


class ProgramMessage(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A message (id: its ``custom_id``).

    ``state`` moves only as core.programs.transitions says. ``lane`` is the lane's key. ``target`` is where the result goes;
    ``reply_to``, ``correlation_id`` and ``message_id`` are RabbitMQ's, of the message as it came; from a folder the last is its place there
    (core.programs.folder.place), and ``caller_id`` the custom_id as the file has it, which is unique in that file only. ``key`` is the
    idempotency key of the result's deliveries, the same for every try of one result. ``batch`` and ``row`` say where the result is,
    ``outcome`` what it is, once it is known. ``tries`` counts those since the delivery became due, ``made`` all of them; ``retry_at`` is
    when the next is due.
    ``place`` orders deliveries of one target (unix seconds when the result was there, and a little more for each row). ``by_hand``: the
    tries now due were asked for. ``dropped``: nobody wants the result any more; ``forget``: and the record goes once it has ended.
    """

    stored = stored_names.HANDED
    source: Source
    at: float
    lane: str
    target: Target | ResultFile | None = None
    reply_to: str = ""
    correlation_id: str = ""
    message_id: str = ""
    caller_id: str = ""
    key: str = ""
    state: MessageState = "waiting"
    batch: str = ""
    row: int = -1
    outcome: Result = ""
    attempts: tuple[DeliveryAttempt, ...] = ()
    tries: int = 0
    made: int = 0
    retry_at: float = 0.0
    place: float = 0.0
    by_hand: bool = False
    dropped: bool = False
    forget: bool = False

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
        return target_text(self.target, self.reply_to)


class OutboxEntry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The local server has to be told how the message of this ``custom_id`` stands. Gone when it has heard."""

    stored = stored_names.UNTOLD
    at: float = 0.0


class Programs(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the person chose about programs. One record, id ``programs``. ``profile`` is the provider that their requests go to; empty: the
    one that is chosen for threads. ``tries`` deliveries of one result are made by themselves within about ``over`` seconds. ``failures``:
    what was not answered is told too. ``ordered``: results go to one target one after another, in their order. ``private``: addresses of
    this machine and of private networks may be called. ``hosts`` are the origins that the page calls itself; what is not among them goes
    through the local server, where there is one."""

    stored = stored_names.PROGRAMS
    profile: str = ""
    tries: int = 5
    over: float = 3_600.0
    failures: bool = True
    ordered: bool = False
    private: bool = False
    hosts: tuple[str, ...] = ()


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
    """What came in. One record, id ``programs``: sums since ever, and the last messages that were refused, newest last."""

    stored = stored_names.INTAKE
    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    turned: tuple[RejectedMessage, ...] = ()


def target_text(target: Target | ResultFile | None, reply_to: str = "") -> str:
    """A place that results go to, as people read it."""
    match target:
        case Webhook():
            return target.webhook_url
        case RabbitQueue():
            return target.rabbitmq_queue
        case ResultFile():
            return folder.results_name(target.file)
    return reply_to
