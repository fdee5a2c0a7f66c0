"""Of which rows requests are, in a workspace that is brought in."""

from __future__ import annotations

import msgspec

from app.core.model import keys, stored_names
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.entries import RecordEntry, decoded
from app.core.model.records import Record
from app.core.model.sendings import QueuedRows, QueueingRows
from app.core.workspace.merging import merge
from app.core.workspace.scope import NeededRuns, is_local

NEVER = (float("-inf"), float("-inf"))
SENT = QueuedRows(id="r-1", dataset="d", dataset_version=1, requests=3, named=True)
RUN = keys.sent_rows_id("r-1")


def entry(record: Record) -> RecordEntry:
    doc = msgspec.json.encode(record).decode()
    return RecordEntry("settings", stored_names.row_id(record.stored, record.id), 3, doc, record.stored.name)


def test_they_come_with_what_they_need() -> None:
    """The ids of rows stand in a run of their own; the record follows its dataset to the id that it has here."""
    ours = entry(Dataset(id="d", name="D", versions=(DatasetVersion(1, 1.0, rows=5),)))
    theirs = entry(Dataset(id="d", name="D", versions=(DatasetVersion(1, 1.0, rows=7),)))
    plan = merge([ours], [entry(SENT), theirs], [RUN], NEVER, lambda prefix: f"{prefix}-9")
    read = decoded(QueuedRows, plan.target["settings", "queuedrows:r-1"])
    assert read is not None
    assert read.dataset == "d-9"
    assert plan.runs[RUN] == [RUN]


def test_what_is_here_stays() -> None:
    """It says what was done once, and never changes."""
    other = msgspec.structs.replace(SENT, requests=9)
    plan = merge([entry(SENT)], [entry(other)], [RUN], NEVER, lambda prefix: f"{prefix}-9")
    assert decoded(QueuedRows, plan.target["settings", "queuedrows:r-1"]) == SENT
    assert RUN not in plan.runs


def test_what_goes_out() -> None:
    """Its run with it; what is under way is of this browser alone."""
    needed = NeededRuns([entry(SENT)])
    assert RUN in needed
    assert keys.sent_rows_id("r-2") not in needed
    assert is_local(entry(QueueingRows(id="r-1", runs=1)))
    assert not is_local(entry(SENT))
