"""Which files at the provider are needed, and which may go. Pure: the account's files and batches as they were listed, beside the batches
that are here.

Nothing that a running batch needs may go, whoever made the batch, and no answers that are not stored here whole. Only what is left over
from this browser's own uploads is chosen beforehand: a file of a batch created elsewhere may be someone's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai.replies import RemoteFile

What = Literal["needed", "unfetched", "kept", "orphan", "elsewhere", "unused"]
"""``needed`` by a batch that has not ended · of a batch here whose answers are ``unfetched`` or not here whole · of a batch here that has
ended and whose answers are ``kept`` here · ``orphan``: our upload that no batch uses · of a batch made ``elsewhere`` · ``unused`` by any
listed batch, and not ours."""

FREE: Final[frozenset[What]] = frozenset({"kept", "orphan", "elsewhere", "unused"})
"""What may be chosen for deletion."""
LIFE: Final = 30 * 86_400
"""Seconds that a provider keeps a batch's files when it does not say otherwise (OpenAI batch guide)."""
_OURS: Final = pattern(r"nightshift-(.+)\.jsonl")
_ENDED: Final = frozenset(pipeline.ENDINGS)


class Listed(msgspec.Struct, frozen=True):
    """A file at the provider and what it is. ``batch`` is the batch here that it belongs to, if any."""

    file: RemoteFile
    what: What
    batch: str = ""

    @property
    def free(self) -> bool:
        return self.what in FREE


def is_whole(batch: Batch) -> bool:
    """Whether an ended batch has all its answers here: every file that the provider names was fetched whole, and the ledger is made."""
    if batch.state not in pipeline.FETCHED or pipeline.can_fetch_again(batch):
        return False
    return not any(file.gone or file.lost or file.short for file in batch.fetched)


def judge(files: Iterable[RemoteFile], remotes: Iterable[Remote], batches: Iterable[Batch]) -> list[Listed]:
    """Say of each file what it is. ``batches`` are those here that belong to the same provider profile; the account's own listing,
    ``remotes``, must be complete."""
    running: set[str] = set()
    used: set[str] = set()
    for remote in remotes:
        (used if remote.status in _ENDED else running).update((remote.input_file_id, remote.output_file_id, remote.error_file_id))
    by_input: dict[str, Batch] = {}
    by_name: dict[str, Batch] = {}
    by_answer: dict[str, Batch] = {}
    for batch in sorted(batches, key=lambda batch: batch.state not in pipeline.FINAL):  # what has not ended has the last word
        by_name[batch.filename] = batch
        if batch.input_file_id:
            by_input[batch.input_file_id] = batch
        if batch.remote is not None:
            by_answer.update((id, batch) for id in (batch.remote.output_file_id, batch.remote.error_file_id) if id)

    def what(file: RemoteFile) -> Listed:
        if file.id in running:
            return Listed(file, "needed", _id(by_input.get(file.id) or by_answer.get(file.id)))
        owners = [owner for owner in (by_answer.get(file.id), by_input.get(file.id)) if owner is not None]
        if (batch := next((owner for owner in owners if owner.state not in pipeline.FINAL), None)) is not None:
            return Listed(file, "needed", batch.id)
        if (batch := by_answer.get(file.id)) is not None:
            return Listed(file, "kept" if is_whole(batch) else "unfetched", batch.id)
        if (batch := by_input.get(file.id)) is not None:
            return Listed(file, _input(batch, file.id in used), batch.id)
        if (batch := by_name.get(file.filename)) is not None and file.id not in used:
            # a second upload of the same batch; before the first is known it may be the one
            waits = batch.state not in pipeline.FINAL and not batch.input_file_id
            return Listed(file, "needed" if waits else "orphan", batch.id)
        return Listed(file, "elsewhere" if file.id in used or _OURS.fullmatch(file.filename) else "unused")

    return [what(file) for file in files]


def _id(batch: Batch | None) -> str:
    return batch.id if batch else ""


def _input(batch: Batch, used: bool) -> What:
    if batch.state == "withdrawn":
        return "elsewhere" if used else "orphan"
    return "kept" if is_whole(batch) else "unfetched"


# --- deletion by itself ----------------------------------------------------------------------------------------------------------


def to_clear(batch: Batch, profile: Profile) -> tuple[str, ...]:
    """The ids of a batch's files that are to be deleted at the provider by themselves, because the person chose so (``Profile.clear``)
    before the batch ended: only once its answers are stored here whole, or its requests are back in the queue and no batch was made."""
    ended = batch.timeline[-1].at if batch.timeline else batch.updated
    if not profile.clear or ended < profile.clear or batch.live:
        return ()
    ids = [batch.input_file_id]
    if batch.remote is not None and is_whole(batch):
        ids += [batch.remote.output_file_id, batch.remote.error_file_id]
    elif batch.state != "withdrawn" or batch.remote is not None:
        return ()
    return tuple(id for id in dict.fromkeys(ids) if id and id not in batch.remote_cleanup.gone)


CLEAR_LONGEST: Final = 3_600.0
"""Seconds between two attempts at most."""


def next_clearing(batch: Batch, now: float) -> float:
    """When the deletion is tried again, in unix seconds; 0: at once. A wait that is longer than any that is made was stored by a clock that
    was ahead, or came with a file: it is not kept."""
    at = batch.remote_cleanup.retry_at
    return at if now < at <= now + CLEAR_LONGEST else 0.0


def says_until(batch: Batch) -> bool:
    """Whether the provider says itself until when it keeps a batch's answers."""
    return any(file.expires for file in batch.fetched)


def kept_until(batch: Batch) -> float:
    """Until when the provider keeps a batch's answers (unix seconds): what it says itself, else 30 days from their end on; 0: there are
    none, or they were deleted there."""
    if batch.remote is None or not batch.ending or batch.live:
        return 0.0
    ids = {"output": batch.remote.output_file_id, "error": batch.remote.error_file_id}
    there = {which: id for which, id in ids.items() if id and id not in batch.remote_cleanup.gone}
    if not there:
        return 0.0
    said = [file.expires for file in batch.fetched if file.which in there and file.expires]
    if said:
        return min(said)
    since = next((moment.at for moment in batch.timeline if moment.state in ("downloading", "reconciling")), 0.0)
    return (since or batch.updated) + LIFE
