"""A newer version is published while people work: it is announced, taken over when they want it, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import become_customer
from tests.e2e.provider import Provider
from tests.kit.browser import Watch, loads_again
from tests.kit.journey import TEN_SECONDS, Journey
from tests.kit.published import Host, build_of, hosting, next_version
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.cold
READY = "A new version of Nightshift is ready."
ELSEWHERE = "Another tab has switched to a newer version"
ACTIVATING = 10
"""Tries to open the page: the browser puts what waited in place a moment after the last tab has gone."""
CHECK = "() => navigator.serviceWorker.getRegistration().then((registration) => registration.update())"
"""What the page does by itself once an hour."""


@pytest.fixture
def hosted(vendored: None, tmp_path: Path, watch: Watch) -> Iterator[Host]:
    """A static host with the site."""
    with hosting(shutil.copytree(dist.site(), tmp_path / "first")) as hosted:
        watch.hosts.add(urlsplit(hosted.address).netloc)
        yield hosted


@pytest.fixture
def publish(hosted: Host, tmp_path: Path) -> Callable[[], str]:
    """Publishes the next version in the place of the one that is there; its build."""

    def publish() -> str:
        hosted.published = next_version(hosted.published, tmp_path / "next")
        return build_of(hosted.published)

    return publish


@pytest.fixture
def work(page: Page, hosted: Host) -> Journey:
    """A tab that was opened, kept by the browser and opened again from there."""
    journey = Journey(page, hosted.address).open()
    build(journey)
    journey.reload()
    return journey


def build(journey: Journey) -> str:
    """The build that a tab runs, once the browser keeps one for use without a network."""
    journey.go("Settings")
    card = journey.main.get_by_role("region", name="Version")
    card.get_by_text("are kept in this browser for that").wait_for()  # not merely being saved
    return card.locator("code").inner_text()


def stays(journey: Journey) -> None:
    """Mark this load of the page, so that a reload that nobody asked for is found out."""
    journey.measure("() => { globalThis.stays = true; }")


def announced(journey: Journey, words: str = READY) -> None:
    """Have the tab look for a newer version, and wait for the notice."""
    journey.measure(CHECK)
    journey.main.locator(".note", has_text=words).wait_for()
    assert journey.measure("() => globalThis.stays ?? false"), "the page was reloaded"


def reload_now(journey: Journey) -> None:
    """Press the notice's button."""
    loads_again(journey.page, lambda: journey.press("Reload now"))


def caches_of(journey: Journey) -> list[str]:
    """The builds that the browser keeps."""
    return [name.split()[-2] for name in journey.measure("() => caches.keys()")]


def test_a_batch_of_the_page_outlives_the_update(work: Journey, publish: Callable[[], str]) -> None:
    """The practice provider in the page is at work, a thread has just been typed: nothing is lost, no reload is forced."""
    before = build(work)
    work.practise(TEN_SECONDS)
    work.new_thread()
    work.write("What outlives an update?")
    batch = work.submit_at_once()
    work.new_thread()
    stays(work)
    after = publish()
    announced(work)
    work.text(0).fill("Typed at the very last moment.")
    reload_now(work)
    assert work.texts() == ["Typed at the very last moment."]
    assert build(work) == after != before
    work.open_batch(batch)
    work.wait_for_state("completed")
    assert work.main.locator(".note", has_text=READY).count() == 0


def test_a_batch_over_http_outlives_the_update(work: Journey, provider: Provider, publish: Callable[[], str]) -> None:
    """The provider has one batch, before, during and after the update, and every answer comes."""
    become_customer(work, provider)
    provider.behave(speed={"validating": 1, "in_progress": 600, "finalizing": 1, "cancelling": 1})
    work.new_thread()
    work.write("What outlives an update?")
    batch = work.submit_at_once()
    work.wait_for_state("in progress")
    stays(work)
    after = publish()
    announced(work)
    reload_now(work)
    assert build(work) == after
    work.open_batch(batch)
    work.wait_for_state("in progress")
    provider.advance(700)
    work.wait_for_state("completed")
    assert provider.states() == ["completed"]


def test_another_tab_goes_on_with_its_version(work: Journey, context: BrowserContext, hosted: Host, publish: Callable[[], str]) -> None:
    """The version of a tab that did not reload stays whole, with the host showing the newer one only, until that tab reloads."""
    other = Journey(context.new_page(), hosted.address).open()
    before = build(other)
    for tab in (work, other):
        stays(tab)
    after = publish()
    announced(work)
    reload_now(work)
    assert build(work) == after
    other.page.bring_to_front()
    announced(other, ELSEWHERE)
    assert build(other) == before
    later = "(build) => fetch(`${build}/static/vendor/LICENSES.txt`).then((found) => found.ok)"
    assert other.measure(later, before), "what the tab may still need is gone"
    assert set(caches_of(other)) == {before, after}
    other.go("Compose")
    other.write("Still at work.")
    reload_now(other)
    assert other.texts()[0] == "Still at work."
    assert build(other) == after
    other.page.wait_for_function("(build) => caches.keys().then((names) => names.every((name) => !name.includes(build)))", arg=before)


def test_a_reload_of_the_only_tab_takes_the_newer_version(work: Journey, publish: Callable[[], str]) -> None:
    """The browser's own reload does what the notice asks for."""
    stays(work)
    after = publish()
    announced(work)
    work.reload()
    assert build(work) == after
    assert work.main.locator(".note", has_text=READY).count() == 0


def test_opening_the_page_anew_takes_the_newer_version(
    work: Journey, context: BrowserContext, hosted: Host, publish: Callable[[], str]
) -> None:
    """With no other tab, the version that waited is soon simply there; a second tab does not bring it about."""
    before = build(work)
    stays(work)
    after = publish()
    announced(work)
    second = Journey(context.new_page(), hosted.address).open()
    assert build(second) == before
    second.page.close()
    work.page.close()
    for _ in range(ACTIVATING):
        opened = Journey(context.new_page(), hosted.address).open()
        if build(opened) == after:
            return
        opened.page.close()
    pytest.fail("The newer version did not come.")


def test_a_broken_version_changes_nothing(work: Journey, hosted: Host, publish: Callable[[], str]) -> None:
    """A newer version that lacks a file is not taken: the one that is there goes on, also without a network, and the settings say why."""
    before = build(work)
    stays(work)
    after = publish()
    (hosted.published / after / "static" / "css" / "nightshift.css").unlink()
    work.measure(f"() => ({CHECK})().catch(() => {{}})")
    work.go("Settings")
    work.main.get_by_text("A newer version could not be saved").wait_for()
    assert work.main.locator(".note", has_text=READY).count() == 0
    hosted.down()
    work.reload()
    assert build(work) == before
