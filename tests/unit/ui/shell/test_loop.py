"""The loop around everything: failures met by one boundary, toasts, routes, long lists, other tabs."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base.locale import Locale
from app.core.base.text import number
from app.core.model.problem import Problem
from app.ports import Conflict, StorageFull, StorageLost, Usage
from app.ui.base.state import ROW, Route, Scroll, View
from app.ui.queue import view as queue_view
from app.ui.shell import dialogs_view as dialogs_view
from app.ui.shell import view as shell_view
from app.ui.threads.actions import NewThread
from tests.kit.screen import Visit, parse
from tests.unit.ui.conftest import Open


class Broken(Exception):
    """What the tests make go wrong."""


def fail(*_given: Any, **_more: Any) -> Any:
    raise Broken("<b>on purpose</b>")


async def fail_later(*_given: Any, **_more: Any) -> None:
    await asyncio.sleep(0)
    raise Broken("later")


# --- the boundary


@pytest.mark.parametrize(("handler", "name"), [(fail, "internal:event"), (fail_later, "internal:NewThread")])
async def test_handler_fails(visit: Visit, monkeypatch: pytest.MonkeyPatch, handler: Any, name: str) -> None:
    """A handler that raises, at once or later, is shown in words; everything else goes on."""
    await visit.write("Hello")
    handlers: dict[Any, Any] = visit.app.registry.actions
    monkeypatch.setitem(handlers, NewThread, handler)
    await visit.click("New")
    assert visit.notes == [name]
    assert "Broken" in visit.text
    await visit.type("Text of message 1", "Still here")
    assert "saved just now" in visit.text
    await visit.click("Dismiss", 0)
    assert visit.notes == []


async def test_view_fails(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that cannot be drawn leaves the way to the others, and comes back by itself when it can be drawn again."""
    monkeypatch.setattr(queue_view, "queue", fail)
    await visit.go("#/queue")
    assert visit.notes == ["internal:draw"]
    assert [one["href"] for one in visit.dom.of("a")][:2] == ["#/compose", "#/home"]
    await visit.go("#/threads")
    assert "No prompts yet" in visit.text
    monkeypatch.undo()
    await visit.go("#/queue")
    assert "Queue is empty" in visit.text
    await visit.click("Dismiss")
    assert visit.notes == []


async def test_dialog_fails(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that cannot be drawn is left behind by going to another view."""
    await visit.write("Hello")
    monkeypatch.setattr(dialogs_view, "show", lambda state: fail() if state.dialog else "")
    await visit.click("Import from text")
    assert visit.notes == ["internal:draw"]
    await visit.go("#/settings")
    assert "Appearance" in visit.text


async def test_frame_fails(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """When not even the frame can be drawn, the failure and a reload are still there."""
    monkeypatch.setattr(shell_view, "_rail", fail)
    await visit.go("#/queue")
    assert visit.notes == ["internal:draw"]
    await visit.click("Reload the page")
    assert visit.page.reloads == 1


async def test_background_fails(visit: Visit) -> None:
    """Work in the background that raises is shown under its name."""
    visit.app.tasks.start("tidying", fail_later())
    await visit.rest()
    assert visit.notes == ["internal:tidying"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageFull("no room"), "storage_full"),
        (StorageLost("closed"), "storage_lost"),
        (Broken("odd"), "internal:SetTheme"),
    ],
)
async def test_disk_fails(visit: Visit, error: Exception, code: str) -> None:
    """Whatever the disk refuses is shown in words of its own; trying again works."""
    await visit.go("#/settings")
    visit.store.fail_next = error
    await visit.click("Dark")
    assert visit.notes == [code]
    await visit.click("Dismiss")
    await visit.click("Light")
    assert visit.notes == []
    again = await visit.other_tab()
    assert again.state.preferences.theme == "light"
    await again.close()


async def test_conflict_again_and_again(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """One lost race is tried again without a word; when others keep winning, that is said."""
    await visit.go("#/settings")
    visit.store.fail_next = Conflict("settings", "preferences", 1, 2)
    await visit.click("Dark")
    assert visit.notes == []

    async def commit(_changes: Any) -> None:
        raise Conflict("settings", "preferences", 1, 2)

    monkeypatch.setattr(visit.store, "commit", commit)
    await visit.click("Light")
    assert visit.notes == ["conflict"]


@pytest.mark.slow
async def test_clock_goes_on(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page keeps time after a look at the storage failed."""
    await visit.write("Hello")

    async def usage() -> Usage:
        raise StorageLost("closed")

    monkeypatch.setattr(visit.store, "usage", usage)
    await visit.wait(16)
    assert "storage_lost" in visit.notes
    await visit.wait(300)
    assert "saved 5 min ago" in visit.text


@pytest.mark.slow
async def test_nothing_is_left_behind(tabs: Open) -> None:
    """A closed tab leaves no task and no exception that nobody saw."""
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unseen.append(context))
    visit = await tabs()
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(5)
    await visit.close()
    gc.collect()
    assert unseen == []
    assert [one.get_name() for one in asyncio.all_tasks() if one is not asyncio.current_task()] == []


async def test_damaged_records(tabs: Open, visit: Visit) -> None:
    """A record that cannot be read is counted and said; everything else is there."""
    await visit.write("Hello")
    await visit.write("World")
    disk = visit.store.disk
    table = next(rows for name, rows in disk.records.items() if name == "threads")
    id = next(iter(table))
    table[id] = type(table[id])(table[id].rev, '{"id":', "", "", 0.0)
    other = await tabs(beside=visit, route="#/settings")
    assert "1 record cannot be read." in other.text
    await other.go("#/threads")
    assert "1 conversation" in other.text


# --- toasts


async def test_toasts_fade(visit: Visit) -> None:
    """A word fades after 6 seconds, one with a way back after 20."""
    await visit.write("Hello")
    await visit.click("Add to queue")
    await visit.click("Duplicate")
    assert len(visit.toasts) == 2
    await visit.wait(7)
    assert visit.toasts == ["Added to the queue: it waits until you submit it."]
    await visit.wait(12)
    assert visit.toasts == ["Added to the queue: it waits until you submit it."]
    await visit.wait(2)
    assert visit.toasts == []


async def test_toasts_are_few(visit: Visit) -> None:
    """At most two toasts are in sight, and none says the same as another."""
    for n in range(20):
        visit.app.toast(f"word {n // 4}")
    await visit.rest()
    assert visit.toasts == ["word 3", "word 4"]


async def test_dismissed_toast(visit: Visit) -> None:
    """A dismissed toast is gone; what it told of can still be undone, from Activity, but not twice."""
    await visit.write("Hello")
    await visit.click("Add to queue")
    undo = visit.button("Undo")["data-click"]
    await visit.click("Dismiss")
    assert visit.toasts == []
    for left in (0, 0):
        visit.page.emit(undo)
        await visit.rest()
        assert visit.state.queue.lanes[0].requests == left
    assert visit.toasts == []


# --- routes


@pytest.mark.parametrize(
    ("fragment", "route"),
    [
        ("", Route()),
        ("#", Route()),
        ("#/", Route()),
        ("#/compose", Route()),
        ("#/compose/t-1", Route("compose", "t-1")),
        ("#/threads", Route("threads")),
        ("#/queue", Route("queue")),
        ("#/batches", Route("batches")),
        ("#/batches/", Route("batches")),
        ("#/batches/b-1", Route("batch", "b-1")),
        ("#/settings", Route("settings")),
        ("#/settings/more", Route("settings")),
        ("#/nowhere", Route("nowhere", "#/nowhere")),
        ("#/nowhere/b-1?debug", Route("nowhere", "#/nowhere/b-1")),
        ("#/results/of-nobody?q=x", Route("nowhere", "#/results/of-nobody?q=x")),
        ("#/prompts", Route("threads")),
        ("#/Batches/b-A", Route("batch", "b-A")),
        ("#/Results/batch/b-A?q=X", Route("results", "batch/b-A", query="q=X")),
        ("#/queue?from=mail/1", Route("queue")),
        ("#/?from=mail", Route()),
        ("#/Integrations", Route("programs")),
        ("#/activity/b-1", Route("log", "b-1")),
        ("#/" + "x" * 300, Route("nowhere", "#/" + "x" * 198)),
        ("#main", Route()),
    ],
)
def test_routes(fragment: str, route: Route) -> None:
    """Every address leads somewhere: one with a name of the navigation to that view, one that names no view to a view that says so."""
    assert Route.parse(fragment) == route


@given(st.text())
def test_any_route(fragment: str) -> None:
    """No address fails."""
    assert Route.parse(f"#/{fragment}").view in get_args(View)


@pytest.mark.slow
async def test_links_lead_where_they_say(visit: Visit) -> None:
    """Every link of every view is an address of ours that leads to a view without a problem."""
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(60)
    for route in ("#/compose", "#/threads", "#/queue", "#/batches", "#/settings"):
        await visit.go(route)
        for href in {one["href"] for one in visit.dom.of("a")}:
            await visit.go(href)
            assert visit.notes == []
            current = [one["href"] for one in visit.dom.of("a") if one.get("aria-current") == "page"]
            assert [one for one in current if href.startswith(one)]


async def test_link_to_a_thread(tabs: Open, visit: Visit) -> None:
    """A thread's link opens it in a new tab; one to a thread that is not there says so until another one is opened, also where it can be
    restored."""
    await visit.write("Hello")
    id = visit.state.compose.thread.id
    await visit.write("World")
    other = await tabs(beside=visit, route=f"#/compose/{id}")
    assert other.field("Text of message 1").value == "Hello"
    gone = await tabs(beside=visit, route="#/compose/t-nobody")
    assert "Prompt not found." in gone.text
    assert gone.field("Text of message 1").value == "Hello"
    await gone.go(f"#/compose/{visit.state.compose.thread.id}")
    assert "Prompt not found." not in gone.text
    await visit.go("#/threads")
    await visit.click("Delete prompt", 1)
    await gone.go("#/queue")
    await gone.go(f"#/compose/{id}")
    assert "Prompt deleted." in gone.text
    assert "can be restored" in gone.text
    await gone.go("#/compose")
    assert "Prompt deleted." not in gone.text


async def test_last_thread_is_open(tabs: Open, visit: Visit) -> None:
    """The next start opens the thread that was last open."""
    await visit.write("Hello")
    await visit.write("World")
    await visit.go(f"#/compose/{visit.state.threads.all[1].id}")
    other = await tabs(beside=visit)
    assert other.field("Text of message 1").value == "Hello"


async def test_dialog_closes_with_its_view(visit: Visit) -> None:
    """Going to another view closes the dialog; what was typed into it can be had back."""
    await visit.go("#/compose")
    await visit.click("Import from text")
    await visit.type("Conversation as text", "half a thought")
    await visit.go("#/queue")
    assert visit.dialog is None
    await visit.click("Undo")
    assert visit.field("Conversation as text").value == "half a thought"
    await visit.go("#/queue")  # the same address again
    assert visit.dialog is not None


# --- long lists

sizes = st.integers(0, 50_000)


@given(sizes, st.floats(0, 1), st.floats(1, 3_000), st.integers(0, 20))
def test_window_covers_what_is_in_sight(total: int, how_far: float, height: float, margin: int) -> None:
    """Wherever a list is scrolled to, every row in sight is among those that are drawn, and few more."""
    top = how_far * max(0.0, total * ROW - height)
    first, last = Scroll(top, height).window(total, margin)
    assert 0 <= first <= last <= total
    near = range(max(0, int(top / ROW) - 2), min(total, int((top + height) / ROW) + 2))
    assert all(first <= n < last for n in near if n * ROW < top + height and (n + 1) * ROW > top)
    assert last - first <= height / ROW + 2 + 2 * margin


@given(sizes, st.floats(-1e9, 1e12), st.floats(-10, 1e6))
def test_window_is_bounded(total: int, top: float, height: float) -> None:
    """No measure that a page could report asks for rows that are not there."""
    first, last = Scroll(top, height).window(total)
    assert 0 <= first <= last <= total


# --- other tabs and the browser


@pytest.mark.slow
async def test_other_tab_queues(tabs: Open, visit: Visit) -> None:
    """What another tab queues and submits is seen here at once."""
    other = await tabs(beside=visit)
    await other.queue("Hello")
    await visit.go("#/queue")
    assert [one.text for one in visit.dom.of("button", "cell")] == ["Hello"]
    await other.go("#/queue")
    await other.click("Submit 1")
    await visit.rest()
    assert "Queue is empty" in visit.text
    await visit.wait(60)
    await visit.go("#/batches")
    assert "completed" in visit.text
    assert [one.state for one in other.state.batches.all] == ["done"]


async def test_other_tab_writes(tabs: Open, visit: Visit) -> None:
    """Threads of another tab appear in the list."""
    other = await tabs(beside=visit)
    await visit.go("#/threads")
    await other.write("a poem about rivers")
    await visit.rest()
    assert "rivers" in visit.text


async def test_hidden_page_rests(visit: Visit) -> None:
    """A page that nobody sees is not drawn for the time's sake; it is up to date when it is seen again."""
    await visit.write("Hello")
    await visit.wait(20)
    visit.page.notice("hidden")
    await visit.rest()
    before = visit.page.patches
    await visit.wait(600)
    assert visit.page.patches == before
    visit.page.notice("visible")
    await visit.rest()
    assert "saved 10 min ago" in visit.text


@pytest.mark.slow
async def test_back_online_after_the_end(visit: Visit) -> None:
    """Coming back online with a batch that has ended meanwhile is no failure."""
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(60)
    (ended,) = visit.state.batches.all
    visit.state.batches.all = [replace(ended, state="uploading", problem=Problem(code="offline", what="This machine is offline."))]
    visit.page.notice("online")
    await visit.rest()
    assert visit.state.problems == {}


async def test_unchanged_is_not_drawn(visit: Visit) -> None:
    """Nothing is handed to the page when nothing looks different."""
    await visit.rest()
    before = visit.page.patches
    for _ in range(5):
        visit.app.changed()
    await visit.rest()
    assert visit.page.patches == before


async def test_many_changes_one_drawing(visit: Visit) -> None:
    """Changes of one turn are drawn once."""
    before = visit.page.patches
    for n in range(50):
        visit.app.toast(f"word {n}")
    await visit.rest()
    assert visit.page.patches == before + 1


@pytest.mark.slow
async def test_markup_of_a_whole_visit(visit: Visit) -> None:
    """Everything that is drawn on the way through the views is well-formed."""
    drawn: list[str] = []
    patch = visit.page.patch

    def keep(html: str, title: str | None = None) -> None:
        drawn.append(html)
        patch(html, title)

    visit.page.patch = keep  # type: ignore[method-assign]  # to hear of every drawing
    await visit.queue("<b>Hello</b>", "World")
    await visit.go("#/queue")
    await visit.click("Submit 2")
    await visit.wait(30)
    await visit.go("#/settings")
    assert len(drawn) > 10
    for html in drawn:
        parse(html)


async def test_many_notices_two_readings(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often another tab says that it wrote, the table is read once, and once more for what came meanwhile."""
    readings = 0
    gate = asyncio.Event()

    async def read() -> None:
        nonlocal readings
        readings += 1
        await gate.wait()

    monkeypatch.setattr(visit.app, "refresh_queue", read)
    for _ in range(20):
        visit.app.told_by_other_tab(frozenset({"segments"}))
        await visit.rest()
    assert readings == 1
    gate.set()
    await visit.rest()
    assert readings == 2
    visit.app.told_by_other_tab(frozenset({"segments"}))
    await visit.rest()
    assert readings == 3


async def test_engine_that_stopped(visit: Visit) -> None:
    """An engine that failed is not taken for one in another tab: the page says that it stopped, and what to do."""
    assert "Active in this tab" in visit.text
    visit.app.failed("engine", Broken("on purpose"))
    visit.app.leading(False)
    await visit.rest()
    assert "Stopped: reload the page" in visit.text
    assert "another tab" not in visit.text


async def test_focus_follows_a_link(visit: Visit) -> None:
    """Another view takes the focus to its beginning; the first drawing and an address within the same view leave it where it is."""
    assert visit.dom.by_id("main").get("data-autofocus") is None
    await visit.go("#/queue")
    first = visit.dom.by_id("main")["data-autofocus"]
    await visit.go("#/queue")
    assert visit.dom.by_id("main")["data-autofocus"] == first
    await visit.go("#/compose")
    second = visit.dom.by_id("main")["data-autofocus"]
    assert second != first
    await visit.type("Text of message 1", "Hello")
    await visit.go(f"#/compose/{visit.state.compose.thread.id}")
    assert visit.dom.by_id("main")["data-autofocus"] == second


async def test_focus_follows_a_link_to_another_batch_or_table(visit: Visit) -> None:
    """Within one view another id is another thing there; a tab of the same table is not."""
    moves = []
    for address in ("#/batches/b-1", "#/batches/b-2", "#/data", "#/data/d-1", "#/data/d-1/prompt", "#/data/d-2"):
        await visit.go(address)
        moves.append(visit.state.moves)
    assert moves == [1, 2, 3, 4, 4, 5]


async def test_the_tabs_icon_goes_with_the_state(visit: Visit) -> None:
    """It says that a batch runs, or that something needs the person, and is written when it is another one only."""
    seen: list[tuple[str, int]] = [(visit.page.tab_mark, visit.page.tab_marks)]
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    seen.append((visit.page.tab_mark, visit.page.tab_marks))
    await visit.wait(60)
    await visit.rest()
    seen.append((visit.page.tab_mark, visit.page.tab_marks))
    await visit.choose_provider("openai")
    seen.append((visit.page.tab_mark, visit.page.tab_marks))
    assert seen == [("", 0), ("runs", 1), ("", 2), ("needs", 3)]


async def test_skip(visit: Visit) -> None:
    """The first control of the page leads past the navigation."""
    first = next(one for one in visit.dom if one.tag in ("a", "button"))
    await visit.emit(first, "click", "")
    assert visit.dom.by_id("main").get("data-autofocus") is not None


async def test_views_handlers_and_listeners_write_figures_as_the_person_does(visit: Visit) -> None:
    """What people read has their separators; what runs by itself, as what is stored and what programs get, has none of them."""
    said: list[str] = []
    visit.state.locale = Locale("de-DE", group=".", decimal=",")
    visit.state.browser.usage = Usage(1_500_000, 2_000_000_000, persisted=False)
    visit.app.registry.on_queue.append(lambda _context: said.append(number(1234)))
    visit.app.queue_changed()
    assert said == ["1.234"]
    await visit.go("#/settings")
    assert "1,5 MB" in visit.text
    assert number(1234) == "1,234"


# --- what goes on by itself


async def test_what_goes_on_by_itself_is_drawn_soon_and_not_each_time(visit: Visit) -> None:
    """A key waits for no drawing but its own: what it draws says how far everything is."""
    drawn: list[int] = []
    again = asyncio.Event()

    def told(_context: object) -> None:
        drawn.append(1)
        if len(drawn) == 2:
            again.set()

    visit.app.registry.on_drawn.append(told)
    for done in range(50):
        visit.app.moved("b1", "uploading", done, 50)
    await asyncio.sleep(0)
    assert drawn == []
    visit.app.changed()
    await visit.until(lambda: drawn == [1])
    await again.wait()
    assert drawn == [1, 1]
