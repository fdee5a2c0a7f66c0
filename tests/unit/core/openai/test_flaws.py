"""Answers that are no good ones, failures that pass, and answers in several pieces. The files are of public reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.batches.ledger import Ledger
from app.core.batches.ledger_lines import LineLocation
from app.core.batches.resend import deserves
from app.core.openai import flaws
from app.core.openai.advice import explain
from app.core.openai.outcomes import Outcome, read_line
from app.core.results.answers import answer_of

DATA = Path("tests/data/answers")


def lines(name: str) -> dict[str, bytes]:
    return {json.loads(line)["custom_id"]: line for line in (DATA / name).read_bytes().splitlines()}


def test_an_image_that_took_too_long_passes_and_other_faults_of_images_do_not() -> None:
    """The provider says both with the codes of a bad request; only the first kind is sent again by rule."""
    found = {id: read_line(line, "error") for id, line in lines("image-errors.jsonl").items()}
    assert {id: read.code for id, read in found.items()} == {
        "img-0": "image_timeout",
        "img-1": "image_timeout",
        "img-2": "invalid_image_url",
        "img-3": "invalid_image",
    }
    again = {id for id, read in found.items() if deserves(read.outcome, read.code, read.status)}
    assert again == {"img-0", "img-1"}


def test_answers_that_are_empty_or_cut_are_groups_of_their_own_with_a_remedy() -> None:
    """They are billed, are not counted as answered, are not sent again by rule, and each says what can be done."""
    found = {id: read_line(line, "output") for id, line in lines("empty.jsonl").items()}
    assert {id: (read.outcome, read.code) for id, read in found.items()} == {
        "e-1": (Outcome.FLAWED, "cut_off"),
        "e-2": (Outcome.FLAWED, "empty_answer"),
        "e-3": (Outcome.FLAWED, "cut_off"),
        "e-4": (Outcome.ANSWERED, ""),
    }
    assert found["e-1"].output_tokens == 400
    assert not any(deserves(read.outcome, read.code, read.status) for read in found.values())
    for code in ("cut_off", "empty_answer"):
        assert "max output tokens" in explain(code).remedy
    ledger = Ledger(list(found))
    for read in found.values():
        ledger.record(read, LineLocation("output", 0, 0, 1))
    assert (ledger.tally().answered, ledger.tally().flawed) == (1, 3)


def chat(content: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": "stop", "message": {"content": content, **more}}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (chat("Yes."), ""),
        (chat(" \n "), "empty_answer"),
        (chat("\\u0020x"), ""),
        (chat([]), "empty_answer"),
        (chat([{"type": "text", "text": "Yes."}]), ""),
        (chat([{"type": "refusal", "refusal": "No."}]), "refused"),
        (chat(None, refusal="No."), "refused"),
        (chat("Yes.", refusal=""), ""),
        (chat(None, tool_calls=[{"function": {"name": "f", "arguments": "{}"}}]), ""),
        ({"choices": [{"finish_reason": "length", "message": {"content": "Half"}}]}, "cut_off"),
        ({"choices": [{"finish_reason": "content_filter", "message": {"content": ""}}]}, "filtered"),
        ({"choices": []}, "empty_answer"),
        ({"choices": [{"text": "Yes.", "finish_reason": "stop"}]}, ""),
        ({"choices": [{"text": "", "finish_reason": "stop"}]}, "empty_answer"),
        ({"status": "completed", "output": [{"type": "message", "content": [{"type": "output_text", "text": "Yes."}]}]}, ""),
        ({"status": "completed", "output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]}, "refused"),
        ({"status": "completed", "output": [{"type": "reasoning", "summary": []}]}, "empty_answer"),
        ({"status": "completed", "output": [{"type": "function_call", "name": "f", "arguments": "{}"}]}, ""),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}, "output": []}, "filtered"),
        ({"object": "response", "output_text": "Yes.", "output": []}, ""),
        ({"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [2]}]}, ""),
        ({"data": [{"index": 1, "embedding": [1]}, {"index": 0, "embedding": [2]}]}, ""),
        ({"data": [{"index": 1, "embedding": [1]}]}, "embedding_gap"),
        ({"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [2]}]}, "embedding_gap"),
        ({"data": [{"embedding": [1]}, {"embedding": [2]}]}, ""),
        ({"results": [{"flagged": False}]}, ""),
        ({"whatever": 1}, ""),
    ],
)
def test_each_flaw_has_its_code_in_both_readers(body: dict[str, Any], code: str) -> None:
    """The quick reader lets through only what the other one finds good."""
    text = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None}).encode()
    read = read_line(text, "output")
    assert (read.code, read.outcome) == (code, Outcome.FLAWED if code else Outcome.ANSWERED)
    assert flaws.flaw_of(body) == code


def test_a_refusal_among_the_parts_of_a_content_is_shown() -> None:
    """As one that stands in its own field."""
    body = chat([{"type": "refusal", "refusal": "I cannot help with that."}])
    line = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": body}}).encode()
    answer = answer_of("/v1/chat/completions", line)
    assert (answer.refusal, answer.error, answer.error_code) == ("I cannot help with that.", "", "")
    assert "refused" in answer.notice


def test_of_several_messages_the_one_that_is_whole_json_is_shown() -> None:
    """The first of them breaks off; that there were several is said."""
    found = {id: answer_of("/v1/responses", line) for id, line in lines("several-messages.jsonl").items()}
    assert json.loads(found["s-1"].text) == {"city": "Oslo", "people": 700_000}
    assert (found["s-1"].format, found["s-2"].format, found["s-2"].notice) == ("json", "json", "")
    assert "2 messages" in found["s-1"].notice


def test_embeddings_stand_by_their_index_and_a_gap_is_told() -> None:
    """Not by their place in the answer."""
    found = lines("embeddings.jsonl")
    assert answer_of("/v1/embeddings", found["emb-1"]).text.splitlines() == [
        "1. 3 numbers: 0.1, 0, 0",
        "2. 3 numbers: 0.2, 0, 0",
        "3. 3 numbers: 0.3, 0, 0",
    ]
    gap = answer_of("/v1/embeddings", found["emb-2"])
    assert gap.text.startswith("1. missing")
    assert gap.outcome is Outcome.FLAWED
