"""What the engine's effects do: upload, find, create, ask, cancel, fetch, and make the ledger.

Every failure becomes an event with a Problem; nothing is raised for what can be expected of a network, a provider or a full disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.base import text
from app.core.batches import batchproblems, pipeline
from app.core.batches.pipeline import CallFailed, Effect, Event
from app.core.model import keys, quoting
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.model.segments import Segment
from app.core.openai import accounts, base_urls, problems, replies
from app.core.openai.problems import Refused
from app.core.openai.wire import Blob
from app.ports import Change, Clock, DropBytes, StorageFull, StorageLost, Store
from app.services.batches.fetch import Fetcher
from app.services.batches.ledgers import Ledgers
from app.services.batches.rebuild import Rebuilder
from app.services.batches.resend import Resender
from app.services.provider.client import Provider
from app.services.provider.limits import LimitBook
from app.services.provider.profiles import Profiles
from app.services.provider.proving import Prover
from app.services.runtime.records import Records, Stored, put
from app.services.runtime.tasks import Tasks

if TYPE_CHECKING:
    from app.services.batches.live import LiveCaller

_UPLOADS_AT_ONCE = 2
_DOWNLOADS_AT_ONCE = 3
_LEDGERS_AT_ONCE = 1
"""A ledger of 50,000 rows takes some 30 MB of Python's memory while it is made; made by the dozen, it would also take no less time."""
_CALLS: dict[type[Effect], problems.Call] = {
    pipeline.Rebuild: "download",
    pipeline.Upload: "upload",
    pipeline.FindFile: "list",
    pipeline.AskFile: "list",
    pipeline.Create: "create",
    pipeline.FindBatch: "list",
    pipeline.Poll: "poll",
    pipeline.CancelRemote: "cancel",
    pipeline.Download: "download",
    pipeline.Reconcile: "store",
    pipeline.Resend: "store",
}


def _ours(error: Exception) -> Problem:
    return Problem(
        code="internal",
        what="Nightshift itself failed at this step.",
        means="What was stored before is unchanged. Nightshift looks before it calls again, so nothing is paid twice.",
        do="Choose “Try now”. If it fails again, reload the page and report the details below.",
        blame="ours",
        doubtful=True,
        detail=quoting.quote(f"{type(error).__name__}: {error}"),
    )


def _arrived(file: replies.RemoteFile) -> Event:
    """What an uploaded file's status leads to."""
    return pipeline.FilePending(file.id, file.status) if file.status in replies.PENDING else pipeline.Uploaded(file.id)


class EffectWorker:
    """``moved(batch_id, step, done, total)`` is called with how far an upload, a download (bytes) or a ledger (lines) is. ``tasks`` hears
    of what was put aside."""

    def __init__(
        self,
        records: Records,
        profiles: Profiles,
        again: Resender,
        clock: Clock,
        moved: Callable[[str, str, int, int], None],
        tasks: Tasks | None = None,
    ) -> None:
        self._records, self._profiles, self._again, self._clock, self._moved = records, profiles, again, clock, moved
        self._store: Store = records.store
        self._tasks = tasks
        self._limits = LimitBook(records)
        self._prover = Prover(profiles)
        self._ledgers = Ledgers(records, clock, tasks)
        self._rebuilder = Rebuilder(records, clock, moved, tasks)
        self._fetcher = Fetcher(records.store, clock, moved)
        self._uploads = asyncio.Semaphore(_UPLOADS_AT_ONCE)
        self._downloads = asyncio.Semaphore(_DOWNLOADS_AT_ONCE)
        self._making = asyncio.Semaphore(_LEDGERS_AT_ONCE)

    @cached_property
    def _live(self) -> LiveCaller:
        """Loaded when it is first needed: few batches are asked so."""
        from app.services.batches.live import LiveCaller

        return LiveCaller(self._records, self._clock, self._moved, self._tasks)

    async def carry_out(self, effect: Effect, batch: Batch) -> tuple[Event, list[Change]]:
        """Do it. Returns the event that came of it and what must be committed together with it."""
        try:
            if batch.live and not isinstance(effect, pipeline.Reconcile | pipeline.Resend):
                return await self._live.carry_out(effect, batch, await self._provider(effect, batch))
            match effect:
                case pipeline.Download() | pipeline.Rebuild():
                    provider = await self._provider(effect, batch)
                    async with self._downloads:
                        if isinstance(effect, pipeline.Rebuild):
                            return await self._rebuilder.rebuild(provider, batch)
                        return await self._fetcher.fetch(provider, batch, effect)
                case pipeline.Reconcile():
                    async with self._making:
                        return await self._reconcile(batch)
                case pipeline.Resend():

                    def moved(done: int, total: int) -> None:
                        self._moved(batch.id, "sent again", done, total)

                    async with self._making:
                        return await self._again.portion(batch, self._limit(batch), moved)
                case _:
                    return await self._call(effect, batch), []
        except Refused as error:
            return CallFailed(_CALLS[type(effect)], error.problem), []
        except StorageFull as error:
            return CallFailed("store", problems.from_storage("full", str(error))), []
        except StorageLost as error:
            return CallFailed("store", problems.from_storage("lost", str(error))), []
        except Exception as error:  # a fault of ours must neither end the batch unseen nor be repeated without a pause
            return CallFailed(_CALLS[type(effect)], _ours(error)), []

    async def bound(self, effect: Effect, batch: Batch, begins: Event) -> Event:
        """The intent of an effect with the account that it binds the batch to; CallFailed where that is not the batch's own.

        A batch whose create was never begun, and whose file may be uploaded again, goes to whichever account the key is of."""
        call = _CALLS[type(effect)]
        try:
            provider = await self._profiles.provider(batch.lane.profile, call)
            if isinstance(effect, pipeline.Create) and await self._prover.fit(provider, batch) == "other":
                raise await self._prover.refuse(provider, batch, call)
        except Refused as error:
            return CallFailed(call, error.problem)
        return replace(begins, account=batch.account if batch.account in provider.known.accounts else provider.known.account)

    async def _provider(self, effect: Effect, batch: Batch) -> Provider:
        """The provider, if with its key this step may be made about this batch. Raises Refused."""
        call = _CALLS[type(effect)]
        provider = await self._profiles.provider(batch.lane.profile, call)
        await self._prover.may(provider, batch, effect, call)
        return provider

    def waits(self, batch: Batch, *, online: bool) -> bool:
        """Whether no call about a batch can be made now: then none is, and none fails. A provider that is not known is asked for, and that
        is said."""
        profile = self._profiles.known.get(batch.lane.profile)
        if profile is None:
            return False
        return profile.id in self._profiles.locked or (not online and base_urls.leaves_the_machine(profile))

    async def _call(self, effect: Effect, batch: Batch) -> Event:
        provider = await self._provider(effect, batch)
        return await self._asked(provider, effect, batch)

    async def _asked(self, provider: Provider, effect: Effect, batch: Batch) -> Event:
        match effect:
            case pipeline.Upload():
                async with self._uploads:
                    content = await self._content(batch)
                    file = await provider.upload(
                        batch, content, lambda sent, total: self._moved(batch.id, "uploaded", min(sent, total), total)
                    )
                return _arrived(file)
            case pipeline.FindFile():
                found = await provider.find_file(batch)
                if found is not None and await self._prover.fit(provider, batch) == "other":
                    await self._prover.shown(provider, batch)  # one that is not there goes up again, and costs nothing elsewhere
                return _arrived(found) if found else pipeline.FileNotFound()
            case pipeline.AskFile():
                return _arrived(await provider.readiness(batch.input_file_id))
            case pipeline.Create():
                return await self._made(provider, batch, await provider.create(batch))
            case pipeline.FindBatch():
                remote = await provider.find_batch(batch)
                if await self._prover.fit(provider, batch) != "same":
                    if remote is None or not accounts.proves(remote, batch):
                        raise await self._prover.refuse(provider, batch, "list")
                    await self._prover.shown(provider, batch)
                return await self._made(provider, batch, remote) if remote else pipeline.BatchNotFound()
            case pipeline.CancelRemote():
                remote = await provider.cancel(batch.remote.id if batch.remote else "", batch)
                return pipeline.CancelAnswered(remote, account=self._proven(provider, batch, remote))
            case _:
                twins = None
                if not (batch.uniqueness_verified or batch.practice) and await self._prover.fit(provider, batch) == "same":
                    twins = await provider.part_from_twins(batch, batch.remote.id if batch.remote else "")
                remote = await self._prover.poll(provider, batch)
                return pipeline.Polled(remote, twins, account=self._proven(provider, batch, remote))

    async def _made(self, provider: Provider, batch: Batch, remote: Remote) -> Event:
        """The batch is made: see to it that it is the only one. The practice provider in the page gets no call twice."""
        twins = None if batch.practice else await provider.part_from_twins(batch, remote.id)
        return pipeline.Created(remote, twins, account=self._proven(provider, batch, remote))

    def _proven(self, provider: Provider, batch: Batch, remote: Remote) -> str:
        """The account that a batch without one is bound to from now on: that which shows it beyond doubt."""
        return provider.known.account if not batch.account and accounts.proves(remote, batch) else ""

    async def segments(self, batch: Batch) -> list[Stored[Segment]]:
        """The batch's request segments in order."""
        return await self._records.all(Segment, keys.batch_owner(batch.id))

    async def _content(self, batch: Batch) -> Blob:
        """What is uploaded. Raises Refused when a part of it is not in this browser any more."""
        try:
            segments = [one.value for one in await self.segments(batch)]
            content = await self._store.blob([one.bytes_id for one in segments])
        except KeyError as error:
            raise Refused(batchproblems.requests_lost(str(error))) from None
        here = sum(one.live for one in segments)
        if here != batch.requests or content.size != sum(one.size for one in segments):  # damaged: fewer must not go as if they were all
            raise Refused(
                batchproblems.requests_lost(
                    f"{text.number(here)} of {text.number(batch.requests)} requests can be read, in {text.number(content.size)} bytes"
                )
            )
        return content

    async def _reconcile(self, batch: Batch) -> tuple[Event, list[Change]]:
        if batch.input_missing:
            await self._rebuilder.from_answers(batch)
        made = await self._ledgers.make(batch, lambda done, total: self._moved(batch.id, "checking", done, total))
        tally = made.ledger.tally()
        await self._clock.sleep(0)
        verdict = await self._again.judge(batch, made, self._limit(batch))
        event = pipeline.Reconciled(tally, made.lost, verdict.again, verdict.resend_exhausted, verdict.resent, verdict.risked)
        return event, [*made.changes, *verdict.changes]

    def _limit(self, batch: Batch) -> int:
        """How often a request of this batch's provider is sent again by rule; never where the provider is not known any more, and never of
        a batch created elsewhere: its maker may send its requests again too. Nor of one that nobody followed to its end: it may be
        answered yet. Nor of one that another browser may follow as well (``Batch.unproven``), or that a
        person asked to cancel, whatever the provider finished first."""
        if batch.adopted or batch.unproven or batch.cancel_requested or batch.ending == pipeline.UNFOLLOWED:
            return 0
        profile = self._profiles.known.get(batch.lane.profile)
        return profile.resend if profile else 0

    async def ending(self, before: Batch, after: Batch) -> list[Change]:
        """A batch that is withdrawn gives its requests back to the queue, at their old places, in the same commit. A limit that the
        provider named when it refused the batch is kept in it as well."""
        learned = await self._limits.learned(before, after, self._clock.now())
        if after.state != "withdrawn" or before.state == "withdrawn":
            return learned
        owner = keys.queue_owner(after.lane)
        asked = after.problem is not None and after.problem.retry and not after.cancel_requested and not after.unproven
        segments = await self.segments(before)
        return [
            *learned,
            DropBytes(keys.rows_id(after.id)),
            *(
                put(
                    replace(one.value, owner=owner, submitted_by_person=asked and not one.value.from_program, submit_immediately=False),
                    one.rev,
                )
                for one in segments
            ),
        ]
