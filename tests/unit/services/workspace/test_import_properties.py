"""Whatever two browsers did since they were one: merged, every request stands in one place and none is lost; undone, all of it is back."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.model.threads import Thread, ThreadMessage
from app.ports import Table
from app.services.queue.reading import RequestNotFound
from app.services.runtime.records import put
from tests.fakes.platform import SeededRandom
from tests.kit.workspaces import Side
from tests.kit.world import LANE, Tab, World, body

IDS = [f"r{n}" for n in range(5)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "delete", "restore", "forget", "submit", "edit", "write"]),
        st.sets(st.sampled_from(IDS), min_size=1, max_size=3),
    ),
    max_size=5,
)


async def work(tab: Tab, steps: list[tuple[str, set[str]]], who: str) -> None:
    """What a person does in one browser, without an engine."""
    for n, (what, ids) in enumerate(steps):
        match what:
            case "add":
                await tab.add(len(ids), prefix=f"{who}{n}-")
            case "delete":
                await tab.queue.delete(LANE, ids)
            case "restore":
                await tab.queue.restore(LANE)
            case "forget":
                await tab.queue.forget(LANE)
            case "submit":
                await tab.submit(chosen=ids)
            case "edit":
                with contextlib.suppress(RequestNotFound):
                    await tab.queue.edit(LANE, min(ids), requests._encode(body(f"{who} {n}")).decode())
            case "write":
                thread = Thread(id="t", messages=(ThreadMessage("m", "user", f"{who} {n}"),), updated=tab.clock.now() + n + 1)
                await tab.store.commit([put(thread, -1)])


def everywhere(world: World) -> list[str]:
    """The ids of all requests, deleted ones too."""
    return sorted(id for one in world.segments() for id in one.ids)


def texts(world: World) -> set[str]:
    """What the threads say."""
    return {json.loads(one.doc)["messages"][0]["text"] for one in world.disk.records[Table.THREADS].values() if "messages" in one.doc}


async def scene(before: list[tuple[str, set[str]]], ours: list[tuple[str, set[str]]], theirs: list[tuple[str, set[str]]]) -> None:
    world, away = World(), World()
    away.random = SeededRandom(9)
    try:
        here, there = await world.tab(engine=False), await away.tab(engine=False)
        await here.add(len(IDS))
        await work(here, before, "b")
        side, other = Side.of(here), Side.of(there)
        await away.result(other.bring((await world.result(side.exported())).blob, "replace"), within=120)
        world.clock.set(world.clock.now() + 100)
        away.clock.set(away.clock.now() + 100)
        await work(here, ours, "h")
        await work(there, theirs, "t")
        were = set(everywhere(world)), set(everywhere(away)), texts(world) | texts(away)
        submitted = [{id for one in each.segments("batch:") for id in one.ids} for each in (world, away)]
        queued = [set(each.queued()) for each in (world, away)]
        waited = [{one.custom_id: bytes(one.body) for one in map(requests.decode, each.queue_lines())} for each in (world, away)]
        deleted_here = were[0] - queued[0]
        old = await side.everything()
        result = await world.result(side.bring((await away.result(other.exported())).blob, "merge"), within=120)
        now = everywhere(world)
        twice = [id for id in set(now) if now.count(id) > 1]
        assert result.twice == len(twice)
        assert set(twice) <= submitted[0] & submitted[1]
        assert were[0] | were[1] <= set(now), "no request is lost"
        in_batches = {id for one in world.segments("batch:") for id in one.ids}
        assert in_batches == submitted[0] | submitted[1]
        assert not in_batches & set(world.queued())
        assert queued[0] - in_batches <= set(world.queued()), "what waited here still waits"
        assert queued[1] - in_batches - deleted_here <= set(world.queued()), "what waited there waits here"
        bodies = {bytes(requests.decode(line).body) for line in world.queue_lines()}
        for number, each in enumerate(waited):
            gone = in_batches | (deleted_here if number else set())
            assert {text for id, text in each.items() if id not in gone} <= bodies, "no edited text is lost"
        if theirs and ours:
            assert {one for one in were[2] if one[0] in "ht"} <= texts(world), "no text of either side is lost"
        again = everywhere(world)
        await world.result(side.incoming.undo(), within=120)
        assert await side.everything() == old
        blob = (await away.result(other.exported())).blob
        await world.result(side.bring(blob, "merge"), within=120)
        assert len(everywhere(world)) == len(again)
        await world.result(side.incoming.settle(), within=120)
        if not twice:
            world.check_stored()
    finally:
        await world.close()
        await away.close()


@pytest.mark.slow
@settings(max_examples=60)
@given(before=STEPS, ours=STEPS, theirs=STEPS)
def test_two_browsers_that_went_apart_become_one(
    before: list[tuple[str, set[str]]], ours: list[tuple[str, set[str]]], theirs: list[tuple[str, set[str]]]
) -> None:
    """Queues, batches and threads of both are there; nothing waits that was submitted; the undo is exact."""
    asyncio.run(scene(before, ours, theirs))
