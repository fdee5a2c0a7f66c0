"""Which rows a search, filters and samples mean, over rows as they are stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from app.core.datasets import selection, storage
from app.core.datasets.selection import RowMatcher, RowSample, WrongSelection
from app.core.datasets.storage import RunBuilder, StoredRun
from app.core.datasets.table import Cell, cell_text
from app.core.model.datasets import RowFilter, RowSelection

COLUMNS = ("name", "price", "note")
ROWS: list[list[Cell]] = [
    ["Ärger", "1,50", 'a "quoted" word'],
    ["ÄRGER", 2, None],
    ["shoes", Raw(b"1e40"), "two\nlines"],
    ["Shoes", Raw(b"1.10"), Raw(b'{"a":[1,"x"]}')],
    ["", True, " "],
    ["00123", -3.5],
    ["\u212aelvin", "12 pieces", "true"],
]


def run_of(rows: list[list[Cell]]) -> StoredRun:
    builder = RunBuilder()
    (run,) = [*builder.add([storage.encode_row(one) for one in rows], range(len(rows)), range(2, len(rows) + 2)), *builder.last()]
    return run


def found(rows: list[list[Cell]], *filters: RowFilter, search: str = "") -> list[int]:
    run = run_of(rows)
    matcher = RowMatcher(RowSelection(search, filters), COLUMNS)
    return matcher.rows(run.data, run.facts, 0, len(rows))


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        (RowFilter("name", "contains", "ärg"), [0, 1]),
        (RowFilter("name", "contains", "SHOES"), [2, 3]),
        (RowFilter("name", "contains", "kel"), [6]),
        (RowFilter("name", "equals", "shoes"), [2]),
        (RowFilter("name", "equals", "123"), []),
        (RowFilter("name", "equals", "00123"), [5]),
        (RowFilter("name", "empty"), [4]),
        (RowFilter("note", "empty"), [1, 4, 5]),
        (RowFilter("note", "filled"), [0, 2, 3, 6]),
        (RowFilter("note", "contains", '"quoted"'), [0]),
        (RowFilter("note", "contains", '"a":[1'), [3]),
        (RowFilter("price", "equals", "1.10"), [3]),
        (RowFilter("price", "contains", "1"), [0, 2, 3, 6]),
        (RowFilter("price", "equals", "true"), [4]),
        (RowFilter("price", "between", least="1.1", most="2"), [0, 1, 3]),
        (RowFilter("price", "between", most="0"), [5]),
        (RowFilter("price", "between", least="3"), [2]),
    ],
)
def test_a_filter_means_these_rows(one: RowFilter, rows: list[int]) -> None:
    """Cells as they were written; either case where a part is looked for; numbers as numbers, whatever the file made of them."""
    assert found(ROWS, one) == rows


def test_a_search_looks_into_every_cell_and_filters_narrow_it() -> None:
    """It never joins two cells."""
    assert found(ROWS, search="shoes") == [2, 3]
    assert found(ROWS, search="lines") == [2]
    assert found(ROWS, search="shoes1") == []
    assert found(ROWS, RowFilter("price", "between", most="2"), search="shoes") == [3]
    assert found(ROWS) == list(range(len(ROWS)))


@given(
    st.lists(st.lists(st.text(max_size=6) | st.integers() | st.booleans() | st.none(), max_size=3), min_size=1, max_size=30),
    st.text(max_size=3),
)
def test_a_search_is_what_reading_each_cell_would_find(rows: list[list[Cell]], search: str) -> None:
    """The quick ways over bytes find the same rows."""
    needle = search.strip().lower()
    assert found(rows, search=search) == [
        n for n, row in enumerate(rows) if not needle or any(needle in cell_text(one).lower() for one in row)
    ]
    if search:
        expected = [n for n, row in enumerate(rows) if row and search.lower() in cell_text(row[0]).lower()]
        assert found(rows, RowFilter("name", "contains", search)) == expected
        assert found(rows, RowFilter("name", "equals", search)) == [n for n, row in enumerate(rows) if row and cell_text(row[0]) == search]


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (RowFilter("nme", "empty"), "no column “nme”"),
        (RowFilter("price", "between", least="cheap"), "“cheap” is not a number"),
        (RowFilter("price", "between"), "the smallest number"),
        (RowFilter("name", "contains"), "Write what"),
    ],
)
def test_a_filter_that_means_nothing_is_said(one: RowFilter, says: str) -> None:
    """In a sentence, before any row is looked at."""
    with pytest.raises(WrongSelection, match=says):
        RowMatcher(RowSelection(filters=(one,)), COLUMNS)


def taken(how: RowSelection, ids: list[int], step: int = 7) -> list[int]:
    sample = RowSample(how)
    for at in range(0, len(ids), step):
        sample.add(range(at, min(at + step, len(ids))), ids[at : at + step])
    return list(sample.positions())


def test_the_first_rows_are_the_first_that_match() -> None:
    """No more is looked for when there are enough."""
    sample = RowSample(RowSelection(take="first", count=3))
    sample.add([4, 9], [5, 10])
    assert not sample.full
    sample.add([11, 12, 13], [12, 13, 14])
    assert sample.full
    assert list(sample.positions()) == [4, 9, 11]


@given(st.integers(0, 2**64), st.integers(1, 60), st.integers(1, 9))
def test_rows_at_random_are_the_same_for_the_same_seed(seed: int, count: int, step: int) -> None:
    """However the rows come; a larger sample holds the smaller one; a row that goes takes no other with it."""
    ids = list(range(1, 51))
    some = taken(RowSelection(take="random", count=count, seed=seed), ids, step)
    assert some == taken(RowSelection(take="random", count=count, seed=seed), ids)
    assert len(some) == min(count, 50)
    assert set(some) <= set(taken(RowSelection(take="random", count=count + 1, seed=seed), ids))
    fewer = [ids[at] for at in range(50) if at != some[0]]
    after = {fewer[at] for at in taken(RowSelection(take="random", count=count, seed=seed), fewer)}
    assert {ids[at] for at in some[1:]} <= after


def test_rows_at_random_come_from_everywhere() -> None:
    """Each tenth of a table has its share, and another seed draws other rows. splitmix64 as its authors publish it."""
    some = taken(RowSelection(take="random", count=10_000, seed=7), list(range(100_000)), 1_000)
    shares = [sum(tenth * 10_000 <= one < (tenth + 1) * 10_000 for one in some) for tenth in range(10)]
    assert min(shares) > 850
    assert max(shares) < 1_150
    assert some != taken(RowSelection(take="random", count=10_000, seed=8), list(range(100_000)), 1_000)
    assert [selection.rank(1234567, n) for n in range(1, 4)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_positions_are_kept_as_bytes() -> None:
    """And are the same again."""
    positions = RowSample(RowSelection()).positions()
    positions.extend([0, 7, 4_000_000_000])
    assert selection.decode_positions(selection.encode_positions(positions)) == positions


def test_a_selection_is_told_in_words() -> None:
    """As it stands where it is used."""
    some = RowSelection(" shoes ", (RowFilter("price", "between", least="1"), RowFilter("note", "filled")), "random", 100, 7)
    assert selection.words(some) == "“shoes” in any column · price from 1 · note is not empty · 100 rows at random, seed 7"
    assert selection.words(RowSelection()) == "all rows"
    assert selection.is_all(RowSelection(search=" "))
