"""Columns are put into a prompt by a button or from what is offered behind two braces; by keys and by the mouse."""

from __future__ import annotations

from app.core.templates import syntax
from app.core.templates.filters import FILTERS
from tests.kit.screen import Element, Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened


def options(visit: Visit) -> list[str]:
    return [one.text + "*" * (one.get("aria-selected") == "true") for one in visit.dom if one.get("role") == "option"]


def field(visit: Visit) -> Element:
    return visit.field("Text of message 1")


async def typed(visit: Visit, text: str) -> None:
    """Type a text; the caret stands at its end."""
    await visit.emit(field(visit), "input", text, caret=len(text))


async def test_columns_are_offered_behind_two_braces(tabs: Open) -> None:
    """The keys choose; the placeholder is closed, and the caret stands behind it."""
    visit = await tabs()
    await opened(visit)
    assert "data-key" in field(visit).attributes
    await typed(visit, "Rate {{")
    assert options(visit) == ["id*", "review", "stars"]
    assert field(visit)["aria-activedescendant"] in [one.get("id") for one in visit.dom]
    await visit.press(field(visit), "ArrowDown")
    await visit.press(field(visit), "ArrowUp")
    await visit.press(field(visit), "ArrowUp")
    assert options(visit) == ["id", "review", "stars*"]
    assert "aria-describedby" not in field(visit).attributes, "that it is not closed yet is no fault"
    await typed(visit, "Rate {{rev")
    assert options(visit) == ["review*"]
    await visit.press(field(visit), "Enter")
    assert content(visit).messages[0].text == "Rate {{review}}"
    assert field(visit)["data-caret"] == str(len("Rate {{review}}"))
    assert options(visit) == []


async def test_filters_are_offered_behind_a_bar(tabs: Open) -> None:
    """With what they do; one is taken by the mouse."""
    visit = await tabs()
    await opened(visit)
    await typed(visit, "{{review | t")
    assert [one.split()[0] for one in options(visit)] == ["trimWithout", "truncateAt", "defaultAnother"]
    second = [one for one in visit.dom if one.get("role") == "option"][1]
    await visit.emit(second, "click")
    assert content(visit).messages[0].text == "{{review | truncate(500)}}"


async def test_what_is_offered_can_be_put_away(tabs: Open) -> None:
    """By Escape, or by going on; then the keys mean what they did."""
    visit = await tabs()
    await opened(visit)
    await typed(visit, "{{re")
    await visit.press(field(visit), "Escape")
    assert options(visit) == []
    assert content(visit).messages[0].text == "{{re"
    assert "aria-describedby" in field(visit).attributes
    await typed(visit, "{{re")
    await typed(visit, "{{review}} ")
    assert options(visit) == []
    await visit.press(field(visit), "Alt+ArrowDown")


async def test_a_button_puts_a_column_where_the_caret_stood(tabs: Open) -> None:
    """As the page says; where it says nothing, at the end of the last message."""
    visit = await tabs()
    await opened(visit)
    await typed(visit, "Rate it")
    await visit.click("review")
    assert content(visit).messages[0].text == "Rate it{{review}}"
    into = {"type": "TypePrompt", "field": "messages", "item": "m-1"}
    await visit.emit(visit.button("stars"), "click", "", into=into, **{"from": 5, "to": 7})
    assert content(visit).messages[0].text == "Rate {{stars}}{{review}}"
    assert field(visit)["data-caret"] == str(len("Rate {{stars}}"))
    into = {"type": "TypePrompt", "field": "fields", "item": "seed"}
    await visit.emit(visit.button("id"), "click", "", into=into, **{"from": 0, "to": 0})
    assert content(visit).fields["seed"] == "{{id}}"
    for strange in ({"field": "nowhere"}, {"field": "messages", "item": 3}, "x", None, {"field": "images", "item": "m-1:9"}):
        await visit.emit(visit.button("id"), "click", "", into=strange, **{"from": -5, "to": 10**9})
    assert content(visit).messages[0].text.startswith("Rate {{stars}}{{review}}")


async def test_what_can_be_written_is_said(tabs: Open) -> None:
    """Every filter, with an example that can be written so."""
    visit = await tabs()
    await opened(visit)
    listed = [one.text for one in visit.dom.by_id("prompt-language").of("dt")]
    for name in FILTERS:
        assert any(f"| {name}" in one for one in listed)
    assert [one for one in listed if syntax.parse(one).faults] == []
