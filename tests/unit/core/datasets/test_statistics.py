"""What is said of columns is what is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import statistics
from app.core.datasets.statistics import ColumnStatistics
from app.core.datasets.table import RowGroup, cell_text
from app.core.model.datasets import Column
from tests.kit.tables import read


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-20", ""], "integer"),
        (["1", "2.5", "1e3"], "number"),
        (["1,5", "2"], "number"),
        (["00123", "1"], "text"),
        (["1", "0", "", "20"], "integer"),
        (["1", "01"], "text"),
        (["1", "٣"], "text"),
        (["1", "2" * 18], "integer"),
        (["1", "2" * 19], "text"),
        (["true", "FALSE"], "boolean"),
        (["1", "true"], "text"),
        (["2026-01-31", "2026-01-31T10:00:00Z"], "date"),
        (["", ""], "empty"),
        (["a"], "text"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_kinds_of_texts(cells: list[str], kind: str, at_once: bool) -> None:
    """Of all cells, in whichever groups they come. A number with a leading zero is a name."""
    found = ColumnStatistics()
    for group in [cells] if at_once else [[cell] for cell in cells]:
        found.add(RowGroup(range(len(group)), [[cell] for cell in group]))
    assert found.columns(["x"])[0].kind == kind


def test_kinds_of_json() -> None:
    """Values have kinds of their own, and a column of several is mixed."""
    found = read(b'{"a": 1, "b": 1, "c": {}, "d": true, "e": 1.5}\n{"a": 2, "b": "1", "c": [], "d": false, "e": 2}\n', "x.jsonl")
    assert [column.kind for column in found.columns] == ["integer", "mixed", "json", "boolean", "number"]
    assert found.columns[1].distinct == 2


def test_different_cells_are_counted_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no more of them are held in memory."""
    monkeypatch.setattr(statistics, "MAX_DISTINCT", 10)
    found = ColumnStatistics()
    for i in range(8):
        found.add(RowGroup([1, 2], [[str(2 * i), "x"], [str(2 * i + 1), ""]]))
    assert found.columns(["a", "b", "c"]) == (
        Column("a", "integer", 0, 10, True, 2),
        Column("b", "text", 8, 1, False, 1),
        Column("c", "empty", 16),
    )


CELL = st.sampled_from(["", "a", "bb", "1", None, 1, True, 2.5])


@given(st.lists(st.lists(CELL, max_size=4), max_size=12), st.integers(1, 5))
def test_they_are_those_of_a_count_by_hand(rows: list[list[object]], size: int) -> None:
    """Rows of any length, in groups of any size."""
    found = ColumnStatistics()
    for at in range(0, len(rows), size):
        found.add(RowGroup(range(size), rows[at : at + size]))  # type: ignore[arg-type]  # cells all of them
    columns = found.columns(["a", "b", "c", "d"])
    for i, column in enumerate(columns):
        cells = [row[i] if i < len(row) else None for row in rows]
        filled = [cell for cell in cells if cell not in ("", None)]
        assert column.empty == len(cells) - len(filled)
        assert column.longest == max((len(cell_text(cell)) for cell in filled), default=0)  # type: ignore[arg-type]
        assert column.distinct == len({(type(cell), cell) for cell in filled})
        assert not column.more
