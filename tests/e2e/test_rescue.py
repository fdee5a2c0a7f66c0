"""A batch that crawls is rescued in the page: the rest is asked one by one, and stands beside what came."""

from __future__ import annotations

from tests.kit.journey import Journey

CRAWLS = "batch hangs half done"


def test_the_rest_of_a_batch_that_crawls_is_asked_at_once(desk: Journey) -> None:
    """Cancelled, what came kept, what is left in a batch of its own that the page answers by itself; a reload in between loses nothing."""
    page = desk.page
    desk.practise("0", CRAWLS)
    for word in ("apple", "banana", "cherry", "damson"):
        desk.write(f"Say {word}")
        desk.enqueue()
    desk.go("Queue")
    first = desk.submit_lane()
    page.get_by_text("2 of 4", exact=False).first.wait_for()
    desk.open_batch(first)
    desk.press("Rescue …")
    desk.dialog.get_by_label("Send what is left").select_option("standard")
    desk.press("Rescue it now", within=desk.dialog)
    page.get_by_text("It was rescued: 2 requests went on.").wait_for()
    page.get_by_role("link", name="the new batch").click()
    desk.wait_for_state("completed")
    desk.main.get_by_role("button", name="Answered 2").wait_for()
    desk.reload()
    desk.main.get_by_role("button", name="Answered 2").wait_for()
    page.get_by_role("link", name="Open in Results").click()
    page.get_by_role("link", name="With earlier attempts").click()
    page.get_by_text("4 requests =").wait_for()
    page.get_by_text("4 answered").wait_for()
