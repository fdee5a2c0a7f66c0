"""The log of a world: written with what it tells of, bound together, bounded, and without keys or contents."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace

from app.core.activity.log import LogEntry, LogPage, draft, said
from app.core.batches import pipeline
from app.core.batches.durations import History
from app.core.model.batches import Batch
from app.ports import Change, Conflict, Put, Table
from app.services.batches.delete_batch import Tidy
from app.services.runtime import logbook
from app.services.runtime.log import Log
from app.services.runtime.logbook import BOUND, KEPT, LOOSE, Logbook
from app.services.runtime.records import put
from tests.fakes.http import Answered, Dropped, Failure, Halfway
from tests.kit.world import KEY, LANE, PRACTICE_LANE, Tab, World, pair

SECRET = "What was asked, word by word"


def book(tab: Tab) -> Logbook:
    return Logbook(tab.records, tab.clock)


def writer(tab: Tab) -> Log:
    return tab.runtime.log


async def entries(tab: Tab, batch: str = "") -> list[LogEntry]:
    return await book(tab).entries(batch)


async def many(tab: Tab, count: int, batch: str = "") -> None:
    """So many entries, each a page."""
    log = writer(tab)
    for number in range(count):
        await log.note("setting", f"n{number}", batch=batch)
        tab.world.clock.set(tab.world.clock.now() + 1)


def pages(world: World) -> list[LogPage]:
    return [msgspec.json.decode(one.doc, type=LogPage) for one in world.disk.records[Table.EVENTS].values()]


async def test_a_journey_is_told_whole(world: World) -> None:
    """From the lead to the end: each state, each call with its figures, in order; looks that told nothing new are one entry."""
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    (batch,) = await world.ended()
    told = await entries(tab)
    assert said(told[0]) == "A tab took the lead: its engine runs the batches."
    mine = [one for one in told if one.batch == batch.id]
    states = [one.what for one in mine if one.kind == "state"]
    assert states[:3] == ["uploading", "uploaded", "creating"]
    assert states[-3:] == ["downloading", "reconciling", "done"]
    calls = [one for one in mine if one.kind == "call"]
    assert [one.what for one in calls if one.what != "poll"] == ["upload", "create", "download", "ledger"]
    assert all(one.took >= 0 for one in calls)
    assert sum(one.times for one in calls if one.what == "poll") == world.http.calls["poll"]
    assert said(calls[-1]) == "Checked the answers: 3 answered."
    assert mine == await entries(tab, batch.id)
    assert not [one for one in told if one.trouble]


async def test_what_is_told_is_stored_with_what_it_tells_of(world: World) -> None:
    """At every commit: the last state that the log tells of a batch is the one that it is in."""
    tab = await world.tab()
    seen = 0

    def look(changes: Sequence[Change]) -> None:
        nonlocal seen
        for change in changes:
            if isinstance(change, Put) and change.table is Table.BATCHES and change.state != "planned":
                told = [one for page in pages(world) for one in page.entries if one.batch == change.id and one.kind == "state"]
                assert max(told, key=lambda one: (one.at, one.id)).what == change.state
                seen += 1

    tab.inner.on_commit = look
    world.http.fail("create", Answered(500))
    await tab.add(2)
    await tab.submit()
    await world.ended()
    assert seen > 8


SAYS = msgspec.json.encode({"error": {"code": SECRET, "message": f"{SECRET} with {KEY}"}})
FAILURES: dict[str, Failure] = {
    **{str(status): Answered(status, SAYS) for status in (400, 401, 403, 404, 409, 413, 422, 429, 500)},
    "page": Answered(200, f"<html>{SECRET} {KEY}</html>".encode()),
    "lost": Dropped("timeout", effect=True),
    "broken": Halfway(20),
}


@pytest.mark.slow
@pytest.mark.parametrize("call", ["upload", "files", "create", "list", "poll", "cancel", "download"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_no_key_and_no_content_gets_in(world: World, call: str, failure: Failure) -> None:
    """Every call fails in every way, and what comes back quotes the request and the key: none of it is in the log or its file."""
    if isinstance(failure, Halfway) and call != "download":
        return
    tab = await world.tab()
    await tab.profiles.put_key("openai", KEY, remember=True)
    await tab.queue.add(LANE, [pair("r0", SECRET), pair("r1", SECRET)])
    if call in ("files", "list"):
        world.http.fail("upload" if call == "files" else "create", Dropped("timeout", effect=True))
    world.http.fail(call, failure)
    await tab.submit()
    if call == "cancel":
        await world.until(lambda: world.batch().state == "in_progress")
        await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.ended()
    assert world.http.calls[call]
    found = await entries(tab)
    assert [one for one in found if one.trouble]
    text = (await book(tab).file(found)).decode() + "".join(one.doc for one in world.disk.records[Table.EVENTS].values())
    for part in (SECRET, KEY, KEY[4:14], "word by word", "What was"):
        assert part not in text


async def test_a_failing_provider_leaves_nothing_of_the_batch_name(world: World) -> None:
    """A batch is called by the first words of its first request: the log calls it by its id."""
    tab = await world.tab()
    await tab.queue.add(LANE, [pair("r0", SECRET)])
    await tab.submit()
    await world.ended()
    assert SECRET in world.batch().name
    told = [one for one in await entries(tab) if one.batch]
    assert {one.batch for one in told} == {world.batch().id}
    assert SECRET not in str(told)


async def test_settings_are_told_without_their_values(world: World) -> None:
    """Which one was changed, and that a key was entered or removed; which thread is open is nobody's business."""
    tab = await world.tab(engine=False)
    await tab.profiles.prefer(theme="dark", practice_speed=6.0)
    await tab.profiles.prefer(thread="t-1")
    await tab.profiles.put_key("openai", KEY, remember=True)
    await tab.profiles.remove_key("openai")
    told = await entries(tab)
    assert [said(one) for one in told] == [
        "A setting was changed: practice speed.",
        "A setting was changed: theme.",
        "A key was entered.",
        "A key was removed.",
    ]
    assert "dark" not in str(told)


async def test_a_deletion_stays_in_the_log(world: World) -> None:
    """The batch is gone with all that it had; that it was there and was deleted is still told, and how long it took is still known."""
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    (batch,) = await world.ended()
    await Tidy(tab.records).forget(batch.id, writer(tab).put(draft("batch", "deleted", batch=batch.id)))
    told = await entries(tab, batch.id)
    assert said(told[-1]) == "Deleted from this browser."
    stored = await tab.records.get(History, LANE.key)
    assert stored is not None
    (run,) = stored.value.runs
    assert (run.batch, run.requests, run.ending) == (batch.id, 2, "completed")
    assert run.total >= run.states["in_progress"] > 0


async def test_two_batches_that_end_at_once_are_both_history(world: World) -> None:
    """They write the same record, and neither is lost."""
    world.provider(max_requests=2)
    tab = await world.tab()
    await tab.add(8)
    await tab.submit()
    await tab.add(3, PRACTICE_LANE, "p")
    await tab.submit(PRACTICE_LANE)
    ended = await world.ended()
    found = [one.value for one in await tab.records.all(History)]
    assert {run.batch for one in found for run in one.runs} == {one.id for one in ended}
    assert {one.id: len(one.runs) for one in found} == {LANE.key: 4, PRACTICE_LANE.key: 1}


async def test_a_withdrawn_batch_is_no_history(world: World) -> None:
    """The provider never had it, so it says nothing of how long one takes."""
    world.http.fail("upload", Answered(401))
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.ended()
    assert await tab.records.all(History) == []
    assert (await entries(tab))[-1].code == "wrong_key"


async def test_a_log_that_cannot_be_written_stops_nothing(world: World) -> None:
    """The disk is full: what is only told by itself is not told, and the tab leads all the same."""
    from app.ports import StorageFull

    tab = await world.tab(engine=False)
    tab.inner.fail_next = StorageFull("no room")
    await writer(tab).note("lead", "taken")
    assert await entries(tab) == []


# --- binding


async def test_pages_are_bound_and_nothing_is_lost(world: World) -> None:
    """Many small records become a few; the entries are the same, in the same order."""
    tab = await world.tab(engine=False)
    await many(tab, LOOSE - 1)
    assert not await book(tab).bind(writer(tab))
    await many(tab, BOUND * 2)
    before = await entries(tab)
    assert len(before) == LOOSE - 1 + 2 * BOUND
    assert await book(tab).bind(writer(tab))
    assert await entries(tab) == before
    assert sorted(len(one.entries) for one in pages(world)) == [LOOSE - 1, BOUND, BOUND]
    assert not await book(tab).bind(writer(tab))
    await many(tab, LOOSE)
    assert await book(tab).bind(writer(tab))
    assert [one.id for one in (await entries(tab))[: len(before)]] == [one.id for one in before]
    assert len(pages(world)) == 3


@pytest.mark.slow
async def test_the_oldest_entries_go(world: World) -> None:
    """Beyond the limit whole pages go, the oldest first, and what stays is at least as many as the limit says."""
    tab = await world.tab(engine=False)
    full = [
        LogPage(id=f"p{n:04}", entries=tuple(LogEntry(id=f"e{n:04}-{i:03}", at=float(n * BOUND + i), kind="lead") for i in range(BOUND)))
        for n in range(KEPT // BOUND + 3)
    ]
    await tab.records.commit([put(one, 0) for one in full])
    assert await book(tab).bind(writer(tab))
    left = await entries(tab)
    assert len(left) == KEPT
    assert left[-1].id == full[-1].entries[-1].id
    assert not await book(tab).bind(writer(tab))


async def test_an_entry_that_is_written_while_it_is_bound_counts_once(world: World) -> None:
    """A look at a batch goes on with its entry although the page was bound meanwhile: the later form counts."""
    tab = await world.tab(engine=False)
    await many(tab, LOOSE)
    (first, *_) = await entries(tab)
    assert await book(tab).bind(writer(tab))
    await tab.records.commit([put(LogPage(id=first.id, entries=(replace(first, times=7),)), -1)])
    told = await entries(tab)
    assert len(told) == LOOSE
    assert told[0].times == 7
    await many(tab, LOOSE)
    assert await book(tab).bind(writer(tab))
    again = await entries(tab)
    assert len(again) == 2 * LOOSE
    assert again[0].times == 7


async def test_binding_gives_way_to_who_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tab writes a page anew meanwhile: nothing is bound, nothing is lost, and the next time it is."""
    tab = await world.tab(engine=False)
    await many(tab, LOOSE)
    before = await entries(tab)
    commit = tab.records.commit

    async def late(changes: Sequence[Change]) -> None:
        monkeypatch.setattr(tab.records, "commit", commit)
        raise Conflict("events", "e", 1, 2)

    monkeypatch.setattr(tab.records, "commit", late)
    assert not await book(tab).bind(writer(tab))
    assert await entries(tab) == before
    assert await book(tab).bind(writer(tab))


async def test_only_the_tab_that_leads_binds(world: World) -> None:
    """The others leave the pages alone."""
    tab = await world.tab(engine=False)
    await many(tab, LOOSE)
    leads = False
    tab.tasks.start("log", book(tab).keep(writer(tab), tab.tasks, lambda: leads))
    await world.clock.advance(logbook.EVERY * 3)
    assert len(pages(world)) == LOOSE
    leads = True
    await world.clock.advance(logbook.EVERY + 1)
    assert len(pages(world)) == 1


async def test_a_damaged_page_does_not_hide_the_others(world: World) -> None:
    """It is left where it is."""
    tab = await world.tab(engine=False)
    await many(tab, 2)
    await tab.store.commit([Put(Table.EVENTS, "bad", 0, '{"id":')])
    assert len(await entries(tab)) == 2
    assert "bad" in world.disk.records[Table.EVENTS]


async def test_the_file_has_a_line_for_each_entry(world: World) -> None:
    """JSON lines that a person can read: the time in UTC, the sentence, and what is known beside."""
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    (batch,) = await world.ended()
    found = await entries(tab)
    lines = [json.loads(one) for one in (await book(tab).file(found)).splitlines()]
    assert len(lines) == len(found)
    assert lines[0] == {
        "time": "2023-11-14T22:13:20Z",
        "said": "A tab took the lead: its engine runs the batches.",
        "kind": "lead",
        "what": "taken",
    }
    submitted = next(one for one in lines if one["what"] == "submitted")
    assert submitted["batch"] == batch.id
    assert submitted["counts"] == {"requests": 2, "bytes": batch.size}
    assert logbook.utc(1e300) == ""


async def test_the_history_is_of_the_tab_that_carried(world: World) -> None:
    """Answers that are fetched again add nothing: the batch ended when it ended."""
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    (batch,) = await world.ended()
    before = await tab.records.get(History, LANE.key)
    await tab.engine.command(batch.id, pipeline.FetchAgain(("output",)))
    await world.ended()
    assert await tab.records.get(History, LANE.key) == before
    assert isinstance(batch, Batch)
