"""The ways between the views: the navigation, what a view stands under, and the links to single things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.lanes import CHAT, Lane
from app.ui.base.state import Route
from app.ui.shell.crumbs import above
from app.ui.shell.view import title
from tests.kit.screen import Visit, check, parse
from tests.states.drawn import draw, nothing

ROOT = Path(__file__).parents[4]
ROOMS = ("Compose", "Home", "Prompts", "Data", "Queue", "Batches", "Results", "Integrations", "Settings", "Activity")


def test_the_rooms_in_the_order_of_the_work() -> None:
    """The page before Python runs has the same ones, with the same addresses and drawings: nothing moves when the program takes over."""
    rail = check(draw(nothing())).of("nav", "rail")[0]
    links = [one for one in rail.children if not isinstance(one, str) and one.tag == "a"]
    assert [one.text for one in links] == [*ROOMS]
    shell = parse((ROOT / "index.html").read_text(encoding="utf-8").partition('<div id="app">')[2].partition("<main")[0])
    early = shell.of("nav", "rail")[0].of("a")
    assert [(one["href"], one.text, one.get("class")) for one in early] == [(one["href"], one.text, one.get("class")) for one in links]
    drawings = [[path["d"] for path in one.of("path")] for one in links]
    assert [[path["d"] for path in one.of("path")] for one in early] == drawings


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("#/home", []),
        ("#/batches", []),
        ("#/results", []),
        ("#/data", []),
        ("#/compose", ["Prompts"]),
        ("#/batches/b-1", ["Batches"]),
        ("#/batches/account", ["Batches"]),
        ("#/data/d-1", ["Data"]),
        ("#/data/d-1/prompt", ["Data", "Orders"]),
        ("#/data/d-9/check", ["Data", "Table"]),
        ("#/recipe/x", ["Data"]),
        ("#/log/b-1", ["Activity"]),
        ("#/results/batch/b-1", ["Batches", "Monday"]),
        ("#/results/batch/b-1/at/b-1/7", ["Batches", "Monday"]),
        ("#/results/batch/b-9", ["Results"]),
        ("#/results/table/d-1?q=x", ["Data", "Orders"]),
        ("#/results/batches/b-1.b-2", ["Results"]),
        ("#/results/at/b-1/7", ["Results"]),
    ],
)
def test_what_a_view_stands_under(address: str, words: list[str]) -> None:
    """A batch under the batches, answers under their batch or table; the rooms themselves under nothing. Each is a link to a view."""
    state = nothing()
    state.batches.all = [Batch(id="b-1", name="Monday", lane=Lane("practice", CHAT, "m"))]
    state.data.all = (Dataset(id="d-1", name="Orders", created=0.0),)
    state.route = Route.parse(address)
    found = above(state)
    assert [one for _, one in found] == words
    assert all(Route.parse(href).view in ("batches", "batch", "data", "threads", "log", "results") for href, _ in found)
    crumbs = check(draw(state)).classed("crumbs")
    assert [one.text for each in crumbs for one in each.of("a")] == words


async def test_an_address_that_is_none(visit: Visit) -> None:
    """It is shown, with the ways to all views; the title says so, and the focus goes to the heading."""
    before = visit.state.moves
    await visit.go("#/batch/of-nobody")
    assert [one.text for one in visit.dom.of("h1")] == ["Nothing at this address"]
    assert "#/batch/of-nobody" in visit.reach.text
    assert visit.state.moves == before + 1
    await visit.go("#/batch/of-nobody-else")
    assert visit.state.moves == before + 2
    assert title(visit.state) == "Nothing at this address — Nightshift"
    links = [one["href"] for one in visit.dom.by_id("main").of("nav")[-1].of("a")]
    assert {Route.parse(one).view for one in links} == {Route.parse(f"#/{name.lower()}").view for name in (*ROOMS, "Help")}
    await visit.go(links[0])
    assert "Nothing at this address" not in visit.text


async def test_links_to_single_things(visit: Visit) -> None:
    """A prompt, a batch, an answer: each has a link that opens it, which is copied where it stands open."""
    await visit.queue("Hello")
    prompt = visit.state.compose.thread.id
    await visit.go("#/compose")
    await visit.click("Copy link to this view")
    assert visit.toasts[-1] == "Copied. The link opens it in this browser."
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(60)
    await visit.click("Copy link to this view")
    (batch,) = visit.state.batches.all
    await visit.emit(visit.dom.of("button", "cell")[0], "click", "")
    await visit.click("Copy link")
    links = [re.sub(r"^http://localhost:8000/", "", one) for one in visit.page.copied]
    assert links == [f"#/compose/{prompt}", f"#/batches/{batch.id}", f"#/results/batch/{batch.id}/at/{batch.id}/0"]
    await visit.go(links[-1])
    assert "Request 1" in [one.text for one in visit.dom.of("h2")]


async def test_a_link_that_the_browser_does_not_copy(visit: Visit) -> None:
    """Nothing says that it was."""
    await visit.write("Hello")
    await visit.click("Copy link to this view")
    visit.page.notice("uncopied")
    await visit.rest()
    assert visit.toasts == ["The browser did not let Nightshift copy. Select the text and copy it yourself."]
