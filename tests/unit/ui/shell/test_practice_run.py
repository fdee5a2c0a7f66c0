"""The practice run: steps that tick themselves by what there is, from an example to a downloaded file."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.model.settings import PracticeRun
from app.core.templates.worked.practice_run import STEPS, following
from app.ports import StorageFull
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.datasets.test_worked import opened

PANEL = "Practice run"


def panel(visit: Visit) -> str:
    """What it says; nothing where it is not shown."""
    return next((one.text for one in visit.dom.of("section") if one.get("aria-label") == PANEL), "")


def done(visit: Visit) -> tuple[str, ...]:
    return visit.state.preferences.practice_run.done


async def follow(visit: Visit, words: str) -> None:
    """The way that the panel offers."""
    (section,) = [one for one in visit.dom.of("section") if one.get("aria-label") == PANEL]
    (link,) = [one for one in section.of("a") if one.text == words]
    await visit.go(link["href"])
    await visit.rest()


@pytest.mark.slow
async def test_from_the_example_to_the_file(tabs: Open) -> None:
    """Each step leads to where it is done and is ticked by what came of it; another visit goes on where this one is."""
    visit = await tabs()
    assert not panel(visit)
    id = await opened(visit, "judge")
    assert done(visit) == ("open", "look")
    assert "2 of 6 done" in panel(visit)
    await follow(visit, "Check and price")
    assert visit.page.route == f"#/data/{id}/check"
    assert "Every row is checked" in panel(visit)
    await visit.click("Check 24 rows")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    assert following(visit.state.preferences.practice_run) == "submit"
    await visit.click("Add 24 requests to queue")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    assert "submit" not in done(visit)
    other = await tabs(beside=visit)
    assert other.state.preferences.practice_run == visit.state.preferences.practice_run
    await follow(visit, "Submit to practice")
    assert visit.page.route == "#/queue"
    await visit.click("Submit 24")
    assert following(visit.state.preferences.practice_run) == "read"
    await visit.wait(60)
    assert following(visit.state.preferences.practice_run) == "export", "the batch that is open shows its answers"
    await follow(visit, "Download the answers")
    assert visit.page.route == f"#/results/table/{id}"
    await visit.until(lambda: visit.state.results.window is not None)
    await visit.rest()
    assert panel(visit).count("Download answers") == 1
    await visit.click("Download answers", 0)
    await visit.click("Download")
    await visit.until(lambda: done(visit) == STEPS)
    await visit.escape()
    assert "That was every step." in panel(visit)
    again = await tabs(beside=visit)
    assert again.state.preferences.practice_run.done == STEPS


@pytest.mark.slow
async def test_it_is_put_away_for_good_and_called_back(tabs: Open) -> None:
    """By the palette; it can be had back at once, too. Nobody who never began is shown it."""
    visit = await tabs()
    await opened(visit, "embed")
    await visit.click("Hide the practice run")
    assert not panel(visit)
    other = await tabs(beside=visit)
    assert not panel(other)
    await opened(visit, "judge")
    assert not panel(visit)
    await visit.click("Undo")
    assert panel(visit)
    await visit.click("Hide the practice run")
    await visit.send('{"action":{"type":"ShowPracticeRun"},"value":null,"extra":{}}')
    assert "2 of 6 done" in panel(visit)


async def test_it_is_put_away_once_that_is_stored(tabs: Open) -> None:
    """Else a reload would bring it back after it was seen gone."""
    visit = await tabs()
    await visit.send('{"action":{"type":"ShowPracticeRun"},"value":null,"extra":{}}')
    visit.store.fail_next = StorageFull("no room")
    await visit.click("Hide the practice run")
    assert panel(visit)
    assert not [one for one in visit.toasts if one.startswith("Hidden")]
    await visit.click("Hide the practice run")
    assert not panel(visit)


async def test_two_tabs_take_nothing_from_each_other(tabs: Open) -> None:
    """What one has done stays done when the other goes on, which does not bring back either what was put away in the first."""
    visit = await tabs()
    id = await opened(visit, "judge")
    other = await tabs(beside=visit)
    await visit.go(f"#/data/{id}/check")
    await visit.click("Check 24 rows")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    await visit.click("Hide the practice run")
    other.state.preferences = replace(other.state.preferences, practice_run=replace(other.state.preferences.practice_run, done=("open",)))
    await other.go(f"#/data/{id}/prompt")
    await other.until(lambda: "look" in done(other))
    await other.rest()
    stored = (await visit.app.services.profiles.preferences()).practice_run
    assert (stored.shown, stored.table, stored.done) == ("off", id, ("open", "look", "check"))
    await opened(other, "embed")
    assert (await visit.app.services.profiles.preferences()).practice_run.table != id, "begun anew, it is that one"


async def test_it_can_begin_without_an_example(tabs: Open) -> None:
    """Then choosing one is its first step; and where its table is deleted, it is again."""
    visit = await tabs()
    await visit.go("#/settings")
    await visit.send('{"action":{"type":"ShowPracticeRun"},"value":null,"extra":{}}')
    assert "A small table with its prompt." in panel(visit)
    await opened(visit, "translate")
    assert done(visit)[0] == "open"
    await visit.click("Delete")
    await visit.rest()
    assert visit.state.preferences.practice_run == PracticeRun("on")
    assert "A small table with its prompt." in panel(visit)


async def test_practice_is_offered_where_another_provider_is_in_use(tabs: Open) -> None:
    """A step that would be billed is not pointed at."""
    visit = await tabs()
    await visit.use_openai()
    await opened(visit, "classify")
    assert "OpenAI is in use, which bills its answers" in panel(visit)
    assert not [one for one in visit.dom.of("a") if one.text == "Submit to practice"]
    await visit.click("Use practice")
    assert visit.state.profile.practice
    assert "Every row is checked" in panel(visit)
