"""After Python died: what the next start says, and what the person can do."""

from __future__ import annotations

import pytest

from app.core.model import trail
from app.core.model.trail import Stop
from tests.kit.screen import Visit


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (Stop(at=1.0, item="line:answer:b:output:0:0"), "while it read a line of an answer file: that line is not shown"),
        (Stop(at=1.0, item="line:lines:s:0"), "while it read a request: that request is not shown"),
        (Stop(at=1.0, item="bytes:ledger:b"), "the files are kept as they arrived"),
        (Stop(at=1.0, item="view:batch:b"), "while it drew a view: that view is not drawn"),
        (Stop(at=1.0, item="record:batches:b"), "while it read a stored record: the record is skipped"),
        (
            Stop(at=1.0, task="batch b"),
            "while it worked on a batch: that batch is paused here. At its provider it continues",
        ),
    ],
)
async def test_what_is_passed_over_is_said_and_can_be_read_again(visit: Visit, stop: Stop, words: str) -> None:
    """The note stands in every view; “Read it again” forgets what stopped Python and reloads."""
    visit.state.browser.stops = (stop,)
    await visit.go("#/queue")
    assert words in visit.text
    await visit.click("Read it again")
    assert (visit.page.forgiven, visit.page.reloads) == (1, 1)


async def test_what_is_passed_over_stays_so_when_the_note_is_hidden(visit: Visit) -> None:
    """Hiding the note forgets nothing that is passed over."""
    visit.state.browser.stops = (Stop(at=1.0, item="record:batches:b"),)
    await visit.go("#/queue")
    await visit.click("Hide this")
    assert "Nightshift stopped in this browser" not in visit.text
    assert visit.page.forgiven == 0


async def test_a_stop_without_a_cause_is_told_once(visit: Visit) -> None:
    """Where nothing is known nothing is passed over: the note can only be hidden, and then it is forgotten."""
    visit.state.browser.stops = (Stop(at=1.0, task="route"),)
    await visit.go("#/queue")
    assert "the cause is not known" in visit.text
    assert "Read it again" not in visit.text
    await visit.click("Hide this")
    assert visit.page.forgiven == 1


async def test_a_view_that_stopped_python_is_not_drawn(visit: Visit) -> None:
    """It is passed over, with the navigation and the note around it; every other view is drawn."""
    stop = Stop(at=1.0, item=trail.view("queue", ""))
    visit.state.browser.stops = (stop,)
    trail.avoid([stop])
    try:
        await visit.go("#/queue")
        assert "that view is not drawn" in visit.text
        assert not [one for one in visit.dom.of("h1") if one.text == "Queue"]
        await visit.go("#/batches")
        assert [one for one in visit.dom.of("h1") if one.text == "Batches"]
    finally:
        trail.avoid(())
