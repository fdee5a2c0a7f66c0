"""A file as groups of rows, whichever format it has; for jobs."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import BinaryIO

import msgspec

from app.core.datasets import examine, limits
from app.core.datasets.encodings import EncodingAsked
from app.core.datasets.filerows import FilesTable, GivenFile
from app.core.datasets.parquet import STEP, ParquetTable
from app.core.datasets.sheets import SheetInfo, Workbook
from app.core.datasets.table import RowGroup, Table, TableReader, UnreadableTable, WholeReader
from app.core.model.datasets import Dialect
from app.ports import FileUnreadable, ParquetFile
from app.ports.compute import Job


class OpenTable(msgspec.Struct):
    """A file that is open for reading."""

    table: Table
    sheets: tuple[SheetInfo, ...]
    """Of a workbook."""
    pieces: AsyncGenerator[bytes, None] | None = None
    """The file, of formats that are read piece by piece."""
    content: BinaryIO | None = None
    """Where it is read, where it consists of files."""
    parquet: ParquetFile | None = None
    files: Sequence[GivenFile] = ()
    """What the content consists of, where each file of it is a row."""

    def close(self) -> None:
        """Nothing more is read of it."""
        if self.parquet is not None:
            self.parquet.close()


async def open_table(job: Job, dialect: Dialect, files: Sequence[GivenFile] = ()) -> OpenTable:
    """The job's first file, by this dialect. ``files``: what it consists of, where each is a row. Raises UnreadableTable, LibraryMissing,
    FileUnreadable, JobFailed."""
    file = job.files[0]
    match dialect.format:
        case "sheet":
            if file.blob.size > limits.MAX_SHEET_BYTES:
                raise UnreadableTable("This workbook is too large to be read. Save the sheet as CSV.")
            await job.libraries.load("python_calamine")
            book = Workbook((await file.open()).read())
            return OpenTable(book.table(dialect), book.sheets)
        case "parquet":
            opened = await job.libraries.parquet().open(file.blob)
            try:
                return OpenTable(ParquetTable(opened.columns, opened.rows, file.blob.size), (), parquet=opened)
            except UnreadableTable:
                opened.close()
                raise
        case "files":
            rows = FilesTable(files, job.libraries.decode)
            return OpenTable(rows, (), content=await file.open(), files=files)
        case _:
            return OpenTable(examine.reader(dialect, file.blob.size, job.libraries.decode), (), file.pieces(limits.PIECE))


async def row_groups(job: Job, opened: OpenTable) -> AsyncIterator[RowGroup]:
    """All rows, some at a time; the job gives way in between. Behind each piece of a file stands a group without rows: where all are at
    fault, whoever has enough can stop. Raises UnreadableTable."""
    try:
        if opened.parquet is not None:
            rows: ParquetTable = opened.table  # type: ignore[assignment]  # of such a file
            for start in range(0, opened.parquet.rows, STEP):
                yield rows.take(await opened.parquet.read(start, min(start + STEP, opened.parquet.rows)))
                if job.over():
                    await job.rest()
            return
        if isinstance(opened.table, FilesTable):
            async for group in _file_rows(job, opened, opened.table):
                yield group
            return
        if opened.pieces is None:
            whole: WholeReader = opened.table  # type: ignore[assignment]  # what has no pieces is read as a whole
            for group in whole.groups():
                yield group
                if job.over():
                    await job.rest()
            return
        reader: TableReader = opened.table  # type: ignore[assignment]  # as above
        last = False
        while not last:
            piece = await anext(opened.pieces, b"")
            last = not piece
            for group in reader.feed(piece, last=last):
                yield group
                if job.over():
                    await job.rest()
            yield RowGroup((), ())
            if job.over():
                await job.rest()
    except EncodingAsked as asked:
        raise UnreadableTable(str(asked)) from None


async def _file_rows(job: Job, opened: OpenTable, rows: FilesTable) -> AsyncIterator[RowGroup]:
    """A row for each file that can be one; one that cannot be read is at fault, and the others continue."""
    content = opened.content
    if isinstance(content, io.BufferedReader):
        content = content.raw  # what is read ahead would be of the next file, which may be unreadable where this one is not
    for number, file in enumerate(opened.files, 1):
        if rows.wanted(number) and content is not None:
            try:
                content.seek(file.at)
                data = content.read(file.size) or b""
            except (FileUnreadable, OSError):
                data = None
            if data is None or len(data) < file.size:
                rows.fault(number, "The browser could not read it: it was moved or changed, or another program holds it.")
            else:
                yield rows.take(number, data)
        if job.over():
            await job.rest()
