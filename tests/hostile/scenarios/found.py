"""The cases that were found by attack and by other people's servers: each was wrong once, and paid twice, said something false or ended in
nothing."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.provider import bytes_of, each, edits, row, rows, says
from tests.hostile.scenario import HOUR, Scenario
from tests.hostile.scenarios.answers import as_utf16, error, refused, withdrawn
from tests.hostile.scenarios.batches import times, told


def dl(change: Any, **k: Any) -> Any:
    return lambda far: far.on("download", bytes_of(change), **k)


def each_row(change: Any) -> Any:
    return lambda far: far.on("download", row(change))


def nothing_again(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    """Nothing is sent again, for all of it may have been answered."""
    return Scenario(name, arm, sees=sees, **{"answered": 0, "billed": 3, "makes": 1, "within": 6 * HOUR, **more})


def good(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    return Scenario(name, arm, sees=sees, **{"billed": 3, "makes": 1, "within": 6 * HOUR, **more})


def words(*pairs: tuple[str, str]) -> Any:
    table = dict(pairs)
    return lambda far: far.on("create poll cancel", edits(lambda one: one.update(status=table.get(one["status"], one["status"])))).on(
        "list", each(lambda one: one.update(status=table.get(one["status"], one["status"])))
    )


def pretty(found: Any) -> Any:
    return [json.dumps(one, indent=2).encode() for one in found]


SCENARIOS = (
    good("found: response is the completion without body", each_row(lambda one: one.update(response=one["response"]["body"]))),
    good("found: output is one JSON array", dl(lambda d: b"[" + d.strip().replace(b"\n", b",") + b"]")),
    good("found: output is a pretty JSON array", dl(lambda d: json.dumps([json.loads(x) for x in d.splitlines()], indent=1).encode())),
    good(
        "found: output is an object with data",
        dl(lambda d: json.dumps({"object": "list", "data": [json.loads(x) for x in d.splitlines()]}).encode()),
    ),
    good(
        "found: output is an indented object with results",
        dl(lambda d: json.dumps({"results": [json.loads(x) for x in d.splitlines()]}, indent=1).encode()),
    ),
    good("found: output is an object whose items are lines", dl(lambda d: b'{"items": [\n' + d.strip().replace(b"\n", b",\n") + b"\n]}")),
    nothing_again(
        "found: output is an object with answers without ids",
        dl(lambda d: json.dumps({"data": [json.loads(x)["response"] for x in d.splitlines()]}).encode()),
    ),
    nothing_again(
        "found: an error, and then the same field again without one",
        dl(lambda d: d.replace(b'"custom_id"', b'"error":{"code":"server_error","message":"m"},"custom_id"')),
        "one field twice",
    ),
    nothing_again(
        "found: two statuses in one response",
        dl(lambda d: d.replace(b'"status_code"', b'"status_code":500,"status_code"')),
        "one field twice",
    ),
    nothing_again("found: two ids in one line", dl(lambda d: d.replace(b'"custom_id"', b'"custom_id":"other","custom_id"'))),
    good("found: the status says only that it ended", words(("completed", "ended"))),
    good("found: pretty-printed objects", lambda far: far.on("download", rows(pretty))),
    good("found: response.body as a JSON string", each_row(lambda one: one["response"].update(body=json.dumps(one["response"]["body"])))),
    good("found: a body without envelope", each_row(lambda one: {"custom_id": one["custom_id"], **one["response"]["body"]})),
    nothing_again("found: ids renamed", each_row(lambda one: one.update(custom_id="x-" + one["custom_id"]))),
    nothing_again("found: ids in capitals", each_row(lambda one: one.update(custom_id=one["custom_id"].upper()))),
    nothing_again("found: ids are null", each_row(lambda one: one.update(custom_id=None))),
    nothing_again("found: 0 bytes", dl(lambda d: b"")),
    nothing_again("found: only its first line", dl(lambda d: d[: d.index(b"\n") + 1]), answered=1),
    nothing_again("found: response and error both null", each_row(lambda one: one.update(response=None, error=None))),
    nothing_again("found: UTF-16", dl(as_utf16), answered=None),
    nothing_again("found: binary", dl(lambda d: bytes(range(256)) * 10)),
    nothing_again("found: response is an empty object", each_row(lambda one: one.update(response={}))),
    nothing_again("found: response is text", each_row(lambda one: one.update(response="answered"))),
    nothing_again("found: body is null", each_row(lambda one: one["response"].update(body=None))),
    nothing_again("found: body is empty text", each_row(lambda one: one["response"].update(body=""))),
    nothing_again(
        "found: no output file id for ever, counts say answered",
        lambda far: far.on("poll list create", edits(lambda one: [x.update(output_file_id=None) for x in one.get("data", [one])] and None)),
    ),
    nothing_again("found: output file id is a number", lambda far: far.on("poll", edits(lambda one: one.update(output_file_id=7)))),
    nothing_again(
        "found: expired status, counts say all answered, no files",
        lambda far: far.on("poll", edits(lambda one: one.update(status="expired", output_file_id=None))),
        ends="expired",
    ),
    nothing_again(
        "found: cancelled status, counts say all answered, no files",
        lambda far: far.on("poll", edits(lambda one: one.update(status="cancelled", output_file_id=None))),
        ends="cancelled",
    ),
    nothing_again(
        "found: output named in error_file_id",
        lambda far: far.on("poll", edits(lambda one: one.update(output_file_id=None, error_file_id=one["output_file_id"]))),
        answered=3,
    ),
    Scenario(
        "found: failed with counts",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(
                    status="failed", output_file_id=None, errors=None, request_counts={"total": 3, "completed": 2, "failed": 1}
                )
            ),
        ),
        ends="failed",
        answered=0,
        unseen=("nothing is billed",),
    ),
    Scenario(
        "found: failed with output",
        lambda far: far.on("poll", edits(lambda one: one.update(status="failed"))),
        ends="failed",
        answered=3,
        unseen=("No request ran and nothing is billed",),
    ),
    good("found: COMPLETED in capitals", words(("completed", "COMPLETED"), ("validating", "VALIDATING"))),
    good("found: succeeded", words(("completed", "succeeded"))),
    good("found: SUCCESS", words(("completed", "SUCCESS"))),
    good("found: Succeeded with a capital and spaces", words(("completed", " Succeeded "))),
    good("found: finished", words(("completed", "finished"))),
    good("found: job wrapper", lambda far: far.on("create poll cancel", edits(lambda one: {"job": one}))),
    good("found: batch wrapper", lambda far: far.on("create poll cancel", edits(lambda one: {"batch": one}))),
    good("found: data wrapper", lambda far: far.on("create poll cancel", edits(lambda one: {"data": one}))),
    good("found: batch_id", lambda far: far.on("create poll", edits(lambda one: one.update(batch_id=one.pop("id"))))),
    good("found: ISO times", times(lambda at: "2023-11-14T22:13:20Z" if at else at)),
    Scenario(
        "found: errors as text",
        lambda far: far.on(
            "poll",
            edits(lambda one: one.update(status="failed", output_file_id=None, request_counts=None, usage=None, errors="Line 2 is odd.")),
        ),
        ends="failed",
        answered=0,
        sees=("Line 2 is odd.",),
    ),
    Scenario(
        "found: errors as strings",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(
                    status="failed", output_file_id=None, request_counts=None, usage=None, errors=["Line 2 is odd.", "x"]
                )
            ),
        ),
        ends="failed",
        answered=0,
        sees=("Line 2 is odd.",),
    ),
    Scenario(
        "found: FAILED in capitals",
        lambda far: far.on(
            "poll", edits(lambda one: one.update(status="FAILED", output_file_id=None, request_counts=None, usage=None, errors=None))
        ),
        ends="failed",
        answered=0,
    ),
    Scenario(
        "found: canceled with one l",
        lambda far: far.on(
            "poll", edits(lambda one: one.update(status="canceled", output_file_id=None, request_counts=None, usage=None, errors=None))
        ),
        ends="cancelled",
        answered=0,
    ),
    withdrawn(
        "found: FastAPI's detail list",
        refused("upload", 422, {"detail": [{"loc": ["body", "purpose"], "msg": "field required"}]}),
        "field required",
    ),
    good("found: counts at top level", told(lambda one: one.update(one.pop("request_counts") or {}))),
    Scenario(
        "found: create 502, listing 404 for ever",
        lambda far: far.on("create", says(502)).on("list", says(404)),
        ends="creating",
        answered=0,
        sees=("answered the batch creation with a server error (502)", "Return to the queue", "Enter the batch’s id"),
    ),
    Scenario(
        "found: create 502, listing 500 for ever",
        lambda far: far.on("create", says(502)).on("list", says(500)),
        ends="creating",
        answered=0,
        sees=("answered the batch creation with a server error (502)", "Return to the queue"),
    ),
    good(
        "found: file pending, then processed",
        lambda far: far.on("create", says(400, error("File is not in processed state: pending", "fileNotReady")), effect=False, last=4),
    ),
    Scenario(
        "found: upload says another size",
        lambda far: far.on("upload", edits(lambda one: one.update(bytes=1))),
        ends="withdrawn",
        answered=0,
        queued=3,
    ),
    Scenario(
        "found: upload says status error",
        lambda far: far.on("upload", edits(lambda one: one.update(status="error", status_details="It is odd."))),
        ends="withdrawn",
        answered=0,
        queued=3,
        sees=("It is odd.",),
    ),
    good(
        "found: a second different answer for one id",
        lambda far: far.on(
            "download",
            rows(lambda f: [*f, {**f[0], "response": {**f[0]["response"], "body": {**f[0]["response"]["body"], "choices": []}}}]),
        ),
        "different",
    ),
    Scenario("found: deep JSON at models list poll", lambda far: far.on("poll", says(200, "[" * 5_000), last=3), billed=3),
    withdrawn("found: deep JSON at upload", refused("upload", 200, "[" * 5_000)),
    withdrawn("found: deep JSON at create, no effect", refused("create", 200, '{"a":' * 5_000)),
    Scenario(
        "found: a deep output line",
        lambda far: far.on("download", rows(lambda f: [b'{"custom_id":"r0","response":' + b"[" * 5000 + b"]" * 5000 + b"}", *f[1:]])),
        answered=2,
        billed=3,
    ),
    good(
        "found: an answer whose text is brackets",
        each_row(lambda one: one["response"]["body"]["choices"][0]["message"].update(content="[" * 3000) and None),
    ),
)
