"""What was not answered is sent again by itself, and every request shows its attempts."""

from __future__ import annotations

from tests.kit.journey import AT_ONCE, Journey

TRAPS = ("lines: a fault of the provider (500)", "lines: no credit left (429)")


def test_failures_of_the_provider_go_back_to_the_queue_and_keep_their_past(desk: Journey) -> None:
    """One of three fails at the provider: it waits in the queue by itself, also after a reload, is answered by the next batch, and tells of
    both attempts. One that only the person can mend waits for a word, and goes with it."""
    desk.practise(AT_ONCE, *TRAPS)
    for n in range(3):
        desk.write(f"Question number {n}")
        desk.enqueue()
    desk.waiting(3)
    desk.submit_lane()
    desk.wait_for_state("completed")
    failed = desk.main.get_by_role("region", name="Not answered")
    failed.get_by_text("1 wait in the queue").wait_for()
    first = desk.batch_id()
    desk.reload()
    failed.get_by_role("button", name="Queue 1 again: insufficient_quota").click()
    failed.get_by_text("2 wait in the queue").wait_for()
    assert failed.get_by_role("button", name="again:").count() == 0
    desk.go("Settings")
    card = desk.main.get_by_role("region", name="Practice provider")
    for trap in TRAPS:
        box = card.get_by_label(trap, exact=True)
        if not box.is_visible():
            card.locator("summary").filter(has_text="Simulated failures").click()
        box.uncheck()
    desk.waiting(2)
    desk.submit_lane()
    desk.wait_for_state("completed")
    attempts = desk.open_answer(0).get_by_role("region", name="Attempts")
    attempts.get_by_role("listitem").nth(1).wait_for()
    assert attempts.get_by_role("listitem").count() == 2
    assert "answered in this batch" in attempts.get_by_role("listitem").first.inner_text()
    attempts.get_by_role("link").click()
    desk.page.wait_for_url(f"**#/batches/{first}")
    failed.get_by_text("2 requests sent again").wait_for()
