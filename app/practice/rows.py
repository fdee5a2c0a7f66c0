"""The rows of a batch's output and error files, made line by line from the input file.

What becomes of a line follows from the batch's seed, the line's ``custom_id`` and its position, so both files can be written in one pass
each, in any number of pieces, and come out the same every time. The order is shuffled within windows of a few hundred lines.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec

from app.practice.answers import answer, cost
from app.practice.bodies import Line, Refusal, check, read_line
from app.practice.dice import draw, name, shuffled, unit
from app.practice.disk import Pace, lines
from app.practice.records import BatchRecord, Tally
from app.practice.traps import Trap

WINDOW = 256
"""Lines held and shuffled at a time."""

Which = Literal["output", "error"]

_SERVER = Refusal("The server had an error while processing your request. Sorry about that!", "server_error", None, "server_error", 500)
_RATE = Refusal("Rate limit reached for requests. Please try again later.", "requests", None, "rate_limit_exceeded", 429)
_CREDIT = Refusal("You exceeded your current quota.", "insufficient_quota", None, "insufficient_quota", 429)
_PLAIN_400 = Refusal("This request was refused (simulated).", param="messages", code="invalid_value")
_ZERO = Refusal("", status=0)
_EXPIRED = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}


class Fate(msgspec.Struct, frozen=True):
    """What becomes of one line: in which file its row stands (None: in neither), and which trap or error made it so."""

    file: Which | None
    counts: Literal["completed", "failed", ""]
    trap: Trap | None = None
    error: Refusal | None = None


def trap_of(record: BatchRecord, index: int, seed: int) -> Trap | None:
    """The trap that hits a line: each of the batch's line traps hits one of the first lines, the next line is spared, and of the others a
    share is hit by chance. So whatever the lines are called, some are hit and one is not (unless the share is all of them)."""
    traps = record.line_traps
    if not traps:
        return None
    if index < len(traps):
        return traps[index]
    if index == len(traps) and record.share < 1:
        return None
    return traps[(seed >> 32) % len(traps)] if unit(seed) < record.share else None


def fate(record: BatchRecord, index: int, line: Line, seed: int) -> Fate:
    """What becomes of line ``index`` (from 0)."""
    if Trap.NO_OUTPUT_FILE in record.traps:
        return Fate("error", "failed", error=_SERVER)
    refused = check(record.endpoint, line.body)
    if refused is not None:
        return Fate("error", "failed", error=refused)
    trap = trap_of(record, index, seed)
    match trap:
        case Trap.LINE_ERROR_NULL_STATUS_400:
            return Fate("error", "failed", trap, _PLAIN_400)
        case Trap.LINE_STATUS_0:
            return Fate("error", "failed", trap, _ZERO)
        case Trap.LINE_SERVER_ERROR:
            return Fate("error", "failed", trap, _SERVER)
        case Trap.LINE_RATE_LIMIT:
            return Fate("error", "failed", trap, _RATE)
        case Trap.LINE_NO_CREDIT:
            return Fate("error", "failed", trap, _CREDIT)
        case Trap.LINE_200_BODY_ERROR:
            return Fate("output", "completed", trap, _SERVER)
        case Trap.EXPIRED_IN_ERROR_FILE:
            return Fate("error", "", trap)
        case Trap.EXPIRED_IN_NEITHER:
            return Fate(None, "", trap)
        case Trap.MISSING_ROWS:
            return Fate(None, "completed", trap)
    return Fate("output", "completed", trap)


def _ids(seed: int) -> dict[str, Any]:
    return {"id": f"batch_req_{name(seed, 32)}"}


def row(record: BatchRecord, line: Line, settled: Fate, seed: int, now: int) -> dict[str, Any]:
    """The row of a line that is in a file."""
    found: dict[str, Any] = {**_ids(seed), "custom_id": line.custom_id, "response": None, "error": None}
    if settled.trap is Trap.EXPIRED_IN_ERROR_FILE and settled.file == "error" and settled.error is None:
        found["error"] = _EXPIRED
        return found
    request_id = f"req_{name(seed ^ 3, 32)}"
    if settled.error is None:
        body: Any = answer(record.endpoint, line.body, seed, now, settled.trap)
        status = 200
    else:
        body, status = settled.error.envelope(), 200 if settled.file == "output" else settled.error.status
        if status == 404:  # an unknown model inside a batch is a bad request
            status = 400
        if status == 0:
            body, request_id = None, ""
    found["response"] = {"status_code": status, "request_id": request_id, "body": body}
    if settled.trap is Trap.UNKNOWN_FIELDS:
        found["practice_extra"] = {"note": "a field that is in no document"}
    return found


async def tally(record: BatchRecord, content: AsyncIterator[bytes], done: int, pace: Pace) -> Tally:
    """Count what the first ``done`` lines of the input come to."""
    counts = {"completed": 0, "failed": 0, "": 0}
    files: dict[Which | None, int] = {"output": 0, "error": 0, None: 0}
    sums = [0, 0, 0, 0]
    index = 0
    async for group in lines(content):
        for raw in group[: done - index]:
            line = read_line(raw)
            seed = draw(record.seed, line.custom_id)
            settled = fate(record, index, line, seed)
            counts[settled.counts] += 1
            files[settled.file] += 1
            if settled.counts == "completed" and settled.error is None:
                for place, number in enumerate(cost(record.endpoint, line.body, seed, settled.trap)):
                    sums[place] += number
            index += 1
            await pace.tick()
        if index >= done:
            break
    return Tally(index, counts["completed"], counts["failed"], files["output"], files["error"], *sums)


async def rows(record: BatchRecord, which: Which, content: AsyncIterator[bytes], done: int, now: int, pace: Pace) -> AsyncIterator[bytes]:
    """The bytes of a file, in pieces. ``done`` lines of the input are finished; ``now`` is the unix second the batch ended."""
    window: list[bytes] = []
    index, number = 0, 0
    first = True
    async for group in lines(content):
        for raw in group[: done - index]:
            line = read_line(raw)
            seed = draw(record.seed, line.custom_id)
            settled = fate(record, index, line, seed)
            index += 1
            if settled.file != which:
                continue
            text = msgspec.json.encode(row(record, line, settled, seed, now))
            if settled.trap is Trap.DAMAGED_OUTPUT_LINE:
                text = text[: len(text) // 2]
            window.append(text)
            if settled.trap is Trap.DUPLICATE_ROWS:
                window.append(text)
            await pace.tick()
            if len(window) >= WINDOW:
                yield (b"" if first else b"\n") + _shuffled(window, record.seed + number)
                first, window, number = False, [], number + 1
        if index >= done:
            break
    if window:
        yield (b"" if first else b"\n") + _shuffled(window, record.seed + number)
        first = False
    if which == "output" and Trap.UNEXPECTED_ROW in record.traps:
        yield b"\n" + msgspec.json.encode(_unexpected(record))
    if not first and Trap.NO_TRAILING_NEWLINE not in record.traps:
        yield b"\n"


def _shuffled(window: list[bytes], seed: int) -> bytes:
    return b"\n".join([window[place] for place in shuffled(len(window), seed)])


def _unexpected(record: BatchRecord) -> dict[str, Any]:
    body = Refusal("nobody asked for this row").envelope()
    response = {"status_code": 200, "request_id": f"req_{name(record.seed, 32)}", "body": body}
    return {**_ids(record.seed), "custom_id": f"unexpected-{name(record.seed)}", "response": response, "error": None}
