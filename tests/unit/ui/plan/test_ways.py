"""The rows of a plan asked in several ways: chosen on the page, counted, priced, added as one."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended, prompted


async def test_rows_are_asked_in_several_ways(tabs: Open) -> None:
    """How many requests that makes is said while it is typed; each way has its line of the price, and all their sum; one press adds all."""
    visit = await tabs()
    await visit.use_openai()
    await prompted(visit)
    await visit.type("Also by these models", "gpt-4o")
    await visit.type("Times each row is asked", "2")
    assert "Each of 4 rows is asked in 2 ways, 2 times each: 16 requests at most. Ways: gpt-4o-mini, gpt-4o." in visit.text
    await visit.click("Check 4 rows")
    await ended(visit)
    assert "4 rows checked · 16 requests can be sent" in visit.text
    table = next(one for one in visit.dom.of("table") if "Variant" in one.text)
    lines = [[cell.text for cell in line.of("td")] for line in table.of("tr")[1:]]
    assert [line[:3] for line in lines] == [["gpt-4o-mini", "gpt-4o-mini", "8"], ["gpt-4o", "gpt-4o", "8"], ["", "All", "16"]]
    await visit.click("Download the file of batch 1 of gpt-4o")
    await ended(visit)
    ids = [json.loads(one)["custom_id"].split("~", 1)[1] for one in visit.page.saved[-1].content.splitlines()]
    assert ids == ["gpt-4o~1"] * 4 + ["gpt-4o~2"] * 4
    await visit.click("Add 16 requests to queue")
    await ended(visit)
    assert sorted((one.lane.model, one.requests) for one in visit.state.queue.lanes) == [("gpt-4o", 8), ("gpt-4o-mini", 8)]


async def test_figures_of_other_ways_are_old(tabs: Open) -> None:
    """They say so, nothing is added by them, and no more than is bearable is asked of a row."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await visit.type("Times each row is asked", "3")
    assert "Each of 4 rows is asked 3 times: 12 requests at most." in visit.text
    assert "The models, parameters or versions to compare were changed since." in visit.text
    assert visit.button("Add 4 requests to queue").get("disabled") is not None
    await visit.type("Times each row is asked", "21")
    assert "a number from 1 to 20." in visit.text
    assert visit.button("Check 4 rows again")["title"].startswith("Write how many times each row is asked")
    await visit.type("Times each row is asked", "1")
    assert visit.button("Add 4 requests to queue").get("disabled") is None


async def test_a_remedy_that_changes_no_way_is_not_offered(tabs: Open) -> None:
    """Every way has a temperature of its own: taking the prompt's away would mend nothing. What stands against one way is said of that."""
    visit = await tabs()
    await visit.use_openai()
    await prompted(visit, Temperature="3")
    await visit.choose("Parameter to compare", "temperature")
    await visit.type("Its values", "0, 9")
    await visit.click("Check 4 rows")
    await ended(visit)
    assert "4 requests can be sent" in visit.text
    assert "no row left out · 4 rows not asked in every way" in visit.text
    assert "Only in temperature-9." in visit.text
    assert not visit.has("Remove temperature")


async def test_a_body_that_is_typed_by_hand_has_no_other_models(tabs: Open) -> None:
    """No field takes what would change nothing; versions can still be compared."""
    visit = await tabs()
    await checked(visit)
    assert visit.field("Also by these models")
    template = visit.state.prompt.template
    assert template is not None
    visit.state.prompt.template = replace(template, content=replace(template.content, raw='{"model": "gpt-4o"}'))
    visit.app.changed()
    await visit.rest()
    assert "says its model and its parameters itself" in visit.text
    with pytest.raises(AssertionError):
        visit.field("Also by these models")
    assert visit.field("Times each row is asked")


async def test_a_version_stands_beside_the_prompt(tabs: Open) -> None:
    """What was sent before is compared with what stands there now."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    await visit.go(f"#/data/{id}/prompt")
    await visit.type("Text of message 1", "Judge {{review}}")
    await visit.go(f"#/data/{id}/check")
    await visit.until(lambda: visit.has("Beside Version 1"))
    await visit.check("Beside Version 1", on=True)
    await visit.click("Check 4 rows again")
    await ended(visit)
    assert "8 requests can be sent" in visit.text
    assert [one.tag for one in visit.state.plan.prices] == ["now", "Version-1"]
