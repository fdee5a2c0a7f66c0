"""Going on from answers, as a person does it: further turns, rows that need it again, examples, steps."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.model.sendings import FollowUp
from app.core.model.steps import NextStep
from app.core.model.templates import Template
from app.core.templates.recipe_steps import RecipeStep
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended
from tests.unit.ui.results.test_judging import sent
from tests.unit.ui.results.test_table import cells, settled

SCHEMA = '{"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"], "additionalProperties": false}'


async def answered(visit: Visit) -> str:
    """Four rows of a table with their answers, open; the table's id."""
    await visit.use_openai()
    id = await checked(visit)
    await sent(visit, id, 4)
    return id


async def carry_on(visit: Visit, way: str) -> None:
    await visit.click("Carry on")
    await visit.rest()
    await visit.click(way)


async def shown(visit: Visit) -> None:
    """Wait until an open dialog knows what it is about."""
    await visit.until(lambda: not getattr(visit.state.dialog, "doing", ""))
    await visit.rest()


@pytest.mark.slow
async def test_a_further_turn_is_asked_and_stands_with_its_row(tabs: Open) -> None:
    """Of ticked answers; what is wrong with the message is said; priced, queued, submitted, answered; then linked both ways."""
    visit = await tabs()
    await answered(visit)
    await visit.check("Select row 1", True)
    await visit.check("Select row 3", True)
    await carry_on(visit, "Follow up …")
    await shown(visit)
    assert "2 of 2 requests can be continued." in visit.reach.text
    assert visit.button("Queue 2 requests")["title"] == "Write the next message."
    await visit.type("Next message", "Why {{revew}}?")
    assert "Did you mean review?" in visit.reach.text
    await visit.type("Next message", "Why is “{{review}}” rated so?")
    assert "Why is “Fine” rated so?" in visit.reach.text
    assert "2 requests: less than $0.0001 as a batch" in visit.reach.text
    await visit.click("Queue 2 requests")
    await visit.until(lambda: visit.state.dialog is None)
    await visit.rest()
    assert visit.toasts[-1].startswith("2 requests added to the queue.")
    back = visit.page.route
    await visit.go("#/queue")
    await visit.click("Submit 2")
    await visit.wait(180)
    await visit.go(back)
    await settled(visit)
    assert cells(visit, "Variant") == ["", "turn-2", "", "", "turn-2", ""]
    batch = visit.state.results.window.rows[1].batch  # type: ignore[union-attr]
    await visit.go(f"{back}/at/{batch}/0")
    await settled(visit)
    await visit.until(lambda: visit.state.follow.before is not None)
    (link,) = [one for one in visit.dom.of("a") if one.text == "Previous answer"]
    await visit.go(link["href"])
    await settled(visit)
    await visit.until(lambda: bool(visit.state.follow.behind))
    assert [one["href"] for one in visit.dom.of("a") if one.text == "The next message"] == [f"{back}/at/{batch}/0"]


@pytest.mark.slow
async def test_only_what_needs_it_is_asked_again(tabs: Open) -> None:
    """Another prompt makes all answers stale; the plan leaves out what has its answer, and is priced as ever."""
    visit = await tabs()
    id = await answered(visit)
    await carry_on(visit, "Rerun …")
    await visit.rest()
    assert "4 have a good answer to what is asked now." in visit.reach.text
    assert visit.button("Check and price no rows")["title"].startswith("Every row has a good answer")
    await visit.click("Cancel")
    stored = await visit.app.services.records.get(Template, id)
    assert stored is not None
    message = replace(stored.value.content.messages[0], text="Rate it: {{review}}")
    await visit.app.services.records.save(replace(stored.value, content=replace(stored.value.content, messages=(message,))))
    await carry_on(visit, "Rerun …")
    await visit.rest()
    assert "4 were asked by another prompt, or with other cells." in visit.reach.text
    assert "4 rows would be asked again, for less than $" in visit.reach.text
    await visit.click("Check and price 4 rows")
    await visit.rest()
    assert visit.page.route == f"#/data/{id}/check"
    assert "rows that already have a good answer are left out" in visit.text
    await visit.click("Check 4 rows")
    await ended(visit)
    assert visit.has("Add 4 requests to queue")


@pytest.mark.slow
async def test_good_answers_become_examples(tabs: Open) -> None:
    """With a correction in the place of its answer; what they add to every request is said; it can be undone."""
    visit = await tabs()
    id = await answered(visit)
    templates = visit.app.services.templates()
    before = (await templates.of(id)).content
    await carry_on(visit, "Use as examples …")
    await visit.until(lambda: getattr(visit.state.dialog, "examples", None) is not None)
    assert "Tick some answers, or mark them good with g." in visit.reach.text
    await visit.click("Cancel")
    await visit.check("Select row 1", True)
    await visit.check("Select row 2", True)
    await carry_on(visit, "Use as examples …")
    await visit.until(lambda: getattr(visit.state.dialog, "examples", None) is not None)
    assert "2 of 2 answers that are ticked." in visit.reach.text
    assert "tokens more in every request." in visit.reach.text
    pressed = visit.button("Add 2 examples to the prompt")["data-click"]
    visit.page.emit(pressed, "")
    visit.page.emit(pressed, "")  # impatiently
    await visit.rest()
    assert [one for one in visit.toasts if "example" in one] == ["2 examples added to the prompt, before its last user message."]
    content = (await templates.of(id)).content
    assert [one.role for one in content.messages] == ["user", "assistant", "user", "assistant", "user"]
    assert content.messages[0].text == "Rate Fine"
    assert content.messages[4].text == "Rate {{review}}"
    await visit.click("Undo")
    await visit.rest()
    assert (await templates.of(id)).content == before


@pytest.mark.slow
async def test_a_step_goes_by_itself_up_to_its_limit(tabs: Open) -> None:
    """Planned before there is an answer; what waits is seen, and can be cancelled; then it is in the queue, submitted and in the log."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    await visit.app.services.steps().propose(id, [RecipeStep(FollowUp("As the recipe says"))])
    await visit.go(f"#/results/table/{id}")
    await settled(visit)
    for message in ("Shorten {{Answer}} of {{review}}", "Never"):
        if message == "Never":
            await carry_on(visit, "Next step …")
        else:
            await visit.click("Plan …")
        await visit.rest()
        assert visit.field("Next message").value == ("" if message == "Never" else "As the recipe says")
        await visit.type("Next message", message)
        await visit.check("Send this alone, without the conversation before it", message == "Never")
        if message == "Never":
            await visit.type("System message", "You know {{revew}}.")
            assert "Did you mean review?" in visit.reach.text
            await visit.type("System message", "You know {{review}}.")
        await visit.choose("Answers are", "schema")
        assert visit.button("Plan this step")["title"].startswith("Write the JSON schema")
        await visit.type("JSON schema of the answers", "{")
        assert "Line 1" in visit.reach.text
        await visit.type("JSON schema of the answers", SCHEMA)
        assert "Its fields become columns of Results." in visit.reach.text
        assert float(visit.field("Spending limit, in dollars").value) > 0
        await visit.type("Spending limit, in dollars", "none")
        assert "Enter dollars" in visit.reach.text
        await visit.type("Spending limit, in dollars", "2")
        await visit.click("Plan this step")
        await visit.rest()
    assert "“Never”: it waits until they are submitted; then about 4 requests, for $2.00 at most, submitted automatically." in visit.text
    (never,) = [one for one in visit.dom.of("li") if "“Never”" in one.text]
    await visit.emit(never.of("button")[0], "click")
    await visit.rest()
    await visit.go("#/queue")
    await visit.click("Submit 4")
    await visit.wait(180)
    await visit.until(lambda: any(one.additions and one.requests == 4 for one in visit.state.batches.all[1:]))
    await visit.wait(180)
    states = {one.value.follow.message: one.value.state for one in await visit.app.services.records.all(NextStep)}
    assert states == {"Shorten {{Answer}} of {{review}}": "submitted", "Never": "cancelled"}
    assert len(visit.state.batches.all) == 2
    await visit.go(f"#/results/table/{id}")
    await settled(visit)
    assert "4 requests submitted." in visit.text  # it went on while another view was open
    assert sorted(cells(visit, "Variant")) == [""] * 4 + ["turn-2"] * 4
    followed = next(one for one in visit.state.results.window.rows if one.id.endswith("~turn-2"))  # type: ignore[union-attr]
    batch = next(one for one in visit.state.batches.all if one.id == followed.batch)
    asked = (await visit.app.services.review.open(batch, followed.row)).body
    assert '"next_answer"' in asked
    assert '"score"' in asked
    await visit.click("Clear ended steps")
    await visit.rest()
    assert "Next steps" not in visit.text
    await visit.go("#/log")
    await visit.rest()
    assert "A step submitted its requests automatically: 4 requests." in visit.text
