"""A list of files as a table: one row each, with name, type, size, and its text or a ``data:`` URL.

Text files are read into the row. Pictures and PDFs stand in it as image and file parts of a request take them: a prompt names the column.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from app.core.base import text
from app.core.base.text import count, shorten, size
from app.core.datasets import encodings, limits
from app.core.datasets.encodings import Decode
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable

FileKind = Literal["text", "image", "pdf"]
COLUMNS: Final = ("name", "path", "type", "size", "text", "file")
"""``path`` is that in its folder, the name with it; ``size`` in bytes; ``text`` is empty for what is none; ``file``: a picture or PDF as a
``data:`` URL (RFC 2397), empty for what is none."""
KEY: Final = "path"
"""The column that says which row is which when the folder is brought again."""
_IMAGES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_IGNORED: Final = frozenset({"thumbs.db", "desktop.ini"})


class GivenFile(msgspec.Struct, frozen=True):
    """One of files that were given together: its content stands from byte ``at`` on in all of them one after another. ``path``: with the
    names of its folders, parted by ``/``."""

    path: str
    size: int
    at: int


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
    return UnreadableTable(
        f"These are {text.number(count)} files; the maximum is {text.number(limits.MAX_FILES)}, as many as a batch has requests."
    )


def too_large(found: int) -> str:
    """Why a file of this size is no row, as a sentence; nothing where it can be one. To be asked before it is read."""
    return f"It has {size(found)}; the maximum is {size(limits.MAX_FILE)}." if found > limits.MAX_FILE else ""


def read_file(path: str, data: bytes, decode: Decode | None = None) -> FileRow:
    """What becomes of a file. Raises UnreadableTable: it can be part of no request."""
    found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")
    if not found and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "image/webp"
    if found:
        return FileRow("pdf" if found == "application/pdf" else "image", found)
    ending = path.rpartition(".")[2].lower()
    if ending in _IMAGES or ending == "pdf":
        raise UnreadableTable(f"Its name ends in .{ending}, but it is not one: it is damaged or incomplete.")
    encoding = encodings.encoding_of(data, whole=True)
    remark = ""
    if not encoding:
        asked = encodings.candidates(data, decode)[0]
        encoding, remark = asked.encoding, f"It isn't UTF-8 text; it was read as {asked.title}."
    text = encodings.TextDecoding(encoding, decode, strict=False)
    whole = text.feed(data, last=True)
    controls = sum(whole[:10_000].count(chr(code)) for code in (*range(9), *range(14, 27)))
    if text.damaged or controls * 50 > len(whole[:10_000]):
        raise UnreadableTable("It is not a text, picture or PDF file.")
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


def cells_of(path: str, data: bytes, row: FileRow) -> Sequence[Cell]:
    """The row, in the order of :data:`COLUMNS`."""
    path = path.replace("\\", "/")
    url = "" if row.kind == "text" else f"data:{row.type};base64,{b2a_base64(data, newline=False).decode()}"
    return (path.rpartition("/")[2], path, row.type, len(data), row.text, url)


class FilesTable(TableSoFar):
    """Files as a table (core.datasets.table.Table): :meth:`wanted` says which are read, and :meth:`take` is given each of them. Raises
    UnreadableTable: they are too many."""

    def __init__(self, files: Sequence[GivenFile], decode: Decode | None = None) -> None:
        super().__init__(sum(one.size for one in files))
        self._names.add(COLUMNS)
        self._files, self._decode = files, decode
        self._hidden = self._guessed = 0
        if (refused := too_many(len(files))) is not None:
            raise refused

    @property
    def remarks(self) -> list[str]:
        """What was skipped, and how texts were read that are not UTF-8."""
        found = []
        if self._hidden:
            found.append(f"{count(self._hidden, 'hidden file')} {'was' if self._hidden == 1 else 'were'} skipped.")
        if self._guessed:
            found.append(
                f"{count(self._guessed, 'text')} {'is' if self._guessed == 1 else 'are'} not in UTF-8: the likeliest encoding was taken. "
                "Look at the column “text”."
            )
        return found

    def wanted(self, number: int) -> bool:
        """Whether the file of this number, from 1, is to be read. One that is not is counted, or at fault."""
        file = self._files[number - 1]
        if is_wanted(file.path) and not (fault := too_large(file.size)):
            return True
        self.done += file.size
        if is_wanted(file.path):
            self.fault(number, fault)
        else:
            self._hidden += 1
        return False

    def take(self, number: int, data: bytes) -> RowGroup:
        """The row of a file, or nothing where it can be none, which is then at fault."""
        path = self._files[number - 1].path
        self.done += len(data)
        try:
            row = read_file(path, data, self._decode)
        except UnreadableTable as error:
            self.fault(number, str(error))
            return RowGroup((), ())
        self._guessed += bool(row.remark)
        return RowGroup((number,), (cells_of(path, data, row),))

    def fault(self, number: int, sentence: str) -> None:
        """A file cannot be a row; its name goes with the sentence."""
        self.faults.add(number, 0, f"{shorten(self._files[number - 1].path, 200)}: {sentence}")
