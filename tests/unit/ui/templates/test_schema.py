"""Structured output is built field by field or typed as JSON; both say the same, and the columns that come of it are shown."""

from __future__ import annotations

import json

import pytest

from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened


def columns(visit: Visit) -> list[str]:
    (group,) = [one for one in visit.dom if one.get("aria-label") == "Columns of the answers"]
    return [one.text for one in group.classed("tag")]


@pytest.mark.slow
async def test_a_schema_is_built(tabs: Open) -> None:
    """Fields, types, choices, descriptions, fields below others; the JSON follows."""
    visit = await tabs()
    await opened(visit)
    await visit.check("Structured output", True)
    await visit.click("Add field")
    await visit.type("Name of field_1", "mood")
    await visit.choose("Type of mood", "choice")
    await visit.type("Choices of mood", "good\nbad\n")
    await visit.type("Description of mood", "How the writer feels")
    await visit.check("mood may be null", True)
    await visit.click("Add field", 0)
    await visit.choose("Type of field_1", "list of object")
    await visit.click("Add field to field_1")
    await visit.click("Move field_1 up", 0)
    schema = json.loads(content(visit).schema_text)
    assert list(schema["properties"]) == ["field_1", "mood"]
    assert schema["properties"]["mood"] == {
        "description": "How the writer feels",
        "type": ["string", "null"],
        "enum": ["good", "bad", None],
    }
    assert schema["properties"]["field_1"]["items"]["properties"] == {"field_1": {"type": "string"}}
    assert columns(visit) == ["field_1 · list", "mood · choice"]
    assert visit.field("JSON schema").value == content(visit).schema_text
    await visit.click("Remove mood")
    assert columns(visit) == ["field_1 · list"]
    await visit.click("Undo")
    assert columns(visit) == ["field_1 · list", "mood · choice"]


@pytest.mark.slow
async def test_json_that_is_typed_shows_in_the_builder(tabs: Open) -> None:
    """As far as that can hold it; what it cannot is said, and stays JSON."""
    visit = await tabs()
    await opened(visit)
    await visit.check("Structured output", True)
    one = {"type": "object", "properties": {"stars": {"type": "integer"}}, "required": ["stars"], "additionalProperties": False}
    await visit.type("JSON schema", json.dumps(one))
    assert visit.field("Name of stars").value == "stars"
    assert columns(visit) == ["stars · integer"]
    await visit.click("Format")
    assert "\n" in content(visit).schema_text
    await visit.type("JSON schema", '{"anyOf": []}')
    assert "It can be edited as JSON only." in visit.text
    await visit.type("JSON schema", "{")
    assert "The schema isn't JSON yet." in visit.text
    assert content(visit).schema_text == "{"


async def test_two_fields_of_one_name_are_said(tabs: Open) -> None:
    """The JSON waits until they have names of their own: it could not hold both."""
    visit = await tabs()
    await opened(visit)
    await visit.check("Structured output", True)
    await visit.click("Add field")
    await visit.click("Add field")
    before = content(visit).schema_text
    await visit.type("Name of field_2", "field_1")
    assert "Two fields are called field_1." in visit.text
    assert content(visit).schema_text == before
    await visit.type("Name of field_1", "other", 1)
    assert list(json.loads(content(visit).schema_text)["properties"]) == ["field_1", "other"]
