"""An empty app says what it is for and offers the ways in."""

from __future__ import annotations

from tests.kit.screen import Visit


async def test_an_empty_app_offers_its_ways_in_until_something_is_made(visit: Visit) -> None:
    """A table, a prompt, a program. They go when something is typed, and stay away once there is something."""
    await visit.go("#/compose")
    assert all(one in visit.text for one in ("Open a table", "Write a prompt", "Connect a program"))
    await visit.type("Text of message 1", "Which planet has the most moons?")
    assert "Open a table" not in visit.text
    await visit.click("New")
    assert "Open a table" not in visit.text
