"""Parquet files as they are written: groups of rows, a page a column, plain values behind gzip; every column may be null.

Written here and not by a library: no Python library has a wheel for the page, and one in JavaScript would need each cell to cross to
another worker. Apache Parquet format 2.10 (parquet.thrift, Encodings.md), Thrift compact protocol (thrift-compact-protocol.md). The tests
have hyparquet read it.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec

from app.core.datasets.table import Cell, cell_text
from app.core.results.kinds import CellKind, number_of
from app.core.results.writing import each

GROUP_ROWS: Final = 50_000
GROUP_BYTES: Final = 16_000_000
"""Characters of a group's cells, about: a reader holds a whole column of a group."""
_MAGIC: Final = b"PAR1"
_TYPES: Final[dict[CellKind, int]] = {"boolean": 0, "integer": 2, "number": 5, "text": 6, "json": 6}
"""The physical types BOOLEAN, INT64, DOUBLE, BYTE_ARRAY."""
_CONVERTED: Final[dict[CellKind, int]] = {"text": 0, "json": 19}
"""UTF8, JSON."""
_LOGICAL: Final[dict[CellKind, int]] = {"text": 1, "json": 12}
"""The fields STRING and JSON of the union LogicalType."""
_BYTES: Final = ("text", "json")
_PLAIN, _RLE, _GZIP, _OPTIONAL = 0, 3, 2, 1
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_size: Final = struct.Struct("<I").pack


class _Chunk(NamedTuple):
    """Where a column of a group is: its first byte, its bytes with and without compression, headers included."""

    offset: int
    packed: int
    plain: int


class ParquetWriter:
    """A RowWriter. ``kinds``: of each column. A cell that is not of its column's kind is null, or its text."""

    def __init__(self, kinds: Sequence[CellKind], *, group_rows: int = GROUP_ROWS) -> None:
        self._kinds, self._group_rows = kinds, group_rows
        self._waiting: list[list[_Cells]] = [[] for _ in kinds]
        self._held = self._weight = self._at = self._rows = 0
        self._groups: list[tuple[int, list[_Chunk]]] = []

    def begin(self, columns: Sequence[str]) -> bytes:
        self._columns = columns
        return self._put(_MAGIC)

    def put(self, columns: Sequence[Sequence[Cell]]) -> bytes:
        pieces = []
        at, count = 0, len(columns[0]) if columns else 0
        while at < count:
            end = min(count, at + self._group_rows - self._held)
            for waiting, cells, kind in zip(self._waiting, columns, self._kinds, strict=True):
                found = _values(cells if end - at == count else cells[at:end], kind)
                waiting.append(found)
                self._weight += sum(map(len, found.values)) if kind in _BYTES else 0
            self._held += end - at
            at = end
            if self._held >= self._group_rows or self._weight > GROUP_BYTES:
                pieces.append(self._group())
        return b"".join(pieces)

    def end(self) -> bytes:
        last = self._group() if self._held else b""
        footer = self._footer()
        return last + self._put(footer + _size(len(footer)) + _MAGIC)

    @property
    def remarks(self) -> list[str]:
        return []

    def _put(self, data: bytes) -> bytes:
        self._at += len(data)
        return data

    def _group(self) -> bytes:
        count, self._held, self._weight = self._held, 0, 0
        pieces, chunks = [], []
        for waiting, kind in zip(self._waiting, self._kinds, strict=True):
            page = _page(waiting, kind)
            waiting.clear()
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            packed = packer.compress(page) + packer.flush()
            header = _header(len(page), len(packed), count)
            chunks.append(_Chunk(self._at, len(header) + len(packed), len(header) + len(page)))
            pieces.append(self._put(header + packed))
        self._rows += count
        self._groups.append((count, chunks))
        return b"".join(pieces)

    def _footer(self) -> bytes:
        root = _struct((4, _text("rows")), (5, _i32(len(self._columns))))
        leaves = [_element(name, kind) for name, kind in zip(self._columns, self._kinds, strict=True)]
        groups = [self._of_group(count, chunks) for count, chunks in self._groups]
        return _struct(
            (1, _i32(1)), (2, _list(_STRUCT, [root, *leaves])), (3, _i64(self._rows)), (4, _list(_STRUCT, groups)), (6, _text("Nightshift"))
        )

    def _of_group(self, count: int, chunks: list[_Chunk]) -> bytes:
        columns = [
            _struct((2, _i64(chunk.offset)), (3, (_STRUCT, _metadata(name, kind, count, chunk))))
            for name, kind, chunk in zip(self._columns, self._kinds, chunks, strict=True)
        ]
        return _struct((1, _list(_STRUCT, columns)), (2, _i64(sum(one.plain for one in chunks))), (3, _i64(count)))


# --- pages


class _Cells(NamedTuple):
    """Cells of a column: which are there (None: all of ``rows``), and those as the column has them."""

    rows: int
    there: list[bool] | None
    values: list[Any]


def _values(cells: Sequence[Cell], kind: CellKind) -> _Cells:
    values = each(cells, _AS[kind])
    if None not in values:
        return _Cells(len(values), None, values)
    return _Cells(len(values), [one is not None for one in values], [one for one in values if one is not None])


def _bytes_of(cell: Cell) -> bytes | None:
    if type(cell) is str:
        return cell.encode("utf-8", "replace")
    return None if cell is None else cell_text(cell).encode("utf-8", "replace")


def _number(cell: Cell) -> bool | int | float | None:
    if isinstance(cell, msgspec.Raw):
        return number_of(cell)
    return cell if isinstance(cell, bool | int | float) else None


def _integer(cell: Cell) -> int | None:
    return found if isinstance(found := _number(cell), int) else None


_AS: Final[dict[CellKind, Callable[[Cell], bytes | bool | int | float | None]]] = {
    "boolean": _number,
    "integer": _integer,
    "number": _number,
    "text": _bytes_of,
    "json": _bytes_of,
}


def _page(parts: list[_Cells], kind: CellKind) -> bytes:
    """Which cells are there, and those."""
    count = sum(one.rows for one in parts)
    if all(one.there is None for one in parts):
        levels = _varint(count << 1) + b"\x01"
    else:
        levels = _bits([there for one in parts for there in one.there or [True] * one.rows], runs=True)
    return _size(len(levels)) + levels + _plain([value for one in parts for value in one.values], kind)


def _plain(values: list[Any], kind: CellKind) -> bytes:
    match kind:
        case "boolean":
            return _bits([bool(one) for one in values])
        case "integer":
            return _little(array("q", values))
        case "number":
            return _little(array("d", map(float, values)))
        case _:
            return b"".join(chain.from_iterable(zip(map(_size, map(len, values)), values, strict=True)))


def _little(values: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _bits(values: list[bool], *, runs: bool = False) -> bytes:
    """Bits from the lowest on, whole bytes. ``runs``: as one run of the encoding of levels."""
    groups = -(-len(values) // 8)
    digits = "".join(["1" if one else "0" for one in reversed(values)])
    packed = int(digits, 2).to_bytes(groups, "little") if digits else b""
    return _varint(groups << 1 | 1) + packed if runs else packed


def _header(plain: int, packed: int, count: int) -> bytes:
    page = _struct((1, _i32(count)), (2, _i32(_PLAIN)), (3, _i32(_RLE)), (4, _i32(_RLE)))
    return _struct((1, _i32(0)), (2, _i32(plain)), (3, _i32(packed)), (5, (_STRUCT, page)))


# --- what describes the file


def _element(name: str, kind: CellKind) -> bytes:
    fields = [(1, _i32(_TYPES[kind])), (3, _i32(_OPTIONAL)), (4, _text(name))]
    if kind in _CONVERTED:
        fields += [(6, _i32(_CONVERTED[kind])), (10, (_STRUCT, _struct((_LOGICAL[kind], (_STRUCT, _struct())))))]
    return _struct(*fields)


def _metadata(name: str, kind: CellKind, count: int, chunk: _Chunk) -> bytes:
    return _struct(
        (1, _i32(_TYPES[kind])),
        (2, _list(_I32, [_varint(_zigzag(one)) for one in (_PLAIN, _RLE)])),
        (3, _list(_BINARY, [_text(name)[1]])),
        (4, _i32(_GZIP)),
        (5, _i64(count)),
        (6, _i64(chunk.plain)),
        (7, _i64(chunk.packed)),
        (9, _i64(chunk.offset)),
    )


# --- Thrift's compact protocol: a value is its type and its bytes

_Value = tuple[int, bytes]


def _varint(n: int) -> bytes:
    found = bytearray()
    while n > 0x7F:
        found.append(n & 0x7F | 0x80)
        n >>= 7
    found.append(n)
    return bytes(found)


def _zigzag(n: int) -> int:
    return n << 1 if n >= 0 else (-n << 1) - 1


def _i32(n: int) -> _Value:
    return _I32, _varint(_zigzag(n))


def _i64(n: int) -> _Value:
    return _I64, _varint(_zigzag(n))


def _text(text: str) -> _Value:
    data = text.encode("utf-8", "replace")
    return _BINARY, _varint(len(data)) + data


def _list(kind: int, items: Sequence[bytes]) -> _Value:
    size = len(items)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + _varint(size)
    return _LIST, head + b"".join(items)


def _struct(*fields: tuple[int, _Value]) -> bytes:
    """Fields by their numbers, in their order, and the end."""
    found, before = [], 0
    for number, (kind, data) in fields:
        step = number - before
        found.append((bytes([step << 4 | kind]) if step < 16 else bytes([kind]) + _varint(_zigzag(number))) + data)
        before = number
    return b"".join(found) + b"\0"
