"""Programs on this machine: they post to the local server, this page does the work, and their webhook gets the line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.core.programs import delivery
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
def closed() -> Iterator[Receiver]:
    """One that answers no page."""
    with receiving(SECRET, "closed") as found:
        yield found


@pytest.fixture
def server(vendored: None) -> Iterator[str]:
    """A local server whose mailbox is this test's own. It may call receivers on this machine."""
    with serving(dist.site(), NIGHTSHIFT_PRIVATE_WEBHOOKS="1") as address:
        yield address


@pytest.fixture
def journey(server: str, receiver: Receiver, closed: Receiver, watch: Watch, page: Page) -> Journey:
    """The page of that server, practising, with results to both receivers signed and sent from the page. Both outlive it: it may be calling
    one of them when the test ends."""
    watch.expect("status of 500|blocked by CORS policy|net::ERR_FAILED")  # the browser's own words for what the receivers answer
    watch.hosts |= {urlsplit(one).netloc for one in (server, receiver.address, closed.address)}
    one = Journey(page, f"{server}/").open()
    one.practise(AT_ONCE)
    one.go("Integrations")
    one.main.get_by_text("API online").wait_for()
    one.switch_on("Addresses of this machine and of private networks may be called")
    for host in (receiver.address, closed.address):
        one.main.get_by_label("Host", exact=True).fill(host)
        one.press("Allow this host")
        card = one.main.locator(f'[data-host="{host}"]')
        card.get_by_label(f"Secret of {host}").fill(SECRET)
        one.press("Keep it", within=card)
        card.get_by_role("button", name="Forget its secret").wait_for()
    one.reload()
    one.go("Integrations")
    one.main.get_by_text("API online").wait_for()
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


def first_tries(server: str, ids: list[str]) -> dict[str, tuple[str, int | None]]:
    """How the first try at each delivery ended, of those that were made."""
    tries = {id: state_of(server, id).get("delivery_attempts") or [] for id in ids}
    return {id: (made[-1]["outcome"], made[-1]["http_status"]) for id, made in tries.items() if made}


def test_results_reach_webhooks_that_fail_in_every_way(receiver: Receiver, closed: Receiver, journey: Journey, server: str) -> None:
    """From the mailbox through a batch to their receivers, signed: from the page itself, and through the server where the receiver answers
    no page. 500 is tried again with the same key, a redirect is not followed, a call that stalls is given up after 30 s; and the server
    tells the program how each stands."""
    wanted: dict[str, tuple[str, int | None]] = {}
    for way, where in (("page", receiver), ("server", closed)):
        redirect = None if way == "page" else 302  # a browser does not say which
        for how, outcome in (
            ("ok", ("success", 200)),
            ("later", ("http_status_not_2xx", 500)),
            ("redirect", ("http_status_not_2xx", redirect)),
            ("stall", ("timeout", None)),
        ):
            assert post(server, where, f"{way}-{how}", how).status_code == 202
            wanted[f"{way}-{how}"] = outcome
    assert post(server, closed, "server-hang-up", "hang-up").status_code == 202
    wanted["server-hang-up"] = ("connection_error", None)
    assert post(server, receiver, "page-ok").status_code == 409
    journey.go("Queue")
    journey.waiting(len(wanted))
    journey.submit_lane()
    journey.wait_for_state("completed")
    journey.main.get_by_role("region", name="Delivery").get_by_text("2 delivered").wait_for()
    quick = [id for id in wanted if "stall" not in id]
    until(lambda: len(first_tries(server, quick)) == len(quick))
    assert first_tries(server, quick) == {id: wanted[id] for id in quick}

    journey.go("Integrations")
    row = journey.main.get_by_role("row").filter(has=journey.page.get_by_role("button", name="page-later", exact=True))
    row.get_by_text("another status than 2xx").wait_for()
    row.get_by_role("button", name="page-later", exact=True).click()
    journey.dialog.get_by_text("(500)").wait_for()
    journey.dialog.get_by_role("button", name="Redeliver").click()
    assert httpx.post(f"{server}/api/requests/server-later/redeliver").status_code == 202
    until(lambda: all(state_of(server, id)["state"] == "delivered" for id in ("page-later", "server-later")))
    journey.main.get_by_role("button", name="delivered 4").wait_for()

    until(lambda: len(first_tries(server, list(wanted))) == len(wanted))
    assert first_tries(server, list(wanted)) == wanted
    journey.main.get_by_role("button", name="server-stall", exact=True).click()
    journey.dialog.get_by_text("no answer in time").wait_for()
    journey.dialog.get_by_text("through the local server").wait_for()
    for way, where in (("page", receiver), ("server", closed)):
        got = where.got()
        assert all(one["signed"] and (one["headers"].get("origin") == server) == (way == "page") for one in got)
        assert not [one for one in got if one["how"] == "elsewhere"]
        (once,) = [one for one in got if one["how"] == "ok"]
        assert (once["line"]["custom_id"], once["line"]["response"]["status_code"]) == (f"{way}-ok", 200)
        twice = [one for one in got if one["how"] == "later"]
        assert [one["status"] for one in twice] == [500, 200]
        assert len({one["key"] for one in twice}) == 1


def test_a_mark_that_is_lost_comes_back(page: Page, server: str, watch: Watch) -> None:
    """A browser that was killed may have kept the page and not the server's cookie: the visit after the next one has its mailbox again."""
    watch.hosts |= {urlsplit(server).netloc}
    one = Journey(page, f"{server}/").open("#/programs")
    one.main.get_by_text("API online").wait_for()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.context.clear_cookies()
    one.reload()
    page.wait_for_function("() => document.cookie.includes('nightshift-server=1')")
    one.reload()
    one.main.get_by_text("API online").wait_for()
