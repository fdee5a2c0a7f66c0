"""What is at the provider: seen, swept, and brought here."""

from __future__ import annotations

import re

from tests.e2e.provider import Provider
from tests.kit.journey import Journey


def open_account(customer: Journey) -> None:
    customer.go("Batches")
    customer.page.get_by_role("link", name="At the provider").click()
    customer.page.get_by_role("heading", name="At the provider").wait_for()
    customer.press("Refresh")  # the page is shared: it may have listed before this test began


def test_a_batch_made_elsewhere_is_brought_here_with_its_requests(customer: Journey, provider: Provider) -> None:
    """Made by a program with the same key, and still running: it comes here with what was asked, is followed to its end, and its answers
    stand beside its requests. It is not made again."""
    customer.leads()
    provider.behave(speed={"validating": 2, "in_progress": 4, "finalizing": 1, "cancelling": 0})
    provider.make(["What is asked elsewhere?", "And what else?"])
    open_account(customer)
    customer.press("Remote batches")
    customer.page.get_by_role("button", name="Import batch Elsewhere").click()
    customer.batch_id()
    customer.main.get_by_role("heading", name="Elsewhere").wait_for()
    customer.wait_for_state("completed")
    customer.page.get_by_role("button", name="Answered 2").wait_for()
    assert customer.open_answer(0).inner_text().count("What is asked elsewhere?") >= 2
    customer.page.keyboard.press("Escape")
    assert provider.batches == 1


def test_files_are_swept_and_what_a_running_batch_needs_stays(customer: Journey, provider: Provider) -> None:
    """Two batches, one of them running on after this test, which is therefore the last here: the files of the
    other can be deleted, after a question; its answers stay here."""
    customer.write("Whose files may go?")
    customer.submit_at_once()
    customer.wait_for_state("completed")
    provider.behave(speed=10_000)
    customer.write("Whose files must stay?")
    customer.submit_at_once()
    customer.wait_for_state("validating", "in progress")
    open_account(customer)
    customer.press("Files")
    card = customer.main.get_by_role("region", name="Files")
    card.get_by_text("in use").wait_for()
    free = card.locator(".file-line[id] input:not([disabled])")
    free.nth(1).wait_for()  # while it lists again nothing can be chosen
    assert free.count() == 2
    customer.press("Choose 2 with results saved")
    card.get_by_role("button", name=re.compile("^Delete 2 files")).click()
    customer.dialog.get_by_text("can't be undone").wait_for()
    customer.press("Delete 2 files", within=customer.dialog)
    customer.toasts.get_by_text("2 files deleted at the provider.").wait_for()
    card.locator(".file-line[id]").nth(1).wait_for(state="detached")
    assert card.locator(".file-line[id]").count() == 1
    calls = provider.report()["calls"]
    assert calls["delete"] == 2
