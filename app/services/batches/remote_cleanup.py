"""Deleting a batch's files at the provider by itself, where the person chose so: after its answers are stored here whole.

It is beside the engine and holds nothing up. What was deleted is stored with the batch, so that it is not asked for again; what failed
is shown there and tried again after growing waits.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import remote_files
from app.core.model.batches import Batch, RemoteCleanup
from app.core.model.problem import Problem
from app.core.openai.problems import Refused, concerns_all
from app.ports import Clock
from app.services.provider.profiles import Profiles
from app.services.provider.proving import Prover
from app.services.runtime.isolation import Isolation
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records
from app.services.runtime.tasks import Tasks

EVERY = 60.0
"""Seconds between two looks."""


class RemoteCleaner:
    """``may`` says whether this tab leads and the provider can be reached; ``notify(batch)`` is called with what was stored."""

    def __init__(
        self, records: Records, profiles: Profiles, clock: Clock, tasks: Tasks, may: Callable[[], bool], notify: Callable[[Batch], None]
    ) -> None:
        self._records, self._profiles, self._clock, self._tasks, self._may, self._notify = records, profiles, clock, tasks, may, notify
        self._isolation = Isolation(tasks, "cleaning")
        self._prover = Prover(profiles)

    async def run(self) -> None:
        """Look now and then, as long as the page lives."""

        async def look() -> None:
            if self._may() and any(one.clear for one in self._profiles.known.values()):
                await self.turn()

        await PeriodicWorker(self._clock, self._tasks, "cleaning", look, EVERY).run()

    async def turn(self) -> None:
        """Delete what is due."""
        for stored in await self._records.all(Batch):
            await self._isolation.run(stored.value.name or stored.value.id, self._one(stored.value))

    async def _one(self, batch: Batch) -> None:
        profile = self._profiles.known.get(batch.lane.profile)
        if profile is None or remote_files.next_clearing(batch, self._clock.now()):
            return
        if files := remote_files.to_clear(batch, profile):
            await self._clear(batch, files)

    async def _clear(self, batch: Batch, files: tuple[str, ...]) -> None:
        gone: list[str] = []
        problem, refused = None, Isolation(None, "sweep")
        try:
            provider = await self._profiles.provider(batch.lane.profile, "delete")
            if await self._prover.fit(provider, batch) != "same":  # another account's 404 would count as deleted
                await self._prover.probe(provider, batch, "delete")
            for one in files:
                with refused.item(one):
                    try:
                        await provider.delete(one)
                    except Refused as error:
                        problem = problem or error.problem
                        if concerns_all(error.problem):
                            break
                    else:
                        gone.append(one)
        except Refused as error:
            problem = error.problem
        if refused.aside:
            problem = problem or refused.problem
        await self._store(batch.id, gone, problem)

    async def _store(self, id: str, gone: list[str], problem: Problem | None) -> None:
        """Keep what came of it with the batch; again if someone else changed it meanwhile."""

        def cleared(batch: Batch) -> Batch:
            before = batch.remote_cleanup
            after = RemoteCleanup(gone=tuple(dict.fromkeys((*before.gone, *gone))))
            if problem is not None:
                wait = min(remote_files.CLEAR_LONGEST, retry.PATIENT[-1] * 2 ** min(before.tries, 4))
                after = replace(after, tries=before.tries + 1, retry_at=self._clock.now() + wait, problem=problem)
            return replace(batch, remote_cleanup=after)

        if (batch := await self._records.amend(Batch, id, cleared)) is not None:
            self._notify(batch)
