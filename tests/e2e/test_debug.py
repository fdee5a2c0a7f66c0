"""The debug panel in the page."""

from __future__ import annotations

import re

from tests.kit.journey import Journey


def test_the_panel_tells_what_happens_and_no_text(desk: Journey) -> None:
    """The address opens it; it shows the start, what is pressed and what the engine does, nothing that is written; its button closes it."""
    desk.go("Compose")
    desk.page.evaluate("location.hash = '#/compose?debug'")
    panel = desk.page.locator("#debug")
    panel.wait_for()
    assert re.search(r"Start: ready\s*[\d,]+ ms", panel.get_by_label("Timings").inner_text())
    assert "engine" in panel.get_by_label("Running tasks").inner_text()
    desk.write("a word that nobody may read")
    desk.page.locator("#enqueue-submit").click()
    desk.wait_for_state("completed")
    events = panel.get_by_label("Events")
    for name in ("EnqueueAndSubmit", "Upload", "Reconcile"):
        events.get_by_role("cell", name=name, exact=True).first.wait_for()
    assert "nobody may read" not in panel.inner_text()
    panel.get_by_role("button", name="Close the debug panel").click()
    panel.wait_for(state="detached")
