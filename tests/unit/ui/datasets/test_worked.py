"""A worked example from nothing to its answers, as a person goes it who has never been here."""

from __future__ import annotations

import pytest

from app.core.model.judging import Expectation
from app.core.model.templates import PromptContent
from app.core.templates.worked.example import NAMES, named
from app.ports import StorageFull
from app.ui.base.worked_actions import WORKED
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open


async def opened(visit: Visit, name: str) -> str:
    """Press its button, or run its command where there is none; the id of its table."""
    title, about = WORKED[name]
    if visit.has(f"{title} {about}"):
        await visit.click(f"{title} {about}")
    else:
        await visit.send(f'{{"action":{{"type":"OpenWorked","name":"{name}"}},"value":null,"extra":{{}}}}')
    await visit.until(lambda: not visit.state.busy)
    await visit.rest()
    await visit.until(lambda: visit.state.prompt.dataset == visit.state.route.id and visit.state.prompt.rendered is not None)
    await visit.rest()
    return visit.state.route.id


def content(visit: Visit) -> PromptContent:
    assert visit.state.prompt.template is not None
    return visit.state.prompt.template.content


@pytest.mark.slow
async def test_from_an_empty_app_to_answers(tabs: Open) -> None:
    """Five presses: the example, the check, into the queue, the queue, submit. Nothing is asked of anybody but the practice provider."""
    visit = await tabs()
    id = await opened(visit, "classify")
    assert visit.page.route == f"#/data/{id}/prompt"
    assert "Message (mail):\nI was charged twice for order 4471." in visit.text
    await visit.go(f"#/data/{id}/check")
    await visit.rest()
    await visit.click("Check 24 rows")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    assert "24 requests can be sent" in visit.text
    await visit.click("Add 24 requests to queue")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    await visit.go("#/queue")
    await visit.click("Submit 24")
    await visit.wait(60)
    (batch,) = visit.state.batches.all
    assert (batch.lane.profile, batch.tally.answered) == ("practice", 24)
    held = await visit.app.services.records.get(Expectation, id)
    assert held is not None
    assert (held.value.column, held.value.field) == ("expected", "topic")
    assert not visit.out.asked


@pytest.mark.parametrize("name", NAMES)
async def test_each_opens_with_its_request(tabs: Open, name: str) -> None:
    """Also from an empty Data; its prompt has no fault."""
    visit = await tabs()
    await visit.go("#/data")
    id = await opened(visit, name)
    assert visit.state.route.id == id
    assert content(visit) == named(name).recipe.content
    assert not [one for one in visit.state.prompt.findings if one.severity == "error"]


async def test_it_is_brought_once(tabs: Open) -> None:
    """Where its table is here it is opened as it was left; one that was deleted is brought again."""
    visit = await tabs()
    id = await opened(visit, "extract")
    await visit.type("Text of message 2", "Mine: {{mail}}")
    await visit.until(lambda: visit.state.prompt.saving == "saved")
    assert await opened(visit, "extract") == id
    assert content(visit).messages[1].text == "Mine: {{mail}}"
    assert "already here" in visit.toasts[-1]
    await visit.click("Delete")
    await visit.rest()
    assert await opened(visit, "extract") != id
    assert content(visit) == named("extract").recipe.content


async def test_no_room_is_said(tabs: Open) -> None:
    """The button can be pressed again, and what was begun is finished then."""
    visit = await tabs()
    await visit.go("#/data")
    title, about = WORKED["judge"]
    visit.store.fail_next = StorageFull("full")
    await visit.click(f"{title} {about}")
    await visit.until(lambda: not visit.state.busy)
    await visit.rest()
    assert "The example was not opened." in visit.toasts[-1]
    await opened(visit, "judge")
