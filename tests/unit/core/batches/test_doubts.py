"""No request that may have been answered is sent again by itself, whatever a provider writes into its files and counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.batches.doubts import Counted, counted, unfound_reason
from app.core.batches.ledger import Ledger
from app.core.batches.pipeline.fetch import requests_of
from app.core.batches.resend import deserving, doubtful, unanswered
from app.core.model.batches import Batch, Fetched
from app.core.model.lanes import Lane
from app.core.model.remote import Remote
from app.core.openai.outcomes import ANSWERS, Outcome

IDS = ("r0", "r1", "r2", "r3")
BODY = {"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
GOOD = {"status_code": 200, "body": BODY}


def line(id: str, response: Any = GOOD, error: Any = None, **more: Any) -> str:
    return json.dumps({"custom_id": id, "response": response, "error": error, **more})


SHAPES = {
    "plain": lambda id: line(id),
    "in place of the response": lambda id: line(id, BODY),
    "no envelope": lambda id: json.dumps({"custom_id": id, **BODY}),
    "text": lambda id: line(id, {"status_code": 200, "body": json.dumps(BODY)}),
    "beside": lambda id: json.dumps({"custom_id": id, "body": BODY}),
    "no error key": lambda id: json.dumps({"custom_id": id, "response": GOOD}),
    "no status": lambda id: line(id, {"body": BODY}),
    "renamed": lambda id: line(f"task-{id}"),
    "both null": lambda id: line(id, None),
    "something else": lambda id: line(id, ["?"]),
    "with a failure": lambda id: line(id, error={"code": "server_error"}),
    "cut": lambda id: line(id)[:-40],
    "cut before its id": lambda id: line(id)[:9],
    "not there": lambda id: "",
}
ANSWERED = tuple(SHAPES)
NOT_RUN = {
    "server error": lambda id: line(id, {"status_code": 500, "body": {"error": {"code": "server_error"}}}),
    "expired": lambda id: line(id, None, {"code": "batch_expired"}),
    "nothing": lambda id: "",
}


@pytest.mark.slow
@settings(max_examples=400)
@given(st.data())
def test_no_request_that_was_answered_is_sent_again_by_itself(data: st.DataObject) -> None:
    """Each request was answered, or was not; each answer is written in one of many shapes, or not at all, and what the provider counts is
    right or missing. None that was answered deserves to be sent again; every row is accounted for once; the sums balance."""
    answered = data.draw(st.sets(st.sampled_from(IDS)), "answered")
    texts: dict[str, list[str]] = {"output": [], "error": []}
    for id in IDS:
        shape = data.draw(st.sampled_from(sorted(SHAPES) if id in answered else sorted(NOT_RUN)), id)
        file = "output" if id in answered else "error"
        if text := (SHAPES if id in answered else NOT_RUN)[shape](id):
            texts[file].append(text)
    says = data.draw(st.booleans(), "counts")
    whole = data.draw(st.sampled_from(("all", "all", "empty", "first line")), "file")
    ending = data.draw(st.sampled_from(("completed", "expired", "failed", "cancelled") if says else ("completed",)), "ending")
    if whole != "all":
        texts["output"] = texts["output"][: 0 if whole == "empty" else 1]
    files = {name: "\n".join(some).encode() for name, some in texts.items()}
    batch = Batch(
        id="b",
        lane=Lane("p", "/v1/chat/completions", "m"),
        requests=len(IDS),
        remote=Remote(id="x", total=len(IDS), completed=len(answered), failed=len(IDS) - len(answered)) if says else Remote(id="x"),
        fetched=tuple(Fetched("output" if name == "output" else "error", 1, len(some)) for name, some in files.items()),
    )
    ledger = Ledger(IDS)
    for name, some in files.items():
        list(ledger.read_segment(some, "output" if name == "output" else "error", 0))
    ledger.close(ending, counted(batch, lost=False))
    again = {IDS[row] for row in deserving(ledger)}
    assert not again & answered
    tally = ledger.tally()
    assert requests_of(tally) == len(IDS)
    places = [*unanswered(ledger), *doubtful(ledger), *(row for row in range(len(IDS)) if ledger.outcome_of(row) is Outcome.ANSWERED)]
    assert sorted(places) == list(range(len(IDS))), "each row has one way on, or its answer"


@pytest.mark.parametrize(
    ("said", "ending", "found", "unknown", "unreadable", "code"),
    [
        (Counted(4, 4, 0), "completed", 4, 0, 0, ""),
        (Counted(4, 3, 1), "completed", 3, 0, 0, ""),
        (Counted(4, 3, 1), "completed", 2, 0, 0, "answered_not_found"),
        (Counted(4, 3, 1), "expired", 2, 0, 0, "answered_not_found"),
        (Counted(4, 3, 1), "completed", 3, 1, 0, "ids_unknown"),
        (Counted(4, 3, 1), "completed", 3, 0, 1, "line_unreadable"),
        (Counted(4, 3, 1, lacking=True), "completed", 3, 0, 0, "file_missing"),
        (Counted(), "completed", 3, 0, 0, "not_counted"),
        (Counted(), "expired", 3, 0, 0, ""),
        (Counted(empty=True), "expired", 0, 0, 0, "not_counted"),
        (Counted(4, 3, 1), "unfollowed", 3, 0, 0, "not_followed"),
    ],
)
def test_each_sign_of_an_answer_that_was_not_found(said, ending, found, unknown, unreadable, code):
    """One is enough, and the code says which."""
    assert unfound_reason(said, ending, found=found, unknown=unknown, unreadable=unreadable) == code


@pytest.mark.parametrize("shape", ["plain", "in place of the response", "no envelope", "text", "beside", "no error key", "no status"])
def test_foreign_shapes_of_an_answer_are_read(shape):
    """An answer is an answer in whatever envelope."""
    ledger = Ledger(["a"])
    list(ledger.read_segment(SHAPES[shape]("a").encode(), "output", 0))
    assert ledger.outcome_of(0) in ANSWERS
    assert ledger.input_tokens[0] == 3


@pytest.mark.parametrize("file", ["output", "error"])
@pytest.mark.parametrize("tokens", [0, 3])
def test_a_line_with_an_explicit_error_wins_over_the_count_of_answers(file: Any, tokens: int) -> None:
    """All four are counted as answered, and one line says that the provider failed at it: it goes again, unless it counts tokens."""
    usage = {"usage": {"prompt_tokens": tokens}} if tokens else {}
    failure = {"status_code": 500, "body": {"error": {"code": "server_error"}, **usage}}
    ledger = Ledger(IDS)
    texts: dict[Any, list[str]] = {"output": [line(id) for id in IDS[:3]], "error": []}
    texts[file].append(line(IDS[3], failure))
    for which, lines in texts.items():
        list(ledger.read_segment("\n".join(lines).encode(), which, 0))
    ledger.close("completed", Counted(total=4, completed=4))
    assert ledger.outcome_of(3) is Outcome.FAILED
    assert list(deserving(ledger)) == ([] if tokens else [3])
