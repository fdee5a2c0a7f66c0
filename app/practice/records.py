"""What the practice provider remembers. Everything else (statuses, counts, answers, files) follows from these records and the time."""

from __future__ import annotations

import msgspec

from app.practice.traps import LINE_TRAPS, Scenario, Speed, Trap

DAY = 86_400
FILE_LIFE = 30 * DAY
"""Files live 30 days unless asked otherwise (OpenAI batch guide)."""


class FileRecord(msgspec.Struct, frozen=True):
    """An uploaded file. Its content lies on the disk under ``id``. ``deleted`` files keep it while batches need it."""

    id: str
    filename: str
    purpose: str
    bytes: int
    created_at: float
    expires_at: float
    deleted: bool = False


class Problem(msgspec.Struct, frozen=True):
    """One entry of a batch's ``errors.data``. ``line`` counts from 1."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None


class Tally(msgspec.Struct, frozen=True):
    """What the first ``done`` lines of a batch came to. Tokens count answered lines only.

    ``outputs`` and ``errors`` are the rows of the two files, ``completed`` and ``failed`` what ``request_counts`` says.
    """

    done: int = 0
    completed: int = 0
    failed: int = 0
    outputs: int = 0
    errors: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0


class BatchRecord(msgspec.Struct, frozen=True):
    """A batch as it was created, what validation found, and when someone cancelled it. Times are unix seconds."""

    id: str
    created_at: float
    seed: int
    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None
    output_life: float
    speed: Speed
    traps: frozenset[Trap]
    share: float
    model: str | None = None
    total: int = 0
    prompt_tokens: int = 0
    """Of all requests: what it enqueues until it has ended."""
    problems: tuple[Problem, ...] = ()
    tally: Tally = Tally()
    cancel_at: float | None = None
    partial: Tally | None = None
    """The tally of a batch that stopped early (cancelled, or expired while it hung)."""
    output_bytes: int | None = None
    error_bytes: int | None = None
    deleted: frozenset[str] = frozenset()
    """Which of its generated files («output», «error») were deleted."""

    @property
    def line_traps(self) -> tuple[Trap, ...]:
        return tuple(sorted(self.traps & LINE_TRAPS))

    @property
    def output_file_id(self) -> str:
        return f"file-out{self.id.removeprefix('batch_')}"

    @property
    def error_file_id(self) -> str:
        return f"file-err{self.id.removeprefix('batch_')}"


class State(msgspec.Struct):
    """All that the provider remembers, small enough to be written after every call. File contents are kept apart."""

    seed: int = 1
    counter: int = 0
    scenario: Scenario = Scenario()
    scenarios: dict[str, Scenario] = {}
    used: dict[str, dict[int, int]] = {}
    """How often each rule (by its position) of each key's scenario has sprung; the default scenario is under ``""``."""
    files: dict[str, FileRecord] = {}
    batches: dict[str, BatchRecord] = {}
