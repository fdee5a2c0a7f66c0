"""Versions of a prompt: kept, named, compared and brought back."""

from __future__ import annotations

from app.ui.templates.showing import PAUSE
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened


async def test_a_version_is_named_compared_and_brought_back(tabs: Open) -> None:
    """What stood in the prompt and was never kept is kept first."""
    visit = await tabs()
    await opened(visit)
    await visit.type("Text of message 1", "Rate {{review}}\nBe short.")
    await visit.click("Save version")
    assert "Saved as Version 1." in visit.toasts[-1]
    await visit.emit(visit.field("Name of version 1"), "change", "first")
    assert visit.field("Name of version 1").value == "first"
    await visit.click("Compare first")
    assert "The current prompt is the same." in visit.text
    await visit.type("Text of message 1", "Rate {{review}}\nBe kind.")
    await visit.wait(PAUSE)
    assert [one.text for one in visit.dom.of("ins")] == ["+ Be kind.\n"]
    assert [one.text for one in visit.dom.of("del")] == ["− Be short.\n"]
    await visit.click("Compare first")
    assert not visit.dom.of("ins")
    await visit.click("Restore first")
    assert content(visit).messages[0].text == "Rate {{review}}\nBe short."
    assert visit.field("Text of message 1").value == "Rate {{review}}\nBe short."
    assert [one.number for one in visit.state.prompt.versions] == [2, 1]
    await visit.click("Restore Version 2")
    assert content(visit).messages[0].text == "Rate {{review}}\nBe kind."
    await visit.click("Undo", 1)
    assert content(visit).messages[0].text == "Rate {{review}}\nBe short."
