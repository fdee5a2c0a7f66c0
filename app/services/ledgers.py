"""A batch's ledger in the store: read, or made (again) from the answer files that are here. Nobody is called for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from app.core import jsonread, pipeline, trail
from app.core.doubts import counted
from app.core.ledger import Ledger, LedgerUnreadable, Place
from app.core.outcomes import body_of
from app.core.pipeline import FileKind
from app.core.records import Batch, Segment
from app.ports import Change, Clock, DropBytes, PutBytes, Store
from app.services import spared
from app.services.records import Records
from app.services.slices import Slicer
from app.services.submit import batch_owner

_PIECES: Final = 6
"""Pieces of answer files of about 1 MB that are at hand while answers are compared."""


def answer_id(batch_id: str, which: str, n: int) -> str:
    """The bytes id of the n-th segment of an answer file."""
    return f"answer:{batch_id}:{which}:{n}"


def mark_id(batch_id: str, which: str) -> str:
    """The bytes id of what says how far the download of an answer file is (services.fetch.Mark)."""
    return f"answer:{batch_id}:{which}:mark"


async def parts_of(store: Store, batch_id: str, which: str, known: int) -> int:
    """How many parts of an answer file are here: a download that broke off can have left more than the ``known`` ones."""
    while (await store.load([answer_id(batch_id, which, known)]))[0] is not None:
        known += 1
    return known


def ledger_id(batch_id: str) -> str:
    return f"ledger:{batch_id}"


def names_id(batch_id: str) -> str:
    """The bytes id of the ids that the person matched (core.matching)."""
    return f"names:{batch_id}"


def again_id(batch_id: str) -> str:
    """The bytes id of what says which rows were sent again (core.resend.Went)."""
    return f"again:{batch_id}"


def _passed_over(batch: Batch, ledger: Ledger) -> bool:
    """Whether a line was not read because it stopped Python, and the person wants it read now (ReadAgain)."""
    unread = [one.place for one in ledger.damaged if one.sentence == trail.NOT_READ]
    return any(not trail.suspected(trail.line(answer_id(batch.id, at.file, at.segment), at.offset)) for at in unread)


class Made(msgspec.Struct, frozen=True):
    """A ledger that was made now, the changes that store it, and the answer files of which a part is not here any more."""

    ledger: Ledger
    changes: list[Change]
    lost: tuple[FileKind, ...] = ()


class Ledgers:
    """Raises what the store raises."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock

    async def read(self, batch: Batch) -> Ledger:
        """The stored ledger. Raises LedgerUnreadable when it is damaged, newer than this program, or not here."""
        (data,) = await self._records.store.load([ledger_id(batch.id)])
        if data is None:
            raise LedgerUnreadable("The ledger is not here any more.")
        return spared.ledger(ledger_id(batch.id), data)

    async def make(self, batch: Batch, moved: Callable[[int, int], None] = lambda _done, _total: None) -> Made:
        """Read the fetched files into a ledger, closed by ``batch.ending``. ``moved`` hears of the lines read and expected."""
        ids = [id for one in await self._records.all(Segment, batch_owner(batch.id)) for id in one.value.ids]
        slicer = Slicer(self._clock)
        await slicer.rest()  # what is done once for 50,000 rows takes 10 ms a step, so each step is a slice of its own
        ledger = Ledger(ids)
        ledger.names = await self.names(batch.id)
        lost: list[FileKind] = [file.which for file in batch.fetched if file.short]
        lines = 0
        for file in batch.fetched:
            for n in range(file.segments):
                (data,) = await self._records.store.load([answer_id(batch.id, file.which, n)])
                if data is None:
                    lost.append(file.which)  # what it held counts as missing, whatever the batch's ending
                    continue
                for _ in ledger.read_segment(data, file.which, n, answer_id(batch.id, file.which, n)):
                    lines += 1
                    if slicer.over():
                        await slicer.rest()
                moved(min(lines, len(ids)), len(ids))
                await slicer.rest()
        await self._compare(batch.id, ledger, slicer)
        ledger.close(batch.ending, counted(batch, lost=bool(lost)))
        await slicer.rest()
        id = ledger_id(batch.id)
        changes: list[Change] = [DropBytes(id), PutBytes(id, ledger.to_bytes())]
        await slicer.rest()
        return Made(ledger, changes, tuple(sorted(set(lost))))

    async def names(self, batch_id: str) -> dict[str, str]:
        """Which of the batch's ids stands for which id of its files, as the person matched them. What is damaged matches nothing."""
        (data,) = await self._records.store.load([names_id(batch_id)])
        try:
            return jsonread.typed(data, dict[str, str]) if data else {}
        except jsonread.Unreadable:
            return {}

    async def _compare(self, batch_id: str, ledger: Ledger, slicer: Slicer) -> None:
        """Look which of the requests that were answered twice were answered differently."""
        held: OrderedDict[str, bytes] = OrderedDict()

        async def body(place: Place) -> bytes:
            id = answer_id(batch_id, place.file, place.segment)
            if id not in held:
                held[id] = (await self._records.store.load([id]))[0] or b""
                while len(held) > _PIECES:
                    held.popitem(last=False)
            return body_of(held[id][place.offset : place.offset + place.length])

        for row, place in ledger.twice:
            kept = ledger.place_of(row)
            if kept is not None and kept != place and await body(kept) != await body(place):
                ledger.differs(row, place)
            if slicer.over():
                await slicer.rest()

    async def lacking(self, batch: Batch) -> pipeline.FetchAgain | None:
        """What of an ended batch must be fetched or read again, as the wish for the engine; None if all is here."""
        if batch.state not in pipeline.FETCHED:
            return None
        lost = [file.which for file in batch.fetched if not await self._whole(batch.id, file.which, file.segments)]
        try:
            readable = not _passed_over(batch, await self.read(batch))
        except LedgerUnreadable:
            readable = pipeline.has_no_ledger(batch)  # it failed before anything ran
        if batch.tally.unfound:  # the files may be others by now, or come whole
            lost = [file.which for file in batch.fetched]
        event = pipeline.FetchAgain(tuple(lost), ledger=not readable or batch.tally.unfound > 0)
        return event if pipeline.can_fetch_again(batch) or lost or not readable else None

    async def _whole(self, batch_id: str, which: FileKind, segments: int) -> bool:
        for n in range(segments):
            (data,) = await self._records.store.load([answer_id(batch_id, which, n)])
            if data is None:
                return False
        return True
