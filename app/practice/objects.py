"""The provider's objects as JSON: files, batches, models, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.openai import objects
from app.practice.models import MODELS
from app.practice.records import FILE_LIFE, BatchRecord, FileRecord, Tally
from app.practice.schedule import Moment
from app.practice.traps import Trap


def file_object(record: FileRecord) -> dict[str, Any]:
    """An uploaded file."""
    return objects.file_object(
        id=record.id,
        purpose=record.purpose,
        filename=record.filename,
        size=record.bytes,
        created_at=record.created_at,
        expires_at=record.expires_at,
    )


def generated_file(record: BatchRecord, kind: str, size: int, ended_at: int) -> dict[str, Any]:
    """The output or error file of a batch. ``ended_at`` is the unix second the batch ended."""
    return objects.file_object(
        id=record.output_file_id if kind == "output" else record.error_file_id,
        purpose="batch_output",
        filename=f"{record.id}_{kind}.jsonl",
        size=size,
        created_at=ended_at,
        expires_at=ended_at + (record.output_life or FILE_LIFE),
    )


def batch_object(record: BatchRecord, at: Moment, tally: Tally) -> dict[str, Any]:
    """A batch at one time. ``tally`` counts the lines that are done by then."""
    traps = record.traps
    counted = at.in_progress_at is not None and (at.ended or Trap.ZERO_COUNTS_UNTIL_DONE not in traps)
    has_files = at.ended and at.status != "failed"
    found = objects.batch_object(
        id=record.id,
        endpoint=record.endpoint,
        problems=record.problems if at.status == "failed" else (),
        input_file_id=record.input_file_id,
        completion_window=record.completion_window,
        status=at.status,
        output_file_id=record.output_file_id if has_files and tally.outputs else None,
        error_file_id=record.error_file_id if has_files and tally.errors else None,
        created_at=record.created_at,
        times=at,
        expired_at=at.expired_at,
        counts=(record.total, tally.completed, tally.failed) if counted else (0, 0, 0),
        metadata=record.metadata,
    )
    found["model"] = None if Trap.NULL_MODEL in traps else record.model
    if has_files and Trap.NO_USAGE not in traps:
        found["usage"] = _usage(tally)
    if Trap.EMPTY_ERROR_FILE_ID in traps and found["error_file_id"] is None:
        found["error_file_id"] = ""
    if Trap.NULL_TIMESTAMPS in traps:
        found.update((key, None) for key in list(found) if key.endswith("_at"))
        del found["finalizing_at"]
    if Trap.UNKNOWN_FIELDS in traps:
        found["priority_lane"] = {"practice": "a field that is in no document"}
    return found


def _usage(tally: Tally) -> dict[str, Any]:
    return {
        "input_tokens": tally.input_tokens,
        "input_tokens_details": {"cached_tokens": tally.cached_tokens},
        "output_tokens": tally.output_tokens,
        "output_tokens_details": {"reasoning_tokens": tally.reasoning_tokens},
        "total_tokens": tally.input_tokens + tally.output_tokens,
    }


def model_object(id: str) -> dict[str, Any]:
    """A model."""
    return {"id": id, "object": "model", "created": MODELS[id], "owned_by": "practice"}


def page(items: Sequence[dict[str, Any]], after: str | None, limit: int) -> dict[str, Any] | None:
    """The list envelope: the ``limit`` items that follow ``after``. None when ``after`` is not among them."""
    start = 0
    if after:
        places = [place for place, item in enumerate(items) if item["id"] == after]
        if not places:
            return None
        start = places[0] + 1
    data = list(items[start : start + limit])
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": start + limit < len(items),
    }
