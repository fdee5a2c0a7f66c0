"""Charts above the rows: opened, counted anew under a filter, pressed by keys, and saved as files."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tests.kit.screen import Visit
from tests.unit.ui.results.test_table import cells, opened, press, settled


def charts(visit: Visit) -> dict[str, list[str]]:
    """The rows of the table behind each chart, by its title."""
    return {
        next(one.text for one in figure if one.tag == "h3"): ["|".join(cell.text for cell in row.children) for row in figure.of("tr")[1:]]  # type: ignore[union-attr]  # cells
        for figure in visit.dom.classed("chart")
    }


async def shown(visit: Visit) -> None:
    """Open the card."""
    await press(visit, "Charts")
    await visit.until(lambda: visit.state.charts.found is not None and not visit.state.charts.counting)
    await visit.rest()


@pytest.mark.slow
async def test_charts_say_what_is_let_through(visit: Visit) -> None:
    """Each with its finding, a picture that has a name, and the table; a value that is pressed there filters rows and charts."""
    await opened(visit)
    await shown(visit)
    found = charts(visit)
    assert found["Outcomes of the requests"] == ["answered|6|100 %"]
    assert found["When answers came"][0].endswith("|6|6")
    assert "Answered at once, at the standard price" in visit.text
    assert all((one.get("aria-label") or "").endswith(".") for one in visit.dom.of("svg") if one.get("role") == "img")
    tokens = next(one for one in visit.dom.classed("chart") if "Output tokens" in one.text)
    few = next(one for one in tokens.of("button", "link"))
    count = int(found["Output tokens"][0].split("|")[1])
    await visit.emit(few, "click")
    await settled(visit)
    await visit.until(lambda: visit.state.charts.found is not None and visit.state.charts.found.rows == count)
    assert len(cells(visit, "Outcome")) == count
    assert charts(visit)["Outcomes of the requests"] == [f"answered|{count}|100 %"]
    await press(visit, "Close the charts")
    assert not visit.dom.classed("chart")


@pytest.mark.slow
async def test_a_chart_is_saved_as_a_file(visit: Visit) -> None:
    """SVG that stands by itself, and a PNG of the same; where the browser cannot draw it, that is said."""
    await opened(visit)
    await shown(visit)
    await visit.click("Save as SVG: Output tokens")
    await visit.click("Save as PNG: Output tokens")
    await visit.rest()
    drawing, picture = visit.page.saved[-2:]
    assert (drawing.name, drawing.type) == ("Output-tokens.svg", "image/svg+xml")
    assert ET.fromstring(drawing.content.decode()).tag.endswith("svg")  # noqa: S314  # made here
    assert (picture.name, picture.type) == ("Output-tokens.png", "image/png")
    visit.page.undrawable = True
    await visit.click("Save as PNG: Output tokens")
    await visit.rest()
    assert "Save it as SVG" in visit.text


@pytest.mark.slow
async def test_a_report_is_written_on_what_is_let_through(visit: Visit) -> None:
    """As a page and as Markdown, with as many rows as were chosen; what was saved is said."""
    await opened(visit)
    await shown(visit)
    await visit.choose("Maximum rows in a report", "20")
    await visit.click("Report (HTML)")
    await visit.until(lambda: visit.state.charts.report.said is not None)
    await visit.click("Report (Markdown)")
    await visit.until(lambda: len(visit.page.saved) == 2)
    await visit.rest()
    page, text = visit.page.saved
    assert (page.type, text.type) == ("text/html", "text/markdown")
    assert page.name.endswith("-report.html")
    assert text.name.endswith("-report.md")
    assert b"All 6 rows." in page.content
    assert b"6 requests = 6 answered" in text.content
    assert "6 of 6 rows listed" in visit.text
    assert visit.state.charts.report.rows == 20
