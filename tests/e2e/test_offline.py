"""Served pages without a network, and what the page says where that does not work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.kit.browser import FLAGS, Watch, wait_ready
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.published import Host, build_of, hosting
from tools import browser as tool
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.cold
VIEWS = ("compose", "batches")


@pytest.fixture
def hosted(vendored: None, tmp_path: Path, watch: Watch) -> Iterator[Host]:
    """A static host with a copy of the site that the test may change."""
    with hosting(shutil.copytree(dist.site(), tmp_path / "site")) as hosted:
        watch.hosts.add(urlsplit(hosted.address).netloc)
        yield hosted


def offline_words(journey: Journey) -> str:
    """What the settings say about use without a network, once that is decided."""
    journey.go("Settings")
    card = journey.main.get_by_role("region", name="Version")
    card.locator(".pill:not(.wait)").wait_for()
    return card.inner_text()


def kept(page: Page, hosted: Host) -> Journey:
    """A first visit, until the page says that it opens without a network."""
    journey = Journey(page, hosted.address).open()
    assert "opens without a network as well" in offline_words(journey)
    return journey


def test_second_visit_needs_no_network(page: Page, hosted: Host) -> None:
    """With the host gone, a reload starts the program, on a view of its own too, and a whole batch of the practice provider runs."""
    journey = kept(page, hosted)
    hosted.down()
    for view in VIEWS:
        journey.page.goto(f"{hosted.address}#/{view}")
        journey.reload()
        journey.page.locator(f'nav.rail > a[href="#/{view}"][aria-current="page"]').wait_for()
    journey.page.goto(f"{hosted.address}index.html#/queue")
    wait_ready(journey.page)
    journey.practise(AT_ONCE)
    journey.new_thread()
    journey.write("Who needs a network?")
    journey.submit_at_once()
    journey.wait_for_state("completed")


def test_first_visit_fetches_nothing_twice(chromium: Browser, hosted: Host, tmp_path: Path) -> None:
    """What the page has fetched for its start is kept from there: the host is asked for each file of the build once.

    In a profile on the disk: what Chromium keeps of a private window is too small for the largest file.
    """
    profile = chromium.browser_type.launch_persistent_context(tmp_path / "profile", executable_path=tool.find(), args=FLAGS)
    kept(profile.new_page(), hosted)
    profile.close()
    build = build_of(hosted.published)
    asked = [one for one in hosted.asked if f"/{build}/" in one]
    assert len(asked) == len(set(asked)), sorted(one for one in asked if asked.count(one) > 1)


def test_everything_else_goes_to_the_host(page: Page, hosted: Host, watch: Watch) -> None:
    """The worker answers for the program's own files only: other addresses, and other methods, reach the host each time."""
    watch.expect("Failed to load resource")
    journey = kept(page, hosted)
    journey.reload()
    assert journey.measure("() => navigator.serviceWorker.controller.state") == "activated"
    hosted.asked.clear()
    asked = ["GET practice/v1/models", "GET other.txt", "POST practice/v1/batches", "POST index.html", "GET worker.js"]
    for one in asked * 2:
        method, path = one.split()
        journey.measure("([method, path]) => fetch(path, { method, cache: 'no-store' }).then((found) => found.text())", [method, path])
    assert sorted(hosted.asked) == sorted(f"{one.split()[0]} /nightshift/{one.split()[1]}" for one in asked * 2)


def test_a_missing_file_is_told(page: Page, hosted: Host) -> None:
    """A host that lacks a file: the page works, and says that it does not work without a network, and which file."""
    (hosted.published / build_of(hosted.published) / "static" / "vendor" / "LICENSES.txt").unlink()
    words = offline_words(Journey(page, hosted.address).open())
    assert "does not open without a network" in words
    assert "LICENSES.txt" in words


def test_a_damaged_file_is_not_kept(page: Page, hosted: Host) -> None:
    """A file with other bytes than were published is never kept."""
    (hosted.published / build_of(hosted.published) / "static" / "vendor" / "LICENSES.txt").write_text("something else")
    assert "LICENSES.txt" in offline_words(Journey(page, hosted.address).open())
    assert page.evaluate("() => caches.keys()") == []


def test_no_room_is_told(page: Page, hosted: Host) -> None:
    """Where the browser has no room for the files, the page works and says so."""
    browser = page.context.new_cdp_session(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": hosted.address.removesuffix("/nightshift/"), "quotaSize": 5_000_000})
    assert "no space" in offline_words(Journey(page, hosted.address).open())
    assert page.evaluate("() => caches.keys()") == []


def test_no_workers_is_told(page: Page, hosted: Host) -> None:
    """A browser that refuses service workers: the page works and says so."""
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })")
    assert "does not save pages here" in offline_words(Journey(page, hosted.address).open())


def test_half_published_site_says_what_to_do(page: Page, hosted: Host, watch: Watch) -> None:
    """A first visit that gets the page of one version when its files are gone already: the page says so and what to do."""
    watch.expect("Failed to load resource|Refused to (apply|execute)|MIME type")
    shutil.rmtree(hosted.published / build_of(hosted.published))
    page.goto(hosted.address)
    words = page.get_by_role("alert").filter(has_text="newer version of Nightshift may just have been published")
    words.wait_for()
    assert "Reload the page" in words.inner_text()


def test_installable(page: Page, hosted: Host) -> None:
    """The manifest is one that Chromium takes, with icons of the sizes that it names."""
    journey = kept(page, hosted)
    browser = page.context.new_cdp_session(page)
    found = browser.send("Page.getAppManifest")
    assert not found["errors"]
    errors = [one["errorId"] for one in browser.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert errors in ([], ["in-incognito"])  # the test's window is a private one
    sizes = journey.measure(
        """async () => {
          const { icons } = await (await fetch('nightshift.webmanifest')).json();
          return Promise.all(icons.map(async ({ src, sizes }) => {
            const image = Object.assign(new Image(), { src });
            await image.decode();
            return [sizes, sizes === 'any' ? 'any' : `${image.naturalWidth}x${image.naturalHeight}`];
          }));
        }"""
    )
    assert sizes
    assert all(said == found for said, found in sizes)
