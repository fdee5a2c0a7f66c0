"""Which requests the answers under other ids belong to: proposed from the ledger, read from the files, kept when the person agrees.

What is agreed on is stored beside the ledger (``names:<batch id>``), since a ledger can be made anew, and used whenever it is made.
"""

from __future__ import annotations

import msgspec

from app.core import matching
from app.core.cutting import each_value
from app.core.ledger import Ledger, LedgerUnreadable
from app.core.matching import Match
from app.core.outcomes import ANSWERS, Outcome, read_line
from app.core.records import Batch
from app.ports import Clock, DropBytes, PutBytes
from app.services.ledgers import Ledgers, answer_id, names_id
from app.services.records import Records
from app.services.slices import Slicer


class Matcher:
    """Raises what the store raises."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._ledgers = Ledgers(records, clock)

    async def propose(self, batch: Batch) -> Match | None:
        """A match from the ids that the ledger lists: at most a thousand, enough to show what is meant."""
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable:
            return None
        return matching.propose(_open(ledger), [one.custom_id for one in ledger.unexpected])

    async def agree(self, batch: Batch) -> int:
        """Read all ids from the files, match them, and keep that; how many. 0: they cannot be told apart, and nothing is kept."""
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable:
            return 0
        match = matching.propose(_open(ledger), await self._strange(batch, ledger))
        return await self._keep(batch, match.pairs) if match is not None else 0

    async def assign(self, batch: Batch, strange: str, custom_id: str) -> bool:
        """Keep that the answer under ``strange`` belongs to this request. False: there is no such request without an answer."""
        try:
            ledger = await self._ledgers.read(batch)
        except LedgerUnreadable:
            return False
        if custom_id not in _open(ledger):
            return False
        return await self._keep(batch, {strange: custom_id}) > 0

    async def _keep(self, batch: Batch, pairs: dict[str, str]) -> int:
        known = {theirs: ours for theirs, ours in (await self._ledgers.names(batch.id)).items() if ours not in pairs.values()}
        id = names_id(batch.id)
        await self._records.store.commit([DropBytes(id), PutBytes(id, msgspec.json.encode(known | pairs))])
        return len(pairs)

    async def _strange(self, batch: Batch, ledger: Ledger) -> list[str]:
        """The ids of all answers that no request has, each once, in the order of the files."""
        ids = frozenset(ledger.ids)
        found: dict[str, None] = {}
        slicer = Slicer(self._clock)
        for file in batch.fetched:
            for n in range(file.segments):
                (data,) = await self._records.store.load([answer_id(batch.id, file.which, n)])
                for offset, length in each_value(data or b""):
                    read = read_line((data or b"")[offset : offset + length], file.which)
                    if not read.damaged and read.outcome in ANSWERS and read.custom_id not in ids:
                        found[read.custom_id] = None
                    if slicer.over():
                        await slicer.rest()
        return list(found)


def _open(ledger: Ledger) -> list[str]:
    """The requests that no line mentions and that may have been answered, in order."""
    return [ledger.ids[row] for row in ledger.rows(Outcome.UNFOUND) if ledger.place_of(row) is None]
