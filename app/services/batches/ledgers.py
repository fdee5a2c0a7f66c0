"""A batch's ledger in the store: read, or made (again) from the answer files that are here. No network is needed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.core.base.lru import Lru
from app.core.batches import pipeline
from app.core.batches.doubts import counted
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.batches.ledger_lines import LineLocation
from app.core.batches.pipeline import FileKind
from app.core.batches.rows import Rows, from_bytes
from app.core.json import jsonread
from app.core.model import keys, trail
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.openai.envelopes import body_of
from app.ports import Change, Clock, DropBytes, PutBytes, Store
from app.services.batches.conformance import Forms
from app.services.runtime import passed_over
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records
from app.services.runtime.slices import Slicer
from app.services.runtime.tasks import Tasks

_PIECES: Final = 6
"""Pieces of answer files of about 1 MB that are at hand while answers are compared."""


async def parts_of(store: Store, batch_id: str, which: str, known: int) -> int:
    """How many parts of an answer file are here: a download that broke off can have left more than the ``known`` ones."""
    while (await store.load([keys.answer_id(batch_id, which, known)]))[0] is not None:
        known += 1
    return known


async def names_of(store: Store, batch_id: str) -> dict[str, str]:
    """Which of the batch's ids stands for which id of its files, as the person matched them. What is damaged matches nothing."""
    (data,) = await store.load([keys.names_id(batch_id)])
    try:
        return jsonread.typed(data, dict[str, str]) if data else {}
    except jsonread.Unreadable:
        return {}


def _passed_over(batch: Batch, ledger: Ledger) -> bool:
    """Whether a line was not read because it stopped Python, and the person wants it read now (ReadAgain)."""
    unread = [one.place for one in ledger.damaged if one.sentence == trail.NOT_READ]
    return any(not trail.suspected(trail.line(keys.answer_id(batch.id, at.file, at.segment), at.offset)) for at in unread)


class BuiltLedger(msgspec.Struct, frozen=True):
    """A ledger that was made now, the changes that store it, the answer files of which a part is not here any more, and where the requests
    stand."""

    ledger: Ledger
    changes: list[Change]
    rows: Rows
    lost: tuple[FileKind, ...] = ()


class _Pieces:
    """Lines of answer files, read by their segments, of which a few are at hand."""

    def __init__(self, store: Store, batch_id: str) -> None:
        self._store, self._batch_id = store, batch_id
        self._held: Lru[str, bytes] = Lru(_PIECES)

    async def line(self, place: LineLocation) -> bytes:
        """The bytes of a line; nothing where its segment is not here."""
        id = keys.answer_id(self._batch_id, place.file, place.segment)

        async def load() -> bytes:
            return (await self._store.load([id]))[0] or b""

        return (await self._held.got(id, load))[place.offset : place.offset + place.length]


def _inputs(rows: Rows) -> Sequence[int]:
    """How many inputs each request has, by row; nothing where each has one."""
    if not any(segment.inputs for _, segment in rows.each()):
        return ()
    found = array("I", [1]) * len(rows)
    for start, segment in rows.each():
        for i, inputs in enumerate(segment.inputs):
            found[start + i] = min(max(1, inputs), 0xFFFF_FFFF)
    return found


class Ledgers:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock, tasks: Tasks | None = None) -> None:
        self._records, self._clock = records, clock
        self._unchecked = Isolation(tasks, "checks")

    async def read(self, batch: Batch) -> Ledger:
        """The stored ledger. Raises LedgerUnreadable when it is damaged, newer than this program, or not here."""
        (data,) = await self._records.store.load([keys.ledger_id(batch.id)])
        if data is None:
            raise LedgerUnreadable("The ledger is no longer here.")
        return passed_over.ledger(keys.ledger_id(batch.id), data)

    async def rows(self, batch: Batch, ledger: Ledger | None = None) -> Rows:
        """The requests of a batch by row (core.batches.rows). ``ledger``: the stored one, where it is at hand. Of what the batch had
        before its ids were kept, and that is not here, at least the number is known."""
        segments = [one.value for one in await self._records.all(Segment, keys.batch_owner(batch.id))]
        await self._clock.sleep(0)  # reading the index of 50,000 requests was a task of its own
        here = [id for one in segments for id in one.ids]
        if len(here) == batch.requests or batch.state in ("adopting", "withdrawn"):
            return Rows(here, segments, certain=True)
        (data,) = await self._records.store.load([keys.rows_id(batch.id)])
        ids = from_bytes(data)
        if ids is not None and (len(ids) == batch.requests or batch.input_missing):
            return Rows(ids, segments, certain=True)
        try:
            ledger = ledger or await self.read(batch)
        except LedgerUnreadable:
            unknown = 0 if batch.input_missing else max(0, batch.requests - len(here))
            return Rows([*here, *[""] * unknown], segments, certain=False)
        return Rows(ledger.ids, segments, certain=len(ledger) == batch.requests)

    async def _all_rows(self, batch: Batch) -> Rows:
        """The rows of a new ledger: none that a stored one has is left out, and none is without an id."""
        rows = await self.rows(batch)
        if rows.certain:
            return rows
        segments = [one.value for one in await self._records.all(Segment, keys.batch_owner(batch.id))]
        ids = dict.fromkeys([*filter(None, rows.ids), *(id for one in segments for id in one.ids)])
        return Rows(tuple(ids), segments, certain=False)

    async def fits(self, batch: Batch, ledger: Ledger) -> bool:
        """Whether a stored ledger has a row for every request that the batch is known to have. One that an older version made while a part
        of them could not be read has not: its rows are others'."""
        rows = await self.rows(batch, ledger)
        return not rows.certain or rows.ids == ledger.ids

    async def make(self, batch: Batch, moved: Callable[[int, int], None] = lambda _done, _total: None) -> BuiltLedger:
        """Read the fetched files into a ledger, closed by ``batch.ending``. ``moved`` is called with the lines read and expected."""
        slicer = Slicer(self._clock)
        rows = await self._all_rows(batch)
        ids = rows.ids
        await slicer.rest()  # what is done once for 50,000 rows takes 10 ms a step, so each step is a slice of its own
        ledger = Ledger(ids)
        ledger.inputs = _inputs(rows)
        ledger.names = await names_of(self._records.store, batch.id)
        lost: list[FileKind] = [file.which for file in batch.fetched if file.short]
        lines = 0
        for file in batch.fetched:
            for n in range(file.segments):
                (data,) = await self._records.store.load([keys.answer_id(batch.id, file.which, n)])
                if data is None:
                    lost.append(file.which)  # what it held counts as missing, whatever the batch's ending
                    continue
                for _ in ledger.read_segment(data, file.which, n, keys.answer_id(batch.id, file.which, n)):
                    lines += 1
                    if slicer.over():
                        await slicer.rest()
                moved(min(lines, len(ids)), len(ids))
                await slicer.rest()
        pieces = _Pieces(self._records.store, batch.id)
        await Forms(self._records.store, batch.lane.endpoint, pieces.line, slicer, self._unchecked).follow(ledger, rows)
        await self._compare(pieces, ledger, slicer)  # after the forms, which may have let another answer count
        ledger.close(batch.ending, counted(batch, lost=bool(lost)))
        await slicer.rest()
        id = keys.ledger_id(batch.id)
        changes: list[Change] = [DropBytes(id), PutBytes(id, ledger.to_bytes())]
        await slicer.rest()
        return BuiltLedger(ledger, changes, rows, tuple(sorted(set(lost))))

    async def _compare(self, pieces: _Pieces, ledger: Ledger, slicer: Slicer) -> None:
        """Look which of the requests that were answered twice were answered differently."""
        for row, place in [(row, place) for row, others in ledger.twice.items() for place in others]:
            kept = ledger.place_of(row)
            with self._unchecked.item(ledger.ids[row]):
                if kept is not None and body_of(await pieces.line(kept)) != body_of(await pieces.line(place)):
                    ledger.differs(row, place)
            if slicer.over():
                await slicer.rest()

    async def lacking(self, batch: Batch) -> pipeline.FetchAgain | None:
        """What of an ended batch must be fetched or read again, as the wish for the engine; None if all is here."""
        if batch.state not in pipeline.FETCHED:
            return None
        lost = [file.which for file in batch.fetched if not await self._whole(batch.id, file.which, file.segments)]
        try:
            ledger = await self.read(batch)
            readable = not _passed_over(batch, ledger) and await self.fits(batch, ledger)
        except LedgerUnreadable:
            readable = pipeline.has_no_ledger(batch)  # it failed before anything ran
        if batch.tally.unfound:  # the files may be others by now, or come whole
            lost = [file.which for file in batch.fetched]
        event = pipeline.FetchAgain(tuple(lost), ledger=not readable or batch.tally.unfound > 0)
        return event if pipeline.can_fetch_again(batch) or lost or not readable else None

    async def _whole(self, batch_id: str, which: FileKind, segments: int) -> bool:
        for n in range(segments):
            (data,) = await self._records.store.load([keys.answer_id(batch_id, which, n)])
            if data is None:
                return False
        return True
