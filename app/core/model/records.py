"""The records that Nightshift keeps, as msgspec structs. Stored as JSON; every field has a default where one makes sense, so that
records of an older schema still decode.

Times are unix seconds (float). Sizes are bytes. Ids are made by ``core.base.ids``.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from app.core.model import stored_names

Role = Literal["system", "developer", "user", "assistant"]
Endpoint = str  # a path such as "/v1/chat/completions"; those that the editor can build are in EDITOR_ENDPOINTS

EDITOR_ENDPOINTS: tuple[Endpoint, ...] = ("/v1/chat/completions", "/v1/responses")


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything stored. Change it with :func:`msgspec.structs.replace`."""

    stored: ClassVar[stored_names.StoredAs]
    id: str

    @property
    def index(self) -> tuple[str, str, float]:
        """Owner, state and order, as the store indexes them. What does not say otherwise is found by its kind."""
        return self.stored.name, "", 0.0


# --- threads ---------------------------------------------------------------------------------------------------------------------


STORED = "stored:"
"""Begins the address of an image that is kept apart from its thread (services.threads.images)."""


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """An image in a message: an https address, a small file as a ``data:`` URL, or a large one as ``stored:<id>``. ``name`` is the file's
    name, for people; ``size`` its bytes where it is kept apart."""

    url: str
    name: str = ""
    detail: Literal["auto", "low", "high"] = "auto"
    size: int = 0


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a thread. Text first, then images: what both endpoints accept."""

    id: str
    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a thread asks of the model. Numbers are kept as typed (text), so that a half-typed value is never lost; they are
    checked by ``core.bodies.bodies.problems``. An empty text means: not sent."""

    endpoint: Endpoint = "/v1/chat/completions"
    model: str = ""
    max_output_tokens: str = ""
    temperature: str = ""
    reasoning_effort: str = ""
    verbosity: str = ""
    schema_on: bool = False
    schema_name: str = "answer"
    schema_text: str = ""
    schema_strict: bool = True


class Thread(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation as a person writes it. ``raw`` is the JSON body typed by hand; when set, it is sent instead of the form's.
    ``deleted`` is when it was thrown away (0: it was not); such a thread is kept so that this can be undone."""

    stored = stored_names.THREAD
    name: str = ""
    messages: tuple[Message, ...] = ()
    options: Options = Options()
    raw: str | None = None
    created: float = 0.0
    updated: float = 0.0
    deleted: float = 0.0

    @property
    def index(self) -> tuple[str, str, float]:
        return "", "", self.created


# --- queue -----------------------------------------------------------------------------------------------------------------------


class Lane(msgspec.Struct, frozen=True, order=True):
    """What must be equal for requests to share a batch: the provider's profile, the endpoint and the model."""

    profile: str
    endpoint: Endpoint
    model: str

    @property
    def key(self) -> str:
        """The lane as one text, as segments of its queue name their owner (``queue:`` + key)."""
        return f"{self.profile}|{self.endpoint}|{self.model}"


class Segment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An index over one immutable run of JSONL lines (about 1 MB, at most 1,000), kept apart as bytes under ``bytes_id``.

    ``owner`` is ``queue:<lane key>`` or ``batch:<batch id>``; ``seq`` orders the segments of one owner. ``ids[i]`` is the custom_id of
    line i, which ends before byte ``ends[i]`` (newline included). ``gone`` holds the positions of deleted lines: their bytes stay
    until the segment is planned, so that a deletion can be undone.

    ``resent`` says how often the lines were sent again before, ``former`` in which batches they were, oldest first: the same for all of
    a segment's lines.

    ``tokens`` are the estimated prompt tokens of each line where some are not simply its bytes / 4, and ``inputs`` the inputs of each
    embeddings request where some have several; empty otherwise (core.bodies.tokens).

    ``asks``: whether a line may ask for an answer of a certain form (core.openai.conformance; None: written by a version that did not
    look).

    ``handed``: programs handed the lines in, and each has its record (core.programs.message). ``asked``: a person submitted the lines,
    and they came
    back for a reason that passes by itself, so that sending them once more is what that person asked for (core.queue.auto_submit).
    ``at_once``: a program created a batch of them, so they go as soon as they are all here; not any more once they came back.
    """

    stored = stored_names.SEGMENT
    owner: str
    seq: float
    bytes_id: str
    ids: tuple[str, ...]
    ends: tuple[int, ...]
    gone: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    asks: bool | None = None
    created: float = 0.0
    resent: int = 0
    former: tuple[str, ...] = ()
    handed: bool = False
    asked: bool = False
    at_once: bool = False

    @property
    def index(self) -> tuple[str, str, float]:
        return self.owner, "", self.seq

    @property
    def live(self) -> int:
        """How many requests the segment holds that were not deleted."""
        return len(self.ids) - len(self.gone)

    @property
    def size(self) -> int:
        """Bytes of all lines, deleted ones included."""
        return self.ends[-1] if self.ends else 0


# --- failures --------------------------------------------------------------------------------------------------------------------

Blame = Literal["person", "provider", "platform", "ours"]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failure in words: what happened, what it means for money and data, what to do. Never holds a key.

    ``code`` is stable and for programs and tests. ``blame`` says who can mend it; ``retry`` if trying again by itself can help;
    ``doubtful`` if the call may have taken effect all the same.
    """

    code: str
    what: str
    means: str = ""
    do: str = ""
    blame: Blame = "provider"
    retry: bool = False
    doubtful: bool = False
    status: int = 0
    detail: str = ""


# --- batches ---------------------------------------------------------------------------------------------------------------------

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


class RemoteError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the provider's ``errors.data[]``. ``line`` counts from 1."""

    code: str = ""
    message: str = ""
    param: str = ""
    line: int = 0


class Remote(msgspec.Struct, frozen=True, omit_defaults=True):
    """The provider's batch object as last seen, read leniently: what is missing or null has its default.

    ``status`` is the batch API's own where the provider's word for it is known (core.openai.shapes), else as it was said. ``progress``
    is how much
    is done in percent, where the provider says that (0: it does not). ``remarks`` are sentences about what it says and Nightshift cannot
    use. ``raw`` is the object as it came, so that unknown fields are kept and can be shown.
    """

    id: str
    status: str = ""
    input_file_id: str = ""
    output_file_id: str = ""
    error_file_id: str = ""
    endpoint: str = ""
    total: int = 0
    completed: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    created_at: float = 0.0
    expires_at: float = 0.0
    errors: tuple[RemoteError, ...] = ()
    metadata: dict[str, str] = {}
    progress: float = 0.0
    remarks: tuple[str, ...] = ()
    raw: str = ""


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


class Clearing(msgspec.Struct, frozen=True, omit_defaults=True):
    """The deletion of a batch's files at the provider: the ids of those that are ``gone`` there, and where it fails, why and when it is
    tried again."""

    gone: tuple[str, ...] = ()
    tries: int = 0
    retry_at: float = 0.0
    problem: Problem | None = None


class Void(msgspec.Struct, frozen=True, omit_defaults=True):
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
    void: tuple[Void, ...] = ()
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
    clearing: Clearing = Clearing()
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


# --- settings --------------------------------------------------------------------------------------------------------------------


class Profile(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A provider: where it is and what it takes. ``practice`` marks the one that lives in the page. The key is never here.
    ``resend`` is how often one request is sent again by rule (core.batches.resend); 0: never. ``clear``: the files of batches that end
    from this moment on (unix seconds; 0: none) are deleted at the provider once their answers are stored here (core.batches.remote_files).
    ``kind`` is what differs between providers (core.openai.kinds; empty: as the address tells). ``expires_after``: the provider deletes
    uploaded files so many seconds after they were made (0: when it likes). ``also``: other origins that its redirects may lead to,
    without the key."""

    stored = stored_names.PROFILE
    name: str
    base_url: str = "https://api.openai.com/v1"
    purpose: str = "batch"
    window: str = "24h"
    max_requests: int = 50_000
    max_bytes: int = 100_000_000
    practice: bool = False
    resend: int = 3
    clear: float = 0.0
    kind: Literal["", "openai", "azure"] = ""
    expires_after: int = 0
    also: tuple[str, ...] = ()


class Automatic(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When requests for one provider go out by themselves (id: the profile's): those of programs ``after`` seconds (0: never, by hand
    only), those made by hand after ``own`` seconds; but not from the lanes in ``held``. ``own`` is None where nothing was chosen about it
    (core.queue.auto_submit.waits says what holds then). ``opened``: when the person let a lane go again whose requests a batch had
    given back. Lanes by their keys."""

    stored = stored_names.AUTOMATIC
    after: float = 3_600.0
    own: float | None = None
    held: tuple[str, ...] = ()
    opened: dict[str, float] = {}


class BrokerSettings(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where RabbitMQ is and what is taken from it. One record, id ``broker``. The password is never here (services.brokers).

    ``transport``: ``stomp`` is the broker's own Web STOMP plugin at ``address``, ``amqp`` the relay of the server that served this page
    (no address: the server was told its broker). Messages come from ``queue``, which must exist; where ``exchange`` is set, the queue is
    made if need be and bound to it by ``routing_key``. ``prefetch`` messages at most are on their way unacknowledged. ``on``: messages
    are taken while this page is open. Texts are as typed; core.programs.rabbit checks them.
    """

    stored = stored_names.BROKER_SETTINGS
    transport: Literal["stomp", "amqp"] = "stomp"
    address: str = ""
    vhost: str = "/"
    user: str = ""
    queue: str = ""
    exchange: str = ""
    routing_key: str = ""
    prefetch: int = 100
    on: bool = False


class Told(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When the page first said to this browser's person that requests for one provider (id: the profile's) go out by themselves. Not part
    of the workspace, and taken back by an import: what another browser's person was told counts for nothing here. ``own``: said by a
    version in which requests made by hand wait for their person; older ones said that they go by themselves too."""

    stored = stored_names.TOLD
    at: float
    own: bool = False


class NamedLimit(msgspec.Struct, frozen=True):
    """A limit that a provider named when it refused a batch, and when."""

    tokens: int
    at: float


class Limits(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How many prompt tokens may be enqueued at a provider, which the id names: ``own`` by the beginning of a model's name, as the person
    entered them; ``told`` by the model's name, as the provider said. Apart from the profile, since the engine writes here as well."""

    stored = stored_names.LIMITS
    own: dict[str, int] = {}
    told: dict[str, NamedLimit] = {}


class Preferences(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the person chose. One record, id ``preferences``. ``keep_days``: so many days after their end, batches whose answers were
    exported leave this browser (0: never; core.batches.retention)."""

    stored = stored_names.PREFERENCES
    profile: str = "practice"
    thread: str = ""
    theme: Literal["system", "light", "dark"] = "system"
    practice_speed: float = 1.0
    practice_traps: tuple[str, ...] = ()
    keep_days: int = 0
    notify: bool = False


class Removed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The batches that left this browser by themselves since the person last read of it: how many, and the ``names`` and ids of the last
    twenty. One record, id ``last``."""

    stored = stored_names.REMOVED
    at: float = 0.0
    count: int = 0
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


class ModelList(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The last answer of ``GET /models`` for one profile (id: the profile's), for use offline."""

    stored = stored_names.MODEL_LIST
    models: tuple[str, ...] = ()
    fetched: float = 0.0
