"""Rows of the answer files that are not what the documentation says."""

from __future__ import annotations

import json
from typing import Any

from app.practice.traps import Trap
from tests.hostile.provider import row, rows
from tests.hostile.scenario import HOUR, Scenario


def each(change: Any) -> Any:
    return lambda far: far.on("download", row(change))


def body(change: Any) -> Any:
    """Each answer's body, changed in place."""
    return each(lambda one: change(one["response"]["body"]) and None)


def good(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    return Scenario(name, arm, sees=sees, billed=3, makes=1, **more)


def lost(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    """The rows say that nothing was answered."""
    return Scenario(name, arm, sees=sees, **{"answered": 0, "within": 6 * HOUR, **more})


def usage(value: Any) -> Any:
    return body(lambda one: one.update(usage=value))


SCENARIOS = (
    good("row: usage is null", usage(None)),
    good("row: usage is text", usage("much")),
    good("row: usage is negative", usage({"prompt_tokens": -4, "completion_tokens": -9})),
    good("row: usage is text of digits", usage({"prompt_tokens": "4", "completion_tokens": "9"})),
    good("row: usage is huge", usage({"prompt_tokens": 10**30, "completion_tokens": 2**80})),
    good("row: usage is fractions", usage({"prompt_tokens": 4.5, "completion_tokens": 1e300})),
    good("row: no id of the provider's own", each(lambda one: one.pop("id") and None)),
    good("row: the id is a number", each(lambda one: one.update(id=5))),
    good("row: no key «error»", each(lambda one: one.pop("error") and None)),
    good("row: error is an empty object", each(lambda one: one.update(error={}))),
    good("row: error is an empty text", each(lambda one: one.update(error=""))),
    good("row: error is false", each(lambda one: one.update(error=False))),
    good("row: status_code is text", each(lambda one: one["response"].update(status_code="200"))),
    good("row: status_code is missing", each(lambda one: one["response"].pop("status_code") and None)),
    good("row: status_code is 201", each(lambda one: one["response"].update(status_code=201))),
    good("row: request_id is missing", each(lambda one: one["response"].pop("request_id") and None)),
    good("row: fields that nobody knows", each(lambda one: one.update(**{"__proto__": {"x": 1}, "batch": [1], "": None}))),
    lost("row: choices are empty", body(lambda one: one.update(choices=[])), "The answer is empty", billed=3),
    good("row: choices are null", body(lambda one: one.update(choices=None))),
    good("row: choices are text", body(lambda one: one.update(choices="none"))),
    lost("row: the message is null", body(lambda one: one["choices"][0].update(message=None)), "The answer is empty", billed=3),
    lost("row: the content is null", body(lambda one: one["choices"][0]["message"].update(content=None)), "The answer is empty", billed=3),
    good("row: the content is a number", body(lambda one: one["choices"][0]["message"].update(content=42))),
    good(
        "row: the content is a list of parts",
        body(lambda one: one["choices"][0]["message"].update(content=[{"type": "text", "text": "in parts"}])),
    ),
    good("row: the content has half a character", body(lambda one: one["choices"][0]["message"].update(content="cut \ud83d"))),
    good(
        "row: the content has every control character",
        body(lambda one: one["choices"][0]["message"].update(content="".join(map(chr, range(32))))),
    ),
    good(
        "row: the content is markup",
        body(lambda one: one["choices"][0]["message"].update(content="</pre><script>alert(1)</script>")),
        "</pre><script>alert(1)</script>",
    ),
    good("row: the content is a megabyte", body(lambda one: one["choices"][0]["message"].update(content="x" * 1_000_000))),
    good("row: the role is odd", body(lambda one: one["choices"][0]["message"].update(role=None))),
    good("row: a hundred choices", body(lambda one: one.update(choices=one["choices"] * 100))),
    good("row: the model is null", body(lambda one: one.update(model=None))),
    good(
        "row: NaN inside",
        lambda far: far.on("download", rows(lambda found: [json.dumps({**one, "x": float("nan")}).encode() for one in found])),
    ),
    good(
        "row: Infinity inside",
        lambda far: far.on("download", rows(lambda found: [json.dumps({**one, "x": float("inf")}).encode() for one in found])),
    ),
    good(
        "row: an integer of 4,000 digits inside",
        lambda far: far.on(
            "download", rows(lambda found: [json.dumps(one).encode()[:-1] + b', "x": ' + b"9" * 4_000 + b"}" for one in found])
        ),
    ),
    good(
        "row: 1e400 inside",
        lambda far: far.on("download", rows(lambda found: [json.dumps(one).encode()[:-1] + b', "x": 1e400}' for one in found])),
    ),
    good(
        "row: keys twice",
        lambda far: far.on(
            "download",
            rows(
                lambda found: [
                    json.dumps(one).encode()[:-1] + b', "custom_id": ' + json.dumps(one["custom_id"]).encode() + b"}" for one in found
                ]
            ),
        ),
    ),
    good(
        "row: escaped where it need not be",
        lambda far: far.on("download", rows(lambda found: [json.dumps(one).replace('"r', '"\\u0072').encode() for one in found])),
    ),
    lost("row: an error without a code", each(lambda one: one.update(response=None, error={"message": "No luck."}))),
    lost("row: an error that is text", each(lambda one: one.update(response=None, error="No luck at all."))),
    lost(
        "row: an error that is a list",
        each(lambda one: one.update(response=None, error=[{"code": "odd_luck", "message": "Listed."}])),
        "odd_luck",
    ),
    lost(
        "row: an error with a huge message",
        each(lambda one: one.update(response=None, error={"code": "loud", "message": "x" * 1_000_000})),
        "loud",
    ),
    lost("row: an error whose code is a number", each(lambda one: one.update(response=None, error={"code": 17, "message": "Numbered."}))),
    lost(
        "row: a code with markup", each(lambda one: one.update(response=None, error={"code": "<img src=x>", "message": "m"})), "<img src=x>"
    ),
    lost(
        "row: 400 and error null",
        each(lambda one: one.update(response={"status_code": 400, "body": {"error": {"code": "bad_thing", "message": "m"}}})),
        "bad_thing",
    ),
    lost(
        "row: 200 with an error in the body",
        each(lambda one: one["response"].update(body={"error": {"code": "inner_thing", "message": "m"}})),
        "inner_thing",
    ),
    lost("row: 404 in HTML", each(lambda one: one["response"].update(status_code=404, body="<h1>404</h1>"))),
    lost("row: status 0", lambda far: far, traps=(Trap.LINE_STATUS_0,), queued=3, billed=0),
    lost(
        "row: cancelled in the output file",
        each(lambda one: one.update(response=None, error={"code": "batch_cancelled", "message": "m"})),
        "batch_cancelled",
    ),
    lost(
        "row: every line is cut",
        lambda far: far.on("download", rows(lambda found: [json.dumps(one).encode()[:-30] for one in found])),
        "its line is damaged",
        billed=3,
    ),
    Scenario(
        "row: one line is cut",
        lambda far: far.on("download", rows(lambda found: [json.dumps(found[0]).encode()[:-30], *found[1:]])),
        answered=2,
        billed=3,
        sees=("its line is damaged",),
    ),
)
