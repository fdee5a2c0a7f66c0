"""Servers that call themselves compatible and say things in their own way, and gateways that mix things up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.hostile.provider import Answer, Asked, Hostile, breaks, edits, says
from tests.hostile.scenario import Scenario
from tests.kit.screen import Visit

WORDS = {"validating": "QUEUED", "in_progress": "RUNNING", "finalizing": "WRITING_RESULTS", "completed": "SUCCEEDED"}


def good(name: str, arm: Callable[[Hostile], object], *sees: str, **more: Any) -> Scenario:
    """It is answered all the same, once."""
    return Scenario(f"elsewhere: {name}", arm, sees=sees, billed=3, makes=1, **more)


def batches(change: Callable[[dict[str, Any]], object]) -> Callable[[Hostile], Hostile]:
    """Every batch object outside of listings."""
    return lambda far: far.on("create poll cancel", edits(change))


def mistral(one: dict[str, Any]) -> dict[str, Any]:
    """As Mistral's jobs say it."""
    counts = one["request_counts"] or {}
    return {
        "id": one["id"],
        "object": "batch",
        "status": WORDS.get(one["status"], one["status"].upper()),
        "input_files": [one["input_file_id"]],
        "output_file": one["output_file_id"],
        "error_file": one["error_file_id"],
        "metadata": one["metadata"],
        "created_at": one["created_at"],
        "total_requests": counts.get("total"),
        "succeeded_requests": counts.get("completed"),
        "completed_requests": counts.get("completed"),
        "failed_requests": counts.get("failed"),
        "errors": [],
    }


def together(one: dict[str, Any]) -> dict[str, Any]:
    """As Together's answer it, in an envelope, with times as text and progress in percent."""
    kept = {name: one[name] for name in ("input_file_id", "output_file_id", "error_file_id", "metadata")}
    return {
        "job": {
            "batch_id": one["id"],
            "status": one["status"].upper(),
            "progress": "40 %",
            "created_at": "2026-11-29T12:00:00.123Z",
            **kept,
        }
    }


def cased(one: dict[str, Any]) -> None:
    one["status"] = one["status"].title().replace("_", "")


def odd(asked: Asked, answer: Answer) -> Answer:
    return edits(lambda one: one.update(status="HIBERNATING", output_file_id=None))(asked, answer)


def pending(times: int, end: str = "processed") -> Callable[[Hostile], Hostile]:
    """An uploaded file is checked for so many looks."""

    def twist(asked: Asked, answer: Answer) -> Answer:
        n = 0 if asked.call == "upload" else asked.n
        return edits(lambda one: one.update(status="pending" if n < times else end))(asked, answer) if n <= times else answer

    return lambda far: far.on("upload file", twist)


async def stop(visit: Visit, _far: Hostile) -> None:
    await visit.click("Stop following")
    await visit.wait(60)


NOT_READY = {"error": {"code": "invalidPayload", "message": "The input file is not ready: its status is pending, expected processed."}}
QUOTA = {"error": {"code": "quotaExceeded", "message": "The quota for files without expiry is reached. The maximum is 500."}}
DETAIL = {"detail": [{"loc": ["body", "endpoint"], "msg": "Input should be '/v1/x'", "type": "enum"}, {"loc": [], "msg": "b"}]}

SCENARIOS = (
    good("jobs as Mistral says them", batches(mistral)),
    good("jobs as Together says them", batches(together)),
    good("statuses in camel case", batches(cased)),
    good("a gateway with ids of its own", lambda far: far.on("poll", edits(lambda one: one.update(id=f"inner-{one['id']}")))),
    good("another batch's answer, three times", lambda far: far.on("poll", says(200, {"id": "batch_x", "status": "completed"}), last=3)),
    good("a file that is pending for minutes", pending(9)),
    good(
        "a create refused nine times because the file is pending", lambda far: far.on("create", says(400, NOT_READY), effect=False, last=9)
    ),
    good("an upload that says another size once", lambda far: far.on("upload", edits(lambda one: one.update(bytes=3)), last=1)),
    Scenario(
        "elsewhere: a status nobody knows, for ever",
        lambda far: far.on("poll", odd),
        sees=("calls this batch “HIBERNATING”, a status that Nightshift does not know", "Nothing is sent again"),
        ends="validating",
        answered=0,
        within=600.0,
        acts=stop,
        after=("You stopped following this batch before it ended at the provider", "it may be paid for twice"),
        after_ends="done",
        after_answered=0,
    ),
    Scenario(
        "elsewhere: a file that is pending and turns out bad",
        pending(3, "error"),
        sees=("cannot use the uploaded file: its status is “error”", "nothing is billed"),
        ends="withdrawn",
        answered=0,
        queued=3,
        makes=0,
    ),
    Scenario(
        "elsewhere: an upload that says another size for ever",
        lambda far: far.on("upload", edits(lambda one: one.update(bytes=3))),
        sees=("says that the uploaded file has 3 bytes",),
        ends="withdrawn",
        answered=0,
        queued=3,
        makes=0,
    ),
    Scenario(
        "elsewhere: no more files are kept",
        lambda far: far.on("upload", says(400, QUOTA), effect=False),
        sees=("stores no more files for this account", "Let files expire after 14 days", "Show the files there"),
        ends="withdrawn",
        answered=0,
        queued=3,
        makes=0,
    ),
    Scenario(
        "elsewhere: refused in FastAPI's words",
        lambda far: far.on("create", says(422, DETAIL), effect=False),
        sees=("body.endpoint: Input should be '/v1/x' (and 1 more)",),
        ends="withdrawn",
        answered=0,
        queued=3,
        makes=0,
    ),
    Scenario(
        "elsewhere: uploads are redirected to another host",
        lambda far: far.on("upload", breaks("redirected"), effect=False),
        sees=("redirects the upload to another host", "the key is never sent there"),
        unseen=("CORS",),
        ends="withdrawn",
        answered=0,
        queued=3,
        makes=0,
    ),
)
