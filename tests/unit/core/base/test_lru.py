"""A bounded memory of what was used last."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.base.lru import Lru

APP = Path(__file__).resolve().parents[4] / "app"


@given(st.integers(1, 5), st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), st.integers(0, 7), st.integers(0, 9))))
def test_it_keeps_what_was_used_last_within_its_bound(most: int, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is put, used and dropped: held are the last used ones that fit, and the newest in any case."""
    memory: Lru[int, int] = Lru(most, lambda value: value)
    used: list[tuple[int, int]] = []
    for what, key, value in steps:
        if what == "put":
            used = [*(one for one in used if one[0] != key), (key, value)]
            while sum(size for _, size in used) > most and len(used) > 1:
                used.pop(0)
            assert memory.put(key, value) == value
        elif what == "get":
            assert memory.get(key) == dict(used).get(key)
            used.sort(key=lambda one: one[0] == key)
        else:
            memory.drop(key)
            used = [one for one in used if one[0] != key]
        assert list(memory) == [key for key, _ in used]
    memory.clear()
    assert list(memory) == []


async def test_a_value_is_made_once() -> None:
    """Also None; what fails is made again, and one that is forgotten as well."""
    memory: Lru[str, int | None] = Lru(2)
    made: list[str] = []

    async def make(key: str, value: int | None) -> int | None:
        made.append(key)
        if key == "bad":
            raise ValueError(key)
        return value

    assert await memory.got("a", lambda: make("a", None)) is None
    assert await memory.got("a", lambda: make("a", 1)) is None
    assert await memory.got("b", lambda: make("b", 2)) == 2
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            await memory.got("bad", lambda: make("bad", 3))
    assert await memory.got("a", lambda: make("a", 4)) is None
    memory.put("c", 5)
    assert await memory.got("b", lambda: make("b", 6)) == 6
    assert made == ["a", "b", "bad", "bad", "b"]


@pytest.mark.slow
def test_there_is_one_such_memory() -> None:
    """Nothing else in the program orders a dictionary by use."""
    found = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if "move_to_end" in (text := path.read_text(encoding="utf-8")) or "popitem" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in ("move_to_end", "popitem")
    }
    assert found == {"core/base/lru.py"}
