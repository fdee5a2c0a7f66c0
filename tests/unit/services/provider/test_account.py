"""The account at the provider: listed to its end, tidied with care."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.batches import pipeline, remote_files
from app.core.model.batches import Batch, RemoteCleanup
from app.core.model.providers import OPENAI
from app.core.openai import api
from app.core.openai.problems import Refused
from app.core.openai.wire import BytesBlob
from app.practice.traps import Rule, Trap
from app.services.batches.remote_cleanup import RemoteCleaner
from app.services.provider.account import Account, Seen
from tests.fakes.http import Answered, Dropped
from tests.kit.world import KEY, LANE, Tab, World, pair


def account(tab: Tab) -> Account:
    return Account(tab.records, tab.profiles, tab.clock)


async def look(tab: Tab) -> Seen:
    return await account(tab).look("openai", lambda _files, _batches: None)


async def kinds(tab: Tab) -> dict[str, str]:
    """What each file is, by its id."""
    return {one.file.id: one.what for one in await account(tab).judge(await look(tab))}


async def elsewhere(world: World, name: str = "prompts.jsonl", *, batch: bool = True) -> str:
    """A file that somebody else uploaded with the same key, and a batch of it; the file's id."""
    tab = world.tabs[0]
    provider = await tab.profiles.provider("openai")
    line = pair("theirs")[1]
    request = replace(api.upload_file(OPENAI, KEY, name, BytesBlob(line)))
    file = api.read_upload(await world.http.send(request), OPENAI)
    if batch:
        await provider.create(Batch(id="b-theirs", lane=LANE, input_file_id=file.id))
    return file.id


async def finished(world: World) -> Tab:
    tab = await world.tab()
    await tab.add(5)
    await tab.submit()
    await world.ended()
    return tab


async def test_all_pages_are_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and batches, however many pages they take; the way is told."""
    tab = await finished(world)
    for n in range(7):
        await elsewhere(world, f"{n}.jsonl")
    monkeypatch.setattr(api.list_files, "__kwdefaults__", {**(api.list_files.__kwdefaults__ or {}), "limit": 2})
    monkeypatch.setattr(api.list_batches, "__kwdefaults__", {**(api.list_batches.__kwdefaults__ or {}), "limit": 3})
    told: list[tuple[int, int]] = []
    seen = await account(tab).look("openai", lambda files, batches: told.append((files, batches)))
    assert len(seen.batches) == 8
    assert len({one.id for one in seen.files}) == len(seen.files) >= 9
    assert told == sorted(told)
    assert len(told) >= 7


async def test_a_running_batch_and_its_files_are_out_of_reach(world: World) -> None:
    """Here and elsewhere: they cannot be chosen, and if they are asked for all the same, they stay."""
    world.brain.set_scenario(replace(world.brain.scenario(None), speed=1_000.0))
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: world.batch().state == "validating")
    theirs = await elsewhere(world)
    found = await kinds(tab)
    assert found == {world.batch().input_file_id: "needed", theirs: "needed"}
    came = await account(tab).sweep(await look(tab), list(found), lambda _done, _total: None, lambda: False)
    assert (came.gone, came.needed) == (frozenset(), 2)
    assert world.http.calls["delete"] == 0


async def test_a_batch_that_is_made_meanwhile_keeps_its_file(world: World) -> None:
    """Between the listing and the deletion somebody made a batch of a file that was in no use."""
    tab = await finished(world)
    file = await elsewhere(world, batch=False)
    seen = await look(tab)
    assert {one.file.id: one.what for one in await account(tab).judge(seen)}[file] == "unused"
    world.brain.set_scenario(replace(world.brain.scenario(None), speed=1_000.0))
    await (await tab.profiles.provider("openai")).create(Batch(id="b-theirs", lane=LANE, input_file_id=file))
    came = await account(tab).sweep(seen, [file], lambda _done, _total: None, lambda: False)
    assert (came.gone, came.needed) == (frozenset(), 1)


async def test_an_orphaned_upload_is_found_and_deleted() -> None:
    """A batch that was withdrawn after its upload left a file; nothing else is touched by its deletion."""
    world = World(Rule(Trap.INSUFFICIENT_QUOTA_429, call=None, times=0))
    tab = await world.tab()
    world.http.fail("create", Answered(401, b'{"error": {"message": "No."}}'), math.inf)
    await tab.add(3)
    await tab.submit()
    await world.ended()
    assert world.batch().state == "withdrawn"
    orphan = world.batch().input_file_id
    theirs = await elsewhere(world, "other.jsonl", batch=False)
    assert await kinds(tab) == {orphan: "orphan", theirs: "unused"}
    told: list[tuple[int, int]] = []
    came = await account(tab).sweep(await look(tab), [orphan], lambda *far: told.append(far), lambda: False)
    assert came.gone == {orphan}
    assert told == [(0, 1)]
    assert await kinds(tab) == {theirs: "unused"}
    await world.close()
    world.check_failures()


async def test_a_failure_stops_the_deletion_and_says_how_far_it_came(world: World) -> None:
    """What is gone is gone; the rest is still there and can be asked for again."""
    tab = await finished(world)
    ids = [one.file.id for one in await account(tab).judge(await look(tab))]
    world.http.fail("delete", Dropped("broken", effect=True))
    came = await account(tab).sweep(await look(tab), ids, lambda _done, _total: None, lambda: False)
    assert came.problem is not None
    assert came.gone == frozenset()
    came = await account(tab).sweep(await look(tab), ids, lambda _done, _total: None, lambda: False)
    assert (came.problem, len(came.gone)) == (None, len(ids) - 1)
    assert await kinds(tab) == {}


async def test_a_deletion_can_be_stopped(world: World) -> None:
    """After the file that is under way."""
    tab = await finished(world)
    ids = [one.file.id for one in await account(tab).judge(await look(tab))]
    came = await account(tab).sweep(await look(tab), ids, lambda _done, _total: None, lambda: world.http.calls["delete"] >= 1)
    assert len(came.gone) == 1


async def test_a_listing_without_an_end_deletes_nothing(world: World) -> None:
    """What is not known to be in no use is not deleted."""
    tab = await finished(world)
    seen = await look(tab)
    page: Any = b'{"object": "list", "data": [{"id": "batch_1", "status": "completed"}], "has_more": true, "last_id": "batch_1"}'
    world.http.fail("list", Answered(200, page), math.inf)
    with pytest.raises(Refused, match="no end"):
        await account(tab).sweep(seen, [one.id for one in seen.files], lambda _done, _total: None, lambda: False)
    assert world.http.calls["delete"] == 0


# --- deletion by itself


async def clearing(world: World, clear: float = 1.0) -> tuple[Tab, RemoteCleaner, list[Batch]]:
    world.provider(clear=clear)
    tab = await world.tab()
    told: list[Batch] = []
    return tab, RemoteCleaner(tab.records, tab.profiles, tab.clock, tab.tasks, lambda: True, told.append), told


async def test_files_are_deleted_after_the_answers_are_here(world: World) -> None:
    """Input and answers, once, and the batch knows it. The answers stay in this browser, byte for byte."""
    tab, cleaner, told = await clearing(world)
    await tab.add(5)
    await tab.submit()
    while world.batches()[0].state not in pipeline.FINAL:
        await cleaner.turn()
        assert world.http.calls["delete"] == 0
        await world.clock.advance(1)
    await cleaner.turn()
    await cleaner.turn()
    batch = world.batch()
    assert batch.remote is not None
    assert batch.remote_cleanup.gone == (batch.input_file_id, batch.remote.output_file_id)
    assert world.http.calls["delete"] == 2
    assert told == [batch]
    assert await kinds(tab) == {}
    assert (await tab.review.rows(batch, "answered", 0, 9))[0] == 5
    world.check_stored()


async def test_nothing_is_deleted_unless_it_was_chosen(world: World) -> None:
    """It is off by default, and concerns no batch that ended before it was switched on."""
    for clear in (0.0, world.clock.now() + 100_000):
        tab, cleaner, _told = await clearing(world, clear)
        await tab.add(2, prefix=f"c{clear:.0f}-")
        await tab.submit()
        await world.ended()
        await cleaner.turn()
        await tab.close()
    assert world.http.calls["delete"] == 0


async def test_a_deletion_that_fails_is_shown_and_tried_again(world: World) -> None:
    """After five minutes, ten, at most an hour; the batch is done all the same. What is gone is not asked for twice."""
    tab, cleaner, _told = await clearing(world)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    world.http.fail("delete", Answered(500, b"{}"), 4)
    await cleaner.turn()
    assert world.batch().state == "done"
    assert world.batch().remote_cleanup.problem is not None
    await cleaner.turn()
    assert world.http.calls["delete"] == 2  # each of its files, once
    await world.clock.advance(300)
    await cleaner.turn()
    assert world.batch().remote_cleanup.tries == 2
    await world.clock.advance(600)
    await cleaner.turn()
    assert world.batch().remote_cleanup.problem is None
    assert len(world.batch().remote_cleanup.gone) == 2
    world.http.fail("delete", Answered(404, b"{}"))


async def test_a_deletion_waits_an_hour_at_most_whatever_the_clock_said(world: World) -> None:
    """The machine's clock was a week ahead when it failed, and was set right: it is tried at once, and not in a week."""
    tab, cleaner, _told = await clearing(world)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    for ahead in (7 * 86_400.0, 1e300):
        late = RemoteCleanup(tries=9, retry_at=world.clock.now() + ahead)
        await tab.records.amend(Batch, world.batch().id, lambda one, late=late: replace(one, remote_cleanup=late))  # type: ignore[misc]
        assert remote_files.next_clearing(world.batch(), world.clock.now()) == 0.0
    await cleaner.turn()
    assert len(world.batch().remote_cleanup.gone) == 2


@pytest.mark.slow
async def test_the_waits_of_a_deletion_that_never_succeeds_grow_to_an_hour(world: World) -> None:
    """And no further, however often it failed."""
    tab, cleaner, _told = await clearing(world)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    world.http.fail("delete", Answered(500, b"{}"), math.inf)
    waits = []
    for _ in range(12):
        await cleaner.turn()
        waits.append(remote_files.next_clearing(world.batch(), world.clock.now()) - world.clock.now())
        await world.clock.advance(waits[-1])
    assert [round(one) for one in waits] == [300.0, 600.0, 1_200.0, 2_400.0, *[3_600.0] * 8]


async def test_a_file_that_is_gone_already_is_as_good_as_deleted(world: World) -> None:
    """Somebody else was faster."""
    tab, cleaner, _told = await clearing(world)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    world.http.fail("delete", Answered(404, b"{}"), 2)
    await cleaner.turn()
    assert len(world.batch().remote_cleanup.gone) == 2
    assert world.batch().remote_cleanup.problem is None
