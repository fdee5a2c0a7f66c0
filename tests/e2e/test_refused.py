"""When the provider refuses, breaks off, or sends nonsense: each case has its own words, and the queue is as it was."""

from __future__ import annotations

import pytest

from tests.e2e.provider import Provider
from tests.kit.browser import Watch
from tests.kit.journey import Journey

REFUSED = {
    "unauthorized_401": ("wrong_key", "does not accept the key"),
    "forbidden_403": ("forbidden", "does not allow"),
    "not_found_404": ("not_found", "nothing at this address"),
    "too_large_413": ("too_large", "does not accept a body this large"),
    "insufficient_quota_429": ("insufficient_quota", "no credit left"),
    "cors_refused": ("blocked", "does not let a web page read its answers"),
}
WAITS = {
    "rate_limit_429": ("rate_limited", "too many calls"),
    "server_500": ("server_error", "a server error"),
    "connection_broken": ("broken", "was lost"),
}


def test_each_refusal_has_its_own_words_and_the_queue_is_unchanged(customer: Journey, provider: Provider, customer_watch: Watch) -> None:
    """Peer A made a batch without a file after a 401. Here nothing is made, nothing is lost, and the page says what to do."""
    customer_watch.expect("Failed to load resource|CORS policy")
    customer.write("What is refused?")
    customer.enqueue()
    seen = set()
    for trap, (code, words) in REFUSED.items():
        if trap == "cors_refused":
            customer.reload()  # where a provider has answered before, a page cannot tell a refusal from a broken line
        provider.behave(trap)
        customer.waiting(1)
        customer.submit_lane()
        customer.wait_for_state("returned to queue")
        said = customer.told(code)
        assert words in said, trap
        assert "billed" in said, trap
        seen.add(said)
        customer.waiting(1)
        assert words in customer.told(code), "the queue says it, too"
    assert len(seen) == len(REFUSED)
    assert provider.batches == 0


@pytest.mark.parametrize("trap", WAITS)
def test_what_may_pass_is_tried_again_and_can_be_given_up(customer: Journey, provider: Provider, customer_watch: Watch, trap: str) -> None:
    """A rate limit, a fault of the provider, a broken line: the page says what happened, and that it tries again; cancelling gives
    all back."""
    customer_watch.expect("Failed to load resource|CORS policy")
    code, words = WAITS[trap]
    customer.write("What passes?")
    provider.behave({"trap": trap, "call": "upload"})
    customer.submit_at_once()
    assert words in customer.told(code)
    customer.press("Cancel batch")
    customer.press("Cancel the batch", within=customer.dialog)
    customer.wait_for_state("returned to queue")
    customer.waiting(1)
    assert provider.batches == 0


def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(customer: Journey, provider: Provider, customer_watch: Watch) -> None:
    """Peer A paid for such a batch and forgot it. Here the list of batches is asked and ours is found; and if the browser itself sent the
    call twice (Chromium does, on a connection that it used before), the second batch is cancelled before it has cost anything."""
    customer_watch.expect("Failed to load resource|CORS policy")
    customer.write("What is lost?")
    provider.behave("create_answer_lost", speed={"validating": 4, "in_progress": 4, "finalizing": 1, "cancelling": 0})
    customer.submit_at_once()
    customer.wait_for_state("completed")
    assert sorted(provider.states())[-1] == "completed"
    assert provider.states().count("completed") == 1


def test_a_damaged_line_is_kept_and_the_rest_is_read(desk: Journey) -> None:
    """One line of the answers is cut in the middle: it is shown as it came, every other answer is there."""
    desk.practise("0", "files: a damaged line")
    desk.write("What is damaged?")
    for _ in range(5):
        desk.enqueue()
    desk.waiting(5)
    desk.submit_lane()
    desk.wait_for_state("completed")
    desk.main.get_by_role("group", name="Show").get_by_role("button", name="Damaged").click()
    desk.answers.first.locator("button.cell").first.click()
    desk.dialog.locator("summary", has_text="Raw response").click()
    assert "custom_id" in desk.dialog.locator("pre").last.inner_text()
    desk.page.keyboard.press("Escape")
    desk.main.get_by_role("group", name="Show").get_by_role("button", name="Answered").click()
    desk.answers.first.wait_for()
    desk.practise()


def test_a_refused_file_names_line_and_code(desk: Journey) -> None:
    """The provider's check of the file fails at one line: the page names it, and nothing is billed."""
    desk.write("Hello", model="no-such-model-anywhere")
    desk.submit_at_once()
    desk.wait_for_state("failed")
    refused = desk.main.get_by_role("region", name="Refused lines")
    assert refused.locator("tbody tr").first.locator("td").first.inner_text() == "1"
    assert "nothing is billed" in desk.main.inner_text()
    desk.press("Queue 1 again")
    desk.waiting(1)
