"""A row beside the prompt, remedies by one press, rows as examples."""

from __future__ import annotations

import json

from app.ui.templates.showing import PAUSE
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened


def turns(visit: Visit) -> list[str]:
    return [" ".join(part.text for part in one if part.parent is one) for one in visit.dom.classed("turn")]


def body(visit: Visit) -> object:
    (code,) = [one for one in visit.dom.of("pre") if one.get("aria-label") == "Body of the request"]
    return json.loads(code.text)


async def test_the_prompt_is_filled_in_beside_a_row(tabs: Open) -> None:
    """With every key stroke, and for the row that is gone to."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.type("Model", "gpt-4o-mini")
    assert turns(visit) == ["User Rate Fine"]
    assert body(visit) == {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Rate Fine"}]}
    assert "disabled" in visit.button("Previous row").attributes
    await visit.click("Next row")
    assert turns(visit) == ["User Rate "]
    await visit.emit(visit.field("Number of the row"), "change", "3")
    assert turns(visit) == ["User Rate Too long"]
    assert "disabled" in visit.button("Next row").attributes
    await visit.click("Previous row")
    await visit.type("custom_id", "{{review}}")
    assert "The custom_id of this row is empty." in visit.text
    await visit.emit(visit.field("Number of the row"), "change", "99")
    assert visit.state.prompt.at == 2


async def test_a_large_prompt_is_filled_in_when_the_person_pauses(tabs: Open) -> None:
    """Typing does not wait for it."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Model", "m")
    await visit.type("Text of message 1", "{{review}}" + "x" * 12_000)
    assert visit.state.prompt.rendered is not None
    assert visit.state.prompt.rendered.size < 1_000
    await visit.wait(PAUSE)
    assert visit.state.prompt.rendered.size > 12_000


async def test_what_was_found_is_mended_by_one_press(tabs: Open) -> None:
    """A column that is named wrongly, cells that are empty; each can be undone."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "{{revew}}: {{review}}")
    await visit.click("Use review")
    assert content(visit).messages[0].text == "{{review}}: {{review}}"
    await visit.click("Add a default for review")
    assert content(visit).messages[0].text == '{{review | default("n/a")}}: {{review | default("n/a")}}'
    assert "is empty in" not in visit.text
    await visit.click("Undo", 1)
    assert content(visit).messages[0].text == "{{review}}: {{review}}"


async def test_rows_become_examples(tabs: Open) -> None:
    """A pair of messages each before the last user message; rows that are not there are said."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "Rate {{review}}")
    await visit.click("Next row")
    await visit.click("Use rows as examples")
    assert visit.field("Rows").value == "2"
    assert visit.field("User message").value == "Rate {{review}}"
    await visit.type("Assistant message", "{{stars}}")
    await visit.type("Rows", "1, 9")
    await visit.click("Add examples")
    assert "“9” is not a row; there are rows 1 to 3." in visit.text
    await visit.type("Rows", "1 3")
    await visit.type("Assistant message", "{{none}}")
    await visit.click("Add examples")
    assert "The table has no column “none”." in visit.text
    await visit.type("Assistant message", "{{stars")
    await visit.click("Add examples")
    assert "is not valid yet" in visit.text
    await visit.type("Assistant message", "{{stars}}")
    await visit.click("Add examples")
    await visit.until(lambda: visit.state.prompt.examples is None)
    assert [(one.role, one.text) for one in content(visit).messages] == [
        ("user", "Rate Fine"),
        ("assistant", "5"),
        ("user", "Rate Too long"),
        ("assistant", "3"),
        ("user", "Rate {{review}}"),
    ]
    await visit.click("Undo")
    assert len(content(visit).messages) == 1
