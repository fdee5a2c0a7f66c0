"""Answers that were made and billed, and are not in the files as they should be: read where that can be, else said, never paid twice."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.provider import row, rows
from tests.hostile.scenario import HOUR, Scenario
from tests.hostile.scenarios.files import file

SAYS = "Provider says answered, not found in its files"


def read(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    """The answers are read all the same."""
    return Scenario(name, arm, sees=sees, billed=3, makes=1, answered=3, **{"within": 6 * HOUR, **more})


def held(name: str, arm: Any, *sees: str, answered: int = 0, **more: Any) -> Scenario:
    """Nothing is sent again by itself, and it is said."""
    return Scenario(name, arm, sees=sees, billed=3, makes=1, answered=answered, queued=0, **{"within": 6 * HOUR, **more})


def bare(line: dict[str, Any]) -> None:
    line.update(line.pop("response")["body"])


def unlike(line: dict[str, Any]) -> None:
    """An id that says nothing of ours."""
    line["custom_id"] = "x" + line["custom_id"][::-1] + "?" * int(line["custom_id"][1:])


def failing(line: dict[str, Any]) -> None:
    line["error"] = {"code": "server_error"}


def whole(change: Any) -> Any:
    """The file as one text, from its lines."""
    return file(lambda data: change([json.loads(line) for line in data.splitlines() if line.strip()]).encode(), agrees=True)


def _line(one: dict[str, Any]) -> bytes:
    return json.dumps(one).encode()


def _said(one: dict[str, Any], text: str) -> dict[str, Any]:
    """The same line with another answer."""
    changed: dict[str, Any] = json.loads(json.dumps(one))
    changed["response"]["body"]["choices"][0]["message"]["content"] = text
    return changed


def each(change: Any) -> Any:
    return lambda far: far.on("download", row(change))


SCENARIOS = (
    read("answers: the completion in place of the response", each(lambda one: one.update(response=one["response"]["body"]))),
    read("answers: no envelope at all", each(bare)),
    read("answers: the body is JSON as text", each(lambda one: one["response"].update(body=json.dumps(one["response"]["body"])))),
    read("answers: one JSON array", whole(json.dumps)),
    read("answers: one JSON array, indented", whole(lambda lines: json.dumps(lines, indent=2))),
    read("answers: objects indented over many lines", whole(lambda lines: "\n".join(json.dumps(one, indent=4) for one in lines))),
    read("answers: objects without a line end between", whole(lambda lines: "".join(json.dumps(one) for one in lines))),
    read("answers: an array, a line an object", whole(lambda lines: "[\n" + ",\n".join(map(json.dumps, lines)) + "\n]\n")),
    held(
        "answers: ids renamed beyond recognition",
        each(unlike),
        "under ids that",
    ),
    held("answers: ids with a prefix", each(lambda one: one.update(custom_id="task/" + one["custom_id"])), "“task/r0” is “r0”"),
    held("answers: no bytes", file(lambda data: b"", agrees=True), SAYS),
    held("answers: the first line only", file(lambda data: data.splitlines()[0] + b"\n", agrees=True), SAYS, answered=1),
    held("answers: neither response nor error", each(lambda one: one.update(response=None, error=None)), "neither an answer nor an error"),
    held("answers: something else in place of them", each(lambda one: one.update(response=["?"])), "cannot read as an answer"),
    held("answers: an answer and a failure in one line", each(failing), "and holds an answer"),
    held(
        "answers: every line says that its request expired, and all are counted as answered",
        each(lambda one: one.update(response=None, error={"code": "batch_expired", "message": "It could not run in time."})),
        SAYS,
    ),
    held(
        "answers: one line says that its request expired, and all are counted as answered",
        lambda far: far.on(
            "download", rows(lambda found: [{**found[0], "response": None, "error": {"code": "batch_expired"}}, *found[1:]])
        ),
        SAYS,
        answered=2,
    ),
    held(
        "answers: one line cannot be read, and names nobody",
        lambda far: far.on("download", rows(lambda found: [b'{"id": "batch_req_', *(json.dumps(one).encode() for one in found[1:])])),
        "may be the answer",
        answered=2,
    ),
    read("answers: each line twice, the same", file(lambda data: data + data, agrees=True)),
    read(
        "answers: a second one that differs",
        lambda far: far.on(
            "download",
            rows(lambda found: [json.dumps(found[0]).encode().replace(b'"content": "', b'"content": "Or: '), *map(_line, found)]),
        ),
        "answered twice, and differently",
    ),
    read(
        "answers: an empty one, and later a good one",
        lambda far: far.on("download", rows(lambda found: [_line(_said(found[0], "")), *map(_line, found)])),
        "answered twice, and differently",
    ),
)
