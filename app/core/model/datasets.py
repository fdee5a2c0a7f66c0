"""Datasets: tables that a person brought, as they are kept. How they are read and stored: core.datasets."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record

TableFormat = Literal["csv", "jsonl", "json", "sheet", "parquet", "files"]
"""``csv``: any text with delimiters; ``jsonl``: a JSON value a line; ``json``: one array, or objects one after another; ``sheet``: XLSX and
ODS, also XLSM, XLSB and XLS; ``files``: a row for each of several files."""
ColumnKind = Literal["empty", "text", "integer", "number", "boolean", "date", "json", "mixed"]
"""What all cells of a column are. In a text (CSV) a cell stays the text that it is, whatever kind the column is said to be."""


class Dialect(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a file is to be read. It is guessed (core.datasets.examine) and can be corrected; a format ignores what it does not have."""

    format: TableFormat = "csv"
    encoding: str = "utf-8"
    """A name of the Encoding Standard (WHATWG), as the browser's ``TextDecoder`` takes it, or ``utf-32le``, ``utf-32be``."""
    chosen: bool = False
    """A person said that this is the encoding: a row with bytes that it does not have is at fault, instead of the person being asked."""
    delimiter: str = ","
    quote: str = '"'
    """One character, or empty: quotes mean nothing."""
    escape: str = ""
    """One character that takes the meaning from the one behind it, or empty: a quote within quotes is written twice."""
    header: bool = True
    """The first row holds the columns' names."""
    skip: int = 0
    """Lines before the first row that are skipped; rows of a sheet."""
    fill: bool = False
    """A row with fewer cells than there are columns gets empty ones, and empty cells beyond the last column are dropped. Else such a row is
    at fault."""
    sheet: str = ""
    """Name of the sheet; empty: the first one that is not hidden."""


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column and what its cells are, over all rows of a version."""

    name: str
    kind: ColumnKind = "empty"
    empty: int = 0
    """Cells that are missing, null or empty texts."""
    distinct: int = 0
    """Different cells that are not empty, as far as they were counted."""
    more: bool = False
    """There are more different cells than were counted."""
    longest: int = 0
    """Characters of the longest cell."""


FilterKind = Literal["contains", "equals", "empty", "filled", "between"]
"""What is asked of a cell: to hold a text (of either case), to be it, to hold nothing but blanks, more than blanks, a number of a range."""


class RowFilter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one column must hold."""

    column: str
    kind: FilterKind = "contains"
    text: str = ""
    least: str = ""
    """The smallest number, as typed; empty: there is none. ``most``: the greatest."""
    most: str = ""


class RowSelection(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some rows of a table: those that hold ``search`` in any cell, pass all filters, and of them so many. Which rows that are
    core.datasets.selection says."""

    search: str = ""
    filters: tuple[RowFilter, ...] = ()
    take: Literal["all", "first", "random"] = "all"
    count: int = 100
    """How many, where not all are taken."""
    seed: int = 1
    """Rows drawn at random with the same seed are the same rows."""


class PlannedRows(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rows that are checked and sent, where these are not all: ``rows`` of them in the version of this number."""

    selection: RowSelection
    version: int
    rows: int


class DatasetVersion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One import of a dataset. Its rows lie in byte runs (``keys.dataset_rows_id``) under its number, which counts from 1."""

    number: int
    at: float
    """Unix seconds."""
    file: str = ""
    """Name of the file that was read; empty: it was pasted."""
    size: int = 0
    """Bytes of that file."""
    modified: float = 0.0
    """When the file was changed last, in unix milliseconds; 0: not known."""
    dialect: Dialect = Dialect()
    columns: tuple[Column, ...] = ()
    rows: int = 0
    runs: int = 0
    """How many byte runs its rows lie in."""
    stored: int = 0
    """Bytes of those runs."""
    blank: int = 0
    """Empty rows of the file; they were skipped."""
    faults: int = 0
    """Rows of the file that were not taken; the first of them are kept in ``keys.dataset_faults_id``."""
    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0
    """Rows that are as they were in the version before; with ``added`` and ``changed`` these are all rows."""
    origin: str = ""
    """Of which rows of another table it is made, in words; empty: of a file."""


class Dataset(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A table that a person brought."""

    stored = stored_names.DATASET
    name: str
    created: float = 0.0
    updated: float = 0.0
    deleted: float = 0.0
    """When it was deleted; 0: it was not. A deleted dataset is kept so that this can be undone."""
    key: str = ""
    """Name of the column whose values say which row is which when a file is imported again; empty: rows are told by all of their cells."""
    next_row: int = 1
    """The id of the next row that is new. An id is never given to a second row."""
    versions: tuple[DatasetVersion, ...] = ()
    """Oldest first. The last one is in use."""
    planned: PlannedRows | None = None
    """The rows that a plan takes; None: all."""

    @property
    def current(self) -> DatasetVersion | None:
        """The version in use; None: nothing was imported to its end yet."""
        return self.versions[-1] if self.versions else None


class DatasetImport(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An import that is under way, or that broke off: its id is the dataset's. It is stored before the first rows are and goes in the
    commit that stores the dataset, so what an import wrote that never came to its end can be found and cleared."""

    stored = stored_names.DATASET_IMPORT
    version: int
    """The version that its rows belong to."""
    runs: int = 0
    """How many byte runs of rows were stored; each in one commit with this number."""
    at: float = 0.0
    """Unix seconds."""
