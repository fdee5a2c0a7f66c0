"""Desktop notices: asked for by a click, never nagging, once for a batch, from the tab that carries it."""

from __future__ import annotations

import pytest

from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.submitting import ended, submitted


async def turned_on(visit: Visit) -> None:
    """Notices are on, and the browser allows them."""
    await visit.go("#/settings")
    await visit.click("Turn notifications on")
    visit.page.notices = "granted"
    visit.page.notice("notices", "granted")
    await visit.rest()


@pytest.mark.slow
async def test_nobody_is_asked_who_did_not_click(visit: Visit) -> None:
    """Off at first: no question, no notice, whatever happens."""
    await ended(visit)
    assert visit.page.asked_for_notices == 0
    assert visit.page.notified == []


@pytest.mark.slow
async def test_a_batch_that_ends_is_told_of_once(visit: Visit) -> None:
    """The browser asks when the person clicks; then the end of a batch is told with its figures, and the way to it."""
    await turned_on(visit)
    assert visit.page.asked_for_notices == 1
    assert visit.has("Turn notifications off")
    visit.page.notice("hidden")
    batch = await ended(visit)
    await visit.wait(600)
    assert visit.page.notified == [
        ("Batch is done", f"{batch.name}\n6 of 6 requests answered.", f"nightshift:{batch.id}", f"#/batches/{batch.id}")
    ]


@pytest.mark.slow
async def test_they_can_be_turned_off(visit: Visit) -> None:
    """And then there are none, without a question when they are turned on again."""
    await turned_on(visit)
    await visit.click("Turn notifications off")
    await ended(visit)
    assert visit.page.notified == []
    await turned_on(visit)
    assert visit.page.asked_for_notices == 1


@pytest.mark.slow
async def test_a_refusal_is_remembered_with_a_way_to_change_it(visit: Visit) -> None:
    """No button that would ask again: the browser would not even ask. The page says where it can be changed."""
    await visit.go("#/settings")
    await visit.click("Turn notifications on")
    visit.page.notices = "denied"
    visit.page.notice("notices", "denied")
    await visit.rest()
    assert "To allow it: open the site's settings" in visit.text
    assert not visit.has("Turn notifications on")
    await ended(visit)
    assert visit.page.notified == []


async def test_where_there_are_none_the_page_says_so(visit: Visit) -> None:
    """A page from a file, or a browser without them."""
    visit.page.notices = "missing"
    visit.page.notice("notices", "missing")
    await visit.go("#/settings")
    assert "There are no desktop notifications here" in visit.text
    assert not visit.has("Turn notifications on")


@pytest.mark.slow
async def test_only_the_tab_that_carries_it_tells(tabs: Open) -> None:
    """Two tabs, one notice; what one of them turned on counts for the other."""
    first = await tabs()
    second = await tabs(beside=first)
    first.page.notices = second.page.notices = "granted"
    await second.go("#/settings")
    await second.click("Turn notifications on")
    await first.rest()
    assert second.page.asked_for_notices == 0
    await ended(second)
    assert second.page.notified == []
    assert len(first.page.notified) == 1


@pytest.mark.slow
async def test_what_the_person_takes_back_is_not_told(visit: Visit) -> None:
    """A batch that goes back to the queue has not ended: nothing came of it."""
    await turned_on(visit)
    visit.out.fault = "unreachable"
    batch = await submitted(visit, "one")
    await visit.click("Cancel batch")
    await visit.click("Cancel the batch")
    await visit.wait(300)
    assert [one.state for one in visit.state.batches.all if one.id == batch.id] == ["withdrawn"]
    assert visit.page.notified == []
