"""Which ended batches are removed from this browser automatically, if the person chose so. Pure.

Nothing leaves whose answers were not handed out as a file since they came (``Batch.exported``), and nothing whose requests are nowhere
else.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.batches import pipeline
from app.core.model.batches import Batch

DAY = 86_400.0


def ended_at(batch: Batch) -> float:
    """When a batch came to its present end (unix seconds)."""
    return next((moment.at for moment in reversed(batch.timeline) if moment.state == batch.state and not moment.note), batch.updated)


def is_handed_out(batch: Batch) -> bool:
    """Whether nothing is lost when a batch leaves: its requests are back in the queue, or its answers were exported since they came."""
    if batch.state == "withdrawn":
        return True
    return batch.state in pipeline.FETCHED and not batch.resending and batch.exported >= ended_at(batch) > 0


def hands_out(batch: Batch, which: str) -> bool:
    """Whether the file ``which`` (input, output, error) is what a batch has to give: its answers, else its errors, else its requests."""
    stored = {file.which for file in batch.fetched if not file.gone}
    return which == next((kind for kind in ("output", "error") if kind in stored), "input") and batch.state in pipeline.FETCHED


def removable(batches: Iterable[Batch], days: int, now: float) -> list[Batch]:
    """The batches that ended more than ``days`` days ago (0: none) and were handed out, oldest first."""
    if days <= 0:
        return []
    found = [batch for batch in batches if batch.state in pipeline.FINAL and now - ended_at(batch) > days * DAY and is_handed_out(batch)]
    return sorted(found, key=ended_at)
