"""The prompt of a table as a person writes it: for every endpoint, kept as it is typed, with a way back from what was taken away."""

from __future__ import annotations

import pytest

from app.core.bodies.forms import FORMS
from app.core.model.templates import PromptContent, Template
from app.ports import StorageFull
from app.ui.templates.text_view import MARKS
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.datasets.test_data import brought

REVIEWS = b"id,review,stars\na,Fine,5\nb,,1\nc,Too long,3\n"


async def opened(visit: Visit, data: bytes = REVIEWS) -> str:
    """Bring a table and open its prompt; the table's id."""
    id = await brought(visit, data, "reviews.csv")
    await visit.go(f"#/data/{id}/prompt")
    await visit.until(lambda: visit.state.prompt.template is not None)
    await visit.rest()
    return id


def content(visit: Visit) -> PromptContent:
    assert visit.state.prompt.template is not None
    return visit.state.prompt.template.content


async def stored(visit: Visit) -> PromptContent:
    await visit.until(lambda: visit.state.prompt.saving == "saved")
    (one,) = await visit.app.services.records.all(Template)
    return one.value.content


async def test_a_table_has_its_rows_and_its_prompt_in_tabs(tabs: Open) -> None:
    """Which of them is open is in the address, and is said."""
    visit = await tabs()
    id = await opened(visit)
    (steps,) = [one for one in visit.dom.of("nav") if one.get("aria-label") == "Steps"]
    assert [(one.text, one["href"], one.get("aria-current")) for one in steps.of("a")][:2] == [
        ("Rows", f"#/data/{id}", None),
        ("Prompt", f"#/data/{id}/prompt", "page"),
    ]
    assert visit.dom.of("h1")[0].text == "reviews"
    await visit.go(f"#/data/{id}")
    assert visit.dom.classed("table-line")


@pytest.mark.slow
async def test_a_prompt_is_typed_and_kept(tabs: Open) -> None:
    """Messages, roles, parameters, id and metadata; another visit finds them."""
    visit = await tabs()
    id = await opened(visit)
    assert "Empty draft" in visit.text
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.click("Add message")
    await visit.type("Text of message 2", "5")
    assert [one.role for one in content(visit).messages] == ["user", "assistant"]
    await visit.choose("Role of message 2", "system")
    await visit.click("Move message down (Alt+↓)", 0)
    await visit.type("Model", "gpt-4o-mini")
    await visit.type("Temperature", "{{stars}}")
    await visit.type("custom_id", "review-{{id}}")
    await visit.click("Add metadata")
    await visit.type("Key of metadata 1", "row")
    await visit.type("Value of metadata 1", "{{id}}")
    found = await stored(visit)
    assert [(one.role, one.text) for one in found.messages] == [("system", "5"), ("user", "Rate {{review}}")]
    assert found.fields == {"model": "gpt-4o-mini", "temperature": "{{stars}}"}
    assert (found.custom_id, found.metadata[0].key, found.metadata[0].value) == ("review-{{id}}", "row", "{{id}}")
    other = await tabs(beside=visit)
    await other.go(f"#/data/{id}/prompt")
    await other.until(lambda: other.state.prompt.template is not None)
    await other.rest()
    assert other.field("Text of message 2").value == "Rate {{review}}"


async def test_what_was_taken_away_comes_back(tabs: Open) -> None:
    """And what was typed since stays."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.click("Add message")
    await visit.click("Delete message", 0)
    assert len(content(visit).messages) == 1
    await visit.type("Model", "m")
    await visit.click("Undo")
    assert [one.text for one in content(visit).messages] == ["Rate {{review}}", ""]
    assert (await stored(visit)).fields == {"model": "m"}


async def test_two_tabs_write_in_one_prompt(tabs: Open) -> None:
    """What one typed is shown in the other."""
    visit = await tabs()
    id = await opened(visit)
    other = await tabs(beside=visit)
    await other.go(f"#/data/{id}/prompt")
    await other.until(lambda: other.state.prompt.template is not None)
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.until(lambda: visit.state.prompt.saving == "saved")
    await other.until(lambda: content(other).messages[0].text == "Rate {{review}}")
    await other.type("Model", "m")
    await visit.until(lambda: content(visit).fields == {"model": "m"})
    await visit.rest()
    assert visit.field("Model").value == "m"


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", FORMS)
async def test_every_endpoint_has_its_form(tabs: Open, endpoint: str) -> None:
    """What it is asked, and each of its parameters; what another endpoint has is kept and said."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Reasoning effort", "low")
    await visit.choose("Endpoint", endpoint)
    form = FORMS[endpoint]
    for field in form.fields:
        assert visit.has(field.label), field.label
    assert ("Kept, but not sent by this endpoint: reasoning_effort" in visit.text) == (form.field("reasoning_effort") is None)
    if form.asked != "messages":
        await visit.type("Input" if form.many > 1 else "Prompt", "{{review}}")
        assert content(visit).inputs == ("{{review}}",)
        assert visit.has("Rows per request") == (form.many > 1)


async def test_what_is_wrong_is_said_where_it_was_typed(tabs: Open) -> None:
    """An unknown column, a column with empty cells, a parameter that is no number."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "Rate {{revew}} and {{review}}")
    await visit.type("Temperature", "hot")
    assert "The table has no column “revew”. Did you mean review?" in visit.text
    assert "review is empty in 1 row of 3." in visit.text
    assert "Temperature takes a number, not “hot”." in visit.text
    assert [(one.text, one.get("class")) for one in visit.dom.of("mark")] == [
        ("{{revew}}", "tag-mark bad"),
        ("{{review}}", "tag-mark warn"),
    ]


async def test_the_raw_body_begins_as_the_form_makes_it(tabs: Open) -> None:
    """It is sent as it stands then; discarding it brings the form back, and can be undone."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", 'Rate "{{review}}"')
    await visit.type("Model", "gpt-4o-mini")
    await visit.click("Raw JSON")
    raw = content(visit).raw
    assert raw is not None
    assert r'"content": "Rate \"{{review}}\""' in raw
    await visit.type("Raw JSON of the request", '{"model": {{nothing}}}')
    assert "The table has no column “nothing”." in visit.text
    await visit.click("Form")
    assert "It is sent as it is" in visit.text
    await visit.click("Discard JSON edits")
    assert content(visit).raw is None
    await visit.click("Undo")
    assert content(visit).raw == '{"model": {{nothing}}}'


async def test_what_cannot_be_stored_is_said_and_stays(tabs: Open) -> None:
    """It can be saved again."""
    visit = await tabs()
    await opened(visit)
    visit.store.fail_next = StorageFull("full")
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.until(lambda: visit.state.prompt.saving == "full")
    assert "The browser has no space left." in visit.text
    assert visit.field("Text of message 1").value == "Rate {{review}}"
    await visit.click("Save again")
    assert (await stored(visit)).messages[0].text == "Rate {{review}}"


async def test_a_long_text_is_marked_as_it_stands(tabs: Open) -> None:
    """What lies behind the field holds the whole text, so every mark lies where its placeholder is; of very many placeholders the first are
    marked, and all at which something was found."""
    visit = await tabs()
    await opened(visit)
    text = "x" * 5_000 + "{{stars}}" * 100 + "{{revew}}"
    await visit.type("Text of message 1", text)
    (behind,) = visit.dom.of("pre", "marks")
    assert behind.text.rstrip("\n") == text
    assert [one.text for one in visit.dom.of("mark")] == ["{{stars}}"] * MARKS + ["{{revew}}"]
