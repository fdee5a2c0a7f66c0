"""Words are found in the lines that hold them, whatever their case and however JSON writes them."""

from __future__ import annotations

import json
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.queue.search import MOST, TextSearch


def run_of(lines: list[bytes]) -> tuple[bytes, tuple[int, ...]]:
    return b"".join(lines), tuple(accumulate(map(len, lines)))


def found(words: str, *texts: str, escaped: bool = False) -> list[int]:
    lines = [json.dumps({"content": text}, ensure_ascii=escaped).encode() + b"\n" for text in texts]
    return TextSearch(words).lines(*run_of(lines))


@pytest.mark.parametrize(
    ("words", "texts", "lines"),
    [
        ("harbour", ("The Harbour", "a port", "HARBOURS"), [0, 2]),
        ('say "no"', ('He may say "no".', "say no"), [0]),
        ("a\nb", ("a\nb", "a b"), [0]),
        ("STRASSE ö", ("strasse Ö", "strasse o"), [0]),
        ("привет", ("Скажи ПРИВЕТ", "пока"), [0]),
        ("", ("one", "two"), [0, 1]),
        ("   ", ("one",), [0]),
        ("back\\slash", ("back\\slash", "backslash"), [0]),
        ("😀", ("x 😀", "x"), [0]),
        ("no such", ("one", "two"), []),
    ],
)
def test_words_are_found(words: str, texts: tuple[str, ...], lines: list[int]) -> None:
    """The lines that hold them, and no other."""
    assert found(words, *texts) == lines


def test_words_are_found_where_a_script_escaped_them() -> None:
    """Lines of other programs have characters as \\uXXXX: the same words are found in them."""
    assert found("grüße", "Grüße aus Köln", "Gruß", escaped=True) == [0]
    assert found("😀", "x 😀", escaped=True) == [0]


def test_words_that_would_reach_over_two_lines_are_in_neither() -> None:
    """The end of one line and the beginning of the next are no text."""
    data, ends = run_of([b'{"a":"x"}\n', b'{"b":"y"}\n'])
    assert TextSearch('}{"b').lines(data, ends) == []
    assert TextSearch("x").lines(data, ends) == [0]


def test_only_so_much_is_searched_for() -> None:
    """A megabyte that is pasted into the field costs what a line costs."""
    assert TextSearch("x" * 1_000_000).words == "x" * MOST


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8), st.text(st.characters(codec="ascii"), min_size=1, max_size=3))
def test_every_line_with_an_ascii_word_is_found(texts: list[str], word: str) -> None:
    """As looking through each line by itself does."""
    lines = [json.dumps(text, ensure_ascii=False).encode() + b"\n" for text in texts]
    sought = json.dumps(word.strip())[1:-1].encode().lower()
    assert TextSearch(word).lines(*run_of(lines)) == [i for i, line in enumerate(lines) if sought in line.lower()]
