"""The provider's batch calls."""

from __future__ import annotations

from typing import Any

from app.core.base.text import whole_number
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.practice.ask import Ask, Reply, not_found, ok, refuse
from app.practice.bodies import UNREADABLE, Refusal
from app.practice.dice import mix, name
from app.practice.disk import lines
from app.practice.files import Files, lifetime
from app.practice.models import base_name
from app.practice.objects import batch_object, page
from app.practice.records import BatchRecord, Problem
from app.practice.results import Results, replace
from app.practice.schedule import lines_done, moment
from app.practice.traps import Scenario, Trap
from app.practice.validation import Validator


class Batches:
    """Creates, lists, shows and cancels batches."""

    def __init__(self, results: Results, files: Files) -> None:
        self._results, self._files = results, files
        self._state = results.state

    async def create(self, ask: Ask, now: float, number: int, traps: frozenset[Trap], scenario: Scenario) -> Reply:
        """Check the order and the file, and keep the batch; ``number`` makes its id and seed."""
        order = _order(ask.body)
        if isinstance(order, Refusal):
            return refuse(order)
        source = self._files.alive(order["input_file_id"], now)
        if source is None:
            return refuse(cannot_find(order["input_file_id"]))
        if source.purpose != "batch":
            return refuse(Refusal(f"The file {source.id} has the purpose '{source.purpose}', not 'batch'.", param="input_file_id"))
        life = lifetime(order["output_expires_after"], "output_expires_after") if order.get("output_expires_after") else 0
        if isinstance(life, Refusal):
            return refuse(life)
        seed = mix(self._state.seed ^ mix(number))
        record = BatchRecord(
            id=f"batch_{name(seed)}",
            created_at=now,
            seed=seed,
            input_file_id=source.id,
            endpoint=order["endpoint"],
            completion_window=order["completion_window"],
            metadata=order.get("metadata"),
            output_life=life,
            speed=scenario.durations,
            traps=traps,
            share=scenario.share,
        )
        record = await self._validated(record, now, scenario.enqueued)
        self._state.batches[record.id] = record
        return await self.retrieve(record.id, now)

    async def _validated(self, record: BatchRecord, now: float, limit: int) -> BatchRecord:
        """The record with what validation finds and what its lines will come to, worked out in slices. ``limit`` is how many tokens may be
        enqueued for a model, for the trap."""
        validator, pace = Validator(record.endpoint), self._results.pace()
        async for group in lines(self._results.disk.read(record.input_file_id)):
            for raw in group:
                validator.read(raw)
                await pace.tick()
            if validator.full:
                break
        problems = validator.finish()
        if not problems:
            problems = tuple(_trapped(record, trap, validator) for trap in sorted(record.traps & _FAILS))
        model = validator.model or ""
        if not problems and Trap.ENQUEUED_LIMIT in record.traps and self._enqueued(model, now) + validator.prompt_tokens > limit:
            problems = (_over_limit(model, limit),)
        record = replace(record, model=validator.model, total=validator.total, prompt_tokens=validator.prompt_tokens, problems=problems)
        return record if problems else replace(record, tally=await self._results.count(record, record.total))

    def _enqueued(self, model: str, now: float) -> int:
        """The prompt tokens of the model's batches that have not ended."""
        return sum(
            one.prompt_tokens
            for one in self._state.batches.values()
            if base_name(one.model or "") == base_name(model) and not one.problems and not moment(one, now).ended
        )

    async def retrieve(self, id: str, now: float) -> Reply:
        if id not in self._state.batches:
            return not_found("batch", id)
        return ok(batch_object(*await self._results.look(id, now)))

    async def list(self, ask: Ask, now: float) -> Reply:
        limit = whole_number(ask.query.get("limit", "20"), 1, 100)
        if limit is None:
            return refuse(Refusal("Invalid 'limit': expected a number between 1 and 100.", param="limit", code="invalid_value"))
        newest_first = list(reversed(self._state.batches))
        after = ask.query.get("after")
        listed = page([{"id": id} for id in newest_first], after, limit)
        if listed is None:
            return not_found("batch", after or "")
        listed["data"] = [batch_object(*await self._results.look(one["id"], now)) for one in listed["data"]]
        return ok(listed)

    async def cancel(self, id: str, now: float) -> Reply:
        record = self._state.batches.get(id)
        if record is None:
            return not_found("batch", id)
        at = moment(record, now)
        if at.ended:
            return refuse(Refusal(f"Cannot cancel a batch with status '{at.status}'.", code="invalid_batch_status", status=409))
        if record.cancel_at is None:
            partial = await self._results.count(record, lines_done(record, at.progress))
            self._state.batches[id] = replace(self._state.batches[id], cancel_at=now, partial=partial)
        return await self.retrieve(id, now)


_FAILS = frozenset({Trap.TOKEN_LIMIT_EXCEEDED, Trap.BILLING_HARD_LIMIT_REACHED, Trap.BATCH_FILE_NOT_FOUND})


def _trapped(record: BatchRecord, trap: Trap, validator: Validator) -> Problem:
    if trap is Trap.TOKEN_LIMIT_EXCEEDED:
        return _over_limit(validator.model or "", 2_000_000)
    if trap is Trap.BILLING_HARD_LIMIT_REACHED:
        return Problem("billing_hard_limit_reached", "Billing hard limit has been reached.")
    return Problem("invalid_request", cannot_find(record.input_file_id).message)


def _over_limit(model: str, limit: int) -> Problem:
    text = (
        f"Enqueued token limit reached for {model} in organization practice. Limit: {limit:,} enqueued tokens. "
        "Please try again once some in_progress batches have been completed."
    )
    return Problem("token_limit_exceeded", text)


def cannot_find(file_id: str) -> Refusal:
    """The error for an input file that is not there, or not yet."""
    return Refusal(f"Cannot find file {file_id}, or organization practice does not have access to it.", param="input_file_id")


def _order(raw: bytes) -> dict[str, Any] | Refusal:
    """The body of a create call."""
    try:
        order: Any = jsonread.value(raw)
    except UNREADABLE:
        order = None
    if not isinstance(order, dict):
        return Refusal("We could not parse the JSON body of your request.")
    for key in ("input_file_id", "endpoint", "completion_window"):
        if not isinstance(order.get(key), str):
            return Refusal(f"Missing required parameter: '{key}'.", param=key, code="missing_required_parameter")
    if order["endpoint"] not in ENDPOINTS:
        text = f"Invalid value: '{order['endpoint']}'. Supported values are: {', '.join(map(repr, ENDPOINTS))}."
        return Refusal(text, param="endpoint", code="invalid_value")
    if order["completion_window"] != "24h":
        text = f"Invalid value: '{order['completion_window']}'. Value must be '24h'."
        return Refusal(text, param="completion_window", code="invalid_value")
    metadata = order.get("metadata")
    if metadata is not None and not _good_metadata(metadata):
        text = "Invalid 'metadata': at most 16 pairs, keys of at most 64 and values of at most 512 characters, all strings."
        return Refusal(text, param="metadata", code="invalid_value")
    return order


def _good_metadata(metadata: Any) -> bool:
    return (
        isinstance(metadata, dict)
        and len(metadata) <= 16
        and all(len(key) <= 64 and isinstance(value, str) and len(value) <= 512 for key, value in metadata.items())
    )
