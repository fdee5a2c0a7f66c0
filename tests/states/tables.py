"""Tables in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from app.core.datasets.encodings import EncodingPreview
from app.core.datasets.sheets import SheetInfo
from app.core.datasets.table import RowFault
from app.core.model.datasets import Column, Dataset, DatasetVersion, Dialect, FilterKind, PlannedRows, RowFilter, RowSelection
from app.core.model.providers import Profile
from app.core.model.sendings import QueuedRows
from app.core.openai.wire import BytesBlob
from app.services.datasets.datasets import ChosenRows, Source
from app.services.datasets.examine_job import FirstRows
from app.services.datasets.rows import TableRow
from app.services.planning.requestfile_job import AdvisedLines, LaneOfFile, RequestFileReport
from app.ui.base.data_state import DataState, ImportDraft, OpenTable, RequestsOffer, Selecting
from tests.states.joined import joined

NOW = 1_700_000_000.0
COLUMNS = 4


def table(n: int, said: str, *, wide: bool = False) -> Dataset:
    """A table that was imported twice."""
    kinds = [Column(said, "text", 3, 90, True, 1_200), Column(joined(said, " 2"), "integer", 0, 100, False, 3), Column("id", "empty", 100)]
    columns = (*kinds, *(Column(f"{said} {n}", "text", 1, 2, False, 9) for n in range(3, 100 if wide else COLUMNS)))
    first = DatasetVersion(1, NOW - 900, said, 4_000, 0.0, Dialect(), columns, 90, 1, 3_000)
    last = DatasetVersion(2, NOW - 60, said, 5_000, 0.0, Dialect(), columns, 2_000, 2, 900_000, 0, 3, 20, 5, 10, 75)
    versions = (first, last) if n > 1 else (first,)
    return Dataset(
        id=f"d-{n}", name=said, created=NOW - 900, updated=NOW - 60 * n, deleted=NOW - 5 if n == 3 else 0.0, key=said, versions=versions
    )


def draft(said: str, **more: object) -> ImportDraft:
    """A file that is about to be imported."""
    faults = tuple(RowFault(n, n, said, said) for n in (3, 9))
    columns = tuple(joined(said, f" {n}") for n in range(COLUMNS))
    rows = tuple((said,) * COLUMNS for _ in range(12))
    seen = FirstRows(
        Dialect(delimiter=";"),
        sheets=(SheetInfo(said, False), SheetInfo(said, True)),
        columns=columns,
        rows=rows,
        faults=faults,
        remarks=(said,),
    )
    found = ImportDraft(Source(BytesBlob(b""), said), name=said, key=columns[0], seen=seen)
    for name, value in more.items():
        setattr(found, name, value)
    return found


def queued(said: str, id: str = "r-1", requests: int = 49_980) -> QueuedRows:
    """A file of requests that was added to the queue."""
    return QueuedRows(id=id, dataset="", dataset_version=0, at=NOW - 500, requests=requests, left_out=20, file=said)


def offered(said: str, **more: object) -> RequestsOffer:
    """Lines that are requests already, looked over."""
    faults = tuple(RowFault(n, n, said, said) for n in (3, 9))
    lanes = (LaneOfFile("/v1/responses", said, 49_000, 60_000_000), LaneOfFile("/v1/embeddings", said, 980, 1_000))
    advised = (AdvisedLines(said, said, 8, tuple(range(1, 9))), AdvisedLines(said, said, 1, (2,)))
    report = RequestFileReport(queued(said), lanes, faults, {said: 7}, advised, targets=2)
    found = RequestsOffer(Profile(id="p", name=said), report=report, before=queued(said))
    for name, value in more.items():
        setattr(found, name, value)
    return found


def data(said: str) -> DataState:
    """The list, with a failure and rows being pasted."""
    files = tuple(queued(said, id=f"r-{n}", requests=n) for n in (1, 2))
    return DataState(all=tuple(table(n, said) for n in (1, 2, 3)), pasted=said, fault=(said, said), files=files)


def states(said: str) -> Iterator[tuple[str, DataState]]:
    """What else the room shows."""
    yield "data being read", DataState()
    yield "data with deleted tables only", DataState(all=(table(3, said),))
    rows = tuple(TableRow(n, n + 1, n + 2, (said,) * (COLUMNS - n % 2)) for n in range(20))
    faults = tuple(RowFault(n, n, said, said) for n in range(3))
    yield "a table", DataState(all=(table(2, said),), open=OpenTable(table(2, said), rows=rows, faults=faults, queued=True))
    filters = tuple(RowFilter(said, kind, said, said, said) for kind in get_args(FilterKind))
    selection = RowSelection(said, filters, "random", 20, 7)
    planned = replace(table(2, said), planned=PlannedRows(selection, 2, 20))
    chosen = ChosenRows(selection, range(100, 120), 900)
    some = OpenTable(planned, rows=rows, selection=selection, filter=RowFilter(said, "between", "", said, said), chosen=chosen)
    some.count, some.seed = said, said
    yield "rows that were drawn", DataState(all=(planned,), open=some)
    none = ChosenRows(replace(selection, take="all"), (), 0)
    yield "no row matches", DataState(all=(planned,), open=OpenTable(planned, selection=none.selection, chosen=none, filter=filters[0]))
    for doing in ("select", "keep"):
        one = OpenTable(planned, rows=rows, selection=replace(selection, take="first"), selecting=Selecting(doing, 40, lambda: None))
        yield f"rows under way: {doing}", DataState(all=(planned,), open=one)
    wrong = OpenTable(planned, rows=rows, selection=selection, wrong=(said, said))
    yield "rows that could not be found", DataState(all=(planned,), open=wrong)
    wide = table(2, said, wide=True)
    yield (
        "a table of many columns",
        DataState(all=(wide,), open=OpenTable(wide, rows=tuple(TableRow(n, n, n, (said,) * 30) for n in range(20)), column=30)),
    )
    yield "a table whose rows are lost", DataState(all=(table(2, said),), open=OpenTable(table(2, said), lost=said))
    yield "a file to be imported", DataState(all=(), draft=draft(said))
    yield "a file being read", DataState(all=(), draft=draft(said, seen=None, doing="examine"))
    yield "a file being imported", DataState(all=(), draft=draft(said, doing="import", share=40))
    yield "a file that could not be imported", DataState(all=(), draft=draft(said, fault=(said, said), into="d-1"))
    asked = FirstRows(Dialect(), tuple(EncodingPreview(f"x-{n}", said, (said, said)) for n in range(9)), columns=(said,), rows=((said,),))
    yield "a file of an unknown encoding", DataState(all=(), draft=draft(said, seen=asked))
    refused = FirstRows(Dialect(), content="requests", refused=said)
    yield "a file that cannot be read so", DataState(all=(), draft=draft(said, seen=refused))
    requests = FirstRows(Dialect(format="jsonl"), content="requests", columns=(said,), rows=((said,),))
    for name, more in (
        ("a file of requests", {}),
        ("a file of requests being checked", {"report": None, "doing": "check", "share": 40}),
        ("a file of requests being queued", {"doing": "queue", "share": 60}),
        ("a file of requests that could not be queued", {"fault": (said, said)}),
    ):
        yield name, DataState(all=(), draft=draft(said, seen=requests, requests=offered(said, **more)))
    others = tuple(Source(BytesBlob(b""), said) for _ in range(5))
    yield "a file with others behind it", DataState(all=(), draft=draft(said), waiting=others, fault=(said, said))
    files = Dataset(id="d-9", name=said, key="path", versions=(DatasetVersion(1, NOW - 60, said, dialect=Dialect(format="files"), rows=1),))
    yield "a table of files", DataState(all=(files,), open=OpenTable(files))
