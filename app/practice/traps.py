"""What the practice provider can be asked to do wrong, and how fast it is.

Every trap imitates something that the real provider did to someone (OpenAI's batch guide, OpenAPI document and public issue threads).
A trap hits either calls, whole batches, or a share of the lines of a batch.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Call(StrEnum):
    """The provider's operations."""

    UPLOAD = "upload"
    FILES = "files"
    FILE = "file"
    DELETE = "delete"
    DOWNLOAD = "download"
    CREATE = "create"
    LIST = "list"
    POLL = "poll"
    CANCEL = "cancel"
    MODELS = "models"
    ANSWER = "answer"
    """A synchronous chat completion, response, embedding, moderation, completion or image."""


class Trap(StrEnum):
    """One thing that goes wrong."""

    # --- calls: refused before they take effect
    UNAUTHORIZED_401 = "unauthorized_401"
    """A right-looking key that was revoked: 401 ``invalid_api_key``."""
    FORBIDDEN_403 = "forbidden_403"
    """The key's project or country may not do this: 403."""
    NOT_FOUND_404 = "not_found_404"
    """The id is unknown to this project: 404."""
    TOO_LARGE_413 = "too_large_413"
    """A proxy before the provider refuses a large body (seen from 158 MB on): 413 with an HTML page, not JSON."""
    RATE_LIMIT_429 = "rate_limit_429"
    """Too many calls: 429 ``rate_limit_exceeded``. Waiting helps."""
    INSUFFICIENT_QUOTA_429 = "insufficient_quota_429"
    """No money left: 429 ``insufficient_quota``. Waiting does not help."""
    SERVER_500 = "server_500"
    """The provider fails: 500 ``server_error``."""
    FILE_NOT_FOUND_AFTER_UPLOAD = "file_not_found_after_upload"
    """Right after its upload a file is not found by ``POST /batches``: 400 «Cannot find file». Once, unless asked otherwise."""
    DOWNLOAD_502 = "download_502"
    """A download answers 502 with an HTML page. Once, unless asked otherwise."""
    CONNECTION_BROKEN = "connection_broken"
    """The connection closes without an answer and without effect."""
    TIMEOUT = "timeout"
    """No answer ever comes, without effect."""
    CORS_REFUSED = "cors_refused"
    """The answer lacks the CORS headers, so a page sees a blocked call; without effect, as after a refused preflight."""

    # --- calls: they take effect, the answer is lost
    CREATE_ANSWER_LOST = "create_answer_lost"
    """The batch is made, the connection breaks: a blind retry makes a second paid batch. Once, unless asked otherwise."""
    CREATE_500_EFFECT_DONE = "create_500_effect_done"
    """The batch is made, the answer is a 500. Once, unless asked otherwise."""
    UPLOAD_ANSWER_LOST = "upload_answer_lost"
    """The file is stored, the connection breaks. Once, unless asked otherwise."""
    DOWNLOAD_BREAKS_HALFWAY = "download_breaks_halfway"
    """A download breaks off after half of its bytes. Once, unless asked otherwise."""
    DOWNLOAD_ENDS_EARLY = "download_ends_early"
    """A download ends after half of its bytes as if that were all: nothing but the file's size tells. Once, unless asked otherwise."""
    FILE_SIZE_UNKNOWN = "file_size_unknown"
    """The file object says no size: ``bytes`` is null."""

    FILE_PENDING = "file_pending"
    """An uploaded file is ``pending`` in the answer to its upload and when it is asked about. Twice, unless asked otherwise."""

    # --- synchronous answers
    ANSWER_LOST = "answer_lost"
    """The request is answered, the connection breaks before the answer: sent again, it is paid again. Once, unless asked otherwise."""
    STREAM_REFUSED = "stream_refused"
    """The account may not stream this model: 400 about ``stream``, as for organizations that were not verified."""
    STREAM_BREAKS_HALFWAY = "stream_breaks_halfway"
    """A streamed answer breaks off after half of its events. Once, unless asked otherwise."""
    STREAM_ENDS_EARLY = "stream_ends_early"
    """A streamed answer ends after half of its events as if that were all. Once, unless asked otherwise."""
    STREAM_ERROR_EVENT = "stream_error_event"
    """Half of a streamed answer is followed by an event that tells of a fault. Once, unless asked otherwise."""

    # --- batches that fail at validation
    TOKEN_LIMIT_EXCEEDED = "token_limit_exceeded"  # noqa: S105 (no password)
    """The batch turns ``failed``: the enqueued prompt tokens of the model are used up."""
    ENQUEUED_LIMIT = "enqueued_limit"
    """The account has room for ``Scenario.enqueued`` prompt tokens a model: a batch that does not fit beside those that have not ended
    turns ``failed`` with ``token_limit_exceeded``, as at the provider."""
    BILLING_HARD_LIMIT_REACHED = "billing_hard_limit_reached"
    """The batch turns ``failed``: the monthly budget is used up."""
    BATCH_FILE_NOT_FOUND = "batch_file_not_found"
    """The batch is accepted, then turns ``failed`` with ``invalid_request`` «Cannot find file»."""

    # --- batches: time
    HANG_VALIDATING = "hang_validating"
    """The batch stays ``validating``, until it expires or is cancelled."""
    HANG_IN_PROGRESS = "hang_in_progress"
    """The batch stays half done in ``in_progress``, until it expires or is cancelled."""
    HANG_FINALIZING = "hang_finalizing"
    """The batch stays ``finalizing`` with all counts full, until it expires or is cancelled."""
    UNKNOWN_STATUS = "unknown_status"
    """For the second half of its work the batch has a status that is in no document (``reviewing``)."""

    # --- batches: what the batch object says
    EMPTY_ERROR_FILE_ID = "empty_error_file_id"
    """``error_file_id`` is ``""`` instead of null when no line failed."""
    NO_OUTPUT_FILE = "no_output_file"
    """Every line fails, so ``output_file_id`` is null on a ``completed`` batch."""
    NO_USAGE = "no_usage"
    """``usage`` is missing on the batch and in answers."""
    NULL_MODEL = "null_model"
    """``model`` is null on the batch and missing in answers."""
    NULL_TIMESTAMPS = "null_timestamps"
    """Every timestamp of the batch is null or missing."""
    UNKNOWN_FIELDS = "unknown_fields"
    """The batch, its rows and their bodies carry fields that are in no document."""
    ZERO_COUNTS_UNTIL_DONE = "zero_counts_until_done"
    """``request_counts`` stay 0/0 until the batch ends. (While validating they are always 0/0, as at the provider.)"""

    # --- lines: they fail
    LINE_ERROR_NULL_STATUS_400 = "line_error_null_status_400"
    """A failed line has ``error: null`` and says it only by ``status_code`` 400."""
    LINE_200_BODY_ERROR = "line_200_body_error"
    """A line in the output file has status 200 and ``error`` inside its body."""
    LINE_STATUS_0 = "line_status_0"
    """A failed line has ``status_code`` 0 and no body."""
    LINE_SERVER_ERROR = "line_server_error"
    """A line fails with 500 ``server_error``; sending it again would help."""
    LINE_RATE_LIMIT = "line_rate_limit"
    """A line fails with 429 ``rate_limit_exceeded``; sending it again would help."""
    LINE_NO_CREDIT = "line_no_credit"
    """A line fails with 429 ``insufficient_quota``; sending it again would not help before someone pays."""
    EXPIRED_IN_ERROR_FILE = "expired_in_error_file"
    """The batch expires; its unfinished rows are in the error file as ``batch_expired``."""
    EXPIRED_IN_NEITHER = "expired_in_neither"
    """The batch expires; its unfinished rows stand in neither file."""

    # --- lines: odd answers
    REFUSAL = "refusal"
    """The model refuses: ``refusal`` instead of content."""
    CONTENT_FILTER = "content_filter"
    """The answer is cut by the content filter."""

    # --- lines: odd files
    DAMAGED_OUTPUT_LINE = "damaged_output_line"
    """A row of the output file is cut in the middle, so it is no JSON."""
    NO_TRAILING_NEWLINE = "no_trailing_newline"
    """The files end without a newline."""
    MISSING_ROWS = "missing_rows"
    """Rows stand in neither file although the batch is ``completed`` and counts them."""
    DUPLICATE_ROWS = "duplicate_rows"
    """Rows are in the output file twice."""
    UNEXPECTED_ROW = "unexpected_row"
    """The output file ends with a row whose ``custom_id`` nobody sent."""


LINE_TRAPS = frozenset(
    {
        Trap.LINE_ERROR_NULL_STATUS_400,
        Trap.LINE_200_BODY_ERROR,
        Trap.LINE_STATUS_0,
        Trap.LINE_SERVER_ERROR,
        Trap.LINE_RATE_LIMIT,
        Trap.LINE_NO_CREDIT,
        Trap.EXPIRED_IN_ERROR_FILE,
        Trap.EXPIRED_IN_NEITHER,
        Trap.REFUSAL,
        Trap.CONTENT_FILTER,
        Trap.DAMAGED_OUTPUT_LINE,
        Trap.MISSING_ROWS,
        Trap.DUPLICATE_ROWS,
        Trap.NO_USAGE,
        Trap.NULL_MODEL,
        Trap.UNKNOWN_FIELDS,
    }
)
"""Traps that hit a share of the lines of a batch (at least one line each, if there are enough lines; with a share below 1 the next line is
spared)."""

ODD_ANSWERS = frozenset({Trap.REFUSAL, Trap.CONTENT_FILTER, Trap.NO_USAGE, Trap.NULL_MODEL, Trap.UNKNOWN_FIELDS})
"""Traps on lines that hit the same share of synchronous answers."""

CALLS: dict[Trap, frozenset[Call]] = {
    **dict.fromkeys(
        (
            Trap.UNAUTHORIZED_401,
            Trap.FORBIDDEN_403,
            Trap.NOT_FOUND_404,
            Trap.TOO_LARGE_413,
            Trap.RATE_LIMIT_429,
            Trap.INSUFFICIENT_QUOTA_429,
            Trap.SERVER_500,
            Trap.CONNECTION_BROKEN,
            Trap.TIMEOUT,
            Trap.CORS_REFUSED,
        ),
        frozenset(Call),
    ),
    Trap.FILE_NOT_FOUND_AFTER_UPLOAD: frozenset({Call.CREATE}),
    Trap.DOWNLOAD_502: frozenset({Call.DOWNLOAD}),
    Trap.CREATE_ANSWER_LOST: frozenset({Call.CREATE}),
    Trap.CREATE_500_EFFECT_DONE: frozenset({Call.CREATE}),
    Trap.UPLOAD_ANSWER_LOST: frozenset({Call.UPLOAD}),
    Trap.DOWNLOAD_BREAKS_HALFWAY: frozenset({Call.DOWNLOAD}),
    Trap.DOWNLOAD_ENDS_EARLY: frozenset({Call.DOWNLOAD}),
    Trap.FILE_SIZE_UNKNOWN: frozenset({Call.FILE}),
    Trap.FILE_PENDING: frozenset({Call.UPLOAD, Call.FILE}),
    **dict.fromkeys(
        (
            Trap.ANSWER_LOST,
            Trap.STREAM_REFUSED,
            Trap.STREAM_BREAKS_HALFWAY,
            Trap.STREAM_ENDS_EARLY,
            Trap.STREAM_ERROR_EVENT,
        ),
        frozenset({Call.ANSWER}),
    ),
}
"""The calls that a call trap hits when the rule names none. Traps not in this table hit batches."""

ONCE = frozenset(
    {
        Trap.FILE_NOT_FOUND_AFTER_UPLOAD,
        Trap.DOWNLOAD_502,
        Trap.CREATE_ANSWER_LOST,
        Trap.CREATE_500_EFFECT_DONE,
        Trap.UPLOAD_ANSWER_LOST,
        Trap.DOWNLOAD_BREAKS_HALFWAY,
        Trap.DOWNLOAD_ENDS_EARLY,
        Trap.ANSWER_LOST,
        Trap.STREAM_BREAKS_HALFWAY,
        Trap.STREAM_ENDS_EARLY,
        Trap.STREAM_ERROR_EVENT,
    }
)
"""Traps that spring once when the rule gives no number."""


class Rule(msgspec.Struct, frozen=True):
    """A trap, the one call it hits (None: those of the trap), and how often (None: once for transient traps, else always).

    For a trap on batches ``times`` counts the batches created.
    """

    trap: Trap
    call: Call | None = None
    times: int | None = None

    def hits(self, call: Call) -> bool:
        """Whether this rule is about ``call``."""
        return self.trap in CALLS and (call is self.call or (self.call is None and call in CALLS[self.trap]))

    def spent(self, used: int) -> bool:
        """Whether it has sprung as often as it should."""
        often = 1 if self.trap in ONCE else 2 if self.trap is Trap.FILE_PENDING else None
        limit = often if self.times is None else self.times
        return limit is not None and used >= limit


class Speed(msgspec.Struct, frozen=True):
    """How long each step of a batch lasts, in seconds. The default is a whole batch in ten seconds."""

    validating: float = 2.0
    in_progress: float = 6.0
    finalizing: float = 2.0
    cancelling: float = 2.0

    def times(self, factor: float) -> Speed:
        """All steps longer by ``factor`` (0: instant)."""
        return Speed(self.validating * factor, self.in_progress * factor, self.finalizing * factor, self.cancelling * factor)


class Scenario(msgspec.Struct, frozen=True):
    """How the practice provider behaves. A batch keeps the scenario under which it was created."""

    speed: Speed | float = 1.0
    """Explicit durations, or a factor on the default ones (0 is instant)."""
    traps: tuple[Trap | Rule, ...] = ()
    share: float = 0.2
    """The part of lines that line traps hit, 0 to 1."""
    enqueued: int = 1_000
    """The limit of the ``enqueued_limit`` trap, in tokens."""
    hold: float = 600.0
    """Seconds that the HTTP skin lets a caller wait under the ``timeout`` trap."""

    @property
    def durations(self) -> Speed:
        return self.speed if isinstance(self.speed, Speed) else Speed().times(self.speed)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(trap if isinstance(trap, Rule) else Rule(trap) for trap in self.traps)
