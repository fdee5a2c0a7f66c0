"""What journeys share. They know nothing of their setting (tests/kit/setting.py) but the address and the browser.

A start takes seconds, so most tests of a module use one page, one after the other, each with a new thread and an empty queue: ``desk``
(the practice provider in the page, instant) and ``customer`` (the practice provider over HTTP, with a good key). ``tab`` is a newcomer's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.local_server import small_site
from tests.e2e.provider import KEY, Provider
from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.setting import Setting
from tests.kit.site import serving

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

STEP_MILLISECONDS = 15_000
"""How long a person would wait for the next thing to appear before calling it broken, on a busy machine."""


@pytest.fixture(scope="session")
def address(setting: Setting) -> str:
    """Where the page is: what a route (``#/queue``) can be put behind."""
    return setting.address


@pytest.fixture
def watch(setting: Setting) -> Watch:
    """The watch over this test's browser context."""
    return Watch(setting.hosts)


@pytest.fixture
def context(setting: Setting, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh profile. The test fails when the watch saw something unexpected."""
    context = setting.context()
    context.set_default_timeout(STEP_MILLISECONDS)
    watch.attach(context)
    yield context
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of a fresh profile."""
    return context.new_page()


@pytest.fixture
def tab(page: Page, address: str) -> Journey:
    """The page of a newcomer, opened."""
    return Journey(page, address).open()


@pytest.fixture
def another_tab(context: BrowserContext, tab: Journey, address: str) -> Callable[[], Journey]:
    """Opens a further tab of the same profile."""
    return lambda: Journey(context.new_page(), address).open()


# --- one booted page for a module of tests


class SharedWatch(Watch):
    """The watch over a page that tests use one after the other."""

    def begin(self) -> None:
        """A new test: nothing has happened, nothing is expected."""
        self.problems.clear()
        self._expected.clear()


class Shared:
    """A page for several tests, and the watch over it."""

    def __init__(self, journey: Journey, watch: SharedWatch) -> None:
        self.journey, self.watch = journey, watch

    def lend(self) -> Iterator[Journey]:
        """The tidied page, for one test; fails when something unexpected happened in it."""
        self.watch.begin()
        self.journey.tidy()
        yield self.journey
        assert not self.watch.unexpected(), "\n".join(self.watch.unexpected())


@contextmanager
def shared(setting: Setting) -> Iterator[Shared]:
    """Open a page in a profile of its own."""
    context = setting.context()
    context.set_default_timeout(STEP_MILLISECONDS)
    watch = SharedWatch(setting.hosts)
    watch.attach(context)
    yield Shared(Journey(context.new_page(), setting.address).open(), watch)
    context.close()


@pytest.fixture(scope="module")
def practice_page(setting: Setting) -> Iterator[Shared]:
    """A page whose own practice provider answers at once."""
    with shared(setting) as one:
        one.journey.practise(AT_ONCE)
        yield one


@pytest.fixture
def desk(practice_page: Shared) -> Iterator[Journey]:
    """The shared page of the practice provider, tidied."""
    yield from practice_page.lend()


@pytest.fixture
def desk_watch(practice_page: Shared) -> Watch:
    """The watch over ``desk``."""
    return practice_page.watch


# --- the provider over HTTP


@pytest.fixture(scope="session")
def provider_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A practice provider on an origin of its own."""
    folder = small_site(tmp_path_factory.mktemp("provider"))
    with serving(folder, NIGHTSHIFT_PRACTICE_ORIGINS="null") as origin, httpx.Client(timeout=30) as client:  # null: the one file's origin
        yield Provider(origin, client)


@pytest.fixture
def provider(provider_server: Provider, watch: Watch) -> Provider:
    """The provider, as new. Pages of this test may call it."""
    provider_server.reset()
    watch.hosts.add(urlsplit(provider_server.origin).netloc)
    return provider_server


def become_customer(journey: Journey, provider: Provider) -> None:
    """Make the page use the provider with a good key."""
    journey.add_provider("E2E", provider.base_url)
    journey.reload_for_provider()
    journey.save_key("E2E", KEY)
    journey.key_verdict("E2E")


@pytest.fixture(scope="module")
def customer_page(setting: Setting, provider_server: Provider) -> Iterator[Shared]:
    """A page that uses the provider over HTTP."""
    with shared(setting) as one:
        one.watch.hosts.add(urlsplit(provider_server.origin).netloc)
        provider_server.reset()
        become_customer(one.journey, provider_server)
        yield one


@pytest.fixture
def customer(customer_page: Shared, provider: Provider) -> Iterator[Journey]:
    """The shared page of the provider over HTTP, tidied and with a good key; the provider is as new."""
    journey = customer_page.journey
    journey.go("Settings")
    if journey.provider("E2E").locator("input[type=password]").count():
        journey.save_key("E2E", KEY)
    yield from customer_page.lend()


@pytest.fixture
def customer_watch(customer_page: Shared) -> Watch:
    """The watch over ``customer``."""
    return customer_page.watch
