"""Answers read for files: the quick reader says what the one for people says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.lanes import CHAT, RESPONSES
from app.core.results.answers import answer_of
from app.core.results.fields import MOST_FIELDS, FieldSurvey, flattened, json_state
from app.core.results.samples import AnswerText, facts_of
from tests.kit.answered import failed, said


@given(st.text(min_size=1))
def test_a_usual_answer_is_read_alike_by_both(text: str) -> None:
    """Text, model, the provider's id."""
    line = said("r1", text).decode("utf-8", "surrogatepass").encode("utf-8", "replace")
    facts, answer = facts_of(CHAT, line), answer_of(CHAT, line)
    assert facts.model == answer.model
    assert facts.request_id == answer.request_id == "req-r1"
    assert [one.text for one in facts.samples] == [answer.text]


@pytest.mark.parametrize(
    ("line", "samples", "error"),
    [
        (said("r", "a", more=["b", "c"]), ["a", "b", "c"], ""),
        (said("r", "cut", finish="length"), ["cut"], ""),
        (said("r", None), [""], ""),
        (failed("r"), [], "It was refused."),
        (b'{"custom_id":"r","response":null,"error":{"code":"batch_expired","message":""}}', [], "batch_expired"),
        (b'{"custom_id":"r', [], "breaks off"),
        (b"[" * 5_000, [], "deep"),
        (
            json.dumps(
                {
                    "custom_id": "r",
                    "response": {"status_code": 200, "body": {"choices": [{"message": {"content": None, "refusal": "No."}}]}},
                }
            ).encode(),
            ["No."],
            "",
        ),
        (
            json.dumps(
                {
                    "custom_id": "r",
                    "response": {
                        "status_code": 200,
                        "body": {"choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}}]},
                    },
                }
            ).encode(),
            ['[{"name":"f","arguments":"{}"}]'],
            "",
        ),
    ],
)
def test_other_answers(line: bytes, samples: list[str], error: str) -> None:
    """Several choices, a refusal, a call, no text, a failure, a line that breaks off, one that is too deep."""
    facts = facts_of(CHAT, line)
    assert [one.text for one in facts.samples] == samples
    assert error in facts.error or facts.error


def test_responses_are_read_as_people_read_them() -> None:
    """The text of the message, with the reason why it ended."""
    body = {
        "object": "response",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "hi"}]}],
    }
    line = json.dumps({"custom_id": "r", "response": {"status_code": 200, "body": body}}).encode()
    assert facts_of(RESPONSES, line).samples == (AnswerText("hi", "completed"),)


# --- structured answers


def test_objects_are_taken_apart_by_path() -> None:
    """In their order; lists stay JSON."""
    found = flattened({"a": {"b": {"c": 1}, "d": "x"}, "e": [1, {"f": 2}], "g": {}, "a.d": "later"})
    assert {name: cell if isinstance(cell, int | str | None) else bytes(cell) for name, cell in found.items()} == {  # type: ignore[arg-type]  # Raw
        "a.b.c": 1,
        "a.d": "x",
        "e": b'[1,{"f":2}]',
        "g": None,
    }


def test_json_is_never_repaired() -> None:
    """What breaks off is damaged, and what does not begin like JSON is none."""
    assert json_state(' {"a": 1} ') == ("valid", {"a": 1})
    assert json_state('{"a": 1') == ("damaged", None)
    assert json_state("```json\n{}\n```") == ("", None)
    assert json_state('{"a": ' * 300 + "1" + "}" * 300) == ("damaged", None)


def test_fields_are_bounded() -> None:
    """A provider that answers with other names each time makes no million columns."""
    survey = FieldSurvey()
    for n in range(MOST_FIELDS + 10):
        survey.add(json.dumps({f"field {n}": n}))
    assert (len(survey.fields(asked=False)), survey.more) == (MOST_FIELDS, True)


def test_one_answer_of_another_kind_is_enough_unless_a_form_was_asked_for() -> None:
    """Prose among objects: their fields are columns only where each request asked for them."""
    survey = FieldSurvey()
    for text in ('{"a": 1}', "prose"):
        survey.add(text)
    assert survey.fields(asked=False) == ()
    assert survey.fields(asked=True) == ("a",)
