"""A file from its bytes to a version of a dataset, and once more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import examine, storage
from app.core.datasets.importing import ByteRun, ImportedTable, TableImport
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable, read_all
from app.core.model.datasets import Column, Dataset, DatasetVersion, Dialect
from tests.kit.tables import decode, pieces

NEW = Dataset(id="d-1", name="Prices")


def imported(dataset: Dataset, data: bytes, stored: dict[str, bytes]) -> ImportedTable:
    """As a service does it; ``stored`` is the store."""
    found = examine.examine(data, "prices.csv", whole=True, decode=decode)
    reader = examine.reader(found.dialect, len(data), decode)
    groups = list(read_all(reader, pieces(data, 16)))
    version = DatasetVersion(0, 5.0, "prices.csv", len(data), 4.0, found.dialect)
    made = TableImport(dataset, version, reader)
    if dataset.current is not None:
        index = storage.decode_index(stored[f"dataset:d-1:{dataset.current.number}:index"])
        for n, run in enumerate(index.runs):
            made.know(stored[f"dataset:d-1:{dataset.current.number}:{n}"], run)
    for group in groups:
        stored.update(made.take(group))
    done = made.finish()
    stored.update(done.runs)
    return done


def ids(stored: dict[str, bytes], version: int) -> dict[int, list[object]]:
    index = storage.decode_index(stored[f"dataset:d-1:{version}:index"])
    found: dict[int, list[object]] = {}
    for n, run in enumerate(index.runs):
        lines = storage.lines_of(stored[f"dataset:d-1:{version}:{n}"], run)
        found |= {id: storage.decode_row(line) for id, line in zip(storage.row_ids(run), lines, strict=True)}
    return found


def test_a_file_becomes_a_version_and_a_newer_one_keeps_its_rows() -> None:
    """Columns, rows, faults and changes are counted; a row keeps its id by its key, in whatever order columns and rows come."""
    stored: dict[str, bytes] = {}
    first = imported(Dataset(id="d-1", name="Prices", key="id"), b"id,price\n007,1\n008,2\n007,3\n009\n\n010,4\n", stored)
    version = first.dataset.current
    assert version is not None
    assert version.columns == (Column("id", "text", 0, 3, False, 3), Column("price", "integer", 0, 3, False, 1))
    assert (version.number, version.rows, version.runs, version.blank, version.faults) == (1, 3, 1, 1, 2)
    assert (version.added, version.changed, version.removed, version.same) == (3, 0, 0, 0)
    assert version.stored == len(stored["dataset:d-1:1:0"])
    assert first.dataset.next_row == 4
    assert [(one.row, one.sentence) for one in storage.decode_faults(stored["dataset:d-1:1:faults"])] == [
        (5, "It has 1 cell, the table has 2 columns."),
        (4, "Its key “007” is that of row 2 as well."),
    ]
    second = imported(first.dataset, b"price,id\n4,010\n9,008\n5,011\n", stored)
    assert second.gone == (1,)
    assert ids(stored, 2) == {3: ["4", "010"], 2: ["9", "008"], 4: ["5", "011"]}
    newer = second.dataset.current
    assert newer is not None
    assert (newer.number, newer.added, newer.changed, newer.removed, newer.same) == (2, 1, 1, 1, 1)
    assert [one.number for one in second.dataset.versions] == [1, 2]
    assert ids(stored, 1) == {1: ["007", "1"], 2: ["008", "2"], 3: ["010", "4"]}


def test_a_file_without_the_key_column_is_refused() -> None:
    """Its rows could be anybody's."""
    with pytest.raises(UnreadableTable, match="no column “id”"):
        imported(Dataset(id="d-1", name="Prices", key="id"), b"ID,price\n1,2\n", {})


def test_many_rows_are_many_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under numbers from 0 on, none of them larger than a run may be."""
    monkeypatch.setattr(storage, "RUN_BYTES", 100)
    stored: dict[str, bytes] = {}
    done = imported(NEW, b"a,b\n" + b"".join(b"%d,some text\n" % i for i in range(100)), stored)
    version = done.dataset.current
    assert version is not None
    assert version.runs == len([id for id in stored if id.rpartition(":")[2].isdigit()]) > 10
    assert len(ids(stored, 1)) == version.rows == 100


CELLS = st.one_of(st.text(max_size=5), st.sampled_from((None, "", "\ud83d", 2**70, 1.5, True, 7)))
GROUPS = st.lists(st.lists(st.lists(CELLS, max_size=3), max_size=6), max_size=4)


@given(GROUPS)
def test_rows_written_together_are_those_written_one_by_one(groups: list[list[list[Cell]]]) -> None:
    """Lines, ids, numbers, statistics, and the rows that cannot be kept."""

    def taken() -> tuple[object, ...]:
        table = TableSoFar(0)
        made = TableImport(NEW, DatasetVersion(0, 5.0, "prices.csv", 0, 4.0, Dialect()), table)
        runs: list[ByteRun] = []
        number = 1
        for cells in groups:
            runs += made.take(RowGroup(range(number, number + len(cells)), cells))
            number += len(cells)
        return runs, made.finish(), table.faults.kept

    together = taken()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storage, "encode_rows", lambda rows: None)
        assert taken() == together
