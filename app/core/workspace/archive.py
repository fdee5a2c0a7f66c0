"""The exported workspace: its layout inside the gzip file, written and read in a stream (docs/workspace.md).

A head line, then frames, then an end frame. Each frame is one line of JSON, ``{"kind", "size", "crc", …}``, followed by ``size`` raw bytes
and a line break. The end frame's ``crc`` is that of everything before it. Nothing may follow it.

Sans I/O: :func:`head`, :func:`frame` and :class:`Tail` give bytes to write; :class:`Reader` takes bytes as they arrive and gives frames.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from app.core.base import text
from app.core.json import jsonread
from app.core.model.entries import RecordEntry

FORMAT: Final = 1
SCHEMA: Final = 4
"""The version of the stored records (docs/design.md, «What is stored»)."""
PROGRAM: Final = "0.1.0"
NAME: Final = "workspace"
ENDING: Final = ".nightshift"
_LINE: Final = 1_000_000
"""Bytes that a frame's line may have: it holds ids and owners, and no content."""
_SIZE: Final = 1_000_000_000
"""Bytes that a frame's content may have. The largest are byte runs: about 1 MB, one image, or one line of a file."""
_RECORD: Final = 256_000_000
"""Bytes that one record may have: a thread with a text of 100 MB has room."""
_RECORDS: Final = 1_000_000_000
"""Bytes that all records may have together: they are in memory until the file is read to its end, and WebAssembly has 4 GB."""


class InvalidArchive(Exception):
    """The file cannot be imported; nothing of it was. ``code`` is ``strange`` (no workspace), ``newer``, ``cut``, ``damaged`` or ``large``;
    the text is sentences for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. ``made`` is unix seconds. ``export`` is this export's own id; ``exports`` and ``imports`` are the ids of those that
    the workspace had made and taken in before, with their times: what tells a later merge which side knew what."""

    nightshift: str = NAME
    format: int = FORMAT
    schema: int = SCHEMA
    program: str = PROGRAM
    made: float = 0.0
    export: str = ""
    exports: dict[str, float] = {}
    imports: dict[str, float] = {}


class FrameHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frame's line. ``kind`` is ``record``, ``bytes``, ``keys`` or ``end``; others are skipped. ``size`` (bytes) and ``crc`` (CRC-32) are
    of the content that follows; an end frame has none, and its ``crc`` is of everything before its line."""

    kind: str
    size: int = 0
    crc: int = 0
    table: str = ""
    id: str = ""
    rev: int = 0
    owner: str = ""
    state: str = ""
    order: float = 0.0
    records: int = 0
    runs: int = 0


class Frame(msgspec.Struct, frozen=True):
    """A frame that was read. ``at`` is where its line begins in the unpacked content, in bytes."""

    facts: FrameHeader
    content: bytes
    at: int

    @property
    def entry(self) -> RecordEntry:
        """The record of a ``record`` frame. Raises InvalidArchive where its text is no UTF-8."""
        one = self.facts
        try:
            doc = self.content.decode()
        except UnicodeDecodeError:
            raise _damaged(self.at, f"the record {one.id} is not text") from None
        return RecordEntry(one.table, one.id, one.rev, doc, one.owner, one.state, one.order)


_encoder = msgspec.json.Encoder()
_heads = jsonread.Decoder[Head](Head)
_facts = jsonread.Decoder[FrameHeader](FrameHeader)


# --- writing ---------------------------------------------------------------------------------------------------------------------


class Tail:
    """Counts what is written, for the end frame. Give it every piece, in order."""

    def __init__(self) -> None:
        self.crc = self.records = self.runs = self.size = 0

    def add(self, piece: bytes) -> bytes:
        """The piece itself, counted."""
        self.crc = zlib.crc32(piece, self.crc)
        self.size += len(piece)
        return piece

    def end(self) -> bytes:
        """The end frame."""
        return _line(FrameHeader(kind="end", crc=self.crc, records=self.records, runs=self.runs))


def _line(value: Head | FrameHeader) -> bytes:
    return _encoder.encode(value) + b"\n"


def head(value: Head) -> bytes:
    """The first line."""
    return _line(value)


def _framed(facts: FrameHeader, content: bytes) -> bytes:
    facts = msgspec.structs.replace(facts, size=len(content), crc=zlib.crc32(content))
    return b"".join([_line(facts), content, b"\n"])


def record(entry: RecordEntry) -> bytes:
    """A record's frame."""
    facts = FrameHeader(
        kind="record", table=entry.table, id=entry.id, rev=entry.rev, owner=entry.owner, state=entry.state, order=entry.order
    )
    return _framed(facts, entry.doc.encode())


def run(id: str, data: bytes) -> bytes:
    """A byte run's frame. A later one of the same id takes an earlier one's place."""
    return _framed(FrameHeader(kind="bytes", id=id), data)


def sealed_keys(sealed: str) -> bytes:
    """The frame of the API keys, sealed under a passphrase."""
    return _framed(FrameHeader(kind="keys"), sealed.encode())


# --- reading ---------------------------------------------------------------------------------------------------------------------


def _damaged(at: int, what: str) -> InvalidArchive:
    return InvalidArchive(
        "damaged", f"The file is damaged at byte {at:,} of its unpacked content: {what}. Nothing was imported; use another copy."
    )


CUT: Final = "The file is not complete: its end is missing. Nothing was imported; copy or export it again."
STRANGE: Final = "This is not a workspace that Nightshift exported. Nothing was imported."


def _large(what: str) -> InvalidArchive:
    return InvalidArchive(
        "large",
        f"The file holds {what}, which is more than this page can load. Nothing was imported. Nightshift never writes such a file; "
        "use another copy, or export again without the large items.",
    )


def _newer(what: str) -> InvalidArchive:
    return InvalidArchive(
        "newer", f"This file was made by a newer Nightshift ({what}). Reload this page to get the newer program, then import it again."
    )


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_head(line: bytes) -> Head:
    """The first line. Raises InvalidArchive: strange, newer, or damaged."""
    try:
        loose = jsonread.value(line)
    except jsonread.Unreadable:
        raise InvalidArchive("strange", STRANGE) from None
    if not isinstance(loose, dict) or loose.get("nightshift") != NAME:
        raise InvalidArchive("strange", STRANGE)
    form, schema = _whole_number(loose.get("format")), _whole_number(loose.get("schema"))
    if form is not None and form > FORMAT:
        raise _newer(f"format {form}; this one knows {FORMAT}")
    if schema is not None and schema > SCHEMA:
        raise _newer(f"schema {schema}; this one knows {SCHEMA}")
    try:
        found = _heads.decode(line)
    except jsonread.Unreadable as error:
        raise _damaged(0, f"its first line says {error}") from None
    if found.format < 1 or found.schema < 1:
        raise _damaged(0, "its first line names no format")
    return found


class Reader:
    """Give it the content in pieces of any size with :meth:`feed`, then call :meth:`close`. Raises InvalidArchive, after which it is of no
    use."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.end: FrameHeader | None = None
        self._buffer = bytearray()
        self._facts: FrameHeader | None = None
        self._at = self._start = self._crc = self._records = self._runs = self._searched = self._texts = 0

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """The frames that are complete now, without the head (``head``) and the end (``end``)."""
        self._buffer += piece
        while (taken := self._next()) is not None:
            if isinstance(taken, Frame):
                yield taken

    def close(self) -> FrameHeader:
        """The end frame, once everything was given. Raises InvalidArchive where it is missing."""
        if self.end is None:
            raise InvalidArchive("strange", STRANGE) if self.head is None and not self._looks_like_ours() else InvalidArchive("cut", CUT)
        if self._buffer:
            raise _damaged(self._at, "something stands behind its end")
        return self.end

    def _looks_like_ours(self) -> bool:
        """Whether what there is of a first line is the beginning of one of ours."""
        start = b'{"nightshift":"workspace"'
        return bool(self._buffer) and start.startswith(bytes(self._buffer[: len(start)]))

    def _next(self) -> Frame | Head | FrameHeader | None:
        """Take the next thing off the buffer; None when it is not complete."""
        if self.end is not None:
            return None
        if self._facts is not None:
            return self._content(self._facts)
        line = self._take_line()
        if line is None:
            return None
        if self.head is None:
            self.head = read_head(line)
            self._count(line)
            return self.head
        return self._begin(line)

    def _take_line(self) -> bytes | None:
        """The next line with its break, left in the buffer's place."""
        stop = self._buffer.find(b"\n", self._searched)
        if (len(self._buffer) if stop < 0 else stop) > _LINE:
            raise InvalidArchive("strange", STRANGE) if self.head is None else _damaged(self._at, "a line has no end")
        if stop < 0:
            self._searched = len(self._buffer)
            return None
        self._searched = 0
        line = bytes(self._buffer[: stop + 1])
        del self._buffer[: stop + 1]
        return line

    def _count(self, piece: bytes) -> None:
        self._crc = zlib.crc32(piece, self._crc)
        self._at += len(piece)

    def _begin(self, line: bytes) -> FrameHeader:
        try:
            facts = _facts.decode(line)
        except jsonread.Unreadable as error:
            raise _damaged(self._at, f"a frame's line cannot be read ({error})") from None
        if facts.kind == "end":
            self._ended(facts, line)
            self.end = facts
        elif 0 <= facts.size <= _SIZE:
            if facts.kind != "bytes":
                self._weigh(facts)
            self._start = self._at
            self._count(line)
            self._facts = facts
        else:
            raise _damaged(self._at, f"a frame of {facts.size:,} bytes")
        return facts

    def _weigh(self, facts: FrameHeader) -> None:
        """Refuse what cannot be held in memory, before it is gathered."""
        self._texts += facts.size
        if facts.size > _RECORD:
            raise _large(f"a record of {text.size(facts.size)} ({facts.table}/{text.shorten(facts.id, 60)})")
        if self._texts > _RECORDS:
            raise _large(f"records of more than {text.size(_RECORDS)} together")

    def _ended(self, facts: FrameHeader, line: bytes) -> None:
        if facts.crc != self._crc:
            raise _damaged(self._at, "the checksum of the whole is another one")
        if (facts.records, facts.runs) != (self._records, self._runs):
            raise _damaged(self._at, "it holds another number of records than it says")
        if line != _line(facts):  # nothing else covers this line, so it has one spelling only
            raise _damaged(self._at, "its last line differs from what was written")
        self._at += len(line)

    def _content(self, facts: FrameHeader) -> Frame | None:
        if len(self._buffer) <= facts.size:
            return None
        content = bytes(self._buffer[: facts.size])
        if self._buffer[facts.size] != 10 or zlib.crc32(content) != facts.crc:
            raise _damaged(
                self._start, f"the content of {facts.table or facts.kind} {facts.id} differs from what was written".replace("  ", " ")
            )
        del self._buffer[: facts.size + 1]
        self._count(content)
        self._count(b"\n")
        self._facts = None
        self._records += facts.kind == "record"
        self._runs += facts.kind == "bytes"
        return Frame(facts, content, self._start)
