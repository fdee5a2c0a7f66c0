"""The provider's file calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from app.core.base.text import whole_number
from app.practice.ask import MAX_UPLOAD, Ask, Reply, not_found, ok, refuse
from app.practice.bodies import Refusal
from app.practice.objects import file_object, page
from app.practice.records import DAY, FILE_LIFE, FileRecord
from app.practice.results import Results

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


def too_large(size: int) -> Refusal:
    """The error for a file over the limit."""
    text = f"Maximum content size limit ({MAX_UPLOAD}) exceeded ({size} bytes read)."
    return Refusal(text, code="content_size_limit_exceeded", status=413)


class Files:
    """Uploads, lists, hands out and forgets files."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._state = results.state

    def alive(self, id: str, now: float) -> FileRecord | None:
        """An uploaded file that is neither deleted nor expired."""
        record = self._state.files.get(id)
        return record if record and not record.deleted and now < record.expires_at else None

    async def upload(self, ask: Ask, now: float) -> Reply:
        purpose, upload = ask.fields.get("purpose", ""), ask.upload
        if upload is None:
            return refuse(Refusal("Missing required parameter: 'file'.", param="file", code="missing_required_parameter"))
        if not purpose:
            return refuse(Refusal("Missing required parameter: 'purpose'.", param="purpose", code="missing_required_parameter"))
        if purpose not in PURPOSES:
            return refuse(Refusal(f"'{purpose}' is not one of {list(PURPOSES)} - 'purpose'", param="purpose"))
        if purpose == "batch" and not upload.filename.lower().endswith(".jsonl"):
            return refuse(Refusal("Invalid file format for Batch API. Must be .jsonl", param="file"))
        if upload.size > MAX_UPLOAD:
            return refuse(too_large(upload.size))
        life = _life(ask.fields)
        if isinstance(life, Refusal):
            return refuse(life)
        record = FileRecord(upload.id, upload.filename, purpose, upload.size, now, now + life)
        self._state.files[upload.id] = record
        await self._sweep(now)
        return ok(file_object(record))

    async def list(self, ask: Ask, now: float) -> Reply:
        limit = whole_number(ask.query.get("limit", "10000"), 1, 10_000)
        if limit is None:
            return refuse(Refusal("Invalid 'limit': expected a number between 1 and 10000.", param="limit", code="invalid_value"))
        purpose = ask.query.get("purpose")
        found = [file_object(record) for id in self._state.files if (record := self.alive(id, now))]
        found = [one for one in found if purpose in (None, one["purpose"])]
        if purpose in (None, "batch_output"):
            found += await self._results.all_generated(now)
        found.sort(key=lambda one: (one["created_at"], one["id"]), reverse=ask.query.get("order", "desc") != "asc")
        listed = page(found, ask.query.get("after"), limit)
        return ok(listed) if listed else not_found("file", ask.query["after"])

    async def retrieve(self, id: str, now: float) -> Reply:
        record = self.alive(id, now)
        if record:
            return ok(file_object(record))
        generated = await self._results.generated(id, now)
        return ok(await self._results.file(*generated, now)) if generated else _no_file(id)

    async def content(self, id: str, now: float) -> Reply:
        record = self.alive(id, now)
        if record:
            return Reply(200, self._results.disk.read(id), "application/octet-stream", size=record.bytes)
        generated = await self._results.generated(id, now)
        if generated is None:
            return _no_file(id)
        return Reply(200, self._results.content(*generated, now), "application/octet-stream")

    async def size(self, id: str, now: float) -> int:
        """How many bytes :meth:`content` gives."""
        record = self.alive(id, now)
        generated = None if record else await self._results.generated(id, now)
        found = await self._results.file(*generated, now) if generated else None
        return record.bytes if record else found["bytes"] if found else 0

    async def delete(self, id: str, now: float) -> Reply:
        record = self.alive(id, now)
        generated = None if record else await self._results.generated(id, now)
        if record:
            self._state.files[id] = msgspec.structs.replace(record, deleted=True)
        elif generated:
            batch, kind = self._state.batches[generated[0]], generated[1]
            self._state.batches[batch.id] = msgspec.structs.replace(batch, deleted=batch.deleted | {kind})
        else:
            return _no_file(id)
        await self._sweep(now)
        return ok({"id": id, "object": "file", "deleted": True})

    async def _sweep(self, now: float) -> None:
        """Drop the contents of deleted and expired files that no batch needs any more."""
        for record in [one for one in self._state.files.values() if not self.alive(one.id, now)]:
            users = [batch.id for batch in self._state.batches.values() if batch.input_file_id == record.id]
            if not any([await self._results.remains(user, now) for user in users]):
                self._state.files.pop(record.id, None)
                await self._results.disk.drop(record.id)


def _no_file(id: str) -> Reply:
    return refuse(Refusal(f"No such File object: {id}", param="id", status=404))


def _life(fields: dict[str, str]) -> float | Refusal:
    """How many seconds an upload lives, from the form's ``expires_after`` fields."""
    anchor, seconds = fields.get("expires_after[anchor]"), fields.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return FILE_LIFE
    return lifetime({"anchor": anchor, "seconds": whole_number(seconds or "", 0, 30 * DAY)}, "expires_after")


def lifetime(asked: Any, param: str) -> float | Refusal:
    """Seconds of an ``expires_after`` object: anchor ``created_at``, 3,600 to 2,592,000 seconds (OpenAI API reference)."""
    if not isinstance(asked, dict) or asked.get("anchor") != "created_at":
        return Refusal(f"Invalid '{param}.anchor': expected 'created_at'.", param=f"{param}.anchor", code="invalid_value")
    seconds = asked.get("seconds")
    if not isinstance(seconds, int) or not 3_600 <= seconds <= 30 * DAY:
        text = f"Invalid '{param}.seconds': expected a number between 3600 and 2592000."
        return Refusal(text, param=f"{param}.seconds", code="invalid_value")
    return seconds


async def first_half(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The first half of ``size`` bytes, for a download that breaks off."""
    left = size // 2
    async for chunk in chunks:
        if left <= 0:
            return
        yield chunk[:left]
        left -= len(chunk)
