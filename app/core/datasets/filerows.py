"""A list of files as a table: one row each, with what is known of the file, its text, or a reference to its bytes.

Text files are read into the row. Of pictures and PDFs the row names the run of bytes that they are kept in (``keys.dataset_file_id``): they
become part of a request as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from app.core.base.text import size
from app.core.datasets import encodings, limits
from app.core.datasets.encodings import Decode
from app.core.datasets.table import Cell, UnreadableTable

FileKind = Literal["text", "image", "pdf"]
COLUMNS: Final = ("name", "folder", "type", "bytes", "text", "file")
"""``bytes`` is the file's size; ``text`` is empty for what is none; ``file`` names the run with the bytes of a picture or PDF."""
_IMAGES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_IGNORED: Final = frozenset({"thumbs.db", "desktop.ini"})


class FileRow(msgspec.Struct, frozen=True):
    """A file that becomes a row."""

    kind: FileKind
    type: str
    """Its media type."""
    text: str = ""
    remark: str = ""
    """What a person should know of how it was read, as a sentence."""


def is_wanted(path: str) -> bool:
    """Whether a file of a folder is meant to be a row: what is hidden or the system's own is not."""
    parts = path.replace("\\", "/").split("/")
    return not any(part.startswith(".") for part in parts if part) and parts[-1].lower() not in _IGNORED and parts[-1] != ""


def too_many(count: int) -> UnreadableTable | None:
    """Why so many files are no table; known before one of them is read."""
    if count <= limits.MAX_FILES:
        return None
    return UnreadableTable(f"These are {count:,} files; {limits.MAX_FILES:,} are the most, as many as a batch has requests.")


def too_large(found: int) -> str:
    """Why a file of this size is no row, as a sentence; nothing where it can be one. To be asked before it is read."""
    return f"It has {size(found)}; {size(limits.MAX_FILE)} are the most." if found > limits.MAX_FILE else ""


def read_file(path: str, data: bytes, decode: Decode | None = None) -> FileRow:
    """What becomes of a file. Raises UnreadableTable: it can be part of no request."""
    found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")
    if not found and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "image/webp"
    if found:
        return FileRow("pdf" if found == "application/pdf" else "image", found)
    ending = path.rpartition(".")[2].lower()
    if ending in _IMAGES or ending == "pdf":
        raise UnreadableTable(f"Its name ends in .{ending}, and it is none: it is damaged or not complete.")
    encoding = encodings.encoding_of(data, whole=True)
    remark = ""
    if not encoding:
        asked = encodings.candidates(data, decode)[0]
        encoding, remark = asked.encoding, f"It isn't UTF-8 text; it was read as {asked.title}."
    text = encodings.TextDecoding(encoding, decode, strict=False)
    whole = text.feed(data, last=True)
    controls = sum(whole[:10_000].count(chr(code)) for code in (*range(9), *range(14, 27)))
    if text.damaged or controls * 50 > len(whole[:10_000]):
        raise UnreadableTable("It is neither a text nor a picture nor a PDF file.")
    return FileRow("text", _TYPES.get(ending, "text/plain"), whole, remark)


_TYPES: Final = {
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "md": "text/markdown",
    "xml": "application/xml",
}


def cells_of(path: str, bytes_size: int, row: FileRow, file_id: str) -> Sequence[Cell]:
    """The row, in the order of :data:`COLUMNS`. ``file_id``: the run that the bytes of a picture or PDF are kept in."""
    folder, _, name = path.replace("\\", "/").rpartition("/")
    return (name, folder, row.type, bytes_size, row.text, "" if row.kind == "text" else file_id)
