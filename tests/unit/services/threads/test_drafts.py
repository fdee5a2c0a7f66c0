"""Threads on disk: the newest text wins, nobody's text is overwritten unseen, and what was said to be saved is saved."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from app.core.model.threads import Thread
from app.core.threads import editing
from app.ports import Conflict, StorageFull, StorageLost
from tests.kit.world import Tab, World


def typed(thread: Thread, text: str) -> Thread:
    return editing.set_text(thread, thread.messages[0].id, text)


def text_of(thread: Thread | None) -> str:
    assert thread is not None
    return thread.messages[0].text


async def stored(tab: Tab, id: str) -> str:
    """What is on disk, read by a tab that knows nothing yet."""
    fresh = await tab.world.tab(engine=False)
    found = await fresh.drafts.get(id)
    await fresh.close()
    return text_of(found)


async def test_an_empty_thread_is_not_stored(world: World) -> None:
    """A new thread stands on disk only when something was typed."""
    tab = await world.tab(engine=False)
    thread = tab.drafts.new()
    assert await tab.drafts.all() == []
    tab.drafts.save(typed(thread, "a"))
    await tab.drafts.settled()
    assert [text_of(one) for one in await tab.drafts.all()] == ["a"]


async def test_the_newest_text_wins(world: World) -> None:
    """Keys typed faster than the disk writes: the last text is stored, the ones between are skipped, and «saved» comes once at the end."""
    tab = await world.tab(engine=False)
    thread = tab.drafts.new()
    text = ""
    for letter in "The quick brown fox":
        text += letter
        tab.drafts.save(typed(thread, text))
    assert tab.drafts.unsaved(thread.id)
    await tab.drafts.settled()
    assert not tab.drafts.unsaved(thread.id)
    assert await stored(tab, thread.id) == "The quick brown fox"
    assert tab.savings == [(thread.id, "saving"), (thread.id, "saved")]
    assert tab.inner.commits <= 2


async def test_one_write_at_a_time(world: World) -> None:
    """While a write is under way no other of the same thread begins; other threads don't wait for it."""
    tab = await world.tab(engine=False)
    one, other = tab.drafts.new(), tab.drafts.new()
    writing: list[str] = []
    most = 0
    real = tab.inner.commit

    async def slow(changes):
        nonlocal most
        id = changes[0].id
        writing.append(id)
        most = max(most, writing.count(id))
        for _ in range(10):
            await asyncio.sleep(0)
        await real(changes)
        writing.remove(id)

    tab.inner.commit = slow  # type: ignore[method-assign]
    for number in range(20):
        tab.drafts.save(typed(one, f"one {number}"))
        tab.drafts.save(typed(other, f"other {number}"))
        await asyncio.sleep(0)
    await tab.drafts.settled()
    assert most == 1
    assert (await stored(tab, one.id), await stored(tab, other.id)) == ("one 19", "other 19")


async def test_reading_while_typing_never_shows_an_older_text(world: World) -> None:
    """A list or a thread that is read while a text is being written holds that text, not the one before, and no later write conflicts."""
    tab = await world.tab(engine=False)
    thread = tab.drafts.new()
    tab.drafts.save(typed(thread, "first"))
    await tab.drafts.settled()
    real = tab.inner.scan

    async def slow(*args, **more):
        rows = await real(*args, **more)
        for _ in range(10):
            await asyncio.sleep(0)
        return rows

    tab.inner.scan = slow  # type: ignore[method-assign]
    reading = asyncio.ensure_future(tab.drafts.all())
    for _ in range(5):
        await asyncio.sleep(0)
    tab.drafts.save(typed(thread, "second"))
    await tab.drafts.settled()
    assert [text_of(one) for one in await reading] == ["second"]
    tab.drafts.save(typed(thread, "third"))
    await tab.drafts.settled()
    assert tab.savings[-1] == (thread.id, "saved")
    assert await stored(tab, thread.id) == "third"


async def test_a_thread_read_while_it_is_written_is_not_in_conflict_with_itself(world: World) -> None:
    """The same for one thread that is opened while its text is being written."""
    tab = await world.tab(engine=False)
    thread = tab.drafts.new()
    tab.drafts.save(typed(thread, "first"))
    await tab.drafts.settled()
    real = tab.inner.get

    async def slow(*args):
        row = await real(*args)
        for _ in range(10):
            await asyncio.sleep(0)
        return row

    tab.inner.get = slow  # type: ignore[method-assign]
    reading = asyncio.ensure_future(tab.drafts.get(thread.id))
    for _ in range(3):
        await asyncio.sleep(0)
    tab.drafts.save(typed(thread, "second"))
    await tab.drafts.settled()
    assert text_of(await reading) == "second"
    tab.drafts.save(typed(thread, "third"))
    await tab.drafts.settled()
    assert tab.savings[-1] == (thread.id, "saved")


async def two_tabs(world: World) -> tuple[Tab, Tab, Thread]:
    """Two tabs that show the same stored thread."""
    first, second = await world.tab(engine=False), await world.tab(engine=False)
    thread = first.drafts.new()
    first.drafts.save(typed(thread, "both"))
    await first.drafts.settled()
    assert text_of(await second.drafts.get(thread.id)) == "both"
    return first, second, thread


async def test_a_text_of_another_tab_is_not_overwritten(world: World) -> None:
    """Both tabs type: the first to be written stays, the second tab is told of a conflict and keeps its text in hand."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(typed(thread, "mine"))
    await first.drafts.settled()
    second.drafts.save(typed(thread, "theirs"))
    await second.drafts.settled()
    assert second.savings[-1] == (thread.id, "conflict")
    assert await stored(first, thread.id) == "mine"
    assert second.drafts.unsaved(thread.id)
    assert text_of(await second.drafts.get(thread.id)) == "theirs"


async def test_a_list_that_was_read_does_not_allow_to_overwrite(world: World) -> None:
    """That a tab has read the list of threads does not mean that the person has seen another tab's text."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(typed(thread, "mine"))
    await first.drafts.settled()
    await second.drafts.all()
    second.drafts.save(typed(thread, "theirs"))
    await second.drafts.settled()
    assert second.savings[-1] == (thread.id, "conflict")
    assert await stored(first, thread.id) == "mine"


async def test_after_a_conflict_mine_can_be_kept(world: World) -> None:
    """The person chooses this tab's text: it is written, and typing goes on."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(typed(thread, "mine"))
    await first.drafts.settled()
    second.drafts.save(typed(thread, "theirs"))
    await second.drafts.settled()
    await second.drafts.keep_mine(typed(thread, "theirs"))
    await second.drafts.settled()
    assert await stored(first, thread.id) == "theirs"
    second.drafts.save(typed(thread, "theirs!"))
    await second.drafts.settled()
    assert second.savings[-1] == (thread.id, "saved")


async def test_after_a_conflict_theirs_can_be_taken(world: World) -> None:
    """The person chooses the other tab's text: it is read, and typing goes on from it."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(typed(thread, "mine"))
    await first.drafts.settled()
    second.drafts.save(typed(thread, "theirs"))
    await second.drafts.settled()
    assert text_of(await second.drafts.take_theirs(thread.id)) == "mine"
    assert not second.drafts.unsaved(thread.id)
    second.drafts.save(typed(thread, "mine, and more"))
    await second.drafts.settled()
    assert await stored(first, thread.id) == "mine, and more"


async def test_a_thread_that_the_other_tab_removed_can_be_kept(world: World) -> None:
    """The other tab emptied the bin: this tab is told, and may write its text anew."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(replace(thread, deleted=1.0))
    await first.drafts.settled()
    assert [one.id for one in await first.drafts.empty_bin([thread.id])] == [thread.id]
    second.drafts.save(typed(thread, "still wanted"))
    await second.drafts.settled()
    assert second.savings[-1] == (thread.id, "conflict")
    assert await second.drafts.take_theirs(thread.id) is None
    await second.drafts.keep_mine(typed(thread, "still wanted"))
    await second.drafts.settled()
    assert await stored(first, thread.id) == "still wanted"


@pytest.mark.parametrize(("error", "word"), [(StorageFull("no room"), "full"), (StorageLost("gone"), "lost")])
async def test_a_disk_that_refuses_is_told_and_tried_again(world: World, error: Exception, word: str) -> None:
    """The text stays in hand when the disk refuses it, and the next key stroke writes all of it."""
    tab = await world.tab(engine=False)
    thread = tab.drafts.new()
    tab.inner.fail_next = error
    tab.drafts.save(typed(thread, "a"))
    await tab.drafts.settled()
    assert tab.savings[-1] == (thread.id, word)
    assert tab.drafts.unsaved(thread.id)
    assert text_of(await tab.drafts.get(thread.id)) == "a"
    tab.drafts.save(typed(thread, "ab"))
    await tab.drafts.settled()
    assert tab.savings[-1] == (thread.id, "saved")
    assert await stored(tab, thread.id) == "ab"


@pytest.mark.parametrize("step", range(12))
async def test_every_acknowledged_key_stroke_survives_a_crash(world: World, step: int) -> None:
    """Whenever the tab dies while somebody types: what it had called saved is on disk, or something newer."""
    tab = await world.tab(engine=False)
    world.steps.clear()
    world.crash_at = step
    thread = tab.drafts.new()
    text, saved = "", ""
    for number in range(60):
        if tab.life.dead:
            break
        text += chr(97 + number % 26)
        tab.drafts.save(typed(thread, text))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        if tab.savings and tab.savings[-1][1] == "saved" and not tab.drafts.unsaved(thread.id):
            saved = text
    assert tab.life.dead
    tab = await world.reload(tab)
    assert text_of(await tab.drafts.get(thread.id)).startswith(saved)


async def test_deleted_threads_stay_until_the_bin_is_emptied(world: World) -> None:
    """Deleting keeps the thread; emptying the bin removes the deleted ones only."""
    tab = await world.tab(engine=False)
    keep, drop = typed(tab.drafts.new(), "keep"), typed(tab.drafts.new(), "drop")
    tab.drafts.save(keep)
    tab.drafts.save(drop)
    await tab.drafts.settled()
    tab.drafts.save(replace(drop, deleted=5.0))
    await tab.drafts.settled()
    assert len(await tab.drafts.all()) == 2
    assert await tab.drafts.empty_bin([]) == []
    assert [one.id for one in await tab.drafts.empty_bin([keep.id, drop.id])] == [drop.id]
    assert [text_of(one) for one in await tab.drafts.all()] == ["keep"]
    assert await tab.drafts.empty_bin([drop.id]) == []


async def test_a_thread_that_is_undeleted_meanwhile_is_not_removed(world: World) -> None:
    """Another tab brings a thread back while the bin is being emptied: the thread stays."""
    first, second, thread = await two_tabs(world)
    first.drafts.save(replace(typed(thread, "back"), deleted=5.0))
    await first.drafts.settled()
    await second.drafts.get(thread.id)
    real = first.inner.commit

    async def late(changes):
        second.drafts.save(typed(thread, "back"))
        await second.drafts.settled()
        await real(changes)

    first.inner.commit = late  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await first.drafts.empty_bin([thread.id])
    assert await stored(second, thread.id) == "back"


async def test_threads_come_newest_first(world: World) -> None:
    """The list begins with the thread that was changed last."""
    tab = await world.tab(engine=False)
    for number in range(3):
        tab.drafts.save(replace(typed(tab.drafts.new(), f"{number}"), updated=100.0 - number))
    await tab.drafts.settled()
    assert [text_of(one) for one in await tab.drafts.all()] == ["0", "1", "2"]
