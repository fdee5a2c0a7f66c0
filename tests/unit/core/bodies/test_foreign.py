"""Lines that were written for other services, or almost for this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import foreign
from app.core.bodies.foreign import mended, recognised
from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.json.jsontext import JsonFault
from app.core.programs import intake
from app.core.programs.intake import Message, MessageRefusal
from app.core.threads import paste

LINES = Path(__file__).resolve().parents[3] / "data" / "lines"
FOREIGN = (LINES / "foreign-shapes.jsonl").read_bytes().splitlines()
HOSTILE = (LINES / "hostile.jsonl").read_bytes().split(b"\n")


@pytest.mark.parametrize(
    ("n", "name", "lacks"),
    [
        (0, "Anthropic", ""),
        (1, "Gemini", "names no model"),
        (2, "Bedrock", "names no model"),
        (3, "Mistral", "names no model"),
        (4, "v1/responses” instead of /v1/responses", ""),
        (5, "https://api.openai.com/v1/responses” instead of /v1/responses", ""),
        (6, "fine-tuning", "no custom_id"),
    ],
)
def test_each_service_is_named(n: int, name: str, lacks: str) -> None:
    """A line of another service is refused by its name, with what keeps it from being converted; one that lacks nothing can be taken when
    it is converted."""
    refused = intake.decode(FOREIGN[n])
    assert isinstance(refused, MessageRefusal)
    assert name in refused.detail
    assert lacks in refused.detail
    made = mended(FOREIGN[n])
    assert (made is None) == bool(lacks)
    assert made is None or isinstance(intake.decode(made), Message)


@pytest.mark.parametrize("n", range(6))
def test_a_pasted_line_becomes_a_thread(n: int) -> None:
    """Whatever the service, the question stands in the first message, and a note says that it was converted."""
    found = paste.read(FOREIGN[n].decode(), 0.0, "token")
    assert not isinstance(found, JsonFault)
    assert [one.text for one in found.thread.messages] == ["Hi"]
    assert found.thread.raw is None
    assert "converted" in found.notes[0]


def test_what_means_the_same_is_converted() -> None:
    """System prompts, roles, images, limits and stop texts of three services come to the same body."""
    said = "data:image/png;base64,AAAA"
    anthropic = {
        "custom_id": "a",
        "params": {
            "model": "m",
            "max_tokens": 5,
            "system": [{"type": "text", "text": "Be brief."}],
            "stop_sequences": ["x"],
            "messages": [
                {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}]},
                {"role": "assistant", "content": "A cat"},
            ],
        },
    }
    gemini = {
        "key": "a",
        "request": {
            "model": "models/m",
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
                {"role": "model", "parts": [{"text": "A cat"}]},
            ],
            "generationConfig": {"maxOutputTokens": 5, "stopSequences": ["x"]},
        },
    }
    wanted = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": said}}]},
            {"role": "assistant", "content": "A cat"},
        ],
        "max_completion_tokens": 5,
        "stop": ["x"],
    }
    for value in (anthropic, gemini):
        found = recognised(value)
        assert found is not None
        assert found.message == {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": wanted}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"custom_id": "a", "params": {"model": "m", "messages": [], "tools": [{"name": "x"}]}}, "tools"),
        ({"custom_id": "a", "params": {"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}}, "tool_result"),
        ({"custom_id": "a", "params": {"messages": [{"role": "judge", "content": "x"}]}}, "judge"),
        ({"custom_id": "a", "params": {"messages": ["x"]}}, "no list of objects"),
        ({"key": "a", "request": {"contents": [], "safetySettings": [1]}}, "safetySettings"),
        ({"key": "a", "request": {"contents": [], "generationConfig": {"responseSchema": {"a": 1}}}}, "responseSchema"),
        ({"recordId": "a", "modelInput": {"inputText": "x"}}, "does not speak in messages"),
    ],
)
def test_what_has_no_counterpart_is_named_and_left_alone(value: object, what: str) -> None:
    """Nothing is dropped on the way: a line with anything else is not converted, and the sentence names it."""
    found = recognised(value)
    assert found is not None
    assert what in found.sentence
    assert mended(json.dumps(value).encode()) is None
    pasted = paste.read(json.dumps(value), 0.0, "token")
    assert isinstance(pasted, JsonFault)
    assert what in pasted.sentence


@pytest.mark.parametrize(
    ("n", "words", "mends"),
    [
        (0, "byte order mark", True),
        (3, "a list […]", False),
        (4, "is a text, and must be an object", False),
        (5, "is null", False),
        (6, "body is text with JSON", True),
        (7, "NaN is not a number", False),
        (8, "custom_id is a number", True),
        (9, "custom_id is empty", False),
        (12, "half a character", False),
        (14, "Latin-1", False),
        (15, "there is a comma after it", True),
    ],
)
def test_each_bad_line_is_said_in_words(n: int, words: str, mends: bool) -> None:
    """A person who has never seen a decoder understands what is wrong; where nothing but that is wrong, it can be taken converted."""
    refused = intake.decode(HOSTILE[n].strip(b" \r"))
    assert isinstance(refused, MessageRefusal)
    assert words in refused.detail
    assert "`" not in refused.detail
    made = mended(HOSTILE[n])
    assert (made is not None and isinstance(intake.decode(made), Message)) == mends


@pytest.mark.parametrize("n", [10, 11, 13, 16])
def test_good_lines_among_them_are_taken(n: int) -> None:
    """U+2028, U+2029 and U+0085 in a text end no line; the last line needs no newline."""
    assert isinstance(intake.decode(HOSTILE[n]), Message)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
KEYS = (
    "custom_id",
    "params",
    "messages",
    "key",
    "request",
    "contents",
    "recordId",
    "modelInput",
    "body",
    "url",
    "method",
    "system",
    "parts",
)


@given(st.dictionaries(st.sampled_from(KEYS), json_values | st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4), max_size=5))
def test_no_line_is_too_odd(value: dict[str, object]) -> None:
    """Whatever stands at the places where a service has its keys, nothing is raised; what is converted is a line of ours."""
    found = foreign.recognised(value)
    made = mended(json.dumps(value).encode())
    if made is not None and found is not None:
        whole = jsonread.value(made)
        assert {"custom_id", "method", "url", "body"} <= whole.keys()
        assert whole["url"] in FOR_PROGRAMS
