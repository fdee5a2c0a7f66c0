"""Batches that wait until the provider has room for their tokens."""

from __future__ import annotations

from tests.kit.journey import Journey


def test_a_batch_waits_for_room_and_says_why(desk: Journey) -> None:
    """Two requests fit into the model's limit one after the other: of two batches the second waits and says for what; "Try now" sends it
    all the same."""
    desk.practise("one minute")
    card = desk.main.get_by_role("region", name="Practice provider")
    card.locator("summary").filter(has_text="Enqueued-token limits").click()
    card.get_by_label("Model prefix").fill("gpt-4o-mini")
    card.get_by_role("textbox", name="Enqueued tokens").fill("lots")
    desk.press("Save the limit", within=card)
    card.get_by_text("a whole number from 1").wait_for()
    card.get_by_role("textbox", name="Enqueued tokens").fill("900")
    desk.press("Save the limit", within=card)
    card.get_by_role("row", name="gpt-4o-mini… 900 yours").wait_for()
    for n in range(2):
        desk.write(f"Question number {n}. " + "Think about it for a long time. " * 60)
        desk.enqueue()
    desk.waiting(2)
    assert "of 900 tokens (estimated)" in desk.lane("gpt-4o-mini").inner_text()
    desk.press("Submit 2", within=desk.lane("gpt-4o-mini"))
    desk.go("Batches")
    waits = desk.main.get_by_role("row").filter(has_text="waiting for quota")
    waits.get_by_text("not enough quota yet").wait_for()
    waits.get_by_role("link").first.click()
    desk.press("Try now", within=desk.main)
    desk.main.get_by_text("Waiting for quota.").wait_for(state="detached")
    desk.wait_for_state("in progress")
    desk.go("Settings")
    desk.press("Remove the limit of gpt-4o-mini", within=card)
    card.get_by_role("row", name="gpt-4o-mini… 900 yours").wait_for(state="detached")
