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
    """The sums of a batch's ledger. The first six, ``unfound`` and ``flawed`` add up to the batch's requests; ``unexpected`` and
    ``damaged`` lines stand beside, and so do requests that were answered twice and ``differing``ly. ``unreadable``: those of the missing
    whose answer is a damaged line. They were answered and billed. ``unfound``: they may have been answered, and no answer was found;
    ``flawed``: answered, but with no good answer (core.openai.outcomes)."""

    answered: int = 0
    failed: int = 0
    expired: int = 0
    cancelled: int = 0
    missing: int = 0
    unread: int = 0
    unexpected: int = 0
    damaged: int = 0
    unreadable: int = 0
    unfound: int = 0
    flawed: int = 0
    differing: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of a batch's timeline."""

    at: float
    state: str
    note: str = ""


class Sample(msgspec.Struct, frozen=True):
    """How many requests the provider counted as done (answered or failed) at a moment."""

    at: float
    done: int


class Fetched(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer file that is here now: ``segments`` byte runs named ``answer:<batch id>:<which>:<n>`` with n from 0, ``size`` bytes.
    ``gone``: the provider did not have it, so there is nothing to read; ``problem`` says so in words. ``lost``: a part of it was not in
    this browser any more when the ledger was made, or it is :attr:`short`. ``expected`` is its size as the provider says it (0: it does not
    say), ``expires`` until when the provider keeps it (unix seconds, 0: it does not say)."""

    which: Literal["output", "error"]
    segments: int = 0
    size: int = 0
    gone: bool = False
    lost: bool = False
    problem: Problem | None = None
    expected: int = 0
    expires: float = 0.0

    @property
    def short(self) -> bool:
        """Whether other bytes came than the provider says there are, as often as it was fetched: it is not whole."""
        return not self.gone and self.expected not in (0, self.size)


class RemoteCleanup(msgspec.Struct, frozen=True, omit_defaults=True):
    """The deletion of a batch's files at the provider: the ids of those that are ``gone`` there, and where it fails, why and when it is
    tried again."""

    gone: tuple[str, ...] = ()
    tries: int = 0
    retry_at: float = 0.0
    problem: Problem | None = None


class SupersededBatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another batch at the provider that carries our id and is not the one that counts: it failed for lack of room before anything ran, or
    it came of a call that arrived twice and was cancelled. ``file`` was its input."""

    id: str
    file: str = ""


class Batch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One batch of ours, from plan to last outcome. ``state`` moves only as ``core.batches.pipeline.MOVES`` allows.

    ``requests``, ``size`` and ``tokens`` (estimated, core.bodies.tokens) count what was planned.
    ``tries`` counts attempts of the current step that failed; ``retry_at`` is when the
    next one is due (0: now). ``ending`` is the provider's final status, kept while files are fetched. ``doubt``: a call of this step was
    begun and its answer is not known, so look before calling again. ``found_nothing`` counts the listings that did not show our batch
    after a doubtful create, and how often an answer file was not there; ``asked_at`` is when that create began. ``cancel_sent``: the
    provider has answered our cancelling and was not asked about the batch since. ``samples`` are its counts over time
    (core.batches.durations). ``practice`` marks what is simulated.

    ``resending``: the ledger is stored, and the requests that the rule sends again go back to the queue, portion by portion. ``went`` of
    its requests were sent again, by rule or by hand, ``risked`` of them on purpose although they were, or may have been, answered;
    ``spent`` would have been, but were sent as often as the profile allows. ``former``
    names the batches in which some of its requests were before. ``requeued`` is when all unanswered requests of a batch went back at once
    (by a program older than these fields). ``exported`` is when its answers were last handed to the person as a file.
    ``adopted`` is when a batch made elsewhere was brought here (0: it was made here); ``blind``: its input is gone, so that its requests
    are known by their answers only, and hold no text. ``posted``: the results of so many of its rows, from the first
    on, were made due for the programs that wait for them, since it came to the end that is entry ``posted_for`` of its timeline.

    ``refusals`` counts how often in a row the provider had no room for its tokens; ``void`` are batches there that do not count any more.
    ``anyway``: the person wants it sent whatever is counted (core.batches.capacity). ``strange`` is since when the provider gives the
    batch a status that is not known (unix seconds; 0: it does not).

    ``unproven``: this record may not be the only one that has these requests answered. It came with a file, so that another browser may
    have made the batch; or the person named one at the provider that does not carry our mark. Before it is made it is looked for, and its
    requests are sent again by hand only.

    ``account`` names the provider's account that has it (core.openai.accounts); empty: not known yet. ``looking``: while a create is in
    doubt, why the look for its batch fails; ``problem`` stays what became of the create.
    """

    stored = stored_names.BATCH
    state: BatchState = "planned"
    name: str = ""
    lane: Lane
    requests: int = 0
    size: int = 0
    tokens: int = 0
    created: float = 0.0
    updated: float = 0.0
    input_file_id: str = ""
    remote: Remote | None = None
    ending: str = ""
    tries: int = 0
    retry_at: float = 0.0
    doubt: bool = False
    found_nothing: int = 0
    asked_at: float = 0.0
    cancel_asked: bool = False
    cancel_sent: bool = False
    alone: bool = False
    refusals: int = 0
    void: tuple[SupersededBatch, ...] = ()
    anyway: bool = False
    fetched: tuple[Fetched, ...] = ()
    practice: bool = False
    problem: Problem | None = None
    tally: Tally = Tally()
    timeline: tuple[Moment, ...] = ()
    requeued: float = 0.0
    resending: bool = False
    went: int = 0
    risked: int = 0
    spent: int = 0
    former: tuple[str, ...] = ()
    clearing: RemoteCleanup = RemoteCleanup()
    exported: float = 0.0
    samples: tuple[Sample, ...] = ()
    adopted: float = 0.0
    blind: bool = False
    posted: int = 0
    posted_for: int = 0
    strange: float = 0.0
    account: str = ""
    looking: Problem | None = None
    unproven: bool = False

    @property
    def index(self) -> tuple[str, str, float]:
        return "", self.state, self.created

    @property
    def filename(self) -> str:
        """The upload's name: carries our id, so that a lost answer can be found again by listing. Must end in .jsonl."""
        return f"nightshift-{self.id}.jsonl"
