"""Whether an answer has the form that was asked for: only what is certain is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.openai.conformance import follows, schema_of

SCHEMA = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "enum": ["card", "other"]},
        "count": {"type": ["integer", "null"]},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
    },
    "required": ["label"],
    "additionalProperties": False,
    "$defs": {"part": {"anyOf": [{"type": "number"}, {"type": "object", "required": ["x"]}]}},
}


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"label": "card"}, True),
        ({"label": "card", "count": None, "parts": [1, 2.5, {"x": 1}]}, True),
        ({"label": "card", "count": 2.0}, True),
        ({}, False),
        ({"label": "cards"}, False),
        ({"label": 3}, False),
        ({"label": "card", "count": "2"}, False),
        ({"label": "card", "count": True}, False),
        ({"label": "card", "extra": 1}, False),
        ({"label": "card", "parts": [{"y": 1}]}, False),
        ([], False),
        ("card", False),
    ],
)
def test_types_required_and_listed_values_are_looked_at(value: Any, fits: bool) -> None:
    """And references, alternatives and items."""
    assert follows(json.dumps(value), SCHEMA) is fits


def test_prose_is_no_structured_answer() -> None:
    """Nor is JSON that breaks off."""
    assert not follows("Here is your JSON: {}", SCHEMA)
    assert not follows('{"label": "ca', SCHEMA)


def test_the_schema_is_found_in_the_bodies_of_both_endpoints() -> None:
    """And nowhere else."""
    chat = {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}}
    assert schema_of(chat) == schema_of({"text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}}}) == SCHEMA
    assert [schema_of(one) for one in ({}, None, {"response_format": {"type": "json_object"}}, {"text": 1})] == [None] * 4


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("type", "properties", "items", "required", "enum", "$ref", "anyOf", "#")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(("type", "properties", "items", "required", "enum", "$ref", "anyOf")), odd), odd)
def test_no_schema_is_too_odd(schema: dict[str, Any], value: Any) -> None:
    """Whatever stands in it, nothing is raised; a schema that refers to itself comes to an end."""
    follows(json.dumps(value), schema)
    assert follows("1", {"$ref": "#"})
