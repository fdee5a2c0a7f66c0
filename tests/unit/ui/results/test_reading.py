"""One request read: as Markdown or as it was written, its pictures, and a repair that is only proposed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.results.answer_parts import AnswerPart
from app.practice.traps import Trap
from tests.kit.screen import Visit
from tests.states.reading import PIXEL
from tests.unit.ui.results.test_table import settled
from tests.unit.ui.submitting import behave, only, submitted


async def opened(visit: Visit, *texts: str, traps: tuple[Trap, ...] = ()) -> None:
    """The first request of a batch that ended, beside the table."""
    behave(visit, *traps)
    await submitted(visit, *texts)
    await visit.wait(180)
    await visit.go(f"#/results/batch/{only(visit).id}/at/{only(visit).id}/0")
    await settled(visit)
    await visit.until(lambda: visit.state.results.beside.request is not None)
    await visit.rest()


@pytest.mark.slow
async def test_markdown_is_rendered_and_can_be_read_as_text(visit: Visit) -> None:
    """The switch stands above the conversation, and is remembered; HTML is text either way."""
    await opened(visit, "Say **this** and <b>that</b>\n\n| a | b |\n|---|---|\n| 1 | 2 |", "two")
    await visit.until(lambda: bool(visit.dom.classed("rendered")))
    panel = visit.dom.classed("peek")[0]
    assert [one.text for one in panel.of("strong")][:1] == ["this"]
    assert [one.text for one in panel.of("td")][:2] == ["1", "2"]
    assert "<b>that</b>" in panel.text
    await visit.click("Text")
    assert not visit.dom.classed("rendered")
    assert "Say **this**" in visit.dom.classed("peek")[0].text
    assert (await visit.app.services.profiles.preferences()).reading == "text"
    await visit.click("Rendered")
    assert visit.dom.classed("rendered")
    opened_one = visit.state.results.beside.request
    assert opened_one is not None
    await visit.click("Copy raw request")
    await visit.click("Copy raw response")
    assert visit.page.copied[-2:] == [opened_one.body, opened_one.line]


@pytest.mark.slow
async def test_a_picture_is_drawn_while_it_is_in_sight(visit: Visit) -> None:
    """Under an address of this page's own, which is given back afterwards; bytes that are damaged are not drawn."""
    await opened(visit, "one", "two")
    here = visit.state.results
    assert here.beside.request is not None
    pictures = (AnswerPart("image", 1, "A cat", "image/png", data=PIXEL), AnswerPart("image", 2, "", "image/png", data=PIXEL[:-3]))
    here.beside.request = replace(here.beside.request, parts=pictures)
    visit.app.changed()
    await visit.until(lambda: bool(visit.dom.of("img")))
    (picture,) = visit.dom.of("img")
    assert (picture["src"], picture["alt"]) == ("blob:nightshift/0", "A cat")
    assert visit.page.pictures["blob:nightshift/0"][1] == "image/png"
    assert "It cannot be shown here" in visit.text
    await visit.go("#/queue")
    await visit.until(lambda: visit.page.dropped == ["blob:nightshift/0"])


@pytest.mark.slow
async def test_damaged_json_is_repaired_only_as_a_correction(visit: Visit) -> None:
    """The proposal shows what it would change; taken, it is the person's correction, and the answer stays as it came."""
    await opened(visit, "one", "two")
    here = visit.state.results
    assert here.beside.request is not None
    assert here.beside.request.answer is not None
    said = '{"city": "Lisbon", "price": 49'
    here.beside.request = replace(
        here.beside.request, answer=replace(here.beside.request.answer, text=said), parts=(AnswerPart("text", text=said),)
    )
    visit.app.changed()
    await visit.until(lambda: "Damaged JSON" in visit.text)
    assert here.annotating.said is not None
    assert here.annotating.said.correction is None
    await visit.click("Propose a repair")
    await visit.until(lambda: "A proposal." in visit.text)
    assert here.annotating.said.correction is None
    await visit.click("Accept as correction")
    await visit.until(lambda: here.annotating.said is not None and here.annotating.said.correction is not None)
    assert '"price": 49\n}' in (here.annotating.said.correction or "")
    assert here.beside.request.answer is not None
    assert here.beside.request.answer.text == said
    assert "It is stored as your correction." in visit.text
