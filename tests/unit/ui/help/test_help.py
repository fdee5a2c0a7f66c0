"""Help: opened from everywhere, read from the build, searched, and led to by messages."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from app.core.model.problem import Problem
from app.ui.base.drawing import render
from app.ui.base.parts import problem_note
from app.ui.base.state import Route
from tests.kit.screen import Visit, parse
from tools import guide


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages as a build carries them."""
    module = ModuleType(guide.NAME)
    module.__dict__["PAGES"] = guide.pages()
    monkeypatch.setitem(sys.modules, guide.NAME, module)


@pytest.mark.usefixtures("carried")
async def test_the_guide_is_opened_read_and_searched(visit: Visit) -> None:
    """From the navigation; a page leads to another, and what is found leads to its section."""
    await visit.go("#/help")
    await visit.until(lambda: visit.state.help.guide is not None)
    assert "Your first batch" in visit.text
    await visit.go("#/help/recovery/what-is-never-paid-twice")
    await visit.rest()
    heading = visit.dom.by_id("help-what-is-never-paid-twice")
    assert heading["data-autofocus"] == f"{visit.state.moves}/what-is-never-paid-twice"
    await visit.type("Search help", "rate limit 429")
    assert "#/help/messages/" in str([one["href"] for one in visit.dom.of("a")])
    await visit.type("Search help", "elephants")
    assert "No page of the guide has all of these words." in visit.text
    await visit.go("#/help/tables")
    await visit.rest()
    assert visit.state.help.words == ""
    assert "Ask about every row of a table" in visit.text
    await visit.go("#/help/nowhere")
    await visit.rest()
    assert "There is no such page." in visit.text


async def test_a_copy_without_the_guide_says_so(visit: Visit) -> None:
    """And it can be tried again."""
    await visit.go("#/help")
    await visit.until(lambda: bool(visit.state.help.fault))
    assert "The guide is not part of this copy" in visit.text
    await visit.click("Try again")
    await visit.rest()
    assert visit.state.help.guide is None


def test_an_address_names_page_and_section() -> None:
    """Both can be left out."""
    assert Route.parse("#/help/tables/row-key") == Route("help", "tables", query="row-key")
    assert Route.parse("#/help") == Route("help")


@pytest.mark.parametrize(("code", "led"), [("wrong_key", "wrong_key"), ("internal:submit x", "internal"), ("what ever", ""), ("", "")])
def test_a_message_leads_to_what_the_guide_says_about_it(code: str, led: str) -> None:
    """By its code; what is no code of a message leads nowhere."""
    links = [one["href"] for one in parse(render(problem_note(Problem(code, "What.")))).of("a")]
    assert links == ([f"#/help/messages/{led}"] if led else [])
