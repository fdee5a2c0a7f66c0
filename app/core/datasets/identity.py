"""Matches rows of a newly imported file to rows of the dataset.

With a key column a row is the one that had its key; without one, a row is one that had exactly its cells, so that every other row counts as
removed or new. A row never gets the identity of another because it is in its place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from app.core.base import text
from app.core.base.text import shorten
from app.core.datasets.storage import decode_cells, encode_row
from app.core.datasets.table import Cell, cell_text

_DIGEST: Final = 12
"""Bytes: two of ten million rows look alike with a chance of 1 in 10^14."""


class RowChanges(msgspec.Struct, frozen=True):
    """What an import changed, in rows. ``gone``: ids of rows that the new file does not have."""

    added: int
    changed: int
    same: int
    gone: tuple[int, ...]


class RowWithoutIdentity(ValueError):
    """A row that cannot be told from others. The text is a sentence for people."""


class _Known(NamedTuple):
    id: int
    digest: bytes


class RowIdentity:
    """Gives each row of a file its id. ``key``: position of the key column in the new file's rows, None: none; ``next_row``: the first id
    that was never given."""

    def __init__(self, key: int | None, next_row: int = 1) -> None:
        self._key, self.next_row = key, next_row
        self._known: dict[str, _Known] = {}  # rows of the dataset by their key
        self._apart: list[int] = []  # ids of rows of the dataset whose key is empty, or another's
        self._alike: dict[bytes, deque[int]] = {}  # their ids by what they hold
        self._first: dict[str, int] = {}  # keys of the new file, and the row that each is in
        self._added = self._changed = self._same = 0

    def know(self, lines: Iterable[bytes], ids: Iterable[int], order: Sequence[int | None] | None = None) -> None:
        """Rows that the dataset has, as they are stored. ``order``: where the new file's columns are in them (None: they had none), if the
        columns are not the same."""
        for line, id in zip(lines, ids, strict=True):
            cells: Sequence[Cell] = ()
            if order is not None:
                old = decode_cells(line)
                cells = [old[at] if at is not None and at < len(old) else None for at in order]
                line = encode_row(cells)
            elif self._key is not None:
                cells = decode_cells(line)
            if self._key is None:
                self._alike.setdefault(_digest(line), deque()).append(id)
            elif not (key := self._key_of(cells)).strip() or key in self._known:
                self._apart.append(id)
            else:
                self._known[key] = _Known(id, _digest(line))

    @property
    def is_fresh(self) -> bool:
        """Whether every row is a new one, whatever it holds."""
        return self._key is None and not self._alike

    def fresh(self, count: int) -> range:
        """The ids of so many new rows."""
        first = self.next_row
        self._added += count
        self.next_row += count
        return range(first, self.next_row)

    def of(self, cells: Sequence[Cell], line: bytes, number: int) -> int:
        """The id of a row of the new file. ``line``: what is stored of it; ``number``: its number there. Raises RowWithoutIdentity."""
        if self._key is None:
            return self._by_content(line)
        key = self._key_of(cells)
        if not key.strip():
            raise RowWithoutIdentity("Its key is empty, so the row could not be identified.")
        if (first := self._first.setdefault(key, number)) != number:
            raise RowWithoutIdentity(f"Its key “{shorten(key, 60)}” is that of row {text.number(first)} as well.")
        known = self._known.get(key)
        if known is None:
            return self._fresh()
        if known.digest == _digest(line):
            self._same += 1
        else:
            self._changed += 1
        return known.id

    def changes(self) -> RowChanges:
        """What all rows that were given made of the dataset."""
        if self._key is None:
            gone = sorted(id for ids in self._alike.values() for id in ids)
        else:
            gone = sorted([*self._apart, *(one.id for key, one in self._known.items() if key not in self._first)])
        return RowChanges(self._added, self._changed, self._same, tuple(gone))

    def _by_content(self, line: bytes) -> int:
        if not self._alike:
            return self._fresh()
        if ids := self._alike.get(_digest(line)):
            self._same += 1
            return ids.popleft()
        return self._fresh()

    def _fresh(self) -> int:
        return self.fresh(1)[0]

    def _key_of(self, cells: Sequence[Cell]) -> str:
        assert self._key is not None  # noqa: S101  # for the type checker: asked only where there is one
        return cell_text(cells[self._key]) if self._key < len(cells) else ""


def column_order(new: Sequence[str], old: Sequence[str]) -> list[int | None] | None:
    """For :meth:`RowIdentity.know`: where each new column is among the old ones; None: they are the same."""
    if list(new) == list(old):
        return None
    at = {name: i for i, name in enumerate(old)}
    return [at.get(name) for name in new]


def _digest(line: bytes) -> bytes:
    return sha256(line).digest()[:_DIGEST]
