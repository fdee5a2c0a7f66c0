"""Datasets in a workspace that is brought in."""

from __future__ import annotations

import msgspec

from app.core.model import keys, stored_names
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.entries import RecordEntry, decoded
from app.core.workspace.merging import merge
from app.core.workspace.scope import NeededRuns

NEVER = (float("-inf"), float("-inf"))
RUNS = [keys.dataset_rows_id("a", 1, 0), keys.dataset_index_id("a", 1), keys.dataset_faults_id("a", 1)]


def entry(id: str, name: str, *rows: int) -> RecordEntry:
    versions = tuple(DatasetVersion(n, 1.0, rows=count) for n, count in enumerate(rows, 1))
    doc = msgspec.json.encode(Dataset(id=id, name=name, versions=versions)).decode()
    return RecordEntry("settings", stored_names.row_id(stored_names.DATASET, id), 3, doc, "dataset")


def test_one_that_is_not_here_comes_with_its_rows() -> None:
    """All of its runs, and no other's."""
    plan = merge([], [entry("a", "A", 5)], [*RUNS, keys.dataset_rows_id("ab", 1, 0)], NEVER, lambda prefix: f"{prefix}-9")
    assert list(plan.target) == [("settings", "dataset:a")]
    assert plan.runs == {id: [id] for id in RUNS}


def test_the_same_one_is_left_as_it_is() -> None:
    """Of the same imports, whatever it is called."""
    plan = merge([entry("a", "Ours", 5)], [entry("a", "Theirs", 5)], RUNS, NEVER, lambda prefix: f"{prefix}-9")
    assert [decoded(Dataset, one).name for one in plan.target.values()] == ["Ours"]  # type: ignore[union-attr]  # they can be read
    assert plan.runs == {}


def test_both_stay_where_each_side_imported() -> None:
    """Theirs with an id of its own, and its rows under that."""
    plan = merge([entry("a", "A", 5, 6)], [entry("a", "A", 5, 7)], RUNS, NEVER, lambda prefix: f"{prefix}-9")
    names = {one.id: decoded(Dataset, one).name for one in plan.target.values()}  # type: ignore[union-attr]  # they can be read
    assert names == {"dataset:a": "A", "dataset:d-9": "A (imported)"}
    assert plan.runs == {
        "dataset:a:1:0": ["dataset:d-9:1:0"],
        "dataset:a:1:index": ["dataset:d-9:1:index"],
        "dataset:a:1:faults": ["dataset:d-9:1:faults"],
    }


def test_rows_are_needed_as_long_as_their_dataset_is_there() -> None:
    """A run of none is not exported."""
    needed = NeededRuns([entry("a", "A", 5)])
    assert all(id in needed for id in RUNS)
    assert keys.dataset_rows_id("b", 1, 0) not in needed
    assert keys.dataset_rows_id("ab", 1, 0) not in needed
