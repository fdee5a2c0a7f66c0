"""Lists that turn no pages, turn them for ever, hide what is there, or show what is not."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.provider import Answer, Asked, breaks, bytes_of, each, edits, says
from tests.hostile.scenario import HOUR, Scenario
from tests.hostile.scenarios.answers import PAGE


def good(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    return Scenario(name, arm, sees=sees, billed=3, makes=1, **{"within": 6 * HOUR, **more})


def lost_then(calls: str, twist: Any, **when: Any) -> Any:
    """The answer to the create is lost (and that to the upload, where files are listed), so that only a list can tell."""
    lost = "upload create" if "files" in calls else "create"
    return lambda far: far.on(lost, breaks("broken")).on(calls, twist, **when)


def endless(asked: Asked, answer: Answer) -> Answer:
    """Always one more page, of things that are not ours."""
    items = [{"id": f"x-{asked.n}-{n}", "object": "batch", "status": "completed", "filename": "other.jsonl"} for n in range(3)]
    return Answer(body=json.dumps({"object": "list", "data": items, "has_more": True, "last_id": items[-1]["id"]}).encode())


def same_page(asked: Asked, answer: Answer) -> Answer:
    items = [{"id": "x-1", "object": "batch", "status": "completed"}]
    return Answer(body=json.dumps({"object": "list", "data": items, "has_more": True, "last_id": "x-1"}).encode())


def strangers(found: dict[str, Any]) -> None:
    found["data"] = [None, 5, "x", [], {"id": None}, {"id": 7}, {}, *found["data"]]


SCENARIOS = (
    good("list: 500 for an hour", lost_then("list", says(500), last=20)),
    good("list: 403 for a while", lost_then("list", says(403), last=6)),
    good("list: a log-in page for a while", lost_then("list", says(200, PAGE, "text/html"), last=6)),
    good("list: an empty object for a while", lost_then("list", says(200, {}), last=6)),
    good("list: data is null once", lost_then("list", says(200, {"object": "list", "data": None}), last=1)),
    good("list: cut JSON for a while", lost_then("list", bytes_of(lambda data: data[: len(data) // 2]), last=6)),
    good("list: strangers among the entries", lost_then("files list", edits(strangers))),
    good("list: has_more is text", lost_then("files list", edits(lambda one: one.update(has_more="yes")))),
    good("list: has_more without last_id", lost_then("files list", edits(lambda one: one.update(has_more=True, last_id=None)))),
    good("list: the envelope is missing", lost_then("list", edits(lambda one: one["data"]), last=4)),
    good("list: late, three times empty", lost_then("list", edits(lambda one: one.update(data=[])), last=3)),
    good(
        "list: files late, once empty",
        lambda far: far.on("upload", breaks("broken"), last=1).on("files", edits(lambda one: one.update(data=[])), last=1),
    ),
    good("list: 500 when looking for twins, for ever", lambda far: far.on("list", says(500))),
    good("list: 404, this provider lists no batches", lambda far: far.on("list", says(404))),
    good(
        "list: twins that are not ours", lambda far: far.on("list", each(lambda one: one.update(metadata={"nightshift": "somebody else"})))
    ),
    Scenario(
        "list: batches without end",
        lost_then("list", endless),
        ends="creating",
        answered=0,
        billed=3,
        makes=1,
        within=HOUR / 3,
        sees=("has no end that Nightshift can reach", "It is not created again before that is known"),
    ),
    Scenario(
        "list: the same page for ever",
        lost_then("list", same_page),
        ends="creating",
        answered=0,
        billed=3,
        makes=1,
        sees=("has no end that Nightshift can reach",),
    ),
    Scenario(
        "list: batches 404 for ever after a lost create", lost_then("list", says(404)), ends="creating", answered=0, billed=3, makes=1
    ),
    Scenario(
        "list: batches 500 for ever after a lost create", lost_then("list", says(500)), ends="creating", answered=0, billed=3, makes=1
    ),
)
