"""Tries in a workspace that is brought in: they belong to their table."""

from __future__ import annotations

import msgspec

from app.core.model import keys, stored_names
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.entries import RecordEntry, decoded
from app.core.model.tries import DatasetTries, TriedRow
from app.core.workspace.merge_plan import MergePlan
from app.core.workspace.merging import merge
from app.core.workspace.scope import NeededRuns

ASKED, ANSWER = keys.try_asked_id("d", "t-2"), keys.try_answer_id("d", "t-2")
RUNS = [ASKED, ANSWER, keys.try_asked_id("d", "t-1"), keys.dataset_index_id("d", 1)]


def entry(record: DatasetTries | Dataset) -> RecordEntry:
    doc = msgspec.json.encode(record).decode()
    return RecordEntry("settings", stored_names.row_id(record.stored, record.id), 3, doc, record.stored.name)


def tries(*ids: str) -> RecordEntry:
    return entry(DatasetTries(id="d", rows=tuple(TriedRow(id, n, asked=float(id[-1])) for n, id in enumerate(ids))))


def table(at: float) -> RecordEntry:
    return entry(Dataset(id="d", name="D", versions=(DatasetVersion(1, at, rows=5),)))


def merged(ours: list[RecordEntry], theirs: list[RecordEntry]) -> MergePlan:
    return merge(ours, theirs, RUNS, (float("-inf"), float("-inf")), lambda prefix: f"{prefix}-9")


def rows(plan: MergePlan) -> dict[str, list[str]]:
    read = {one.id: decoded(DatasetTries, one) for one in plan.target.values() if one.owner == "tries"}
    return {id: [row.id for row in one.rows] for id, one in read.items() if one is not None}


def test_both_sides_tries_of_one_table_are_kept() -> None:
    """Those of theirs that are not here come with their bytes; ours stay as they are."""
    plan = merged([table(1), tries("t-1")], [tries("t-2", "t-1"), table(1)])
    assert rows(plan) == {"tries:d": ["t-1", "t-2"]}
    assert plan.runs == {ASKED: [ASKED], ANSWER: [ANSWER]}
    assert rows(merged([table(1)], [tries("t-2")])) == {"tries:d": ["t-2"]}


def test_tries_follow_their_table() -> None:
    """Where theirs has another id here, with every run."""
    plan = merged([table(1), tries("t-1")], [tries("t-2"), table(2)])
    assert rows(plan) == {"tries:d": ["t-1"], "tries:d-9": ["t-2"]}
    assert plan.runs[ANSWER] == [keys.try_answer_id("d-9", "t-2")]


def test_their_bytes_belong_to_the_workspace() -> None:
    """As long as their table does."""
    assert ANSWER in NeededRuns([table(1), tries("t-2")])
    assert ANSWER not in NeededRuns([tries("t-2")])
