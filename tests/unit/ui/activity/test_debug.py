"""The debug panel: what happened in the tab, by name and in figures; nothing of it while it is off."""

from __future__ import annotations

import pytest

from app.ui.base.debug import KEPT, DebugState
from app.ui.base.state import Route
from tests.kit.screen import RIGHT_KEY, Element, Visit, check

SECRET = "a word that nobody may read"


def panel(visit: Visit) -> Element:
    return visit.dom.by_id("debug")


def rows(visit: Visit) -> list[list[str]]:
    """The cells of each line, newest first."""
    return [[cell.text for cell in row.of("td")] for row in panel(visit).of("tbody")[0].of("tr")]


async def test_it_is_off_and_costs_nothing(visit: Visit) -> None:
    """Nothing watches, nothing runs, nothing is kept before somebody wants it."""
    await visit.queue("Hello")
    assert visit.state.debug is None
    assert visit.app.services.engine.watched is None
    assert "debug" not in visit.app.tasks.names
    assert 'id="debug"' not in visit.page.html


async def test_the_address_opens_it(visit: Visit) -> None:
    """«?debug» behind any address; another address leaves it open, the button closes it, and what watched is gone."""
    await visit.go("#/queue?debug")
    assert visit.state.route == Route("queue")
    check(visit.page.html)
    await visit.go("#/threads")
    assert "Start: ready" in panel(visit).text
    await visit.click("Close the debug panel")
    assert 'id="debug"' not in visit.page.html
    assert (visit.state.debug, visit.app.services.engine.watched) == (None, None)
    await visit.wait(1.0)
    assert "debug" not in visit.app.tasks.names


@pytest.mark.slow
async def test_events_effects_and_tasks_are_named_and_timed(visit: Visit) -> None:
    """What was pressed, what the engine did, what runs; each with its figures."""
    await visit.go("#/compose?debug")
    await visit.write("Hello")
    await visit.click("Submit now")
    await visit.wait(30.0)
    found = rows(visit)
    assert {"event", "notice", "effect"} == {kind for _, kind, *_ in found}
    names = {name for _, _, name, *_ in found}
    assert {"NewThread", "SetOption", "EnqueueAndSubmit", "route", "Upload", "Create", "Poll"} <= names
    submitted = next(row for row in found if row[2] == "EnqueueAndSubmit")
    assert submitted[3].endswith(" ms")
    assert submitted[4].endswith(" ms")
    assert "engine" in panel(visit).text
    for words in ("Longest event", "Longest drawing", "Longest time without an answer", "Running tasks"):
        assert words in panel(visit).text


@pytest.mark.slow
async def test_no_text_and_no_key_stands_in_it(visit: Visit) -> None:
    """Names and figures only, whatever is typed while it is open."""
    await visit.go("#/compose?debug")
    await visit.write(SECRET)
    await visit.click("Submit now")
    await visit.use_openai(RIGHT_KEY)
    await visit.wait(30.0)
    assert SECRET not in panel(visit).text
    assert RIGHT_KEY not in visit.page.html
    assert SECRET not in repr(visit.state.debug)
    assert RIGHT_KEY not in repr(visit.state.debug)


async def test_it_begins_anew(visit: Visit) -> None:
    """One thing can be looked at alone; the watch of before ends."""
    await visit.go("#/settings?debug")
    await visit.click("Dark")
    assert any(name == "SetTheme" for _, _, name, *_ in rows(visit))
    await visit.click("Start over")
    assert "SetTheme" not in panel(visit).text
    await visit.wait(1.0)
    assert visit.app.tasks.names.count("debug") == 1


async def test_stale_debug_events(visit: Visit) -> None:
    """Without a panel there is nothing to begin anew."""
    await visit.send('{"action":{"type":"ClearDebug"},"value":"","extra":{}}')
    assert visit.state.debug is None


def test_only_the_newest_are_kept() -> None:
    """However long it is open."""
    debug = DebugState()
    for n in range(KEPT + 5):
        debug.begin("event", f"E{n}", 0.0)
    debug.effect("Poll", 1.0, 2.0)
    assert len(debug.traced) == KEPT
    assert (debug.traced[0].name, debug.traced[-1].ended) == ("E6", 2.0)
