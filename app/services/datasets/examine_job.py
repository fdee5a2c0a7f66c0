"""Looking at a file before it is imported: how it is to be read, and what its first rows are then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from app.core.base.text import shorten
from app.core.datasets import examine as examining
from app.core.datasets import limits
from app.core.datasets.encodings import EncodingPreview
from app.core.datasets.filerows import GivenFile
from app.core.datasets.sheets import SheetInfo
from app.core.datasets.table import RowFault, UnreadableTable, cell_text
from app.core.model.datasets import Dialect
from app.ports.compute import Job, JobKind
from app.services.datasets.reading import open_table, row_groups

ROWS: Final = 30
"""Rows that are shown before a file is imported."""
FAULTY: Final = 1_000
"""Rows at fault from which on no more rows are looked for: the file may be large, and they may all be good with another delimiter."""
COLUMNS: Final = 200
"""Columns of them that are shown."""
SHOWN: Final = 300
"""Characters of a cell that are shown."""


class ExamineOrder(msgspec.Struct, frozen=True):
    """What file it is; ``dialect``: how it is to be read, nothing: as it seems. ``files``: it is several, of which each is a row."""

    name: str
    dialect: Dialect | None = None
    files: tuple[GivenFile, ...] = ()


class FirstRows(msgspec.Struct, frozen=True):
    """What a file seems to be."""

    dialect: Dialect
    candidates: tuple[EncodingPreview, ...] = ()
    """Not empty: it is no UTF-8, and the person has to say what it is."""
    content: Literal["table", "requests"] = "table"
    sheets: tuple[SheetInfo, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The cells of the first rows, cut at ``SHOWN`` characters and ``COLUMNS`` columns."""
    faults: tuple[RowFault, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: str = ""
    """Why there are no rows: with this dialect the file cannot be read. A sentence."""


EXAMINE: Final = JobKind("datasets.examine", ExamineOrder, FirstRows, (UnreadableTable,))


async def examine(job: Job, order: ExamineOrder) -> FirstRows:
    """The job's file is the table. Raises UnreadableTable where it is none in any dialect, and what reading raises."""
    if order.files:
        return await _first(job, Dialect(format="files"), order.files)
    file = job.files[0]
    start = (await file.open()).read(limits.HEAD)
    found = examining.examine(start, order.name, whole=file.blob.size <= limits.HEAD, decode=job.libraries.decode)
    dialect = order.dialect or found.dialect
    candidates = () if dialect.chosen else found.candidates
    if candidates:
        dialect = msgspec.structs.replace(dialect, chosen=True)  # so that the first rows show what this encoding makes of them
    try:
        shown = await _first(job, dialect)
    except UnreadableTable as error:
        if order.dialect is None and dialect.format != "csv":
            raise
        shown = FirstRows(dialect, refused=str(error))
    return msgspec.structs.replace(
        shown,
        dialect=msgspec.structs.replace(dialect, chosen=dialect.chosen and not candidates),
        candidates=candidates,
        content=found.content,
    )


async def _first(job: Job, dialect: Dialect, files: Sequence[GivenFile] = ()) -> FirstRows:
    opened = await open_table(job, dialect, files)
    rows: list[tuple[str, ...]] = []
    try:
        async for group in row_groups(job, opened):
            for cells in group.cells[: ROWS - len(rows)]:
                rows.append(tuple(shorten(cell_text(cell), SHOWN) for cell in cells[:COLUMNS]))
            if len(rows) >= ROWS or opened.table.faults.count >= FAULTY:
                break
    finally:
        opened.close()
    table = opened.table
    return FirstRows(
        dialect,
        sheets=opened.sheets,
        columns=tuple(table.columns[:COLUMNS]),
        rows=tuple(rows),
        faults=tuple(table.faults.kept[:ROWS]),
        remarks=tuple(table.remarks),
    )
