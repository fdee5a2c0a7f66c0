"""Where an answer does not follow its schema: by path, and exactly where the look over whole batches says that it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.openai.conformance import follows
from app.core.openai.schema_faults import MOST, faults
from tests.unit.core.openai.test_conformance import SCHEMA


@pytest.mark.parametrize(
    ("value", "path", "says"),
    [
        ({}, "$.label", "is missing"),
        ({"label": "cards"}, "$.label", "is “cards”, which is not an allowed value: “card”, “other”"),
        ({"label": "card", "count": "2"}, "$.count", "is text, not integer or null"),
        ({"label": "card", "a b": 1}, '$["a b"]', "is not allowed"),
        ({"label": "card", "parts": [1, {"y": 1}]}, "$.parts[1]", "matches none of the 2 allowed forms"),
        ([], "$", "is a list, not object"),
    ],
)
def test_each_fault_has_its_path(value: Any, path: str, says: str) -> None:
    """What is missing, of another type, not listed, not allowed; within lists and references."""
    (fault,) = faults(json.dumps(value), SCHEMA)
    assert (fault.path, fault.says) == (path, says)


def test_several_faults_and_no_json() -> None:
    """All of them are named, up to a number; JSON that breaks off has one."""
    assert [one.path for one in faults('{"count":"x","extra":1}', SCHEMA)] == ["$.label", "$.extra", "$.count"]
    assert len(faults(json.dumps({"label": "card", **{f"x{n}": n for n in range(100)}}), SCHEMA)) == MOST
    (fault,) = faults('{"label": "ca', SCHEMA)
    assert fault.says.startswith("is not complete JSON")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["card", "other", "x", 1.5]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["label", "count", "parts", "x", "extra"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=80)
@given(VALUES)
def test_there_is_a_fault_where_it_does_not_follow(value: Any) -> None:
    """The two never contradict each other."""
    assert (not faults(json.dumps(value), SCHEMA)) == follows(json.dumps(value), SCHEMA)
