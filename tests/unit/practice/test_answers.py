"""What the practice provider answers: marked, bounded by the token limit, in the shape that was asked for."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.practice.schema_sample import sample
from tests.unit.practice.desk import Desk

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 3, "maxLength": 12},
        "kind": {"enum": ["a", "b"]},
        "always": {"const": 7},
        "score": {"type": "number", "minimum": 0.25, "maximum": 0.75},
        "count": {"type": "integer", "exclusiveMinimum": 3, "maximum": 9, "multipleOf": 2},
        "day": {"type": "string", "format": "date"},
        "maybe": {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
        "either": {"type": ["string", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
        "tree": {"$ref": "#/$defs/node"},
    },
    "required": ["title", "kind", "always", "score", "count", "day", "maybe", "either", "tags", "tree"],
    "additionalProperties": False,
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["name", "children"],
            "additionalProperties": False,
        }
    },
}


async def ask(path: str, body: dict[str, Any]) -> Any:
    answer = await Desk().send("POST", path, body)
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body)


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is a wombat?"}], **more}


async def test_chat_text_is_marked() -> None:
    """The text begins with [simulated] and echoes what was asked; the same request gives the same answer."""
    first, second = [await ask("/chat/completions", chat()) for _ in range(2)]
    text = first["choices"][0]["message"]["content"]
    assert text.startswith("[simulated] ")
    assert "What is a wombat?" in text
    assert first == second or first["choices"] == second["choices"]


async def test_response_text_is_marked() -> None:
    """Plain input, items with parts, and instructions are all taken."""
    items = [{"role": "user", "content": [{"type": "input_text", "text": "Describe it"}, {"type": "input_image", "image_url": "data:,"}]}]
    for asked in ("Describe it", items):
        found = await ask("/responses", {"model": "gpt-4o", "input": asked, "instructions": "Be brief"})
        assert "Describe it" in found["output"][-1]["content"][0]["text"]
        assert found["instructions"] == "Be brief"


async def test_the_token_limit_cuts_a_chat() -> None:
    """finish_reason is length and the completion tokens are the limit."""
    found = await ask("/chat/completions", chat(max_tokens=5))
    assert found["choices"][0]["finish_reason"] == "length"
    assert found["usage"]["completion_tokens"] == 5
    assert len(found["choices"][0]["message"]["content"]) <= 20


async def test_the_token_limit_cuts_a_response() -> None:
    """The response is incomplete by max_output_tokens, reasoning tokens counted in."""
    found = await ask("/responses", {"model": "gpt-5", "input": "Hello", "max_output_tokens": 16})
    assert (found["status"], found["incomplete_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert found["usage"]["output_tokens"] == 16


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/chat/completions",
            chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}),
        ),
        ("/responses", {"model": "gpt-4o", "input": "x", "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}}}),
    ],
)
async def test_structured_output(path: str, body: dict[str, Any]) -> None:
    """The text is JSON that satisfies the schema, in both endpoints."""
    found = await ask(path, body)
    text = found["choices"][0]["message"]["content"] if "choices" in found else found["output"][-1]["content"][0]["text"]
    Draft202012Validator(SCHEMA).validate(msgspec.json.decode(text))


async def test_json_object() -> None:
    """A JSON object without a schema says that it is simulated."""
    found = await ask("/chat/completions", chat(response_format={"type": "json_object"}))
    assert msgspec.json.decode(found["choices"][0]["message"]["content"])["simulated"] is True


async def test_embeddings() -> None:
    """As many vectors as inputs, of the size asked for, of length about 1, different for different texts."""
    found = await ask("/embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 64})
    first, second = (one["embedding"] for one in found["data"])
    assert len(first) == 64
    assert first != second
    assert abs(sum(number * number for number in first) - 1) < 0.01


async def test_moderations() -> None:
    """A text with «kill» is flagged as violence, another is not."""
    found = await ask("/moderations", {"model": "omni-moderation-latest", "input": ["kill it", "pet it"]})
    assert [one["flagged"] for one in found["results"]] == [True, False]
    assert found["results"][0]["categories"]["violence"] is True


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/chat/completions", chat(model="gpt-99"), 404, "model_not_found"),
        ("/chat/completions", chat(model="text-embedding-3-small"), 400, "unsupported_model"),
        ("/embeddings", {"model": "text-embedding-3-small", "input": "x", "stream": True}, 400, "unknown_parameter"),
        ("/chat/completions", chat(temperature=3), 400, "invalid_value"),
        ("/chat/completions", chat(max_tokens="5"), 400, "invalid_type"),
        ("/chat/completions", chat(model="o3", temperature=0), 400, "unsupported_value"),
        ("/chat/completions", chat(model="o3", max_tokens=100), 400, "unsupported_parameter"),
        ("/responses", {"model": "gpt-5", "input": "x", "temperature": 0.5}, 400, "unsupported_parameter"),
        ("/responses", {"model": "gpt-5", "input": "x", "max_output_tokens": 1}, 400, "integer_below_min_value"),
        ("/embeddings", {"model": "text-embedding-3-small"}, 400, "missing_required_parameter"),
    ],
)
async def test_a_refused_body(path: str, body: dict[str, Any], status: int, code: str) -> None:
    """What the endpoint refuses has its status and its code."""
    answer = await Desk().send("POST", path, body)
    assert (answer.status, msgspec.json.decode(answer.body)["error"]["code"]) == (status, code)


leaves = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(lambda low, span: {"type": "integer", "minimum": low, "maximum": low + span}, st.integers(-50, 50), st.integers(0, 9)),
    st.builds(lambda low, span: {"type": "number", "exclusiveMinimum": low, "maximum": low + span}, st.integers(-9, 9), st.integers(1, 9)),
    st.builds(lambda low, span: {"type": "string", "minLength": low, "maxLength": low + span}, st.integers(0, 30), st.integers(0, 9)),
    st.builds(lambda values: {"enum": values}, st.lists(st.integers() | st.text(), min_size=1, max_size=3)),
    st.builds(lambda value: {"const": value}, st.integers() | st.text()),
    st.sampled_from([{"type": "string", "format": name} for name in ("date", "date-time", "email", "uuid")]),
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low, "maxItems": low + 1}, inner, st.integers(0, 2)),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda parts: {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False},
            st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        ),
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(schemas, st.integers(0, 2**64 - 1))
def test_a_sample_satisfies_its_schema(schema: dict[str, Any], seed: int) -> None:
    """Whatever the schema and the seed, the sample is valid and repeatable."""
    found = sample(schema, seed)
    Draft202012Validator(schema).validate(found)
    assert found == sample(schema, seed)


@pytest.mark.parametrize(
    "schema", [None, "x", {}, {"$ref": "#/nowhere"}, {"$ref": "#"}, {"type": "object", "properties": {"a": {"$ref": "#"}}}]
)
def test_a_sample_of_anything(schema: Any) -> None:
    """Something that is no schema, or refers to itself, still gives an end."""
    assert msgspec.json.encode(sample(schema, 1))
