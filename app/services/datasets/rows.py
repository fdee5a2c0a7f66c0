"""Rows of a dataset by window: only the runs that hold them are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from app.core.base.lru import Lru
from app.core.base.text import shorten
from app.core.datasets import storage
from app.core.datasets.storage import RowIndex
from app.core.datasets.table import cell_text
from app.core.model import keys
from app.core.model.datasets import Dataset
from app.ports import Store

_KEPT: Final = 4
"""Runs of about 1 MB that stay in memory."""
_SHOWN: Final = 400
"""Characters of a cell that a list shows."""


class RowsMissing(Exception):
    """The store has lost runs of a dataset, or they are damaged. The text is a sentence for people."""


class TableRow(NamedTuple):
    """A row as a list shows it. ``number``: in the file, the header counted; ``cells``: the columns that were asked for, cut."""

    position: int
    id: int
    number: int
    cells: tuple[str, ...]


class DatasetRows:
    """Reads one version's rows, and keeps its index and the last runs."""

    def __init__(self, store: Store, dataset: Dataset) -> None:
        self._store, self._id = store, dataset.id
        self._number = dataset.current.number if dataset.current else 0
        self._index: RowIndex | None = None
        self._starts: list[int] = []
        self._runs: Lru[int, bytes] = Lru(_KEPT)

    @property
    def of(self) -> tuple[str, int]:
        """The dataset's id and the version's number."""
        return self._id, self._number

    async def window(self, first: int, last: int, column: int = 0, columns: int = 50) -> list[TableRow]:
        """The rows from position ``first`` to ``last`` (exclusive), and of each the columns from ``column`` on, so many at most. Raises
        RowsMissing."""
        await self._known()
        return await self.at(range(max(0, first), min(last, self._starts[-1])), column, columns)

    async def at(self, positions: Sequence[int], column: int = 0, columns: int = 50) -> list[TableRow]:
        """The rows at these positions, likewise. Raises RowsMissing, IndexError."""
        index = await self._known()
        found: list[TableRow] = []
        for position in positions:
            place = storage.place_of(index, self._starts, position)
            (line,) = storage.lines_of(await self._run(place.run), index.runs[place.run], place.at, place.at + 1)
            cells = storage.decode_cells(line)[column : column + columns]
            found.append(TableRow(position, place.id, place.number, tuple(shorten(cell_text(cell), _SHOWN) for cell in cells)))
        return found

    async def cells(self, position: int) -> list[str]:
        """A whole row, as texts. Raises RowsMissing, IndexError."""
        index = await self._known()
        place = storage.place_of(index, self._starts, position)
        (line,) = storage.lines_of(await self._run(place.run), index.runs[place.run], place.at, place.at + 1)
        return [cell_text(cell) for cell in storage.decode_cells(line)]

    async def _known(self) -> RowIndex:
        if self._index is None:
            (data,) = await self._store.load([keys.dataset_index_id(self._id, self._number)])
            try:
                self._index = storage.decode_index(data or b"")
            except (ValueError, msgspec.MsgspecError):
                raise RowsMissing(MISSING) from None
            self._starts = self._index.starts()
        return self._index

    async def _run(self, n: int) -> bytes:
        if (known := self._runs.get(n)) is not None:
            return known
        (data,) = await self._store.load([keys.dataset_rows_id(self._id, self._number, n)])
        if data is None:
            raise RowsMissing(MISSING)
        return self._runs.put(n, data)


MISSING: Final = "Rows of this table are missing from the browser's storage. Import the file again."
