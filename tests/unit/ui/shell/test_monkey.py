"""A monkey in front of the page: whatever is clicked and typed in whatever order, the page stays whole and loses nothing."""

from __future__ import annotations

import random

import pytest

from app.practice.traps import Scenario, Trap
from tests.kit.screen import EVENTS, RIGHT_KEY, WRONG_KEY, Element, Visit, check, name_of
from tests.unit.ui.conftest import Open

TEXTS = (
    "",
    " ",
    "Hello",
    "gpt-4o-mini",
    "0.5",
    "12a",
    '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}',
    '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}',
    "{",
    "User: Hi\nAssistant: Hello\nUser: Bye",
    "https://example.org/cat.png",
    "https://llm.example.org/v1",
    "</textarea><script>alert(1)</script>",
    "half \ud83d a character",
    "5000",
)
ROUTES = ("#/compose", "#/threads", "#/queue", "#/batches", "#/results", "#/settings", "#/batches/b-nobody", "#/compose/t-nobody")


def offers(visit: Visit) -> list[tuple[Element, str]]:
    """Everything that a person could do now."""
    found = []
    for one in visit.reach:
        if "disabled" not in one.attributes:
            found += [(one, event) for event in EVENTS if f"data-{event}" in one.attributes]
    return found


def value(dice: random.Random, one: Element) -> object:
    """What such a field might say."""
    if one.tag == "select":
        return dice.choice([option["value"] for option in one.of("option")])
    if one.get("type") == "checkbox":
        return dice.random() < 0.5
    if one.get("type") == "password":
        return dice.choice([RIGHT_KEY, WRONG_KEY, ""])
    if one.get("type") == "file":
        return [{"name": "a.png", "type": "image/png", "size": 9, "data": dice.choice(["data:image/png;base64,AAAA", "data:text/html,x"])}]
    return dice.choice(TEXTS) if one.tag in ("input", "textarea") else ""


async def act(visit: Visit, dice: random.Random) -> str:
    """Do anything; returns what."""
    here = offers(visit)
    if dice.random() < 0.12 or not here:
        route = dice.choice([*ROUTES, *(one["href"] for one in visit.dom.of("a"))])
        await visit.go(route)
        return route
    if dice.random() < 0.1:
        seconds = dice.choice([1, 5, 30])
        await visit.wait(seconds)
        return f"wait {seconds}"
    one, event = dice.choice(here)
    extra = {"scrollTop": dice.randrange(-50, 5_000), "clientHeight": dice.randrange(1, 2_000)} if event == "scroll" else {}
    await visit.emit(one, event, value(dice, one), **extra)
    return f"{event} {name_of(one)}"


def requests_of(visit: Visit) -> int:
    """How many requests there are in queues and batches of this browser, counted from what is stored."""
    lanes = sum(one.requests + one.deleted for one in visit.state.queue.lanes)
    return lanes + sum(one.requests for one in visit.state.batches.all if one.state != "withdrawn")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_monkey(tabs: Open, seed: int) -> None:
    """After each of many odd steps the markup is whole, no handler has failed, and two tabs show the same queue and batches."""
    dice = random.Random(seed)
    visit = await tabs(seed=seed)
    other = await tabs(beside=visit, seed=seed + 100)
    visit.out.brain.set_scenario(Scenario(speed=0.3, traps=tuple(dice.sample(list(Trap), 2)), share=0.4))
    await visit.queue("one", "two")
    done: list[str] = []
    for _ in range(70):
        tab = visit if dice.random() < 0.8 else other
        done.append(await act(tab, dice))
        check(tab.page.html)
        failed = [code for code in tab.state.problems if code.startswith("internal")]
        assert not failed, (failed, [one.detail for one in tab.state.problems.values()], done[-10:])
        assert not any(key in tab.page.html for key in (RIGHT_KEY, WRONG_KEY)), done[-10:]
    await visit.rest()
    await other.rest()
    await visit.app.refresh_queue()
    assert requests_of(visit) == requests_of(other)
    assert sorted(one.id for one in visit.state.batches.all) == sorted(one.id for one in other.state.batches.all)
