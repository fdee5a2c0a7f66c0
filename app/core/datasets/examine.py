"""What a file is, told from its first bytes and its name, and how it is to be read: the Dialect that the person sees and corrects."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from app.core.bodies import foreign
from app.core.datasets import csvguess, encodings
from app.core.datasets.csvtable import CsvTable
from app.core.datasets.encodings import UTF8, Decode, EncodingPreview
from app.core.datasets.jsontable import JsonTable
from app.core.datasets.table import UnreadableTable
from app.core.json import jsonread, jsonvalues
from app.core.model.datasets import Dialect, TableFormat

_MAGIC: Final[tuple[tuple[bytes, TableFormat | str], ...]] = (
    (b"PK\x03\x04", "sheet"),
    (b"PK\x05\x06", "sheet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet"),
    (b"PAR1", "parquet"),
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "an archive (gzip)"),
    (b"7z\xbc\xaf", "an archive (7z)"),
    (b"Rar!", "an archive (RAR)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
)
_FORMATS: Final = frozenset({"sheet", "parquet"})
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b") | {0x7F})
_SHORT: Final = 100
"""Bytes of a text from which on the share of its control characters tells anything: one with a damaged row may be shorter."""
_JSON_NAMES: Final = (".json", ".jsonl", ".ndjson", ".geojson")
_LINES: Final = 20
"""Lines, or elements of an array, that are looked at to tell requests from rows."""


class Examined(msgspec.Struct, frozen=True):
    """How a file is to be read, as far as its beginning tells."""

    dialect: Dialect
    candidates: tuple[EncodingPreview, ...] = ()
    """Not empty: it is no UTF-8, and the person is to choose an encoding, likeliest first; ``dialect`` has the first one's."""
    content: Literal["table", "requests"] = "table"
    """``requests``: lines of a batch's input, ours or another service's (core.programs.requestlines)."""


def examine(start: bytes, name: str, *, whole: bool, decode: Decode | None = None) -> Examined:
    """What a file is that begins so: ``limits.HEAD`` bytes of it, or all (``whole``). Raises UnreadableTable where it is no table."""
    kind = next((kind for magic, kind in _MAGIC if start.startswith(magic)), "")
    if kind:
        return Examined(Dialect(format=_format(kind)))
    if not start.strip(b"\xef\xbb\xbf \t\r\n") and whole:
        raise UnreadableTable("This file is empty.")
    encoding = encodings.encoding_of(start, whole=whole)
    asked = () if encoding else encodings.candidates(start, decode)
    if not encoding:
        encoding = asked[0].encoding
    if not encoding.startswith(("utf-16", "utf-32")) and _is_binary(start):
        raise UnreadableTable("This is neither text nor a table that can be read here. Tables are CSV, JSON, XLSX, ODS or Parquet files.")
    text = _decoded(start, encoding, decode)
    dialect, requests = _written(text, name, whole=whole)
    return Examined(replace(dialect, encoding=encoding), asked, "requests" if requests else "table")


def reader(dialect: Dialect, size: int, decode: Decode | None = None) -> CsvTable | JsonTable:
    """The reader of a file of ``size`` bytes that is given piece by piece. Raises UnreadableTable: the dialect is none that can be read
    so (sheets: core.datasets.sheets; Parquet and files of a folder: core.datasets.parquet, core.datasets.filerows)."""
    if dialect.format == "csv":
        return CsvTable(dialect, size, decode)
    if dialect.format in ("json", "jsonl"):
        return JsonTable(dialect, size, decode)
    raise UnreadableTable("This file is not text: it can't be read piece by piece.")


def _format(kind: str) -> TableFormat:
    if kind == "sheet" or kind == "parquet":
        return kind  # type: ignore[return-value]  # mypy does not narrow a text to these words
    remedy = "Unpack it first." if "archive" in kind else "Import the folder that it is in: each of its files becomes a row."
    raise UnreadableTable(f"This is {kind}, which is not a table. {remedy}")


def _is_binary(start: bytes) -> bool:
    return 50 * (len(start) - len(start.translate(None, _CONTROLS))) > max(len(start), _SHORT)


def _decoded(start: bytes, encoding: str, decode: Decode | None) -> str:
    try:
        return encodings.TextDecoding(encoding, decode, strict=False).feed(start)
    except ValueError:
        return start.decode(UTF8, "replace")


def _written(text: str, name: str, *, whole: bool) -> tuple[Dialect, bool]:
    """Format and delimiters, and whether these are lines of requests."""
    bare = text.lstrip()
    if not name.lower().endswith(_JSON_NAMES) and not _is_json(bare):
        return csvguess.guessed(text, name=name, whole=whole), False
    if name.lower().endswith((".jsonl", ".ndjson")) or (bare[:1] == "{" and jsonvalues.shape_of(text.encode(UTF8, "replace")) == "lines"):
        return Dialect(format="jsonl"), _is_requests(text)
    return Dialect(format="json"), _is_requests(text)


def _is_json(text: str) -> bool:
    """Whether a text that is not said to be JSON is."""
    if text[:1] not in ("{", "["):
        return False
    first = text.partition("\n")[0].strip()
    try:
        return isinstance(jsonread.value(first), dict | list)
    except jsonread.Unreadable:
        return first in ("{", "[") or first[:2] in ('{"', "[{") or first[-1:] in ("{", "[", ",")


def _is_requests(text: str) -> bool:
    """Whether most of the first values are requests: of ours, or of another service."""
    start = text.encode(UTF8, "replace")
    values = jsonvalues.cutter(jsonvalues.shape_of(start), len(start)).feed(start)[:_LINES] or [(1, start)]
    known = 0
    for _, line in values:
        try:
            value = jsonread.value(line or b"")
        except jsonread.Unreadable:
            continue
        ours = isinstance(value, dict) and {"custom_id", "body"} <= value.keys()
        known += ours or ((found := foreign.recognised(value)) is not None and found.message is not None)
    return known * 2 > len(values)
