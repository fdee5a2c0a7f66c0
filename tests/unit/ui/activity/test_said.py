"""What was said in short is found again, and with it the way back."""

from __future__ import annotations

from app.ui.base.said_state import MOST_SAID
from tests.kit.screen import Visit


async def test_an_undo_is_found_again_in_activity(visit: Visit) -> None:
    """A toast is gone after 20 seconds; what it told of can be undone all the same, once."""
    await visit.queue("Hello")
    await visit.wait(30)
    assert visit.toasts == []
    await visit.go("#/log")
    assert "Messages of this visit" in visit.text
    await visit.click("Undo: Added to the queue: it waits until you submit it.")
    assert sum(lane.requests for lane in visit.state.queue.lanes) == 0
    assert not visit.has("Undo: Added to the queue: it waits until you submit it.")
    assert "it waits until you submit it. Undone." in visit.text


async def test_what_was_said_is_bounded(visit: Visit) -> None:
    """The newest are kept; five are in sight and the others folded away."""
    for n in range(MOST_SAID + 5):
        visit.app.toast(f"word {n}")
    await visit.go("#/log")
    said = visit.dom.classed("card")[0]
    assert (len(visit.state.said.all), visit.state.said.all[0].text) == (MOST_SAID, "word 5")
    assert f"{MOST_SAID - 5} earlier" in said.text
