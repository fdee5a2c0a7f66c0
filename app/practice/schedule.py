"""Where a batch stands at a given time: a pure function of its record.

The steps follow each other without a gap: validating, in_progress, finalizing, then an end. Cancelling, hanging and the 24 hours cut in.
"""

from __future__ import annotations

import math

import msgspec

from app.practice.records import DAY, BatchRecord
from app.practice.traps import Trap

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
EXPIRED_TRAPS = frozenset({Trap.EXPIRED_IN_ERROR_FILE, Trap.EXPIRED_IN_NEITHER})


class Moment(msgspec.Struct, frozen=True):
    """A batch at one time. ``progress`` is the part of its lines that is done, 0 to 1; timestamps are unix seconds, None if not reached."""

    status: str
    progress: float
    in_progress_at: int | None = None
    finalizing_at: int | None = None
    completed_at: int | None = None
    failed_at: int | None = None
    expired_at: int | None = None
    cancelling_at: int | None = None
    cancelled_at: int | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED


def moment(record: BatchRecord, now: float) -> Moment:
    """Where ``record`` stands at ``now`` (unix seconds)."""
    cancel, expiry = record.cancel_at, record.created_at + DAY
    if cancel is not None and cancel <= now:
        before = _running(record, cancel)
        end = cancel + record.speed.cancelling
        return msgspec.structs.replace(
            before,
            status="cancelled" if now >= end else "cancelling",
            cancelling_at=int(cancel),
            cancelled_at=int(end) if now >= end else None,
        )
    found = _running(record, now)
    if not found.ended and now >= expiry:
        found = _running(record, expiry)
        return found if found.ended else msgspec.structs.replace(found, status="expired", expired_at=int(expiry))
    return found


def _running(record: BatchRecord, now: float) -> Moment:
    """The batch without cancelling and without the 24 hours."""
    speed, traps = record.speed, record.traps
    validated = math.inf if Trap.HANG_VALIDATING in traps else record.created_at + speed.validating
    if now < validated:
        return Moment("validating", 0.0)
    if record.problems:
        return Moment("failed", 0.0, failed_at=int(validated))
    started = int(validated)
    worked = validated + speed.in_progress
    part = min(1.0, (now - validated) / speed.in_progress) if speed.in_progress > 0 else 1.0
    if Trap.HANG_IN_PROGRESS in traps:
        return Moment("in_progress", min(part, 0.5), in_progress_at=started)
    if now < worked:
        odd = Trap.UNKNOWN_STATUS in traps and part >= 0.5
        return Moment("reviewing" if odd else "in_progress", part, in_progress_at=started)
    if traps & EXPIRED_TRAPS:
        return Moment("expired", 1.0, in_progress_at=started, expired_at=int(worked))
    finished = math.inf if Trap.HANG_FINALIZING in traps else worked + speed.finalizing
    if now < finished:
        return Moment("finalizing", 1.0, in_progress_at=started, finalizing_at=int(worked))
    return Moment("completed", 1.0, in_progress_at=started, finalizing_at=int(worked), completed_at=int(finished))


def lines_done(record: BatchRecord, progress: float) -> int:
    """How many lines of the input, from its beginning, are done at ``progress``."""
    return min(record.total, int(record.total * progress + 1e-9))
