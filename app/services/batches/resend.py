"""Sending again what was not answered, by rule (core.batches.resend) or by hand: the requests go back to their lane's queue under their
own ids.

Every request goes on from a batch once; its next attempt starts where that one ends. Which rows went is kept beside the ledger and written
in the same commit as the requests in the queue, portion by portion: a page that dies in between has sent each request once or not yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.batches.resend import ResentRows, deserving, doubtful, sendable, unanswered
from app.core.batches.rows import Rows
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch, Tally
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.openai.outcomes import Outcome
from app.ports import Change, Clock, DropBytes, PutBytes, Table
from app.services.batches.ledgers import BuiltLedger, Ledgers
from app.services.queue.lane import Provenance
from app.services.queue.queue import SPACE, Queue
from app.services.runtime.damage import set_aside
from app.services.runtime.isolation import Isolation, bisected
from app.services.runtime.records import Records, put
from app.services.runtime.slices import Slicer
from app.services.runtime.tasks import Tasks

PORTION_BYTES: Final = 4_000_000
PORTION_ROWS: Final = 4_000
"""What one commit moves at most, about: writing it is one task of the page."""
Moved = Callable[[int, int], None]
RequestLines = Sequence[tuple[int, str, bytes]]
"""Row, custom_id and line of requests."""
Rewrite = Callable[[Batch, Ledger | None, RequestLines], Awaitable[RequestLines]]
"""Makes other lines of requests that are sent again, all or none; those that it leaves out stay where they are."""


def _nobody(_done: int, _total: int) -> None:
    """Nobody listens."""


def can_send_again(batch: Batch) -> int:
    """How many requests of a batch can be sent again by hand: it has ended, they were not answered and did not go yet. Those that were
    answered with a damaged line or no good answer, or may have been answered, go on purpose only (:func:`can_risk`)."""
    if batch.state not in pipeline.FETCHED or batch.input_missing or (batch.requeued and not batch.resent):
        return 0
    return max(0, batch.requests - batch.tally.answered - at_risk(batch.tally) - (batch.resent - batch.risked))


def at_risk(tally: Tally) -> int:
    """How many requests were answered without a good answer here, or may have been."""
    return tally.unreadable + tally.unfound + tally.flawed


def can_risk(batch: Batch) -> int:
    """How many requests of a batch can be sent again on purpose only, and did not go yet: that may be paid twice."""
    if batch.state not in pipeline.FETCHED or batch.input_missing or (batch.requeued and not batch.resent):
        return 0
    return max(0, at_risk(batch.tally) - batch.risked)


class Verdict(msgspec.Struct, frozen=True):
    """What the rule says of a ledger that was just made. ``resent``: how many of those that are not answered went before."""

    again: bool = False
    resend_exhausted: int = 0
    resent: int = 0
    risked: int = 0
    changes: tuple[Change, ...] = ()


class _Portion(msgspec.Struct, frozen=True):
    """Rows that go with one commit, what that writes, and how many rows are left."""

    rows: tuple[int, ...]
    changes: list[Change]
    left: int


class Resender:
    """Copies unanswered requests back to the queue. Raises the store's errors."""

    def __init__(self, records: Records, queue: Queue, clock: Clock, tasks: Tasks | None = None) -> None:
        self._records, self._queue, self._clock = records, queue, clock
        self._ledgers = Ledgers(records, clock, tasks)
        self._unfit = Isolation(tasks, "again")

    async def lacking(self, batch: Batch) -> pipeline.FetchAgain | None:
        """What of an ended batch's answers is not here, as the wish for ``Engine.command``; None if all is here. Fetching is free."""
        return await self._ledgers.lacking(batch)

    # --- by rule

    async def judge(self, batch: Batch, made: BuiltLedger, limit: int) -> Verdict:
        """Whether requests of a batch go again by rule. ``limit``: how often one may; 0: never.

        Where a file is not here, what it does not mention may have been answered: nothing goes by rule. Requests that went and turn out to
        be answered now (their file was fetched again) leave the queue, if they are still there.
        """
        resent_rows = await self.resent_rows(batch)
        late = [row for row in resent_rows.rows() if _is_late(made.ledger, row, on_purpose=resent_rows.on_purpose(row))]
        changes: list[Change] = []
        if late:
            await self._queue.delete(batch.lane, {made.ledger.ids[row] for row in late})
            resent_rows.drop(late)
            changes = self._kept(batch, resent_rows)
        if limit < 1 or not _whole(batch, made):
            return Verdict(resent=len(resent_rows), risked=resent_rows.risked, changes=tuple(changes))
        rows, resend_exhausted = await self._deserving(made.ledger, made.rows, resent_rows, limit)
        return Verdict(bool(rows), resend_exhausted, len(resent_rows), resent_rows.risked, tuple(changes))

    async def portion(self, batch: Batch, limit: int, moved: Moved = _nobody) -> tuple[pipeline.Resent, list[Change]]:
        """The next requests that go by rule, and what stores them. ``moved`` is called with how many went, and how many will have."""
        all_rows = await self.rows(batch)
        resent_rows = await self.resent_rows(batch)
        end = pipeline.Resent(batch.resent, batch.resent, more=False, risked=batch.risked)
        try:
            ledger, changes = await self._ledger(batch, all_rows)
        except LedgerUnreadable:
            return end, []  # what may be answered is not sent again; the person is told that the ledger is not here
        rows = (await self._deserving(ledger, all_rows, resent_rows, limit))[0] if ledger is not None else []
        found = await self._take(batch, all_rows, rows, submitted_by_person=True)
        if not found.rows:
            return end, []
        resent_rows.add(found.rows)
        moved(len(resent_rows), len(resent_rows) + found.left)
        return pipeline.Resent(batch.resent, len(resent_rows), found.left > 0, resent_rows.risked), [
            *changes,
            *found.changes,
            *self._kept(batch, resent_rows),
        ]

    async def _deserving(self, ledger: Ledger, all_rows: Rows, resent_rows: ResentRows, limit: int) -> tuple[list[int], int]:
        """The rows that go again, and how many would if they had not gone so often. Those that cannot be read at the moment do not go."""
        slicer = Slicer(self._clock)
        rows: list[int] = []
        resend_exhausted = 0
        for row in deserving(ledger):
            stands = all_rows.at(row) if row not in resent_rows else None
            if stands is not None:
                if stands[0].resent < limit:
                    rows.append(row)
                else:
                    resend_exhausted += 1
            if slicer.over():
                await slicer.rest()
        return rows, resend_exhausted

    # --- by hand

    async def send(
        self,
        id: str,
        chosen: Collection[int] | None = None,
        moved: Moved = _nobody,
        stopped: Callable[[], bool] = lambda: False,
        *,
        on_purpose: bool = False,
        lane: Lane | None = None,
        rewrite: Rewrite | None = None,
    ) -> int:
        """Put unanswered requests of an ended batch into its lane's queue: all that did not go yet, or those of these rows.

        Returns how many. A chosen row that went goes again only if it is nowhere in this browser any more: neither in a queue nor in
        a later batch. A ledger that can't be read is made again from the answer files. Raises Conflict when other tabs keep being faster,
        and LedgerUnreadable when parts of the files are not here either, rather than send again what may be answered. ``moved`` hears how
        many went and how many will have; when it is ``stopped``, what is not in the queue by then stays where it is. ``on_purpose``: those
        that were answered without a good answer, or may have been, in place of those that were not; the person knows that they may be paid
        twice. ``rewrite``: makes their lines again, for the queue of ``lane`` where that is another one.
        """
        sent: set[int] = set()

        async def next_portion() -> tuple[list[Change], _Portion | None]:
            stored = await self._records.get(Batch, id)
            if stored is None or stored.value.state not in pipeline.FETCHED or stored.value.input_missing:
                return [], None
            batch = stored.value
            all_rows = await self.rows(batch)
            ledger, changes = await self._ledger(batch, all_rows)
            if ledger is not None and changes:
                batch = replace(batch, tally=ledger.tally())
            resent_rows = await self.resent_rows(batch)
            found = await self._take(
                batch,
                all_rows,
                await self._wanted(batch, all_rows, ledger, resent_rows, chosen, sent, on_purpose),
                submitted_by_person=False,
                lane=lane,
                rewrite=None if rewrite is None else lambda lines: rewrite(batch, ledger, lines),
            )
            if not found.rows:
                return [], None
            resent_rows.add(found.rows, on_purpose=on_purpose)
            gone = replace(batch, resent=len(resent_rows), risked=resent_rows.risked)
            return [*changes, *found.changes, *self._kept(batch, resent_rows), put(gone, stored.rev)], found

        while (portion := await self._records.transact(next_portion)) is not None:
            sent.update(portion.rows)
            moved(len(sent), len(sent) + portion.left)
            if not portion.left or stopped():
                break
        return len(sent)

    async def _wanted(
        self,
        batch: Batch,
        all_rows: Rows,
        ledger: Ledger | None,
        resent_rows: ResentRows,
        chosen: Collection[int] | None,
        sent: set[int],
        on_purpose: bool,
    ) -> list[int]:
        """The rows that go, of those that were chosen."""
        slicer = Slicer(self._clock)
        asked = None if chosen is None else frozenset(chosen)
        rows: list[int] = []
        before: list[int] = []
        choice = doubtful if on_purpose else unanswered
        for row in range(0 if on_purpose else batch.requests) if ledger is None else choice(ledger):
            if row not in sent and (asked is None or row in asked):
                (before if row in resent_rows else rows).append(row)
            if slicer.over():
                await slicer.rest()
        if asked is None or not before:
            return rows
        here = await self._standing(batch, {all_rows.ids[row] for row in before})
        return sorted([*rows, *(row for row in before if all_rows.ids[row] not in here)])

    async def _standing(self, batch: Batch, ids: set[str]) -> set[str]:
        """Those of these requests that are in a queue or in a later batch after they were in this one. What is in a record that
        cannot be read, or may, counts as standing there: it could come back."""
        found: set[str] = set()
        for later in [one.value for one in await self._records.all(Batch) if batch.id in one.value.previous_batches]:
            there = await self.rows(later)
            for _, segment in there.each():
                if batch.id in segment.previous_batches:
                    found |= ids.intersection(segment.ids)
            if there.lost:
                readable = {id for _, segment in there.each() for id in segment.ids}
                found |= ids.intersection(there.ids).difference(readable) if there.certain else ids
        for owner in await self._records.store.owners(Table.SEGMENTS):
            for row in await self._records.store.scan(Table.SEGMENTS, owner=owner) if keys.in_queue(owner) else ():
                one = self._records.read(Segment, row)
                if one is None:
                    found |= ids
                elif batch.id in one.value.previous_batches:
                    found |= ids.intersection(one.value.ids)
            await self._clock.sleep(0)
        return found | await self._aside(ids)

    async def _aside(self, ids: set[str]) -> set[str]:
        """Those of these requests that the text of a queue's damaged record names which was set aside: it can be put back."""
        found: set[str] = set()
        for one in await set_aside(self._records.store):
            if one.table == Table.SEGMENTS and keys.in_queue(one.owner):
                found |= {id for id in ids if msgspec.json.encode(id).decode() in one.doc}
                await self._clock.sleep(0)
        return found

    # --- both

    async def resent_rows(self, batch: Batch) -> ResentRows:
        """Which rows went. Where that is not known any more, all of them: nothing is sent twice."""
        if not batch.resent:
            return ResentRows(batch.requests, full=bool(batch.requeued))
        (data,) = await self._records.store.load([keys.again_id(batch.id)])
        return ResentRows(batch.requests, data, full=data is None)

    def _kept(self, batch: Batch, resent_rows: ResentRows) -> list[Change]:
        id = keys.again_id(batch.id)
        return [DropBytes(id), PutBytes(id, resent_rows.to_bytes())]

    async def rows(self, batch: Batch, ledger: Ledger | None = None) -> Rows:
        """The batch's requests by row (Ledgers.rows)."""
        return await self._ledgers.rows(batch, ledger)

    async def _ledger(self, batch: Batch, all_rows: Rows) -> tuple[Ledger | None, list[Change]]:
        """The ledger, and what stores it where it had to be made again; None: the batch failed before anything ran.

        Raises LedgerUnreadable, also where it is not known which requests the batch had: what went is known by row numbers, which would
        be those of other requests now.
        """
        if not all_rows.certain or len(all_rows) != batch.requests:
            raise LedgerUnreadable(
                "A part of this batch's requests is no longer in this browser: a record was damaged or set aside. It cannot be told "
                "which requests were sent again already, so none is. If the record was set aside, put it back in the settings."
            )
        if pipeline.has_no_ledger(batch):
            return None, []
        try:
            ledger = await self._ledgers.read(batch)
            await self._clock.sleep(0)
            if ledger.version == Ledger.VERSION and ledger.ids == all_rows.ids:
                return ledger, []
        except LedgerUnreadable:
            pass
        made = await self._ledgers.make(batch)
        if made.lost:
            raise LedgerUnreadable("Parts of the answer files are no longer here. Download the answers again first.")
        return made.ledger, made.changes

    async def _take(
        self,
        batch: Batch,
        all_rows: Rows,
        rows: Sequence[int],
        *,
        submitted_by_person: bool,
        lane: Lane | None = None,
        rewrite: Callable[[RequestLines], Awaitable[RequestLines]] | None = None,
    ) -> _Portion:
        """As many of these rows as fit into one commit. Those whose text is not here any more, or of which no request can be made, stay
        where they are. ``submitted_by_person``: see :meth:`Provenance.after`."""
        groups: list[tuple[Provenance, list[tuple[int, str, bytes]]]] = []
        size = at = count = 0
        for start, segment in all_rows.each():
            stop = start + len(segment.ids)
            while at < len(rows) and rows[at] < start:
                at += 1  # its record cannot be read
            mine = at
            while at < len(rows) and rows[at] < stop and at - mine < PORTION_ROWS:
                at += 1
            if at > mine and (data := await self._data(segment)) is not None:
                past = Provenance.of(segment).after(batch.id, submitted_by_person=submitted_by_person)
                if not groups or groups[-1][0] != past:
                    groups.append((past, []))
                for row in rows[mine:at]:
                    line = requests.pick(data, segment.ends, row - start)
                    groups[-1][1].append((row, segment.ids[row - start], line))
                    size += len(line)
                count += at - mine
                await self._clock.sleep(0)
            if at == len(rows) or size >= PORTION_BYTES or count >= PORTION_ROWS:
                break
        taken: list[int] = []
        changes: list[Change] = []
        seq = self._clock.now()
        for past, lines in groups:

            async def make(some: Sequence[tuple[int, str, bytes]], past: Provenance = past) -> None:
                nonlocal seq
                made: list[Change] = []
                some = some if rewrite is None else await rewrite(some)
                for run in requests.make_segments((id, line) for _row, id, line in some):
                    made += self._queue.fresh(keys.queue_owner(lane or batch.lane), seq, run, past=past)
                    seq += SPACE
                    await self._clock.sleep(0)  # its index is made of every line
                changes.extend(made)
                taken.extend(row for row, _id, _line in some)

            await bisected(lines, make, lambda one, error: self._unfit.put(one[1], error))
        await self._clock.sleep(0)  # the commit is a slice of its own
        return _Portion(tuple(taken), changes, len(rows) - at)

    async def _data(self, segment: Segment) -> bytes | None:
        try:
            data = await self._queue.data(segment)
        except KeyError:
            return None
        return data if len(data) == segment.size else None


def _is_late(ledger: Ledger, row: int, *, on_purpose: bool) -> bool:
    """Whether the answer of a request that went was found since. One that went on purpose is late for a good answer only."""
    outcome = ledger.outcome_of(row)
    return outcome is Outcome.ANSWERED if on_purpose else not sendable(outcome, ledger.code_of(row))


def _whole(batch: Batch, made: BuiltLedger) -> bool:
    """Whether every file of answers is here, and every request, so that what is not mentioned was not answered."""
    if made.lost or len(made.ledger.ids) != batch.requests or any(file.gone for file in batch.fetched):
        return False
    counted = batch.remote.completed if batch.remote else 0
    return not counted or any(file.which == "output" for file in batch.fetched)
