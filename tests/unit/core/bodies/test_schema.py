"""A schema is checked for its JSON, then against OpenAI's strict rules."""

import json
from typing import Any

import pytest
from hypothesis import given

from app.core.bodies import schema
from tests.unit.core.strategies import objects

GOOD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "A title"},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        "note": {"type": ["string", "null"]},
        "kind": {"enum": ["a", "b"]},
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["title", "tags", "note", "kind", "next"],
    "additionalProperties": False,
    "$defs": {"tag": {"type": "string"}},
}


def wrong(**changes):
    return {**GOOD, **changes}


def test_a_schema_as_the_guide_has_it_passes():
    """Optional by null, references, recursion and enums are fine."""
    assert schema.check(json.dumps(GOOD)) == schema.SchemaCheck(GOOD)


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ({"anyOf": [GOOD]}, "/anyOf", "outermost schema can't be an anyOf"),
        ({"type": "array", "items": {"type": "string"}}, "/type", "outermost schema must be an object"),
        (wrong(additionalProperties=True), "/additionalProperties", "additionalProperties: false"),
        (wrong(required=["title"]), "/required", "missing: tags, note, kind, next"),
        (wrong(required=[*GOOD["required"], "ghost"]), "/required", "ghost"),
        (wrong(allOf=[]), "/allOf", "not supported in strict mode"),
        (wrong(properties={"a": {"type": "string", "default": "x"}}, required=["a"]), "/properties/a/default", "not supported"),
        (wrong(properties={"a": {"type": "text"}}, required=["a"]), "/properties/a/type", 'no type "text"'),
        (wrong(properties={"a": {"type": "array"}}, required=["a"]), "/properties/a", "needs items"),
        (wrong(properties={"a": {}}, required=["a"]), "/properties/a", "type is missing"),
        (wrong(properties={"a/b": 3}, required=["a/b"]), "/properties/a~1b", "A schema is expected"),
        (wrong(properties={"a": {"$ref": "#/$defs/no"}}, required=["a"]), "/properties/a/$ref", "does not exist"),
        (wrong(properties={"a": {"enum": []}}, required=["a"]), "/properties/a/enum", "at least one value"),
        (wrong(properties={"a": {"enum": list(range(1001))}}, required=["a"]), "", "1,001 enum values"),
        (
            wrong(properties={f"p{n}": {"type": "null"} for n in range(5001)}, required=[f"p{n}" for n in range(5001)]),
            "",
            "5,001 properties",
        ),
    ],
)
def test_what_strict_mode_refuses_is_found_at_its_place(value, path, words):
    """Each rule has its sentence and a pointer to the place."""
    found = schema.check(json.dumps(value)).findings
    assert any(one.path == path and words in one.sentence and one.severity == "error" for one in found), found


def nested(levels):
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        inner = {"type": "object", "properties": {"x": inner}, "required": ["x"], "additionalProperties": False}
    return inner


def test_ten_levels_are_taken_and_eleven_are_not():
    """Nesting is counted in objects and arrays."""
    assert schema.check(json.dumps(nested(10))).findings == ()
    assert [one.sentence for one in schema.check(json.dumps(nested(11))).findings if "nested" in one.sentence]


def test_a_finding_has_its_line_and_column():
    """The editor can point to the place."""
    text = '{"type": "object",\n "properties": {},\n "required": [],\n "additionalProperties": true}'
    (finding,) = schema.check(text).findings
    assert (finding.line, finding.column) == (4, 2)


def test_faulty_json_is_told_by_line_and_column():
    """Before the rules comes the JSON itself."""
    checked = schema.check('{"type": "object",\n}')
    assert checked.schema is None
    assert [(one.line, one.column) for one in checked.findings] == [(1, 18)]


def test_without_strict_only_the_shape_counts():
    """A schema that is only a hint may use any keyword."""
    assert schema.check('{"type": "object", "oneOf": []}', strict=False).findings == ()


@pytest.mark.parametrize("name", ["", "two words", "ä", "x" * 65, "a.b", "a\n"])
def test_names_that_the_api_refuses(name):
    """A schema's name has 1 to 64 plain characters."""
    assert schema.check_name(name) is not None
    assert schema.check_name("answer_2-x") is None


def test_a_flood_of_findings_is_cut_short():
    """Of very many findings the first hundred are told, and how many more there are."""
    flood = {"type": "object", "properties": {f"p{n}": {"type": "text"} for n in range(3000)}}
    found = schema.check(json.dumps(flood)).findings
    assert len(found) == 101
    assert "2,902 findings more" in found[-1].sentence


@pytest.mark.slow
@given(objects)
def test_no_object_breaks_the_check(value):
    """Any JSON object, however odd, gets findings and no exception."""
    assert schema.check(json.dumps(value)).findings


@pytest.mark.parametrize(
    "key", ["properties", "items", "anyOf", "$defs", "required", "enum", "type", "$ref", "const", "additionalProperties"]
)
@pytest.mark.parametrize("value", [None, 3, "x", [], [3], {}, {"a": 3}, [[]], True])
def test_no_keyword_with_an_odd_value_breaks_the_check(key, value):
    """Each keyword may hold anything."""
    text = json.dumps({"type": "object", key: value, "properties": {"a": {key: value}}})
    assert schema.check(text).findings
