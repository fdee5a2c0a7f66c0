"""Rows are tried beside the prompt: what it costs is said before, the answers stand beside their rows, nothing is sent by itself."""

from __future__ import annotations

import asyncio

import pytest

from app.core.model.templates import Template, TemplateVersion
from app.core.tries.choosing import WrongNumbers, counted, row_numbers
from app.practice.traps import Scenario, Trap
from app.ui.tries.showing import read
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import opened


async def prompted(visit: Visit, model: str = "gpt-4o-mini") -> str:
    """A table with a prompt that can be tried; the table's id."""
    id = await opened(visit)
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.type("Model", model)
    await visit.until(lambda: visit.state.tries.offer is not None and visit.state.tries.offer.requests > 0)
    await visit.rest()
    return id


async def with_key(tabs: Open) -> Visit:
    """A tab whose requests go to OpenAI."""
    visit = await tabs(sealed={"openai": "sk-practice-0123456789"})
    await visit.choose_provider("openai")
    return visit


async def tried(visit: Visit, button: str) -> None:
    await visit.click(button)
    await visit.until(
        lambda: not visit.state.tries.left and len(visit.state.tries.answers) == sum(one.answer for one in visit.state.tries.rows)
    )
    await visit.rest()


def shown(visit: Visit) -> list[str]:
    return [one.text for one in visit.dom.classed("try")]


async def test_three_rows_are_tried(tabs: Open) -> None:
    """The button says how many and for how much; each answer stands with its row, its tokens and its cost. A reload finds them."""
    visit = await tabs()
    id = await prompted(visit)
    assert "the practice provider answers: simulated, and nothing is billed" in visit.text.lower()
    await tried(visit, "Try 3 rows · free, practice")
    found = shown(visit)
    assert [("Row 2" in one, "Row 3" in one, "Row 4" in one) for one in found] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert all("[simulated]" in one and "tokens in" in one and "at OpenAI, free here" in one for one in found)
    assert "c · Too long · 3" in found[2]
    again = await tabs(beside=visit)
    await again.go(f"#/data/{id}/prompt")
    await again.until(lambda: len(again.dom.classed("try")) == 3)
    assert "Too long" in shown(again)[2]


async def test_what_it_costs_is_said_before(tabs: Open) -> None:
    """With a key at the synchronous price, about; the real cost afterwards. Without a known price none is given."""
    visit = await with_key(tabs)
    await prompted(visit)
    button = visit.dom.by_id("try-press")
    assert button.text.startswith("Try 3 rows · about $0.0")
    assert "OpenAI answers. Answered at once, at the synchronous price" in visit.text
    await tried(visit, button.text)
    assert "paid for tries of this table" in visit.text
    await visit.type("Model", "nobody-knows-this")
    await visit.until(lambda: visit.state.tries.offer is not None and visit.state.tries.offer.cost is None)
    await visit.rest()
    assert "Try 3 rows · price not known" in visit.text


async def test_a_second_press_asks_nothing_whatever_is_read_meanwhile(tabs: Open) -> None:
    """Another tab writes, and what is on its way is counted anew, before the first request of a press is."""
    visit = await tabs()
    await prompted(visit)
    templates, gate = visit.app.services.templates(), asyncio.Event()
    sent = templates.sent

    async def slow(template: Template) -> TemplateVersion:
        await gate.wait()
        return await sent(template)

    templates.sent = slow  # type: ignore[method-assign]
    press = visit.dom.by_id("try-press")
    await visit.emit(press, "click")
    await read(visit.app)
    await visit.emit(press, "click")
    gate.set()
    await visit.until(lambda: len(visit.state.tries.answers) == 3)
    await visit.rest()
    assert len(visit.state.tries.rows) == 3


async def test_the_plan_learns_from_tries(tabs: Open) -> None:
    """Three answers to the very prompt say how long answers are; a plan that was priced before is priced anew when it is looked at."""
    visit = await with_key(tabs)
    id = await prompted(visit)
    await visit.go(f"#/data/{id}/check")
    await visit.click("Check 3 rows")
    await visit.until(lambda: bool(visit.state.plan.prices))
    await visit.rest()
    assert visit.state.plan.prices[0].batch.output.source == "assumed"
    await visit.go(f"#/data/{id}/prompt")
    await visit.rest()
    await tried(visit, visit.dom.by_id("try-press").text)
    await visit.go(f"#/data/{id}/check")
    await visit.rest()
    assert "Learnt from 3 answers." in visit.text
    output = visit.state.plan.prices[0].batch.output
    assert output.tokens == sum(one.output for one in visit.state.tries.rows) / 3


@pytest.mark.slow
async def test_which_rows(tabs: Open) -> None:
    """One, as many as are typed, by chance, or by their numbers; what is typed wrongly is said before anything is asked."""
    visit = await tabs()
    await prompted(visit)
    await visit.click("1 row")
    await visit.rest()
    assert "Try 1 row · free" in visit.text
    await visit.click("n rows")
    await visit.type("How many", "0")
    await visit.rest()
    assert "Write a number from 1 to 50." in visit.text
    await visit.click("Chosen")
    await visit.type("Row numbers", "4, 2")
    await visit.rest()
    await tried(visit, "Try 2 rows · free, practice")
    assert [one[:5] for one in shown(visit)] == ["Row 2", "Row 4"]
    await visit.type("Row numbers", "77")
    await visit.rest()
    assert "The table has no row 77." in visit.text
    await visit.click("Random")
    await visit.click("3 rows")
    await visit.rest()
    assert visit.state.tries.offer is not None
    assert visit.state.tries.offer.positions == (0, 1, 2)


@pytest.mark.slow
async def test_models_and_samples_are_compared(tabs: Open) -> None:
    """Each row by each model, so often: the button says how many requests that is, each answer which it is."""
    visit = await tabs()
    await prompted(visit)
    await visit.type("Also by these models", "gpt-5-nano")
    await visit.type("Times each row is asked", "2")
    await visit.click("1 row")
    await visit.rest()
    await tried(visit, "Try 1 row, 4 requests · free, practice")
    assert sorted(("gpt-5-nano" in one, "sample 2" in one) for one in shown(visit)) == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    ]


@pytest.mark.slow
async def test_versions_and_parameters_are_compared(tabs: Open) -> None:
    """What stands in the prompt beside a version of it, at two temperatures; each answer names the version that asked for it."""
    visit = await tabs()
    await prompted(visit)
    await visit.click("Save version")
    await visit.until(lambda: len(visit.state.prompt.versions) == 1)
    await visit.type("Text of message 1", "Is this good? {{review}}")
    await visit.check("Beside Version 1", True)
    await visit.choose("Parameter to compare", "temperature")
    await visit.type("Its values", "0, 1")
    await visit.click("1 row")
    await visit.rest()
    await tried(visit, "Try 1 row, 4 requests · free, practice")
    rows = visit.state.tries.rows
    assert [one.tag for one in rows] == ["now.temperature-0", "now.temperature-1", "Version-1.temperature-0", "Version-1.temperature-1"]
    (first,) = [one.id for one in visit.state.prompt.versions if one.number == 1]
    assert [one.version == first for one in rows] == [False, False, True, True]
    assert ["Is this good? Fine" in visit.state.tries.answers[one.id].text for one in rows] == [True, True, False, False]
    assert len({one.prompt for one in rows}) == 4


async def test_a_failure_has_its_remedy_beside_its_row(tabs: Open) -> None:
    """The others are answered; the row is tried again on a press, never by itself."""
    visit = await with_key(tabs)
    await prompted(visit)
    visit.out.brain.set_scenario(Scenario(traps=(Trap.ANSWER_LOST,)))
    await tried(visit, visit.dom.by_id("try-press").text)
    assert sum("It may still have been answered and billed." in one for one in shown(visit)) == 1
    assert visit.out.brain.calls["answer"] == 3
    await tried(visit, "Try again")
    assert len(shown(visit)) == 4
    assert visit.out.brain.calls["answer"] == 4


async def test_tries_are_cleared_and_had_back(tabs: Open) -> None:
    """One, or all of them."""
    visit = await tabs()
    await prompted(visit)
    await tried(visit, "Try 3 rows · free, practice")
    await visit.click("Clear the try of row 3")
    await visit.until(lambda: len(visit.dom.classed("try")) == 2)
    await visit.wait(5)
    await visit.click("Clear all")
    await visit.until(lambda: not visit.dom.classed("try"))
    await visit.click("Restore cleared")
    await visit.until(lambda: len(visit.dom.classed("try")) == 2)


async def test_a_prompt_that_can_not_be_sent_is_not_tried(tabs: Open) -> None:
    """Why not stands at the button."""
    visit = await tabs()
    await opened(visit)
    await visit.rest()
    assert "The prompt is empty." in visit.text
    await visit.type("Text of message 1", "Rate {{nothing}}")
    await visit.rest()
    assert "The table has no column “nothing”." in visit.text
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.rest()
    assert "Choose a model." in visit.text


@pytest.mark.parametrize(("typed", "found"), [("5, 9,20-22", [5, 9, 20, 21, 22]), ("3;3\n4", [3, 4]), (" 7 – 8 ", [7, 8])])
def test_numbers_of_rows(typed: str, found: list[int]) -> None:
    """As people write them."""
    assert row_numbers(typed, 50) == found


@pytest.mark.parametrize("typed", ["", ",", "x", "5-", "9-5", "1-1000", "1-30,40-70", "-3", "5" * 12])
def test_what_are_no_numbers_of_rows(typed: str) -> None:
    """Each in words, and nothing of what was meant is guessed."""
    with pytest.raises(WrongNumbers, match=r"\.$"):
        row_numbers(typed, 50)


@pytest.mark.parametrize("typed", ["0", "51", "", "x", "²", "1.5", "9" * 20])
def test_what_is_no_count(typed: str) -> None:
    """Only whole numbers that there may be."""
    with pytest.raises(WrongNumbers, match="from 1 to 50"):
        counted(typed, 50)


@pytest.mark.slow
async def test_further_rows_are_tried_by_a_handle(tabs: Open) -> None:
    """Below the last one that was tried: how many and the price are said first, letting go asks nothing, and the handle moves down."""
    visit = await tabs()
    await prompted(visit)
    await visit.click("1 row")
    await visit.rest()
    assert "try-further" not in {one.get("id") for one in visit.dom.of("input")}
    await tried(visit, "Try 1 row · free, practice")
    handle = visit.dom.by_id("try-further")
    assert (handle["max"], handle["value"], handle["aria-valuetext"]) == ("2", "0", "no further row")
    await visit.emit(handle, "input", "2")
    await visit.rest()
    assert visit.dom.by_id("try-further")["aria-valuetext"] == "the next 2 rows"
    assert visit.dom.by_id("try-next").text == "Try 2 rows · free, practice"
    assert len(visit.state.tries.rows) == 1
    await visit.emit(visit.dom.by_id("try-further"), "input", "0")
    await visit.rest()
    assert visit.state.tries.choice.which == "first"
    await visit.emit(visit.dom.by_id("try-further"), "input", "2")
    await visit.rest()
    await tried(visit, "Try 2 rows · free, practice")
    assert [one[:5] for one in shown(visit)] == ["Row 3", "Row 4", "Row 2"]
    assert visit.state.tries.choice.which == "first"
    assert "try-further" not in {one.get("id") for one in visit.dom.of("input")}
