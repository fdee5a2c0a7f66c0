"""A simulated week of one workspace: people queue, submit, cancel, delete, send again; calls fail, tabs die; at the end it must balance.

Everything but the platform is the program's own: services, engine, table, practice brain. The clock is simulated, so a week takes seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.queue.auto_submit import ORIGINS
from app.ports import Conflict
from app.practice.traps import Rule, Scenario, Speed, Trap
from app.services.batches.resend import can_send_again
from tests.fakes.http import Answered, Dropped, Failure, Halfway
from tests.faults.check import check
from tests.faults.trial import made_by
from tests.faults.visit import held
from tests.kit.world import CHAT, RESPONSES, Tab, World, pairs

HOUR, DAY = 3_600.0, 86_400.0
DAYS = 7
PROFILE = "openai"
LANES = (Lane(PROFILE, CHAT, "gpt-4o-mini"), Lane(PROFILE, CHAT, "gpt-5-nano"), Lane(PROFILE, RESPONSES, "gpt-4o-mini"))
PER_BATCH = 40
CALLS = ("upload", "files", "create", "list", "poll", "cancel", "download")
FAILURES: tuple[Failure, ...] = (
    *(Dropped("broken"), Dropped("broken", effect=True), Dropped("timeout", effect=True), Dropped("unreachable"), Dropped("offline")),
    *(Dropped("blocked"), Answered(500), Answered(500, effect=True), Answered(502, b"<html>Bad Gateway</html>"), Answered(429)),
    *(Answered(401), Answered(404), Halfway(200)),
)
TRAPS = (
    *(Trap.TOKEN_LIMIT_EXCEEDED, Trap.BILLING_HARD_LIMIT_REACHED, Trap.UNKNOWN_STATUS, Trap.NO_OUTPUT_FILE, Trap.NO_USAGE),
    *(Trap.NULL_TIMESTAMPS, Trap.UNKNOWN_FIELDS, Trap.LINE_ERROR_NULL_STATUS_400, Trap.LINE_SERVER_ERROR, Trap.LINE_RATE_LIMIT),
    *(Trap.EXPIRED_IN_ERROR_FILE, Trap.EXPIRED_IN_NEITHER, Trap.REFUSAL, Trap.NO_TRAILING_NEWLINE, Trap.EMPTY_ERROR_FILE_ID),
    *(Trap.HANG_IN_PROGRESS, Trap.ZERO_COUNTS_UNTIL_DONE, Trap.FILE_NOT_FOUND_AFTER_UPLOAD, Trap.CREATE_ANSWER_LOST),
)


class Balance(msgspec.Struct):
    """What came of the requests of one or more weeks. ``asked`` is the sum of the outcomes and of what the person deleted."""

    weeks: int = 0
    days: float = 0.0
    asked: int = 0
    outcomes: Counter[str] = Counter()
    batches: Counter[str] = Counter()
    sendings: int = 0
    billed: int = 0
    calls: int = 0
    failed_calls: int = 0
    deaths: int = 0

    def add(self, other: Balance) -> None:
        """Take in another week's."""
        for name in msgspec.structs.asdict(other):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + theirs)

    @property
    def right(self) -> bool:
        """Whether every request has one outcome, and every answer was paid once."""
        answers = self.outcomes["answered"] + self.outcomes["flawed"] + self.outcomes["unfound"]
        return self.asked == sum(self.outcomes.values()) and self.billed == answers


class Week:
    """One week, from an empty workspace to a balanced one. ``seed`` makes it happen again; ``days`` makes it shorter."""

    def __init__(self, seed: int, days: float = DAYS) -> None:
        self._days = days
        self._dice = random.Random(seed)
        self.world = World(speed=600.0)
        self.world.provider(max_requests=PER_BATCH)
        self._asked: list[str] = []
        self._deleted: set[str] = set()
        self.balance = Balance(weeks=1)
        self._deeds: tuple[tuple[int, Callable[[], Awaitable[None]]], ...] = (
            *((6, self._queue), (5, self._submit), (2, self._cancel), (2, self._try_now), (2, self._again), (1, self._delete)),
            *((8, self._fail), (2, self._trap), (1, self._die), (1, self._second_tab)),
        )

    async def live(self) -> Balance:
        """All of it. Raises AssertionError when it does not balance."""
        self.tab = await self.world.tab()
        self.others: list[Tab] = []
        try:
            await self._choose()
            end = self.world.clock.now() + self._days * DAY
            while self.world.clock.now() < end:
                weights, deeds = zip(*self._deeds, strict=True)
                (deed,) = self._dice.choices(deeds, weights)
                await deed()
                await self._pass(self._dice.expovariate(1 / HOUR))
            await self._wind_up()
            await self._check()
        finally:
            await self.world.close()
        self.world.check_failures()
        return self.balance

    async def _pass(self, seconds: float) -> None:
        """Let time go by, with everything that is due in it."""
        await self.world.clock.advance(seconds)
        self.balance.days += seconds / DAY

    async def _done(self, work: Awaitable[object]) -> None:
        """Wait for a person's deed while time goes by; another tab may have been faster."""
        task = asyncio.ensure_future(work)
        await self.world.until(task.done)
        if not isinstance(task.exception(), Conflict | pipeline.NoSuchMove | None):
            task.result()

    # --- what happens

    async def _choose(self) -> None:
        """How this workspace is set up: in two weeks of three requests go out by themselves; in every other one model has little room at
        the provider, so that batches wait for each other."""
        await self._done(self.tab.rules.tell(PROFILE))
        after = self._dice.choice((0.0, 600.0, 2 * HOUR))
        for kind in ORIGINS:
            await self._done(self.tab.rules.set_after(PROFILE, after, kind))
        if self._dice.random() < 0.5:
            self.world.room(self._dice.choice((2_000, 5_000)), LANES[0].model)

    async def _queue(self) -> None:
        ids = [f"w{len(self._asked) + n}" for n in range(self._dice.randint(1, 90))]
        self._asked += ids
        lane = self._dice.choice(LANES)
        await self._done(self.tab.queue.add(lane, pairs(ids, lane)))

    async def _submit(self) -> None:
        await self._done(self.tab.submit(self._dice.choice(LANES)))

    async def _wish(self, event: pipeline.Event) -> None:
        batches = [one for one in self.world.batches() if one.state not in pipeline.FINAL]
        if batches:
            tab = self._dice.choice([self.tab, *self.others])
            await self._done(tab.engine.command(self._dice.choice(batches).id, event))

    async def _cancel(self) -> None:
        await self._wish(pipeline.CancelRequested())

    async def _try_now(self) -> None:
        await self._wish(pipeline.TryNow())

    async def _again(self) -> None:
        """Send again by hand what was not answered. Where answers are only not here, a person who heeds the page's words has them fetched
        again first: they may have been billed."""
        ended = [one for one in self.world.batches() if can_send_again(one)]
        if not ended:
            return
        chosen = self._dice.choice(ended)
        lacking = await self.world.result(self.tab.again.lacking(chosen))
        await self._done(self.tab.engine.command(chosen.id, lacking) if lacking else self.tab.again.send(chosen.id))

    async def _delete(self) -> None:
        """Delete some of what waits, for good."""
        lane = self._dice.choice(LANES)
        waiting = [id for one in self.world.segments(f"queue:{lane.key}") for n, id in enumerate(one.ids) if n not in one.gone]
        chosen = set(self._dice.sample(waiting, min(3, len(waiting))))
        sent = {id for one in self.world.segments("batch:") for id in one.ids}
        self._deleted |= chosen - sent
        await self._done(self.tab.queue.delete(lane, chosen - sent))
        await self._done(self.tab.queue.forget(lane))

    async def _fail(self) -> None:
        call = self._dice.choice(CALLS)
        failure = self._dice.choice(FAILURES)
        if isinstance(failure, Halfway) and call != "download":
            failure = Dropped("broken")
        self.world.http.fail(call, failure, self._dice.choice((1, 1, 2, 6)))
        self.balance.failed_calls += 1

    async def _trap(self) -> None:
        factor = self._dice.choice((1.0, 60.0, 600.0, 3_600.0))
        traps = tuple(Rule(one, times=self._dice.choice((1, 2))) for one in self._dice.sample(TRAPS, self._dice.randint(0, 3)))
        self.world.brain.set_scenario(Scenario(speed=Speed().times(factor), traps=traps, share=self._dice.random() / 2))

    async def _die(self) -> None:
        """The tab dies after one of its next steps, or at once."""
        self.balance.deaths += 1
        self.world.crash_at = len(self.world.steps) + self._dice.randint(0, 12)
        await self._pass(self._dice.choice((1.0, 60.0, 1_800.0)))
        self.world.crash_at = None
        if not self.tab.life.dead or not self.others:
            self.tab = await self.world.reload(self.tab)
        else:
            await self.tab.close()
            self.tab = self.others.pop()
        self.others = [one for one in self.others if not one.life.dead]
        self.world.steps.clear()
        await self._check_places()

    async def _second_tab(self) -> None:
        if len(self.others) < 2:
            self.others.append(await self.world.tab())

    async def _check_places(self) -> None:
        """At any moment: nothing is lost, and nothing stands in two places."""
        wrong = check(sorted(set(self._asked) - self._deleted), await held(self.tab.inner, self.world.clock), [], ended=False)
        assert not wrong, wrong[:10]

    # --- the end

    async def _wind_up(self) -> None:
        """No more faults: submit what waits until nothing waits and every batch has ended."""
        self.world.http.heal()
        self.world.brain.set_scenario(Scenario(speed=1.0))
        for _ in range(12):
            for lane in LANES:
                await self._done(self.tab.submit(lane))
            for one in self.world.batches():
                lacking = await self.world.result(self.tab.again.lacking(one))
                if lacking is not None:
                    await self._done(self.tab.engine.command(one.id, lacking))
            await self.world.ended(within=30 * DAY)
            if not self.world.queued():
                return
        raise AssertionError(f"it keeps coming back: {self.world.describe()}")

    async def _check(self) -> None:
        """Count, and compare with what the provider has."""
        now = self.world.clock.now()
        made = await made_by(self.world.brain, now)
        store = self.tab.inner
        found = await held(store, self.world.clock)
        self._deleted -= {id for one in found.batches for id in one.ids}  # a batch was faster
        asked = sorted(set(self._asked) - self._deleted)
        wrong = check(asked, found, made, ended=True, files_missing=True)
        assert not wrong, wrong[:10]
        outcome: dict[str, str] = {}
        for batch in self.world.batches():
            ids = [id for one in self.world.segments(keys.batch_owner(batch.id)) for id in one.ids]
            self.balance.batches[batch.state] += 1
            self.balance.sendings += len(ids)
            data = self.world.disk.bytes.get(keys.ledger_id(batch.id))
            ledger = Ledger.from_bytes(data) if data else None
            for n, id in enumerate(ids):
                said = ledger.outcome_of(n).name.lower() if ledger else "failed"
                if outcome.get(id) not in ("answered", "flawed", "unfound"):
                    outcome[id] = said
        self.balance.asked = len(self._asked)
        self.balance.outcomes = Counter(outcome[id] for id in asked)
        if self._deleted:
            self.balance.outcomes["deleted"] = len(self._deleted)
        self.balance.billed = sum(len(one.billed) for one in made)
        self.balance.calls = sum(self.world.http.calls.values())
        assert self.balance.right, self.balance
