"""The store under pressure: no room, lost, torn, a clock that jumps, many tabs, and a page that dies again and again.

Whatever it does: the page stays whole and says what happened, nothing that was typed or queued is lost, nothing is paid twice, and when
it is over everything goes on.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from app.core.batches import pipeline
from app.core.programs.folder import MAX_LINE
from app.ports import StorageFull, StorageLost
from app.practice.traps import Scenario
from tests.fakes.folder import MemoryFolder
from tests.fakes.memory_store import MemoryDisk
from tests.fakes.platform import FakePage
from tests.hostile.pressure import PressedStore
from tests.hostile.sizes import COUNTS
from tests.kit.screen import RIGHT_KEY, Visit, check, open_visit
from tests.kit.world import World, numbered
from tests.unit.services.programs.test_folder_watcher import line, rig_of

TEXTS = ("first question", "second question")


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """A world that is closed."""
    made = World()
    yield made
    await made.close()
    made.check_failures()


async def tried(visit: Visit, done: Callable[[], bool], *names: str) -> None:
    """What a person does until it is done: press, read, press again."""
    for _ in range(8):
        if done():
            return
        for name in names:
            if visit.has(name):
                await visit.click(name)
        await visit.wait(3)
    assert done(), (names, visit.text[-800:], visit.notes)


def waiting(visit: Visit) -> int:
    return sum(one.requests for one in visit.state.queue.lanes)


async def journey(visit: Visit) -> None:
    """Two questions are written, queued, submitted and answered, by a person who presses again where it did not work."""
    visit.out.brain.set_scenario(Scenario(speed=0.05))
    for n, text in enumerate(TEXTS):
        await visit.go("#/threads")
        before = visit.state.compose.thread.id
        await tried(visit, lambda before=before: visit.state.compose.thread.id != before, "New prompt")  # type: ignore[misc]
        await visit.go("#/compose")
        await visit.choose("Provider", "openai")
        await visit.type("Text of message 1", text)
        await visit.type("Model", "gpt-4o-mini")
        assert visit.field("Text of message 1").value == text, "what was typed stands in its field, stored or not"
        await tried(visit, lambda n=n: waiting(visit) == n + 1, "Add to queue")  # type: ignore[misc]
    await visit.go("#/queue")
    await tried(visit, lambda: bool(visit.state.batches.all), "Submit 2")
    for _ in range(60):
        await visit.wait(10)
        if visit.state.batches.all and all(one.state in pipeline.FINAL for one in visit.state.batches.all):
            break


class Torn(Exception):
    """The page dies while a commit is under way, which the browser does not write."""


class Told(FakePage):
    """A page that remembers whether it said so."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self.words, self.said = words, False

    def patch(self, html: str, title: str | None = None) -> None:
        self.said = self.said or any(word in html for word in self.words)
        super().patch(html, title)


NO_ROOM = ("no more space", "no space left", "No room")
LOST = ("no longer lets this page reach its storage", "database is not available", "cannot read or write")


async def opened(store: PressedStore, page: FakePage | None = None, **given: object) -> Visit:
    """The page over this store, with a key for OpenAI."""
    return await open_visit(store=store, sealed={"openai": RIGHT_KEY}, page=page or FakePage(), **given)  # type: ignore[arg-type]


def whole(visit: Visit) -> None:
    """The page is whole, and the journey came to one batch of two answers, made and paid once."""
    check(visit.page.html)
    ours = [one.detail for code, one in visit.state.problems.items() if code.startswith("internal")]
    assert not ours, ours
    assert [(one.state, one.tally.answered) for one in visit.state.batches.all] == [("done", 2)], visit.text[-600:]
    assert len(visit.out.brain.state.batches) == 1
    assert waiting(visit) == 0


async def commits() -> int:
    store = PressedStore()
    visit = await opened(store)
    await journey(visit)
    whole(visit)
    await visit.close()
    return store.used


async def test_no_room_at_any_write() -> None:
    """The browser has no room at the n-th write and at the three after it, for every n: told while it is so, made good afterwards."""
    first = PressedStore()
    await (await opened(first)).close()
    count = await commits()
    silent = []
    for n in range(first.used, count):
        store, page = PressedStore(), Told(NO_ROOM)
        visit = await opened(store, page)
        store.fails = lambda at, n=n: StorageFull("no room") if n <= at < n + 4 else None  # type: ignore[misc]
        try:
            await journey(visit)
            whole(visit)
            if not page.said:
                silent.append(n)
        finally:
            await visit.close()
    COUNTS["writes at which the browser had no room"] += count - first.used
    assert not silent, f"nothing was said of writes {silent}"


@pytest.mark.parametrize("part", range(4))
async def test_the_database_is_lost_at_any_use(part: int) -> None:
    """Deleted, blocked or evicted while it is open: from the n-th use on nothing can be read or written. It is told, what is typed stays in
    its field, and after a reload, over what was stored, everything comes to its end once."""
    first = PressedStore(reads=True)
    await (await opened(first)).close()
    whole_run = PressedStore(reads=True)
    visit = await opened(whole_run)
    await journey(visit)
    await visit.close()
    silent = []
    uses = range(first.used + part * 3, whole_run.used, 12)
    for n in uses:
        disk, page = MemoryDisk(), Told(LOST)
        store = PressedStore(disk, reads=True)
        visit = await opened(store, page)
        store.fails = lambda at, n=n: StorageLost("gone") if at >= n else None  # type: ignore[misc]
        text = ""
        await visit.go("#/compose")
        await visit.choose("Provider", "openai")
        for name in ("Text of message 1", "Model"):
            text = "gpt-4o-mini" if name == "Model" else TEXTS[0]
            await visit.type(name, text)
            assert visit.field(name).value == text
        await visit.click("Submit now")
        await visit.wait(60)
        check(visit.page.html)
        ours = [one.detail for code, one in visit.state.problems.items() if code.startswith("internal")]
        assert not ours, (n, ours)
        if store.raised and not page.said:
            silent.append(n)
        await visit.close()
        again = await open_visit(disk=disk, sealed={"openai": RIGHT_KEY}, clock=visit.clock, out=visit.out, locks=None)
        for _ in range(10):
            await again.wait(20)
        made = again.out.brain.state.batches
        assert len(made) <= 1, (n, "made twice")
        assert len(made) == sum(one.state == "done" for one in again.state.batches.all), (n, again.text[-600:])
        check(again.page.html)
        await again.close()
    COUNTS["uses at which the database was lost"] += len(uses)
    assert not silent, f"nothing was said of uses {silent}"


# --- time


async def lives(skew: Callable[[World, int], None], *, seconds: float, speed: float = 30.0) -> World:
    """A batch whose machine's clock ``skew`` sets at each quarter of a minute; it ends within so many real seconds."""
    world = World(speed=speed)
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    began = world.clock.now()
    for n in range(int(seconds // 15)):
        skew(world, n)
        await world.clock.advance(15)
        await world.rest()
        if all(one.state in pipeline.FINAL for one in world.batches()):
            break
    assert [(one.state, one.tally.answered) for one in world.batches()] == [("done", 3)], (world.describe(), world.clock.now() - began)
    assert (len(world.remote()), len(await world.paid())) == (1, 3)
    await world.close()
    world.check_failures()
    world.check_stored()
    return world


@pytest.mark.parametrize("jump", [-3_600.0, 7 * 86_400.0, -86_400.0, 400 * 86_400.0], ids=["hour-back", "week-forward", "day-back", "year"])
@pytest.mark.parametrize("when", range(8))
async def test_the_clock_is_set(jump: float, when: int) -> None:
    """The machine's clock jumps at any moment of a batch's life: it goes on as if nothing were, in the time that it really takes."""

    def skew(world: World, n: int) -> None:
        if n == when:
            world.skew += jump

    await lives(skew, seconds=900)
    COUNTS["moments at which the clock jumped"] += 1


async def test_the_clock_jumps_to_and_fro() -> None:
    """An hour back and a week forward in turn, every quarter of a minute."""

    def skew(world: World, n: int) -> None:
        world.skew += -3_600.0 if n % 2 else 7 * 86_400.0

    await lives(skew, seconds=900)


@pytest.mark.parametrize("when", range(6))
async def test_the_machine_sleeps(when: int) -> None:
    """It sleeps for eight hours at any moment, in which the provider goes on; when it wakes, the batch comes to its end at once."""

    def skew(world: World, n: int) -> None:
        if n == when:
            world.clock.set(world.clock.now() + 8 * 3_600)

    await lives(skew, seconds=900)
    COUNTS["moments at which the machine slept"] += 1


# --- tabs and deaths


async def test_thirty_tabs() -> None:
    """Thirty tabs of one browser: one works, each that goes is followed by another, each press counts once, nothing is paid twice."""
    world = World(speed=5.0)
    tabs = [await world.tab() for _ in range(30)]
    await tabs[7].add(30)
    pressed = await asyncio.gather(*(one.submit() for one in tabs), return_exceptions=True)
    assert sum(bool(getattr(one, "batches", ())) for one in pressed) <= 1 or len(world.batches()) == 1
    for tab in tabs[:-1]:
        assert sum(one.leads for one in world.tabs if not one.life.dead) <= 1
        await world.clock.advance(2)
        await tab.close()
        await world.rest()
    await world.ended()
    assert sum(one.tally.answered for one in world.batches()) == 30
    assert Counter(await world.paid()) == Counter(numbered(30))
    await world.close()
    world.check_stored()
    COUNTS["tabs open at once"] += 30


@pytest.mark.parametrize("seed", range(12))
async def test_twenty_kills(seed: int) -> None:
    """The page dies twenty times, in the middle of commits and calls or right after them: nothing is lost, doubled or paid twice."""
    dice = random.Random(seed)
    world = World(speed=5.0)
    tab = await world.tab()
    ids = await tab.add(4)
    world.crash_at = len(world.steps) + dice.randrange(6)
    kills = 0
    pressing = asyncio.ensure_future(tab.submit())
    while kills < 20:
        before = dice.random() < 0.5
        if before:  # it dies while a commit is under way, and the browser writes it or does not
            tab.inner.on_commit = None
            tab.inner.fail_next = Torn() if dice.random() < 0.5 else None
        await world.clock.advance(dice.choice([0, 0.5, 2, 7]))
        await tab.close()
        kills += 1
        await asyncio.gather(pressing, return_exceptions=True)
        world.check_places()
        tab = await world.tab()
        world.crash_at = len(world.steps) + dice.randrange(1, 7)
        if world.queued() and not world.batches():
            pressing = asyncio.ensure_future(tab.submit())
    world.crash_at = None
    tab = await world.reload(tab)
    if world.queued():
        await tab.submit()
    await world.ended()
    assert sum(one.tally.answered for one in world.batches()) == 4
    assert Counter(await world.paid()) == Counter(ids)
    await world.close()
    world.check_stored()
    COUNTS["times a page died in the middle of its work"] += kills


# --- a folder


async def test_a_folder_of_odd_files(world: World) -> None:
    """Binary files, a line longer than any request, a file that cannot be read (a link into nowhere, for one): each is told or left alone,
    and the good file among them is taken; what could not be read is taken once it can."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("binary.jsonl", bytes(range(256)) * 400)
    folder.drop("huge.jsonl", b'{"custom_id": "' + b"x" * (MAX_LINE + 1_000) + b'"}\n' + line("behind") + b"\n")
    folder.drop("gone.jsonl", line("never"))
    folder.broken.add("gone.jsonl")
    folder.drop("picture.png", b"\x89PNG")
    folder.drop("good.jsonl", line("good") + b"\n")
    await world.until(lambda: sum('"read"' in row.doc for row in world.disk.records["settings"].values() if row.owner == "dropped") == 3)  # type: ignore[index]
    assert sorted(id.partition("~")[0] for id in world.queued()) == ["behind", "good"]
    problems = folder.files["huge.problems.jsonl"]
    assert b"longer than" in problems
    assert b"UTF-8" in folder.files["binary.problems.jsonl"]
    assert "gone.jsonl" in (await rig.watcher.view()).fault
    folder.broken.clear()
    await world.until(lambda: any(id.startswith("never") for id in world.queued()))
    COUNTS["odd files in a watched folder"] += 5
