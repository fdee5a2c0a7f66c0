"""Programs on this machine: they post to the local server, this page does the work, and their webhook gets the line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.core import delivery
from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.receiver import Receiver, receiving
from tests.kit.site import serving
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.only("served")
SECRET = delivery.new_secret(b"a secret of thirty-two characters")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(SECRET) as found:
        yield found


@pytest.fixture
def server(vendored: None) -> Iterator[str]:
    """A local server whose mailbox is this test's own."""
    with serving(dist.site()) as address:
        yield address


@pytest.fixture
def journey(page: Page, server: str, receiver: Receiver, watch: Watch) -> Journey:
    """The page of that server, practising, with results to the receiver signed and sent from the page."""
    watch.expect("status of 500")  # the browser's own words for what the receiver answers
    watch.hosts |= {urlsplit(server).netloc, urlsplit(receiver.address).netloc}
    one = Journey(page, f"{server}/").open()
    one.practise(AT_ONCE)
    one.go("Programs")
    one.main.get_by_text("Mailbox open").wait_for()
    one.main.get_by_label("Host", exact=True).fill(receiver.address)
    one.press("Allow this host")
    one.main.get_by_label("Addresses of this machine and of private networks may be called").check()
    one.main.get_by_label(f"Secret of {receiver.address}").fill(SECRET)
    one.press("Keep it")
    one.main.get_by_role("button", name="Forget its secret").wait_for()
    one.reload()
    one.go("Programs")
    one.main.get_by_text("Mailbox open").wait_for()
    return one


def post(server: str, receiver: Receiver, id: str, how: str = "ok") -> httpx.Response:
    """What a program of OpenAI Batch Manager does."""
    target = {"type": "webhook", "webhook_url": f"{receiver.address}/hook/{how}"}
    body = {"model": "gpt-4o-mini", "input": f"Say {id}"}
    message = {"custom_id": id, "url": "/v1/responses", "method": "POST", "body": body, "delivery_config": target}
    return httpx.post(f"{server}/api/requests", json=message)


def until(met: Callable[[], Any], within: float = 60.0) -> Any:
    """What this gives once it gives something."""
    end = time.monotonic() + within
    while not (found := met()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
    return found


def state_of(server: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{server}/api/requests/{id}").json()
    return found


def test_a_message_goes_from_the_mailbox_through_a_batch_to_its_webhook(journey: Journey, server: str, receiver: Receiver) -> None:
    """Posted, taken over, answered, delivered signed: 500 is tried again with the same key, a redirect is not followed, and the server
    tells the program how it stands."""
    for id, how in (("a", "ok"), ("b", "redirect"), ("c", "later")):
        assert post(server, receiver, id, how).status_code == 202
    assert post(server, receiver, "a").status_code == 409
    journey.go("Queue")
    journey.waiting(3)
    journey.submit_lane()
    journey.wait_for_state("done")
    journey.main.get_by_role("region", name="Delivery").get_by_text("1 delivered").wait_for()
    (first,) = until(lambda: [one for one in receiver.got() if one["line"]["custom_id"] == "a"])
    assert first["signed"]
    assert first["line"]["response"]["status_code"] == 200
    assert not [one for one in receiver.got() if one["line"]["custom_id"] == "b"]
    until(lambda: state_of(server, "a").get("delivery_attempt_count") == 1)

    journey.go("Programs")
    row = journey.main.get_by_role("row").filter(has=journey.page.get_by_role("button", name="c", exact=True))
    row.get_by_text("another status than 2xx").wait_for()
    row.get_by_role("button", name="c", exact=True).click()
    journey.dialog.get_by_text("(500)").wait_for()
    journey.dialog.get_by_role("button", name="Deliver again").click()
    again = until(lambda: [one for one in receiver.got() if one["line"]["custom_id"] == "c" and one["status"] == 200])
    assert len({one["key"] for one in receiver.got() if one["line"]["custom_id"] == "c"}) == len(again) == 1
    journey.main.get_by_role("button", name="delivered 2").click()
    journey.main.get_by_role("button", name="c", exact=True).wait_for()
