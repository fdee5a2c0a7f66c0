"""Worked examples: each is a whole table with a recipe that fits it, and the practice provider's answers fit the recipe."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from app.core.bodies import schema
from app.core.json import jsonread
from app.core.model.lanes import EMBEDDINGS
from app.core.templates import recipes
from app.core.templates.rendering import rendered
from app.core.templates.worked.example import KEY, NAMES, WorkedExample, named
from app.practice import answers, bodies
from app.ui.base.worked_actions import WORKED


def rows(example: WorkedExample) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(example.rows), strict=True))


def test_each_is_offered() -> None:
    """What views call by a name is there under this name, and nothing else is."""
    assert tuple(WORKED) == NAMES
    with pytest.raises(LookupError):
        named("example")


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_what_the_recipe_asks_for(name: str) -> None:
    """A few dozen whole rows, each with an id of its own, and every column that is used."""
    example = named(name)
    found = rows(example)
    assert 20 <= len(found) <= 60
    assert len({one[KEY] for one in found}) == len(found)
    assert all(all(one.values()) and None not in one for one in found)
    assert set(example.recipe.columns) <= set(found[0])
    assert recipes.of_bytes(recipes.to_bytes(example.recipe)) == example.recipe
    content = example.recipe.content
    if content.schema_on:
        assert not schema.check(content.schema_text, strict=content.schema_strict).findings
        assert schema.check_name(content.schema_name) is None
    check = example.recipe.check
    if check is not None:
        labels = jsonread.value(content.schema_text)["properties"][check.field]["enum"]
        assert {one[check.column] for one in found} == set(labels)


@pytest.mark.parametrize("name", NAMES)
def test_practice_answers_fit(name: str) -> None:
    """Every row makes a request that the practice provider takes and answers by its schema, or with a vector of the size asked for."""
    example = named(name)
    content, found = example.recipe.content, rows(example)
    for n, row in enumerate(found):
        made = rendered(content, list(row), list(row.values()), f"row-{n}")
        assert not made.fault
        body = bodies.read_body(made.body)
        assert bodies.check(content.endpoint, body) is None
        said: Any = answers.answer(content.endpoint, body, seed=7919 * n, now=0)
        if content.endpoint == EMBEDDINGS:
            assert len(said["data"][0]["embedding"]) == int(content.fields["dimensions"])
        else:
            value = msgspec.json.decode(said["choices"][0]["message"]["content"])
            Draft202012Validator(jsonread.value(content.schema_text)).validate(value)
