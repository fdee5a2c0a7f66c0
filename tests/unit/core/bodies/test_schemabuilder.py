"""Structured output is built of fields; a schema becomes fields only where nothing of it is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import schema, schemabuilder
from app.core.bodies.schemabuilder import AnswerColumn, SchemaField, Unheld

FIELDS = (
    SchemaField("label", "choice", "What it is", choices=("good", "bad")),
    SchemaField("score", "number", optional=True),
    SchemaField("tags", "list", item=SchemaField("item", "text")),
    SchemaField("who", "object", fields=(SchemaField("name"), SchemaField("age", "integer", optional=True))),
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"description": "What it is", "type": "string", "enum": ["good", "bad"]},
        "score": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "who": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": ["integer", "null"]}},
            "required": ["name", "age"],
            "additionalProperties": False,
        },
    },
    "required": ["label", "score", "tags", "who"],
    "additionalProperties": False,
}


def test_fields_become_a_strict_schema_and_back():
    """As the guide writes it, which the checker takes."""
    assert schemabuilder.schema_of(FIELDS) == SCHEMA
    assert schemabuilder.read(SCHEMA) == FIELDS
    assert list(schema.check_value(SCHEMA)) == []


NAMES = st.text(alphabet="abc_é ", min_size=1, max_size=4)
LEAVES = st.builds(
    SchemaField, NAMES, st.sampled_from(["text", "number", "integer", "boolean"]), st.text(max_size=3), st.booleans()
) | st.builds(
    SchemaField,
    NAMES,
    st.just("choice"),
    st.text(max_size=3),
    st.booleans(),
    st.lists(st.text(max_size=3), min_size=1, max_size=3).map(tuple),
)


def _deeper(inner: st.SearchStrategy[SchemaField]) -> st.SearchStrategy[SchemaField]:
    fields = st.lists(inner, max_size=3, unique_by=lambda one: one.name).map(tuple)
    objects = st.builds(
        lambda name, given, optional: SchemaField(name, "object", optional=optional, fields=given), NAMES, fields, st.booleans()
    )
    item = inner.map(lambda one: SchemaField("item", one.kind, one.description, one.optional, one.choices, one.fields, one.item))
    return objects | st.builds(lambda name, one: SchemaField(name, "list", item=one), NAMES, item)


@pytest.mark.slow
@given(st.lists(st.recursive(LEAVES, _deeper, max_leaves=6), max_size=4, unique_by=lambda one: one.name))
def test_any_fields_come_back_as_they_were(fields):
    """Through the schema; and the schema is one that strict mode takes."""
    made = schemabuilder.schema_of(fields)
    assert schemabuilder.read(made) == tuple(fields)
    assert [one for one in schema.check_value(made) if one.severity == "error"] == []


def test_the_columns_that_will_come_of_it():
    """Objects are taken apart, lists are one column; values are found by path."""
    assert list(schemabuilder.columns(FIELDS)) == [
        AnswerColumn("label", ("label",), "choice"),
        AnswerColumn("score", ("score",), "number"),
        AnswerColumn("tags", ("tags",), "list"),
        AnswerColumn("who.name", ("who", "name"), "text"),
        AnswerColumn("who.age", ("who", "age"), "integer"),
    ]
    answer = {"label": "good", "who": {"name": "Ada"}}
    assert [schemabuilder.value_at(answer, path) for path in (("label",), ("who", "name"), ("who", "age", "x"), ("zzz",))] == [
        "good",
        "Ada",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"$defs": {}}, "says $defs"),
        ({"type": "array"}, "more than an object"),
        ({"description": "x"}, "more than an object"),
        ({"required": ["score"]}, "not a strict object"),
        ({"additionalProperties": True}, "not a strict object"),
        ({"properties": {"a": {"type": "string", "pattern": "x"}}, "required": ["a"]}, "a says pattern"),
        ({"properties": {"a": {"type": ["string", "number"]}}, "required": ["a"]}, "a type that the builder doesn't have"),
        ({"properties": {"a": {"type": ["null", "string"]}}, "required": ["a"]}, "a type that the builder doesn't have"),
        ({"properties": {"a": {"anyOf": []}}, "required": ["a"]}, "a says anyOf"),
        ({"properties": {"a": {"type": "integer", "enum": [1]}}, "required": ["a"]}, "choices that aren't texts"),
        ({"properties": {"a": {"type": ["string", "null"], "enum": ["x"]}}, "required": ["a"]}, "may be null by its type"),
        ({"properties": {"a": {"type": "string", "enum": []}}, "required": ["a"]}, "choices that aren't texts"),
        ({"properties": {"a": {"type": "array"}}, "required": ["a"]}, "a[] is not a schema"),
        ({"properties": {"a": True}, "required": ["a"]}, "a is not a schema"),
        ({"properties": {"a": {"type": "string", "description": 3}}, "required": ["a"]}, "description that is not text"),
        ({"properties": []}, "not a strict object"),
    ],
)
def test_a_schema_that_the_builder_would_lose_something_of_stays_json(change, words):
    """And why is said."""
    with pytest.raises(Unheld) as reason:
        schemabuilder.read(SCHEMA | change)
    assert words in str(reason.value)


def test_what_is_nested_too_deeply_is_refused():
    """Ten levels, as strict mode has it."""
    field = SchemaField("a")
    for _ in range(12):
        field = SchemaField("a", "object", fields=(field,))
    with pytest.raises(Unheld, match="more than 10 deep"):
        schemabuilder.read(schemabuilder.schema_of([field]))


def test_what_is_missing_is_said_before_it_is_a_schema():
    """Names, choices, and fields of objects, also within lists."""
    fields = [
        SchemaField(""),
        SchemaField("a", "choice"),
        SchemaField("a"),
        SchemaField("o", "object", fields=(SchemaField("b", "list", item=SchemaField("item", "choice")),)),
        SchemaField("p", "object"),
    ]
    assert [(one.sentence, one.item, one.severity) for one in schemabuilder.findings(fields)] == [
        ("A field has no name.", "", "error"),
        ("a has no choices.", "a", "error"),
        ("Two fields are called a.", "a", "error"),
        ("b has no choices.", "o.b", "error"),
        ("p has no fields.", "p", "advice"),
    ]
    assert list(schemabuilder.findings(FIELDS)) == []
