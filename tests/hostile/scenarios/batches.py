"""What a provider says of a batch: its status, times, counts, ids and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.practice.traps import Trap
from tests.hostile.provider import Answer, Asked, Hostile, each, edits
from tests.hostile.scenario import HOUR, Scenario

TIMES = ("created_at", "in_progress_at", "expires_at", "finalizing_at", "completed_at")


def told(change: Callable[[dict[str, Any]], object]) -> Callable[[Hostile], Hostile]:
    """Every batch object says this."""
    return lambda far: far.on("create poll cancel", edits(change)).on("list", each(change))


def sets(**fields: Any) -> Callable[[Hostile], Hostile]:
    return told(lambda one: one.update(fields))


def times(value: Callable[[Any], Any]) -> Callable[[Hostile], Hostile]:
    return told(lambda one: one.update({name: value(one.get(name)) for name in TIMES}))


def good(name: str, arm: Callable[[Hostile], object], *sees: str, **more: Any) -> Scenario:
    """It is answered all the same."""
    return Scenario(name, arm, sees=sees, billed=3, makes=1, **more)


def status(change: Callable[[str], Any], first: int = 1, last: float = float("inf")) -> Callable[[Hostile], Hostile]:
    def twist(one: dict[str, Any]) -> None:
        one["status"] = change(one["status"])

    return lambda far: far.on("poll", edits(twist), first=first, last=last)


def hangs(name: str, trap: Trap, ends: str, *sees: str) -> Scenario:
    """It stays where it is for three hours; the page says so, and offers to cancel."""
    return Scenario(name, lambda far: far, traps=(trap,), ends=ends, answered=0, within=3 * HOUR, sees=sees)


def early(far: Hostile) -> Hostile:
    """The files are named while it still runs."""

    def twist(one: dict[str, Any]) -> None:
        one["output_file_id"] = one["output_file_id"] or "file-early"

    return far.on("create poll", edits(twist), last=2)


def back_and_forth(asked: Asked, answer: Answer) -> Answer:
    """The status jumps."""
    word = ("finalizing", "validating", "in_progress", "queued", "finalizing")[asked.n % 5]
    return edits(lambda one: one.update(status=word))(asked, answer) if asked.n < 9 else answer


SCENARIOS = (
    good("times are ISO text", times(lambda at: "2026-11-29T12:00:00Z" if at else at)),
    good("times are milliseconds", times(lambda at: at * 1_000 if at else at)),
    good("times are text of digits", times(lambda at: str(at))),
    good("times lie in the past", times(lambda at: 1)),
    good("times lie far ahead", times(lambda at: 9_999_999_999)),
    good("times are huge", times(lambda at: 10**300)),
    good("times are beyond any calendar", times(lambda at: 10**17)),
    good("times are negative", times(lambda at: -1_000_000)),
    good("times are lists", times(lambda at: [at])),
    good("times are missing", told(lambda one: [one.pop(name, None) for name in TIMES])),
    good("times are true", times(lambda at: True)),
    good("it expires before it was made", sets(expires_at=5)),
    good("counts are missing", told(lambda one: one.pop("request_counts"))),
    good("counts are null", sets(request_counts=None)),
    good("counts are text", sets(request_counts={"total": "3", "completed": "3", "failed": "0"})),
    good("counts are negative", sets(request_counts={"total": -3, "completed": -3, "failed": -1})),
    good("counts are huge", sets(request_counts={"total": 10**18, "completed": 10**18, "failed": 0})),
    good("counts are a list", sets(request_counts=[3, 3, 0])),
    good("counts are fractions", sets(request_counts={"total": 3.7, "completed": 2.2, "failed": 0.1})),
    good("counts say less than the files hold", sets(request_counts={"total": 3, "completed": 1, "failed": 2})),
    good("usage is text", sets(usage="plenty")),
    good("usage is negative", sets(usage={"input_tokens": -5, "output_tokens": -7})),
    good("usage is huge", sets(usage={"input_tokens": 10**40, "output_tokens": 1})),
    good("usage details are lists", sets(usage={"input_tokens": 1, "input_tokens_details": [], "output_tokens_details": 3})),
    good("the model is a list", sets(model=["gpt"])),
    good("metadata is a list", lambda far: far.on("poll", edits(lambda one: one.update(metadata=["x"])))),
    good("metadata has numbers", lambda far: far.on("poll", edits(lambda one: one.update(metadata={"a": 1, "__proto__": {"b": 2}})))),
    good("errors is an empty text", sets(errors="")),
    good("errors is an empty list", sets(errors=[])),
    good("errors of a batch that completed", sets(errors={"data": [{"code": "odd", "message": "Something was odd."}]})),
    good("the endpoint is another", sets(endpoint="/v1/embeddings")),
    good("the endpoint is null", sets(endpoint=None)),
    good("the object is called something else", sets(object="job")),
    good("a thousand unknown fields", told(lambda one: one.update({f"x{n}": {"deep": [n]} for n in range(1_000)}))),
    good("a field of a megabyte", told(lambda one: one.update(note="x" * 1_000_000))),
    good("fields named like JavaScript's own", sets(__proto__={"polluted": 1}, constructor="x", toString=None)),
    good(
        "hostile texts in every field",
        told(lambda one: one.update(completion_window="<img src=x onerror=alert(1)>", model="</script><script>")),
    ),
    good("the error file's id is empty", sets(error_file_id="")),
    good("the error file's id is a number", sets(error_file_id=0)),
    good("the output file is named too early", early),
    good("the status jumps back and forth", lambda far: far.on("poll", back_and_forth)),
    good("an unknown status for a while", status(lambda word: "dreaming", last=5), traps=()),
    good("a status of null for a while", status(lambda word: None, last=5)),
    good("a status of a number for a while", status(lambda word: 200, last=5)),
    good("an empty status for a while", status(lambda word: "", last=5)),
    good("a status with markup for a while", status(lambda word: "<b>running</b>", last=5)),
    good("a very long status for a while", status(lambda word: "run" * 10_000, last=5)),
    good("completed, then in progress, then completed", status(lambda word: "in_progress" if word == "completed" else word, last=3)),
    good("completed without a file at first", lambda far: far.on("poll", edits(lambda one: one.update(output_file_id=None)), last=3)),
    Scenario(
        "a status of null for ever",
        status(lambda word: None),
        ends="validating",
        answered=0,
    ),
    Scenario("an unknown status for ever", status(lambda word: "dreaming"), ends="validating", answered=0, sees=("dreaming",)),
    Scenario(
        "failed with errors that are a list",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(
                    status="failed", output_file_id=None, errors=[{"code": "invalid_json_line", "message": "Line 2 is odd.", "line": 2}]
                )
            ),
        ),
        ends="failed",
        answered=0,
        sees=("line 2",),
    ),
    Scenario(
        "failed with a huge line number",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(
                    status="failed",
                    output_file_id=None,
                    errors={"data": [{"code": "invalid_json_line", "message": "Odd.", "line": 10**25}]},
                )
            ),
        ),
        ends="failed",
        answered=0,
        sees=("Odd.",),
    ),
    Scenario(
        "failed with 5,000 errors",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(
                    status="failed",
                    output_file_id=None,
                    errors={"data": [{"code": f"c{n}", "message": f"Odd {n}.", "line": n} for n in range(5_000)]},
                )
            ),
        ),
        ends="failed",
        answered=0,
        sees=("4,999 more errors",),
    ),
    Scenario(
        "expired with half of the answers",
        lambda far: far,
        traps=(Trap.EXPIRED_IN_ERROR_FILE,),
        share=0.5,
        ends="expired",
        within=30 * HOUR,
        answered=None,
        queued=None,
        billed=None,
    ),
    Scenario(
        "expired, and the rest in neither file",
        lambda far: far,
        traps=(Trap.EXPIRED_IN_NEITHER,),
        share=0.5,
        ends="expired",
        within=30 * HOUR,
        answered=None,
        queued=None,
        billed=None,
    ),
    Scenario(
        "cancelled by somebody else, nothing answered",
        lambda far: far.on(
            "poll",
            edits(
                lambda one: one.update(status="cancelled", output_file_id=None, request_counts={"total": 3, "completed": 0, "failed": 0})
            ),
        ),
        ends="cancelled",
        answered=0,
    ),
    hangs("hangs in progress", Trap.HANG_IN_PROGRESS, "in_progress", "the provider is working on it"),
    hangs("hangs while validating", Trap.HANG_VALIDATING, "validating", "longer than usual"),
    hangs("hangs while finalizing", Trap.HANG_FINALIZING, "finalizing", "longer than usual"),
)
