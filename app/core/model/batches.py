"""Batches: the record that goes from plan to last outcome, and its parts."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.records import Record
from app.core.model.remote import Remote

BatchState = Literal[
    "adopting",
    "planned",
    "uploading",
    "uploaded",
    "waiting",
    "creating",
    "validating",
    "in_progress",
    "finalizing",
    "cancelling",
    "downloading",
    "reconciling",
    "done",
    "failed",
    "expired",
    "cancelled",
    "withdrawn",
]


class Tally(msgspec.Struct, frozen=True, omit_defaults=True):
    """The sums of a batch's ledger. ``answered`` to ``unread``, ``unfound`` and ``flawed`` add up to the batch's requests; the other
    counts are beside them (core.openai.outcomes)."""

    answered: int = 0
    """Requests with a good answer."""
    failed: int = 0
    """Requests that failed, with an error that says so."""
    expired: int = 0
    """Requests that the provider did not run in time."""
    cancelled: int = 0
    """Requests that the provider did not run because the batch was cancelled."""
    missing: int = 0
    """Requests that no answer file mentions."""
    unread: int = 0
    """Requests whose line was not read."""
    unexpected: int = 0
    """Lines for ids that the batch does not have."""
    damaged: int = 0
    """Lines that cannot be read."""
    unreadable: int = 0
    """Those of ``missing`` whose answer is a damaged line: they were answered and billed."""
    unfound: int = 0
    """Requests that may have been answered, and no answer was found."""
    flawed: int = 0
    """Requests that were answered, but with no good answer."""
    differing: int = 0
    """Requests that were answered twice, with different answers."""
    input_tokens: int = 0
    """Tokens as the answers count them; ``cached_tokens`` are among them."""
    cached_tokens: int = 0
    output_tokens: int = 0
    """Tokens as the answers count them; ``reasoning_tokens`` are among them."""
    reasoning_tokens: int = 0


class Foreseen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a batch was expected to come to when it was submitted, all requests together."""

    input_tokens: int = 0
    output_tokens: int = 0
    learnt: bool = False
    """Whether the output is known from answers; else it was assumed."""
    cost: int | None = None
    """In 10^-12 dollars; None: no batch price was known."""


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of a batch's timeline."""

    at: float
    """Unix seconds."""
    state: str
    """The state that the batch entered."""
    note: str = ""
    """What led to it, as a sentence."""


class Sample(msgspec.Struct, frozen=True):
    """How far the provider had come at a moment."""

    at: float
    """Unix seconds."""
    done: int
    """Requests that it counted as answered or failed."""


class Fetched(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer file that was fetched."""

    which: Literal["output", "error"]
    segments: int = 0
    """Number of byte runs it is stored in, named ``answer:<batch id>:<which>:<n>`` with n from 0."""
    size: int = 0
    """Bytes that came."""
    gone: bool = False
    """The provider did not have it, so there is nothing to read; ``problem`` says so in words."""
    lost: bool = False
    """A part of it was no longer in this browser when the ledger was made, or it is :attr:`short`."""
    problem: Problem | None = None
    expected: int = 0
    """Its size in bytes as the provider states it; 0: it does not."""
    expires: float = 0.0
    """Until when the provider keeps it, in unix seconds; 0: it does not say."""

    @property
    def short(self) -> bool:
        """Whether other bytes came than the provider says there are, as often as it was fetched: it is not whole."""
        return not self.gone and self.expected not in (0, self.size)


class RemoteCleanup(msgspec.Struct, frozen=True, omit_defaults=True):
    """The deletion of a batch's files at the provider."""

    gone: tuple[str, ...] = ()
    """Ids of the files that are deleted there."""
    tries: int = 0
    """Attempts that failed in a row."""
    retry_at: float = 0.0
    """When it is tried again, in unix seconds."""
    problem: Problem | None = None
    """Why the last attempt failed."""


class SupersededBatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another batch at the provider that carries our id and is not the one that counts: it failed for lack of capacity before anything
    ran, or it came of a create call that arrived twice, and was cancelled."""

    id: str
    """Its id at the provider."""
    file: str = ""
    """Id of its input file."""


class Batch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One batch of ours, from plan to last outcome. Times are unix seconds."""

    stored = stored_names.BATCH
    state: BatchState = "planned"
    """Changes only as ``core.batches.pipeline.MOVES`` allows; the store refuses any other change."""
    name: str = ""
    lane: Lane
    requests: int = 0
    """Requests that were planned."""
    size: int = 0
    """Bytes of the planned input."""
    tokens: int = 0
    """Estimated prompt tokens of the planned input (core.bodies.tokens)."""
    foreseen: Foreseen | None = None
    """What it was expected to cost; None: made by a version that did not say, elsewhere, or for practice."""
    created: float = 0.0
    updated: float = 0.0
    input_file_id: str = ""
    remote: Remote | None = None
    """The provider's batch object as last seen."""
    ending: str = ""
    """The provider's final status, kept while files are fetched."""
    tries: int = 0
    """Failed attempts of the current step."""
    retry_at: float = 0.0
    """When the next attempt is due; 0: now."""
    outcome_unknown: bool = msgspec.field(default=False, name="doubt")
    """The outcome of a call of this step is unknown: it was begun, and no answer came. So look before calling again."""
    empty_lookups: int = msgspec.field(default=0, name="found_nothing")
    """Listings that did not show our batch after a create of unknown outcome; also how often an answer file was not there."""
    create_began_at: float = msgspec.field(default=0.0, name="asked_at")
    """When that create began."""
    cancel_requested: bool = msgspec.field(default=False, name="cancel_asked")
    """The person asked to cancel it."""
    cancel_sent: bool = False
    """The provider has answered our cancel call, and was not asked about the batch since."""
    uniqueness_verified: bool = msgspec.field(default=False, name="alone")
    """A listing after the create has shown that no other batch with our id is left to cancel."""
    refusals: int = 0
    """How often in a row the provider refused it for lack of capacity for its tokens."""
    superseded: tuple[SupersededBatch, ...] = msgspec.field(default=(), name="void")
    """Batches at the provider that carry our id and do not count any more."""
    ignore_capacity: bool = msgspec.field(default=False, name="anyway")
    """The person wants it sent whatever the capacity says (core.batches.capacity)."""
    fetched: tuple[Fetched, ...] = ()
    """The answer files that were fetched."""
    practice: bool = False
    """It is simulated by the practice provider."""
    problem: Problem | None = None
    tally: Tally = Tally()
    timeline: tuple[Moment, ...] = ()
    requeued: float = 0.0
    """When all unanswered requests went back to the queue at once; written by versions before ``resending``."""
    resending: bool = False
    """The ledger is stored, and the requests that the rule sends again go back to the queue, portion by portion."""
    resent: int = msgspec.field(default=0, name="went")
    """Requests that were sent again, by rule or by hand."""
    risked: int = 0
    """Those of ``resent`` that were sent again on purpose although they were, or may have been, answered."""
    hidden: int = 0
    """How many of its requests a person took out of the tables of answers (services.results.hiding)."""
    hidden_at: float = 0.0
    """When that was changed last, in unix seconds."""
    resend_exhausted: int = msgspec.field(default=0, name="spent")
    """Requests that the rule would send again, but that were sent as often as the profile allows."""
    previous_batches: tuple[str, ...] = msgspec.field(default=(), name="former")
    """Batches in which some of its requests were before."""
    remote_cleanup: RemoteCleanup = msgspec.field(default=RemoteCleanup(), name="clearing")
    """The deletion of its files at the provider."""
    exported: float = 0.0
    """When its answers were last saved as a file."""
    samples: tuple[Sample, ...] = ()
    """The provider's counts over time (core.batches.durations)."""
    adopted: float = 0.0
    """When a batch created elsewhere was imported; 0: it was made here."""
    input_missing: bool = msgspec.field(default=False, name="blind")
    """Its input is gone: its requests are known by their answers only, and have no text."""
    delivery_cursor: int = msgspec.field(default=0, name="posted")
    """Rows, from the first on, whose results were scheduled for delivery to programs since the timeline had
    ``delivery_timeline_length`` entries."""
    delivery_timeline_length: int = msgspec.field(default=0, name="posted_for")
    """Entries of ``timeline`` when ``delivery_cursor`` was written. With another length the batch ended again, and the cursor is 0."""
    unknown_status_since: float = msgspec.field(default=0.0, name="strange")
    """Since when the provider gives it a status that is not known; 0: it does not."""
    account: str = ""
    """The provider's account that has it (core.openai.accounts); empty: not known yet."""
    lookup_problem: Problem | None = msgspec.field(default=None, name="looking")
    """While the outcome of a create is unknown: why looking for its batch fails. ``problem`` stays what became of the create."""
    unproven: bool = False
    """This record may not be the only one that has these requests answered: it came with a workspace file, so that another browser may
    have made the batch; or the person named a batch at the provider that does not carry our id. Before it is created it is looked for,
    and its requests are sent again by hand only."""
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """What a program gave the batch that it created of these requests; sent to the provider beside our own (core.openai.metadata)."""
    live: Literal["", "standard", "flex"] = ""
    """It is no batch of the provider's: its requests are asked one by one from here, at this price (services.batches.live)."""
    additions: tuple[str, ...] = ()
    """Ids of the QueuedRows that its requests are of, as far as they are of any: so a batch knows its tables and versions of prompts, and
    these their batches, without a request being read."""
    tags: tuple[str, ...] = ()
    """What a person put on it."""
    prompts: tuple[str, ...] = ()
    """Ids of the prompts that its requests were made of, where a person queued them one by one (core.threads.sending)."""

    @property
    def index(self) -> tuple[str, str, float]:
        return "", self.state, self.created

    @property
    def tier(self) -> Literal["standard", "batch", "flex"]:
        """At which of the provider's prices its requests are answered."""
        return self.live or "batch"

    @property
    def filename(self) -> str:
        """The upload's name: carries our id, so that a lost answer can be found again by listing. Must end in .jsonl."""
        return f"nightshift-{self.id}.jsonl"


class RemoteOwner(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The batch of this browser that a batch at the provider was said to be (id: the profile's id, ``|``, the id there). Not part of the
    workspace."""

    stored = stored_names.BOUND
    batch: str
    """Its id here. It counts only while that batch is here and follows this one."""
