"""A file as groups of rows, whichever format it has; for jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import BinaryIO

import msgspec

from app.core.datasets import examine, limits
from app.core.datasets.encodings import EncodingAsked
from app.core.datasets.parquet import STEP, ParquetTable
from app.core.datasets.sheets import SheetInfo, Workbook
from app.core.datasets.table import RowGroup, Table, TableReader, UnreadableTable, WholeReader
from app.core.model.datasets import Dialect
from app.ports import ParquetFile
from app.ports.compute import Job


class OpenTable(msgspec.Struct):
    """A file that is open for reading."""

    table: Table
    sheets: tuple[SheetInfo, ...]
    """Of a workbook."""
    content: BinaryIO | None
    """Where the rest of the file is read, by formats that are read piece by piece."""
    parquet: ParquetFile | None = None

    def close(self) -> None:
        """Nothing more is read of it."""
        if self.parquet is not None:
            self.parquet.close()


async def open_table(job: Job, dialect: Dialect) -> OpenTable:
    """The job's first file, by this dialect. Raises UnreadableTable, LibraryMissing, FileUnreadable, JobFailed."""
    file = job.files[0]
    match dialect.format:
        case "sheet":
            if file.blob.size > limits.MAX_SHEET_BYTES:
                raise UnreadableTable("This workbook is too large to be read. Save the sheet as CSV.")
            await job.libraries.load("python_calamine")
            book = Workbook((await file.open()).read())
            return OpenTable(book.table(dialect), book.sheets, None)
        case "parquet":
            opened = await job.libraries.parquet().open(file.blob)
            try:
                return OpenTable(ParquetTable(opened.columns, opened.rows, file.blob.size), (), None, opened)
            except UnreadableTable:
                opened.close()
                raise
        case _:
            return OpenTable(examine.reader(dialect, file.blob.size, job.libraries.decode), (), await file.open())


async def row_groups(job: Job, opened: OpenTable) -> AsyncIterator[RowGroup]:
    """All rows, some at a time; the job gives way in between. Raises UnreadableTable."""
    try:
        if opened.parquet is not None:
            rows: ParquetTable = opened.table  # type: ignore[assignment]  # of such a file
            for start in range(0, opened.parquet.rows, STEP):
                yield rows.take(await opened.parquet.read(start, min(start + STEP, opened.parquet.rows)))
                if job.over():
                    await job.rest()
            return
        if opened.content is None:
            whole: WholeReader = opened.table  # type: ignore[assignment]  # what has no content is read as a whole
            for group in whole.groups():
                yield group
                if job.over():
                    await job.rest()
            return
        reader: TableReader = opened.table  # type: ignore[assignment]  # as above
        while piece := opened.content.read(limits.PIECE):
            yield reader.feed(piece)
            if job.over():
                await job.rest()
        yield reader.feed(b"", last=True)
    except EncodingAsked as asked:
        raise UnreadableTable(str(asked)) from None
