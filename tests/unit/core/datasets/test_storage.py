"""Rows in runs, and the index that finds them."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import storage
from app.core.datasets.storage import RowIndex, RunBuilder, StoredRun, Unstorable, decode_index, encode_index, encode_row, place_of
from app.core.datasets.table import Cell, RowFault


def built(lines: list[bytes], ids: list[int], numbers: list[int], step: int) -> tuple[list[StoredRun], RowIndex]:
    made = RunBuilder()
    runs: list[StoredRun] = []
    for at in range(0, len(lines), step):
        runs += made.add(lines[at : at + step], ids[at : at + step], numbers[at : at + step])
    runs += made.last()
    return runs, made.index()


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1_000), st.integers(1, 1_000)), max_size=60),
    st.integers(1, 30),
    st.integers(20, 200),
    st.integers(1, 9),
)
def test_every_row_is_found_where_it_was_put(rows: list[tuple[int, int, int]], step: int, most: int, count: int) -> None:
    """By its position, with its id and number; runs are within their bounds, and the index comes back from its bytes."""
    lines = [encode_row(["x" * size, i]) for i, (size, _, _) in enumerate(rows)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "RUN_BYTES", most)
        patch.setattr(storage, "RUN_ROWS", count)
        runs, index = built(lines, [id for _, id, _ in rows], [number for _, _, number in rows], step)
    index = decode_index(encode_index(index))
    assert [run.facts for run in runs] == list(index.runs)
    assert b"".join(run.data for run in runs) == b"".join(lines)
    assert all(run.facts.count == 1 or len(run.data) <= most for run in runs)
    assert all(0 < run.facts.count <= count for run in runs)
    assert all(len(one.data) + len(next_one.data) > most or one.facts.count == count for one, next_one in pairwise(runs))
    starts = index.starts()
    for position, (_, id, number) in enumerate(rows):
        place = place_of(index, starts, position)
        assert (place.id, place.number) == (id, number)
        (line,) = storage.lines_of(runs[place.run].data, index.runs[place.run], place.at, place.at + 1)
        assert line == lines[position]
        assert storage.row_at(runs[place.run].data, index.runs[place.run], runs[place.run].data.index(line)) <= place.at
    assert [id for run in index.runs for id in storage.row_ids(run)] == [id for _, id, _ in rows]
    with pytest.raises(IndexError):
        place_of(index, starts, len(rows))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=8))
def test_ids_that_come_as_ranges_are_those_that_come_one_by_one(parts: list[tuple[int, int]]) -> None:
    """What an import gives of most tables; the stretches are the same."""
    whole = RunBuilder()
    for first, count in parts:
        assert not list(whole.add([b"[1]\n"] * count, range(first, first + count), range(first, first + count)))
    ids = [one for first, count in parts for one in range(first, first + count)]
    runs, index = built([b"[1]\n"] * len(ids), ids, ids, max(1, len(ids)))
    assert (list(whole.last()), whole.index()) == (runs, index)


def test_a_byte_belongs_to_a_row() -> None:
    """What was found in a run's bytes is in that row, its line break included."""
    (run,), _ = built([b"[1]\n", b"[22]\n"], [1, 2], [2, 3], 2)
    assert [storage.row_at(run.data, run.facts, offset) for offset in range(9)] == [0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_cells_are_stored_exactly() -> None:
    """Numbers as they were written, also those beyond 64 bits; what is missing at the end is not written."""
    cells: list[Cell] = ["00123", 1, 2**80, True, None, msgspec.Raw(b"1.10"), msgspec.Raw(b'{"a":[1]}'), "ä\u2028\0", None, None]
    line = encode_row(cells)
    assert line == b'["00123",1,1208925819614629174706176,true,null,1.10,{"a":[1]},"\xc3\xa4\xe2\x80\xa8\\u0000"]\n'
    assert encode_row(storage.decode_cells(line)) == line
    assert storage.decode_row(line)[5:7] == [1.1, {"a": [1]}]


def test_half_a_character_is_refused_in_words() -> None:
    """It can be in no text that is sent."""
    with pytest.raises(Unstorable, match="half a character"):
        encode_row(["\ud800"])


def test_an_index_that_is_damaged_is_refused() -> None:
    """Before anything is cut by it."""
    _, index = built([b"[1]\n", b"[2]\n"], [1, 2], [1, 2], 2)
    (run,) = index.runs
    for change in ({"count": 3}, {"size": 1}, {"ends": run.ends[:4]}, {"ids": ((1, 1),)}, {"ends": run.ends[4:] + run.ends[:4]}):
        with pytest.raises(ValueError, match="does not agree"):
            decode_index(encode_index(RowIndex((msgspec.structs.replace(run, **change),))))
    with pytest.raises(ValueError, match="truncated"):
        decode_index(b"no")


def test_faults_are_kept() -> None:
    """As they were told."""
    faults = [RowFault(3, 4, "It has 1 cell.", "x"), RowFault(7, 0, "No.")]
    assert storage.decode_faults(storage.encode_faults(faults)) == faults
