"""HTTP from the page."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.far import Far, running
from tests.contract import http_cases
from tests.kit.browser import Watch, wait_ready
from tests.kit.cases import cases_of
from tests.kit.room import Room, opened

OWN_PAGE = {"case_cors_refusal_is_blocked", "case_nobody_there", "case_unlisted_host_is_policy", "case_offline"}


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    """A host on another origin."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def other() -> Iterator[Far]:
    """A second host, on an origin of its own."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def nobody() -> Iterator[str]:
    """An origin where nobody listens: the port is taken, and not open."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="module")
def near(chromium: Browser, site: str, far: Far, other: Far, nobody: str) -> Iterator[Room]:
    """A room of its own, since every exchange that fails is a complaint of the browser; it is allowed to ask the far host."""
    room = opened(chromium, site)
    room.page.evaluate(
        """([far, other, nobody]) => {
          localStorage.setItem('nightshift:hosts', JSON.stringify([far, other, nobody]));
          localStorage.setItem('test:far', far);
          localStorage.setItem('test:other', other);
          localStorage.setItem('test:nobody', nobody);
        }""",
        [far.origin, other.origin, nobody],
    )
    # Playwright answers the room itself, so Chromium does not know that it came from this machine, and would ask the person before
    # it lets the page call others here.
    room.page.context.grant_permissions(["local-network-access"])
    room.watch.hosts |= {urlsplit(far.origin).netloc, urlsplit(other.origin).netloc, urlsplit(nobody).netloc}
    # the browser itself complains of each failed exchange
    for pattern in ("Failed to load resource", "CORS policy", "unlisted.invalid", "Refused to connect", "api.openai.com"):
        room.watch.expect(pattern)
    reload(room)
    yield room
    room.page.context.close()
    assert not room.watch.unexpected(), "\n".join(room.watch.unexpected())


def reload(room: Room) -> None:
    room.page.reload()
    wait_ready(room.page)


@pytest.mark.parametrize("name", [name for name in cases_of(http_cases) if name not in OWN_PAGE])
def test_http(near: Room, name: str) -> None:
    """What the services expect of HTTP holds in the page."""
    near.run("tests.contract.http_cases", "tests.browser.http_supplies", name)


@pytest.mark.parametrize("name", ["case_cors_refusal_is_blocked", "case_nobody_there", "case_unlisted_host_is_policy"])
def test_failures_are_told_apart(near: Room, name: str) -> None:
    """Why a first call failed is told as far as a page can know, whatever the host answered earlier pages."""
    reload(near)
    near.run("tests.contract.http_cases", "tests.browser.http_supplies", name)


def test_offline(near: Room) -> None:
    """Being offline is told as such."""
    near.page.context.set_offline(True)
    try:
        near.run("tests.contract.http_cases", "tests.browser.http_supplies", "case_offline")
    finally:
        near.page.context.set_offline(False)


def test_the_probe_carries_no_key(near: Room, far: Far) -> None:
    """What asks whether a host is there at all goes to its root, without the key and without a path."""
    reload(near)
    del far.seen[:]
    near.run("tests.contract.http_cases", "tests.browser.http_supplies", "case_cors_refusal_is_blocked")
    probes = [headers for method, path, headers in far.seen if (method, path) == ("GET", "/")]
    assert len(probes) == 2
    for headers in probes:
        assert not {"authorization", "cookie", "referer"} & set(headers)


def test_refused_upload_is_blocked(page: Page, watch: Watch, far: Far) -> None:
    """An upload that the host's CORS refuses before it begins is «blocked»."""
    # from the site's own server: in the room, whose files Playwright answers, it would answer the preflight too
    watch.hosts.add(urlsplit(far.origin).netloc)
    watch.expect("CORS policy")
    watch.expect("Failed to load resource")
    page.goto("/static/js/http.mjs")  # any document of that origin: this is about the module, and no program starts beside it
    name = page.evaluate(
        """(url) => import('/static/js/http.mjs').then((http) => {
          const file = { name: 'f', filename: 'f', type: 't' };
          const head = { method: 'POST', url, headers: { Authorization: 'x' }, timeout: 20, fields: [], file };
          return http.sendForm(JSON.stringify(head), new Uint8Array(100000)).done.then(() => 'sent', (error) => error.name);
        })""",
        f"{far.origin}/nocors",
    )
    assert name == "NetworkError:blocked"


def test_no_key_left_its_host(near: Room, far: Far, other: Far) -> None:
    """Whatever was redirected in all of these cases, the other host never saw the key."""
    del other.seen[:]
    for name in cases_of(http_cases):
        if "redirect" in name:
            near.run("tests.contract.http_cases", "tests.browser.http_supplies", name)
    assert other.seen
    assert not any("authorization" in headers for _method, _path, headers in other.seen)


def test_leaving_a_stream_closes_the_connection(near: Room, far: Far) -> None:
    """A download that nobody reads any more is ended at the host, long before all was sent; what is not asked for stays there."""
    far.gone.clear()
    near.run("tests.contract.http_cases", "tests.browser.http_supplies", "case_leaving_a_stream_ends_it")
    assert far.gone.wait(10)
    assert far.sent < 100_000_000
