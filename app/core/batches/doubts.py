"""Whether a request without a line may have been answered. If so it is not sent again automatically: it could be paid twice.

What a provider says of a batch and what its files hold can contradict each other (public reports; docs/again.md). Every sign of an answer
that was not found counts against all requests without a line, since nobody knows whose it is:

- a file of answers is gone, lost, short, or never came although answers are counted;
- the files hold answers under ids that the batch does not have;
- they hold something that cannot be read and names no request;
- more requests are counted as answered than were found;
- nothing is counted although the batch completed, or although it names an output file, and that is empty;
- no request is counted as answered and no answer was found, but tokens of answers are counted;
- the provider never said that the batch ended.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.model.batches import Batch

FILE_MISSING: Final = "file_missing"
IDS_UNKNOWN: Final = "ids_unknown"
LINE_UNREADABLE: Final = "line_unreadable"
NOT_FOUND: Final = "answered_not_found"
NOT_COUNTED: Final = "not_counted"
NOT_FOLLOWED: Final = "not_followed"


_ENDINGS: Final = ("completed", "expired", "cancelled", "failed")


class Counted(msgspec.Struct, frozen=True):
    """What the provider says beside its files: requests in all, answered (``completed``) and ``failed``; 0 where it does not say.
    ``lacking``: a file of answers is not here whole; ``empty``: the output file that it names has no bytes; ``tokens``: output tokens."""

    total: int = 0
    completed: int = 0
    failed: int = 0
    lacking: bool = False
    empty: bool = False
    tokens: int = 0


def counted(batch: Batch, *, lost: bool) -> Counted:
    """What is known of a batch's answers. ``lost``: a part of a file is not in this browser any more."""
    remote = batch.remote
    completed = remote.completed if remote else 0
    output = next((file for file in batch.fetched if file.which == "output"), None)
    lacking = lost or any(file.gone or file.short for file in batch.fetched) or (completed > 0 and output is None)
    return Counted(
        total=remote.total if remote else 0,
        completed=completed,
        failed=remote.failed if remote else 0,
        lacking=lacking,
        empty=output is not None and not output.size,
        tokens=remote.output_tokens if remote else 0,
    )


def unfound_reason(said: Counted, ending: str, *, found: int, unknown: int, unreadable: int) -> str:
    """The code of why requests without a line may have been answered; nothing where they were not. A line that says by an explicit error
    that its request failed, and holds no answer and no tokens, wins over the count: counts of 10/10 beside error lines were seen, and a
    failure is not billed (OpenAI batch guide).

    ``found``: requests whose answers were found, as far as the provider would count them; ``unknown``: answers under other ids;
    ``unreadable``: what cannot be read and names no request. ``ending`` is the provider's last status.
    """
    if said.lacking:
        return FILE_MISSING
    if unknown:
        return IDS_UNKNOWN
    if unreadable:
        return LINE_UNREADABLE
    if said.completed > found:
        return NOT_FOUND
    if ending not in _ENDINGS:
        return NOT_FOLLOWED
    if said.tokens and not found and not said.completed:
        return NOT_COUNTED
    uncounted = not (said.total or said.completed or said.failed)
    return NOT_COUNTED if uncounted and (said.empty or ending == "completed") else ""
