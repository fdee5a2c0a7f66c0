"""JSON as a tree to open and close, and as a table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.base import json_tree
from app.ui.base.json_tree import spelled, tree_of
from tests.hostile.corpus import CORPUS
from tests.kit.screen import Element, check, parse


def tree(value: Any) -> Element:
    """The elements of a value's tree."""
    found = tree_of(json.dumps(value))
    assert found is not None
    check(found.safe_str)
    return parse(found.safe_str)


def test_values_with_their_paths() -> None:
    """Each name copies where its value stands."""
    found = tree({"a": {"b c": [1, "x"]}, "d": None, "e": True})
    paths = [json.loads(one["data-click"])["text"] for one in found.of("button")]
    assert paths == ["$.a", '$.a["b c"]', '$.a["b c"][0]', '$.a["b c"][1]', "$.d", "$.e"]
    assert "2 items" in found.text
    assert [one.text for one in found.of("code")] == ["1", "null", "true"]
    assert spelled(()) == "$"


def test_a_list_of_flat_objects_is_a_table() -> None:
    """Also where it is the only field; one with an object within stays a tree."""
    rows = [{"name": "a", "n": 1}, {"name": "b", "x": None}]
    for value in (rows, {"items": rows}):
        (table,) = tree(value).of("table")
        assert [one.text for one in table.of("th")] == ["name", "n", "x"]
        assert [one.text for one in table.of("td")] == ["a", "1", "", "b", "", "null"]
    assert not tree([{"a": {}}, {"a": 1}]).of("table")
    assert not tree([{"a": 1}]).of("table")


def test_what_is_no_tree() -> None:
    """Words, numbers, damaged JSON, and what is too large or too deep."""
    for said in ("", "x", "12", '"x"', '{"a":', "{" * 3_000, "[" * 300 + "]" * 300, json.dumps(["x" * json_tree.LARGEST])):
        assert tree_of(said) is None


def test_size_and_depth_are_bounded() -> None:
    """What is not drawn is counted; a value within has its beginning."""
    assert "4,800 more are not shown here" in tree([*range(5_000)]).text
    assert len(tree([[*range(100)]] * 100).of("li")) <= json_tree.MOST_NODES + 101
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    assert "[…]" in tree(deep).text
    assert "y" not in tree({"a": "x" * 400 + "y"}).text


@pytest.mark.slow
@pytest.mark.parametrize("place", ["key", "value", "cell"])
def test_hostile_texts_are_text(place: str) -> None:
    """As names, as values and in a table."""
    for said in CORPUS:
        said = said.encode("utf-8", "replace").decode()
        if len(said) < 5_000:
            tree({said: 1} if place == "key" else [said] if place == "value" else [{"a": said, said: 1}] * 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.slow
@settings(max_examples=50)
@given(JSON)
def test_any_json_is_drawn(value: Any) -> None:
    """As markup that a browser reads as it was meant."""
    found = tree_of(json.dumps(value))
    assert (found is not None) == isinstance(value, dict | list)
    if found is not None:
        check(found.safe_str)
