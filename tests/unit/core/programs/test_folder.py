"""Which files of a watched folder are taken, and how they are cut into lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json.jsonlines import LineSplitter
from app.core.programs import folder


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("orders.jsonl", True),
        ("Orders.JSONL", True),
        ("orders.results.jsonl", False),
        ("orders.problems.jsonl", False),
        ("orders.Results.jsonl", False),
        (".orders.jsonl", False),
        ("orders.json", False),
        ("orders.jsonl.crswap", False),
    ],
)
def test_which_files_are_taken(name: str, taken: bool) -> None:
    """JSONL that is not hidden and that we did not write."""
    assert folder.is_input(name) is taken


def test_the_files_beside_it() -> None:
    """Both are none that would be taken."""
    assert (folder.results_name("a.b.JSONL"), folder.problems_name("a.b.JSONL")) == ("a.b.results.jsonl", "a.b.problems.jsonl")


_LINE = st.binary(max_size=12).map(lambda data: data.replace(b"\n", b""))


@given(st.lists(_LINE, max_size=12), st.booleans(), st.lists(st.integers(1, 9), min_size=1), st.booleans())
def test_lines_are_those_of_the_file_however_it_comes(lines: list[bytes], ended: bool, sizes: list[int], crlf: bool) -> None:
    """In pieces of any size, with either line break, with or without one at the end; and reading can go on behind any of them."""
    whole = (b"\r\n" if crlf else b"\n").join(lines) + (b"\n" if ended else b"")
    shown = [
        (number, line.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip(b" \t\r"))
        for number, line in enumerate(whole.split(b"\n"), 1)
    ]
    expected = [(number, line) for number, line in shown if line]
    found: list[tuple[int, bytes | None]] = []
    reader, at, turn = LineSplitter(folder.MAX_LINE), 0, 0
    while at < len(whole):
        size = sizes[turn % len(sizes)]
        found += reader.feed(whole[at : at + size], last=at + size >= len(whole))
        at, turn = at + size, turn + 1
        if turn % 3 == 0 and reader.read < len(whole):  # the page was closed: what is known is how far it was read
            reader, at = LineSplitter(folder.MAX_LINE, reader.read, reader.lines), reader.read
            if turn > 60:
                sizes = [64]
    assert found == expected


def test_a_line_that_is_too_long_is_told_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it ends."""
    monkeypatch.setattr(folder, "MAX_LINE", 10)
    reader = LineSplitter(folder.MAX_LINE)
    found = [*reader.feed(b"a\n" + b"x" * 30), *reader.feed(b"x" * 30), *reader.feed(b"xx\nb\n" + b"y" * 11), *reader.feed(b"", last=True)]
    assert found == [(1, b"a"), (2, None), (3, b"b"), (4, None)]
