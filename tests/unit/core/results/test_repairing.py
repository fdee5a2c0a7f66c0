"""Damaged JSON and what it may have meant: a proposal beside what it changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.results.repairing import LIMIT, is_damaged, propose
from tests.hostile.corpus import CORPUS


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('{"city": "Lisbon", "price": 49', {"city": "Lisbon", "price": 49}),
        ('{"city": "Lisbon",}', {"city": "Lisbon"}),
        ("{'city': 'Lisbon', 'night': True}", {"city": "Lisbon", "night": True}),
        ('[{"a": 1}, {"a": 2', [{"a": 1}, {"a": 2}]),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
    ],
)
def test_what_models_break_is_proposed(said: str, meant: object) -> None:
    """Cut off, with a comma too many, in Python's words, in a block of code."""
    assert is_damaged(said)
    found = propose(said)
    assert json.loads(found.text) == meant
    assert not found.why
    assert "".join(piece.text for piece in found.pieces if piece.kind != "gone").startswith(("{", "["))


def test_what_is_not_damaged() -> None:
    """Whole JSON, words, and what is too large."""
    assert not any(is_damaged(one) for one in ("", '{"a": 1}', "[]", "A sentence {with} braces", '{"a": "' + "x" * LIMIT))
    assert propose("{" * 3_000).why
    assert propose("[" + "1," * LIMIT).why


def test_hostile_texts_are_repaired_or_not() -> None:
    """Nothing raises, and what is proposed is JSON."""
    for said in CORPUS:
        if len(said) < 2_000:
            found = propose("{" + said)
            assert found.why or isinstance(json.loads(found.text), dict | list)


@settings(max_examples=40)
@given(st.text(alphabet="{}[]\",:\\ntruefalsx1. '", max_size=40))
def test_any_text_is_repaired_or_not(said: str) -> None:
    """Likewise."""
    found = propose("{" + said)
    assert found.why or isinstance(json.loads(found.text), dict | list)
