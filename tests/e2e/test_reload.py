"""Reload at any moment of the journey: nothing is lost, nothing is doubled."""

from __future__ import annotations

import pytest

from tests.e2e.provider import Provider
from tests.kit.browser import Watch
from tests.kit.journey import Journey

COUNT = 3
CUT_OFF = 200_000.0
"""Milliseconds. A create that the reload cut off is made again only when the first can no longer arrive: after 150 s."""
SLOW = {"validating": 2, "in_progress": 2, "finalizing": 2, "cancelling": 1}
MOMENTS = {
    "uploading": ("file", "firefox"),
    "in progress": (),
    "downloading results": ("firefox",),
    "completed": (),
}
"""States in which the page is reloaded, in the order of a batch's life, each with where it is also tried. The fault matrix kills the page
at every single step."""
STATES = ("uploading", "validating", "in progress", "finalizing", "downloading results", "completed")


@pytest.fixture
def filled(customer: Journey) -> Journey:
    """Three requests wait for the provider over HTTP."""
    customer.write("What outlives a reload?")
    for _ in range(COUNT):
        customer.enqueue()
    customer.waiting(COUNT)
    return customer


@pytest.mark.also("firefox")
def test_every_key_stroke_outlives_a_reload(desk: Journey) -> None:
    """Peer A lost its draft. Here what the page calls saved is there again, to the last letter, with the name and every option."""
    desk.new_thread()
    words = "Every letter of this is kept, as soon as it is typed."
    for n in range(0, len(words), 18):
        desk.text(0).press("End")
        desk.text(0).press_sequentially(words[n : n + 18])
        desk.saved()
        desk.reload()
        assert desk.texts() == [words[: n + 18]]
    desk.name().fill("Kept")
    desk.option("max_output_tokens").fill("12")
    desk.saved()
    desk.reload()
    assert desk.name().input_value() == "Kept"
    assert desk.option("max_output_tokens").input_value() == "12"


@pytest.mark.also("file", "firefox")
def test_the_queue_outlives_a_reload(filled: Journey) -> None:
    """Peer A brought submitted and deleted requests back after a reload. Here the queue is what it was."""
    filled.rows.first.get_by_role("button", name="Delete request").click()
    filled.waiting(COUNT - 1)
    filled.reload()
    filled.waiting(COUNT - 1)


def test_a_reload_right_after_submitting_loses_and_doubles_nothing(filled: Journey, provider: Provider) -> None:
    """The page is gone before it could show anything: either the requests still wait, or there is one batch of them."""
    filled.page.locator("section.lane > header").get_by_role("button", name=f"Submit {COUNT}").click(no_wait_after=True)
    filled.reload()
    filled.go("Queue")
    if filled.page.locator("section.lane").count():
        filled.submit_lane()
    else:
        filled.go("Batches")
        filled.page.locator("tbody tr a").first.click()
    finish(filled, provider)


@pytest.mark.parametrize("moment", [pytest.param(one, marks=pytest.mark.also(*where)) for one, where in MOMENTS.items()])
def test_a_reload_at_each_step_loses_and_doubles_nothing(filled: Journey, provider: Provider, customer_watch: Watch, moment: str) -> None:
    """Wherever the batch was, it goes on from there to its end: one batch at the provider, every request answered once."""
    customer_watch.expect("Failed to load resource|CORS policy")
    traps = {"uploading": ["upload_answer_lost"], "downloading results": ["download_502"]}.get(moment, [])
    provider.behave(*traps, speed=SLOW)
    filled.submit_lane()
    filled.wait_for_state(*STATES[STATES.index(moment) :])
    filled.reload()
    finish(filled, provider)


def finish(journey: Journey, provider: Provider) -> None:
    """Wait for the end, and check that all is there once."""
    journey.wait_for_state("completed", timeout=CUT_OFF)
    journey.main.get_by_role("button", name=f"Answered {COUNT}").wait_for()
    assert provider.states() == ["completed"]
    journey.waiting(0)
    journey.reload()
    journey.waiting(0)
    journey.go("Batches")
    journey.page.locator("tbody tr").first.wait_for()
    assert provider.states() == ["completed"]
