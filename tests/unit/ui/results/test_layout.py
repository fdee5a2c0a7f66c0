"""The layout of a table of answers: columns in an order and widths of one's own, higher rows, and views that are kept under a name."""

from __future__ import annotations

import pytest

from app.core.model.views import SavedView
from tests.kit.screen import Visit
from tests.unit.ui.results.test_table import opened, press, settled


async def names(visit: Visit) -> list[str]:
    return [one.value.name for one in await visit.app.services.records.all(SavedView)]


@pytest.mark.slow
async def test_a_layout_is_made_and_kept_under_a_name(visit: Visit) -> None:
    """All of it stands in the address; a view brings it back, is replaced under its own name, and can be forgotten; both can be undone."""
    await opened(visit)
    await visit.click("Columns")
    await press(visit, "Answer further left")
    assert "c=id.answer.prompt.output_tokens" in visit.page.route
    await press(visit, "Answer wider")
    await press(visit, "4 lines")
    assert "w=answer~16" in visit.page.route
    assert "h=4" in visit.page.route
    (window,) = visit.dom.of("div", "window")
    assert window["data-row"] == "96"
    (wide,) = visit.dom.classed("wide")
    assert wide["data-var-grid"] == "minmax(0,1fr) 16rem minmax(0,2fr) minmax(0,1fr)"
    route = visit.page.route
    await visit.click("Views")
    await visit.rest()
    await visit.type("Name of the view", "Mine")
    await visit.click("Keep this view")
    await visit.rest()
    assert await names(visit) == ["Mine"]
    await press(visit, "Reset widths")
    await press(visit, "1 line")
    await press(visit, "Default columns")
    assert "?" not in visit.page.route
    await press(visit, "Mine")
    assert visit.page.route == route
    await press(visit, "Answer narrower")
    await visit.type("Name of the view", "Mine")
    await visit.click("Replace it")
    await visit.rest()
    (view,) = await visit.app.services.records.all(SavedView)
    assert "w=answer~12" in view.value.address
    await visit.click("Undo")
    await visit.rest()
    (view,) = await visit.app.services.records.all(SavedView)
    assert "w=answer~16" in view.value.address
    await visit.click("Forget Mine")
    await visit.rest()
    assert await names(visit) == []
    await visit.click("Undo", -1)
    await settled(visit)
    assert await names(visit) == ["Mine"]
