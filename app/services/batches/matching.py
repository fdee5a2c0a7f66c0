"""Which requests the answers under other ids belong to: proposed from the ledger, read from the files, kept when the person agrees.

What is agreed on is stored beside the ledger (``names:<batch id>``), since a ledger can be made again, and used whenever it is made.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.batches import matching
from app.core.batches.ledger import SHOWN, Ledger, LedgerUnreadable
from app.core.batches.matching import Match
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.openai.cutting import each_value
from app.core.openai.outcomes import ANSWERS, Outcome, read_line
from app.ports import Clock, DropBytes, PutBytes
from app.services.batches.ledgers import Ledgers, names_of
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records
from app.services.runtime.slices import Slicer

_MEANWHILE: Final = "The answers were read again meanwhile, and this may now be another one. Close this and open it again."
_FOUND: Final[dict[Outcome, str]] = {
    Outcome.ANSWERED: "it is answered",
    Outcome.FLAWED: "it is answered, without a good answer",
    Outcome.FAILED: "it failed",
}


class Matched(msgspec.Struct, frozen=True):
    """What one step kept: the id in the files and the request's, and what stood in its place before (``displaced``)."""

    pairs: dict[str, str]
    displaced: dict[str, str]


class Matcher:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._ledgers = Ledgers(records, clock)

    async def propose(self, batch: Batch) -> Match | None:
        """A match from the ids that the ledger lists: at most a thousand, enough to show what is meant. Where it lists the
        beginning of an id only, all are read from the files."""
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable:
            return None
        cut = any(len(one.custom_id) >= SHOWN for one in ledger.unexpected)  # two may begin alike: their lines tell them apart
        unexpected = await self._unexpected(batch, ledger) if cut else [one.custom_id for one in ledger.unexpected]
        return matching.propose(matching.open_ids(ledger), unexpected)

    async def agree(self, batch: Batch) -> Matched | None:
        """Read all ids from the files, match them, and keep that. None: they cannot be distinguished, and nothing is kept."""
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable:
            return None
        match = matching.propose(matching.open_ids(ledger), await self._unexpected(batch, ledger))
        return await self._keep(batch, match.pairs) if match is not None else None

    async def assign(self, batch: Batch, row: int, shown: str, custom_id: str) -> Matched | str:
        """Keep that an answer under an id that the batch does not have belongs to the request ``custom_id``. A sentence where it cannot.

        ``row`` is where the answer is in the batch's list (services.results.review), ``shown`` the id that was shown for it: when
        the ledger was made again meanwhile, another answer may be there.
        """
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable as error:
            return str(error)
        n = row - len(ledger)
        if not 0 <= n < len(ledger.unexpected) or ledger.unexpected[n].custom_id != shown:
            return _MEANWHILE
        ours = custom_id if ledger.row_of(custom_id) is not None else custom_id.strip()
        if fault := _misfit(ledger, ours):
            return fault
        place = ledger.unexpected[n].place
        (data,) = await self._records.store.load([keys.answer_id(batch.id, place.file, place.segment)])
        line = (data or b"")[place.offset : place.offset + place.length]
        read = read_line(line, place.file)  # the ledger lists the beginning of a long id only
        if read.damaged or read.custom_id[: len(shown)] != shown:
            return "The line of this answer is no longer in this browser. Download the answers again first; it is free."
        return await self._keep(batch, {read.custom_id: ours})

    async def release(self, batch: Batch, custom_id: str) -> Matched | None:
        """No longer take the answer that was matched to this request for its answer. None: none was."""
        known = await names_of(self._records.store, batch.id)
        freed = {theirs: ours for theirs, ours in known.items() if ours == custom_id}
        if not freed:
            return None
        await self._store(batch, {theirs: ours for theirs, ours in known.items() if theirs not in freed})
        return Matched({}, freed)

    async def undo(self, batch: Batch, done: Matched) -> None:
        """Take back what one step kept, and no other step's."""
        known = await names_of(self._records.store, batch.id)
        left = {theirs: ours for theirs, ours in known.items() if done.pairs.get(theirs) != ours}
        await self._store(batch, {theirs: ours for theirs, ours in done.displaced.items() if ours not in left.values()} | left)

    async def _keep(self, batch: Batch, pairs: dict[str, str]) -> Matched:
        known, ours = await names_of(self._records.store, batch.id), frozenset(pairs.values())
        displaced = {theirs: old for theirs, old in known.items() if old in ours or theirs in pairs}
        await self._store(batch, {theirs: old for theirs, old in known.items() if theirs not in displaced} | pairs)
        return Matched(pairs, displaced)

    async def _store(self, batch: Batch, names: dict[str, str]) -> None:
        id = keys.names_id(batch.id)
        await self._records.store.commit([DropBytes(id), *([PutBytes(id, msgspec.json.encode(names))] if names else [])])

    async def _unexpected(self, batch: Batch, ledger: Ledger) -> list[str]:
        """The ids of all answers that no request has, each once, in the order of the files."""
        ids = frozenset(ledger.ids)
        found: dict[str, None] = {}
        slicer, unread = Slicer(self._clock), Isolation(None, "rebuilding")
        for file in batch.fetched:
            for n in range(file.segments):
                (data,) = await self._records.store.load([keys.answer_id(batch.id, file.which, n)])
                for offset, length in each_value(data or b""):
                    with unread.item(f"{file.which} {n} {offset}"):  # the ledger tells of it: the line is damaged there
                        read = read_line((data or b"")[offset : offset + length], file.which)
                        if not read.damaged and read.outcome in ANSWERS and read.custom_id not in ids:
                            found[read.custom_id] = None
                    if slicer.over():
                        await slicer.rest()
        return list(found)


def _misfit(ledger: Ledger, id: str) -> str:
    """Why no answer can be assigned to this request; nothing where one can."""
    row = ledger.row_of(id)
    if row is None:
        return f"This batch has no request “{id[:80]}”. Its requests are in the list of answers, with their ids."
    outcome = ledger.outcome_of(row)
    if outcome is Outcome.UNFOUND and ledger.place_of(row) is None:
        return ""
    if ledger.place_of(row) is not None:
        what = _FOUND.get(outcome, "it has a line of its own there")
        return f"The provider's files hold a line for the request “{id[:80]}”: {what}. It cannot have this one too."
    return f"The request “{id[:80]}” is not one of those that may have been answered and were not found."
