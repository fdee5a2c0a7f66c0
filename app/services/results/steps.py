"""Steps as people use them: planned, looked after, cancelled. What a person accepted is stored; what is done of it is done once, whichever
tab does it, and whenever the page is opened again.

A step's requests come into the queue in the commit that says so in the step (services.results.follow_job), under the id that the step was
given when it was planned: a second try finds either the step or that id taken. They are submitted from the queue, where each is once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from app.core.base.locale import PLAIN, within
from app.core.model.batches import Batch, Foreseen
from app.core.model.datasets import Dataset
from app.core.model.lanes import Lane
from app.core.model.sendings import FollowUp, QueuedRows, segment_id
from app.core.model.steps import NextStep, StepState
from app.core.openai.problems import Refused
from app.core.planning.rowrequests import Unplannable
from app.core.queue.scope import EVERY
from app.core.results import stepping
from app.core.results.joining import JoinOrder
from app.core.templates.recipe_steps import RecipeStep
from app.ports import Change, Conflict, Locks
from app.ports.compute import Compute, JobFailed
from app.services.datasets.rows import RowsMissing
from app.services.planning.adding import Additions
from app.services.provider.profiles import Profiles
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.results.follow_job import FOLLOW, FollowOrder, StillWaiting
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records, put, remove
from app.services.runtime.runtime import Runtime

LOCK: Final = "nightshift-steps"


class AnswerSteps:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: Compute, locks: Locks, queue: Queue, submitter: Submitter, profiles: Profiles) -> None:
        self._records: Records = runtime.records
        self._clock, self._compute, self._locks = runtime.clock, compute, locks
        self._queue, self._submitter, self._profiles = queue, submitter, profiles
        self._additions = Additions(runtime, locks)
        self._isolation = Isolation(runtime.tasks, "steps")

    async def of(self, dataset: str) -> list[NextStep]:
        """Those of one table, oldest first."""
        return [one for one in await self._all() if one.dataset == dataset]

    async def _all(self) -> list[NextStep]:
        return sorted((one.value for one in await self._records.all(NextStep)), key=lambda one: (one.at, one.id))

    async def plan(
        self,
        dataset: str,
        after: str,
        follow: FollowUp,
        limit: int,
        requests: int,
        expected: Foreseen | None,
        *,
        submit: bool,
        proposed: str = "",
    ) -> NextStep:
        """Store a step that a person accepted; ``proposed``: the one that it was. ``limit``: 10^-12 dollars at most. ValueError where very
        many wait already, or another tab planned it."""
        if sum(one.open for one in await self.of(dataset)) >= stepping.MAX_STEPS:
            raise ValueError(f"{stepping.MAX_STEPS} steps of this table wait already.")
        before = await self._records.get(NextStep, proposed) if proposed else None
        if proposed and (before is None or not before.value.proposed):
            raise ValueError("It was planned or removed in another tab.")
        run, now = proposed or self._additions.fresh(), self._clock.now()
        step = NextStep(
            id=run,
            dataset=dataset,
            after=after,
            run=run,
            follow=follow,
            limit=limit,
            submit=submit,
            expected=expected,
            requests=requests,
            at=now,
            changed=now,
        )
        await self._records.save(step, before.rev if before is not None else 0)
        return step

    async def propose(self, dataset: str, steps: Sequence[RecipeStep]) -> int:
        """Keep what a recipe would ask next, until a person plans it or takes it away; how many were not there yet."""
        there = [one for one in await self.of(dataset) if one.proposed]
        runs: list[str] = []
        made: list[Change] = []
        for step in steps:
            after = runs[step.after] if 0 <= step.after < len(runs) else ""
            known = next((one for one in there if (one.follow, one.after, one.submit) == (step.follow, after, step.submit)), None)
            runs.append(known.run if known is not None else self._additions.fresh())
            if known is None:
                now = self._clock.now() + len(made) / 1_000  # in their order
                made.append(
                    put(
                        NextStep(
                            id=runs[-1],
                            dataset=dataset,
                            after=after,
                            run=runs[-1],
                            follow=step.follow,
                            submit=step.submit,
                            state="proposed",
                            at=now,
                            changed=now,
                        ),
                        0,
                    )
                )
        await self._records.commit(made)
        return len(made)

    async def cancel(self, id: str) -> NextStep | None:
        """Have nothing more of it done by itself. What it queued stays in the queue."""
        return await self._records.amend(
            NextStep, id, lambda one: replace(one, state="cancelled", changed=self._clock.now()) if one.open or one.proposed else one
        )

    async def forget(self, dataset: str) -> None:
        """Take those of a table out of sight of which nothing is left to be done."""
        await self._records.commit([remove(NextStep, one.id) for one in await self.of(dataset) if not (one.open or one.proposed)])

    # --- by itself

    async def turn(self) -> list[NextStep]:
        """Do what is due; the steps that changed. One tab at a time."""
        changed: list[NextStep] = []

        async def work() -> None:
            with within(PLAIN):  # what is said of a step is stored
                await each()

        async def each() -> None:
            for step in [one for one in await self._all() if one.open]:
                found = await self._isolation.run(step.id, self._one(step.id))
                if found is not None:
                    changed.append(found)

        await self._locks.hold(LOCK, work)
        return changed

    async def _one(self, id: str) -> NextStep | None:
        """Do what is due of one step; the step as it is then, where it is another than before."""
        stored = await self._records.get(NextStep, id)
        if stored is None or not stored.value.open:
            return None  # it was cancelled meanwhile
        step = stored.value
        if step.state == "queued":
            return await self._submit(step)
        dataset = await self._records.get(Dataset, step.dataset)
        if dataset is None or dataset.value.deleted:
            return await self._end(step, "stopped", "Its table was deleted.")
        added = await self._records.get(QueuedRows, step.after)
        batches = [one.value for one in await self._records.all(Batch)]
        found = stepping.ready(step, await self._all(), added.value if added is not None else None, batches)
        if found.stops:
            return await self._end(step, "stopped", found.stops)
        if not found.now:
            return None
        try:
            await self._make(step, stored.rev)
        except StillWaiting as error:  # some are sent again, or not read yet
            await self._why(step, str(error))
            return None
        except (Unplannable, RowsMissing, JobFailed) as error:
            return await self._end(step, "stopped", str(error))
        except Conflict:  # it was cancelled meanwhile, or a page died while it did this: what that left is cleared, and it is tried again
            await self._additions.tidy()
            return None
        after = await self._records.get(NextStep, id)
        if after is None or not after.value.submit:
            return after.value if after is not None else None
        return await self._submit(after.value)

    async def _make(self, step: NextStep, rev: int) -> None:
        """Have its requests in the queue."""
        now = self._clock.now()
        record = QueuedRows(id=step.run, dataset=step.dataset, dataset_version=0, at=now, follow=step.follow)
        order = FollowOrder(record, JoinOrder(step.dataset), {}, queued=True, step=step, rev=rev)
        await self._additions.carried_out(step.run, now, lambda: self._compute.run(FOLLOW, order))

    async def _submit(self, step: NextStep) -> NextStep | None:
        """Move its requests from the queue into batches, each queue's in its turn; what is not in the queue any more went."""
        for lane, segments in await self._waiting(step):
            try:
                profile = (await self._profiles.provider(lane.profile)).profile
            except Refused as refused:
                return await self._why(step, f"{refused.problem.what} {refused.problem.do}")
            done = await self._submitter.submit(
                lane, profile, dict.fromkeys(segments, EVERY), note="a step: the answers before it were there"
            )
            if done.stopped is not None:
                problem = done.stopped.problem
                return await self._end(step, "queued", f"{problem.what} Its requests wait in the queue.", submit=False)
            if done.refused:
                return await self._end(step, "queued", f"{done.refused[0].sentence} What is left waits in the queue.", submit=False)
        return await self._end(step, "submitted", "")

    async def _waiting(self, step: NextStep) -> list[tuple[Lane, list[str]]]:
        """Its segments that are in the queue as they were added, by their queues. One that a batch returned has another id."""
        prefix = segment_id(step.run, 0)[:-1]
        found = []
        for queue in await self._queue.lanes():
            if segments := [one.id for one in queue.segments if one.live and one.id.startswith(prefix) and not one.previous_batches]:
                found.append((queue.lane, segments))
        return found

    async def _why(self, step: NextStep, why: str) -> NextStep | None:
        """Say what is in the way; it is tried again."""
        if step.why == why:
            return None
        return await self._end(step, step.state, why)

    async def _end(self, step: NextStep, state: StepState, why: str, *, submit: bool | None = None) -> NextStep | None:
        def ended(one: NextStep) -> NextStep:
            if not one.open:
                return one
            wanted = one.submit if submit is None else submit
            return replace(one, state=state, why=why, submit=wanted, changed=self._clock.now())

        return await self._records.amend(NextStep, step.id, ended)
