"""Favourites: prompts, tables and batches with a star come first in their lists, in the list of commands and on Home."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.batches import Batch
from app.ports import StorageFull
from app.ui.base.actions_base import encode
from app.ui.base.drawing import render
from app.ui.base.home_state import RecentTable
from app.ui.base.stars import Star
from app.ui.batches import view as batches_view
from app.ui.home import view as home_view
from app.ui.shell.palette_search import named
from tests.kit.screen import Visit, check
from tests.kit.world import PRACTICE_LANE
from tests.states.drawn import NOW, nothing
from tests.unit.ui.conftest import Open


def names(visit: Visit) -> list[str]:
    """What the list of prompts has, from the top."""
    return [line.of("a")[0].text for line in visit.dom.classed("thread-line") if line.of("a")]


async def test_a_prompt_with_a_star_comes_first_and_stays_so(visit: Visit, tabs: Open) -> None:
    """In its list and on Home, in other tabs too; a second press takes the star away."""
    for name in ("First words", "Second words", "Third words"):
        await visit.write(name)
    await visit.go("#/threads")
    assert names(visit) == ["Third words", "Second words", "First words"]
    await visit.click("Favourite: First words")
    assert names(visit)[0] == "First words"
    assert visit.button("Favourite: First words").get("aria-pressed") == "true"
    again = await tabs(beside=visit, route="#/home")
    (card,) = [one for one in again.dom.of("section") if one.get("aria-label") == "Favourites"]
    assert "First words" in card.text
    await visit.click("Favourite: First words")
    await again.rest()
    assert names(visit) == ["Third words", "Second words", "First words"]
    assert "Favourites" not in again.text


async def test_a_star_is_seen_once_it_is_stored(visit: Visit) -> None:
    """What a reload would not have is not shown."""
    await visit.write("First words")
    await visit.go("#/threads")
    visit.store.fail_next = StorageFull("no room")
    await visit.click("Favourite: First words")
    assert visit.button("Favourite: First words").get("aria-pressed") == "false"
    assert "no more space" in visit.text
    await visit.click("Favourite: First words")
    assert visit.button("Favourite: First words").get("aria-pressed") == "true"


def test_tables_and_batches_with_a_star_come_first_too() -> None:
    """In the list of batches, on Home and among what the list of commands finds, of which what is deleted is left out."""
    state = nothing()
    one = Batch(id="b-0", lane=PRACTICE_LANE, requests=1, created=NOW, state="done")
    state.batches.all = [replace(one, id=f"b-{n}", name=f"Work {n}", created=NOW - n) for n in range(9)]
    state.home.starred = {"d-1": RecentTable("d-1", "Letters", 12, NOW)}
    state.preferences = replace(state.preferences, starred=("batch:b-8", "table:d-1", "table:gone", "prompt:gone", "batch:gone"))
    home = check(render(home_view.home(state)))
    (card,) = [one for one in home.of("section") if one.get("aria-label") == "Favourites"]
    assert [one.of("span")[0].text for one in card.of("li")] == ["Work 8", "Letters"]
    listed = check(render(batches_view.batches(state)))
    assert [one.text for one in listed.classed("batch-name")][:2] == ["Work 8", "Work 0"]
    assert [one.name for one in named(state, "work", (), ()) if one.kind == "Batch"][:2] == ["Work 8", "Work 0"]


async def test_two_tabs_make_favourites_at_once(visit: Visit, tabs: Open) -> None:
    """Neither takes the other's star away."""
    for name in ("One", "Two"):
        await visit.write(name)
    await visit.go("#/threads")
    other = await tabs(beside=visit, route="#/threads")
    for tab, name in ((visit, "One"), (other, "Two")):
        tab.app.receive(f'{{"action":{encode(Star("prompt", id_of(tab, name), True))},"value":null,"extra":{{}}}}')
    await visit.rest()
    await other.rest()
    assert len((await visit.app.services.profiles.preferences()).starred) == 2


def id_of(visit: Visit, name: str) -> str:
    """The id of a prompt by its text."""
    return next(one.id for one in visit.state.threads.all if one.messages[0].text == name)
