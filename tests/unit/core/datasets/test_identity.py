"""Which row is which when a file is imported again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets.identity import RowChanges, RowIdentity, RowWithoutIdentity, column_order
from app.core.datasets.storage import encode_row


def imported(
    rows: list[list[str]], key: int | None, before: dict[int, list[str]], next_row: int = 1, order: list[int | None] | None = None
) -> tuple[dict[int, list[str]], RowIdentity]:
    """The rows of a dataset by their ids, after an import."""
    told = RowIdentity(key, next_row)
    told.know((encode_row(row) for row in before.values()), before, order)
    return {told.of(row, encode_row(row), number): row for number, row in enumerate(rows, 2)}, told


def test_a_key_column_keeps_rows_apart() -> None:
    """Added, changed, removed and as before: each is told, and no id is given twice."""
    first, told = imported([["a", "1"], ["b", "2"], ["c", "3"]], 0, {})
    assert (list(first), told.next_row) == ([1, 2, 3], 4)
    second, told = imported([["d", "9"], ["c", "3"], ["a", "x"]], 0, first, told.next_row)
    assert second == {4: ["d", "9"], 3: ["c", "3"], 1: ["a", "x"]}
    assert told.changes() == RowChanges(added=1, changed=1, same=1, gone=(2,))
    assert told.next_row == 5


def test_without_a_key_only_equal_rows_are_the_same() -> None:
    """A row in another's place is another row, and twins stay two."""
    first, told = imported([["a"], ["b"], ["b"]], None, {})
    second, told = imported([["b"], ["A"], ["b"], ["b"]], None, first, told.next_row)
    assert second == {2: ["b"], 4: ["A"], 3: ["b"], 5: ["b"]}
    assert told.changes() == RowChanges(added=2, changed=0, same=2, gone=(1,))


def test_rows_that_cannot_be_told_apart_are_refused() -> None:
    """An empty key, and one that an earlier row has."""
    told = RowIdentity(0)
    told.of(["a"], b"", 2)
    with pytest.raises(RowWithoutIdentity, match="that of row 2"):
        told.of(["a"], b"", 3)
    with pytest.raises(RowWithoutIdentity, match="empty"):
        told.of([" "], b"", 4)
    with pytest.raises(RowWithoutIdentity, match="empty"):
        told.of([], b"", 5)


def test_columns_may_change_places() -> None:
    """A row is as it was if its cells are, wherever they stand; a new column without a cell changes nothing."""
    old, new = ["id", "x", "y"], ["y", "id", "z"]
    order = column_order(new, old)
    assert (order, column_order(old, old)) == ([2, 0, None], None)
    told = RowIdentity(1, 3)
    told.know([encode_row(["a", "dropped", "1"]), encode_row(["b", "", "2"])], [1, 2], order)
    assert told.of(["1", "a", None], encode_row(["1", "a", None]), 2) == 1
    assert told.of(["2", "b", "new"], encode_row(["2", "b", "new"]), 3) == 2
    assert told.changes() == RowChanges(0, 1, 1, ())


def test_a_key_that_is_chosen_later_may_have_twins() -> None:
    """Of rows of the dataset with one key the first keeps its id; the others are gone with the next import."""
    told = RowIdentity(0, 4)
    told.know([encode_row(["a"]), encode_row(["a"]), encode_row([""])], [1, 2, 3])
    assert told.of(["a"], encode_row(["a"]), 2) == 1
    assert told.changes() == RowChanges(0, 0, 1, (2, 3))


TABLE = st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("xy")).map(list), max_size=8, unique_by=lambda row: row[0])


@given(st.lists(TABLE, min_size=1, max_size=4), st.booleans())
def test_every_import_balances(tables: list[list[list[str]]], with_key: bool) -> None:
    """What is there now is what was added, changed or as before; what is gone was there; a key has one id for ever."""
    rows: dict[int, list[str]] = {}
    next_row, ever = 1, dict[str, int]()
    for table in tables:
        before = rows
        rows, told = imported(table, 0 if with_key else None, before, next_row)
        next_row, changes = told.next_row, told.changes()
        assert changes.added + changes.changed + changes.same == len(rows) == len(table)
        assert set(changes.gone) == before.keys() - rows.keys()
        assert all(id < next_row for id in rows)
        if with_key:
            for id, (key, _) in rows.items():
                assert before.get(id, [key])[0] == key
            gone = {before[id][0] for id in changes.gone}
            ever = {key: id for key, id in ever.items() if key not in gone}
            assert all(ever.setdefault(key, id) == id for id, (key, _) in rows.items())
        else:
            assert all(before[id] == row for id, row in rows.items() if id in before)
