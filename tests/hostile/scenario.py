"""A scenario: how a provider misbehaves, what a person must read of it, how it must end, and a ledger that balances.

A batch of a few requests goes through the services as the page runs them (tests.kit.world). Then the page is opened over what they left
and its batch is read as a person reads it.

What holds for every scenario, whatever it says of itself:

- each request waits in the queue or stands in one batch; none is lost, none stands in two;
- no request was answered (and billed) twice, and none that was answered waits to be sent again, unless a person asked for it;
- where something is not answered, the page offers a way on: a button to press;
- the page is whole: its markup, no failure of ours, no key in it; the key went to the provider only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.practice.inproc import PracticeHttp
from app.practice.traps import Rule as Trapped
from app.practice.traps import Trap
from tests.hostile.provider import Hostile
from tests.hostile.sizes import COUNTS
from tests.kit.screen import Outside, Visit, check, name_of, open_visit
from tests.kit.world import KEY, World

HOUR = 3_600.0
WAYS = ("Try now", "Cancel batch", "Queue ", "Download the answers again", "Return ", "Enter ", "Delete", "Submit ", "Stop asking")
"""How the buttons begin that are a way on where something was not answered."""


@dataclass(frozen=True)
class Scenario:
    """``arm`` makes the provider misbehave. Afterwards the batch is in the state ``ends``, ``answered`` of its ``asked`` requests are
    answered here and ``queued`` wait in the queue; every text of ``sees`` stands in the page. ``traps``: how the honest provider behaves
    under it. ``acts`` is what a person does then in the page, with the provider as ``then`` makes it (honest, if it does not say)."""

    name: str
    arm: Callable[[Hostile], object]
    sees: tuple[str, ...] = ()
    ends: str = "done"
    answered: int | None = 3
    queued: int | None = 0
    asked: int = 3
    within: float = 2 * HOUR
    traps: tuple[Trap | Trapped, ...] = ()
    share: float = 1.0
    unseen: tuple[str, ...] = ()
    """Texts that must not stand in the page."""
    billed: int | None = None
    """How many requests the provider really answered; None: whatever it was."""
    makes: int | None = None
    """How many batches were really made; None: whatever it was."""
    chosen: frozenset[str] = frozenset()
    """Ids that a person sent again although they may have been answered."""
    provider: dict[str, Any] = field(default_factory=dict)
    """Fields of the provider's profile."""
    acts: Callable[[Visit, Hostile], Awaitable[None]] | None = None
    after: tuple[str, ...] = ()
    """Texts that stand in the page after ``acts``."""
    after_ends: str = ""
    after_answered: int | None = None


class _Out(Outside):
    """The hostile provider as the network of a visit."""

    def __init__(self, hostile: Hostile, world: World) -> None:
        super().__init__(world.clock)
        self.hostile, self.brain = hostile, world.brain

    async def send(self, request: Any, *, progress: Any = None) -> Any:
        return await self.hostile.send(request, progress=progress)

    async def stream(self, request: Any) -> Any:
        return await self.hostile.stream(request)


async def run(one: Scenario) -> None:
    """Let it happen, and hold it to what it says. Raises AssertionError."""
    world = World(*one.traps, speed=0.05, share=one.share)
    hostile = Hostile(PracticeHttp(world.brain, world.clock.now))
    world.http.inner = hostile
    if one.provider:
        world.provider(**one.provider)
    tab = await world.tab()
    ids = await tab.add(one.asked)
    one.arm(hostile)
    await tab.submit()
    end = world.clock.now() + one.within
    await world.until(lambda: over(world.batches()) or world.clock.now() >= end, one.within * 2)
    await world.close()
    world.check_failures()
    visit = await open_visit(disk=world.disk, sealed=world.sealed, clock=world.clock, out=_Out(hostile, world))
    try:
        (batch,) = world.batches()
        await visit.go(f"#/batches/{batch.id}")
        await _holds(one, one.ends, one.answered, one.sees, world, hostile, visit, ids)
        if one.acts is not None:
            await one.acts(visit, hostile)
            await _holds(one, one.after_ends or one.ends, one.after_answered, one.after, world, hostile, visit, ids)
    finally:
        await visit.close()
    _count(one, hostile, len(await hostile.billed(world.clock.now())))


def _count(one: Scenario, hostile: Hostile, billed: int) -> None:
    COUNTS["scenarios of a hostile provider"] += 1
    COUNTS["sentences that a person must read in them"] += len(one.sees) + len(one.after)
    COUNTS["requests in them"] += one.asked
    COUNTS["of those answered and billed, each once"] += billed
    COUNTS["calls that the provider got"] += sum(hostile.calls.values())


def over(batches: Sequence[Batch]) -> bool:
    return all(one.state in pipeline.FINAL for one in batches)


async def _holds(
    one: Scenario, ends: str, answered: int | None, sees: Sequence[str], world: World, hostile: Hostile, visit: Visit, ids: list[str]
) -> None:
    batch = world.batches()[0]
    text = visit.text
    told = f"{one.name}: {batch.state}, {batch.tally}, queued {world.queued()}\n{_main(visit)}"
    assert batch.state == ends, told
    assert answered is None or sum(each.tally.answered for each in world.batches()) == answered, told
    for said in sees:
        assert said in text, f"«{said}» is not said. {told}"
    for said in one.unseen:
        assert said not in text, f"«{said}» is said. {told}"
    assert one.acts is not None or one.queued is None or len(world.queued()) == one.queued, told
    await _balances(one, world, hostile, ids, told)
    if any(each.tally.answered < each.requests for each in world.batches() if each.state != "withdrawn"):
        offered = [name_of(button) for button in visit.reach.of("button") if "disabled" not in button.attributes]
        assert any(name.startswith(WAYS) for name in offered), f"no way on: {offered}\n{told}"
    _whole(visit, told)
    assert hostile.keys <= {KEY}, told


async def _balances(one: Scenario, world: World, hostile: Hostile, ids: list[str], told: str) -> None:
    """The provider's ledger against what is here."""
    world.check_stored()
    held = {id for segment in world.segments() for id in segment.ids}
    assert held == set(ids), told
    billed = await hostile.billed(world.clock.now())
    twice = {id for id, count in billed.items() if count > 1} - one.chosen
    assert not twice, f"paid twice: {sorted(twice)}\n{told}"
    again = set(billed).intersection(world.queued()) - one.chosen
    assert not again, f"answered and queued again: {sorted(again)}\n{told}"
    assert one.billed is None or one.acts is not None or sum(billed.values()) == one.billed, f"{billed}\n{told}"
    assert one.makes is None or len(hostile.brain.state.batches) == one.makes, f"{len(hostile.brain.state.batches)} batches\n{told}"
    for batch in world.batches():
        tally = batch.tally
        rows = tally.answered + tally.failed + tally.expired + tally.cancelled + tally.missing + tally.unread + tally.unfound + tally.flawed
        assert batch.state not in pipeline.FETCHED or rows == batch.requests, told


def _whole(visit: Visit, told: str) -> None:
    check(visit.page.html)
    ours = [code for code in visit.state.problems if code.startswith("internal")]
    assert not ours, f"{[each.detail for each in visit.state.problems.values()]}\n{told}"
    assert KEY not in visit.page.html, told


def _main(visit: Visit) -> str:
    """What the page says, for a failure."""
    main = visit.dom.of("main")
    return " ".join((main[0] if main else visit.dom).text.split())
