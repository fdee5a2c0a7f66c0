"""How often batches are polled, as pure decisions: in a hidden tab, and when the person returns.

A hidden tab asks ``HIDDEN`` times less often. Nobody sees what it would show, batches take minutes to a day, and the browser wakes a hidden
tab's timers only once a minute as it is (Chromium, Firefox and Safari, after some minutes in the background): asking oftener than that is
not possible, and asking as often would bring nothing. A batch of a day then costs some 300 calls instead of 1,500. The price is that its
answers are fetched up to six minutes later; whoever comes back to the tab has them looked for at once.
"""

from __future__ import annotations

from typing import Final

from app.core.base import retry
from app.core.model.batches import Batch, BatchState

HIDDEN: Final = 5.0
AT_PROVIDER: Final[tuple[BatchState, ...]] = ("validating", "in_progress", "finalizing", "cancelling")
_NO_NETWORK: Final = ("offline", "unreachable")


def hidden_until(batch: Batch) -> float:
    """When a hidden tab asks about a batch whose next look is due at ``Batch.retry_at``: ``HIDDEN`` times the wait, from its last change
    on. After a failure the wait is long enough as it is, and practice costs nothing."""
    if batch.problem is not None or batch.practice:
        return batch.retry_at
    return batch.updated + HIDDEN * (batch.retry_at - batch.updated)


def is_stale(batch: Batch, now: float, older: float = retry.POLL_FIRST) -> bool:
    """Whether a batch is to be polled now that someone looks, or the network is back: it is at the provider and was not polled for
    ``older`` seconds, or its last call could not reach the provider."""
    if (problem := batch.lookup_problem or batch.problem) is not None:
        return batch.retry_at > now and problem.code in _NO_NETWORK
    return batch.state in AT_PROVIDER and now - batch.updated >= older
