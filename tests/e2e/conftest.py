"""What journeys share. They know nothing of their setting (tests/kit/setting.py) but the address and the browser.

A start takes seconds, so most tests of a module use one page, one after the other, each with a new thread and an empty queue: ``desk``
(the practice provider in the page, instant) and ``customer`` (the practice provider over HTTP, with a good key). ``tab`` is a newcomer's.
All are lent tabs that have run the page before and hold no data (tests/kit/lending.py); ``@pytest.mark.cold`` asks for a browser profile
that is new. After a test that failed nothing is lent on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.local_server import small_site
from tests.e2e.provider import KEY, Provider
from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.lending import Profile
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


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests failed: what they used is in an unknown state."""
    report = yield
    item.stash[_FAILED] = report.failed or item.stash.get(_FAILED, False)
    return report


def _failed(item: pytest.Item) -> bool:
    return item.stash.get(_FAILED, False)


@contextmanager
def profile(setting: Setting) -> Iterator[Profile]:
    """A profile to lend."""
    one = Profile(setting, STEP_MILLISECONDS)
    try:
        yield one
    finally:
        one.drop()


@pytest.fixture(scope="session")
def newcomers(setting: Setting) -> Iterator[Profile]:
    """The profile of ``context``, ``page`` and ``tab``."""
    with profile(setting) as one:
        yield one


@pytest.fixture
def context(request: pytest.FixtureRequest, setting: Setting, newcomers: Profile, watch: Watch) -> Iterator[BrowserContext]:
    """A profile without data. The test fails when the watch saw something unexpected."""
    cold = request.node.get_closest_marker("cold") is not None
    context = setting.context() if cold else newcomers.lend().context
    context.set_default_timeout(STEP_MILLISECONDS)
    watch.attach(context)
    yield context
    unexpected = watch.unexpected()
    watch.detach(context)
    if cold:
        context.close()
    elif unexpected or _failed(request.node):
        newcomers.drop()
    else:
        newcomers.take_back(watch.hosts)
    assert not unexpected, "\n".join(unexpected)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of a profile without data."""
    return context.pages[0] if context.pages else context.new_page()


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

    def __init__(self, profile: Profile, setting: Setting, hosts: set[str], prepare: Callable[[Journey], None]) -> None:
        self._profile, self._setting, self._prepare = profile, setting, prepare
        self.watch = SharedWatch(setting.hosts | hosts)
        self._context: BrowserContext | None = None
        self._journey: Journey | None = None

    @property
    def journey(self) -> Journey:
        """The page, opened and prepared in an empty profile if it is not."""
        if self._journey is None:
            self.watch.begin()
            page = self._profile.lend()
            self._context = page.context
            self.watch.attach(self._context)
            one = Journey(page, self._setting.address).open()
            self._prepare(one)
            self._journey = one
        return self._journey

    def lend(self, node: pytest.Item) -> Iterator[Journey]:
        """The tidied page, for one test; fails when something unexpected happened in it."""
        journey = self.journey
        self.watch.begin()
        journey.tidy()
        yield journey
        unexpected = self.watch.unexpected()
        if unexpected or _failed(node):
            self._profile.drop()
            self._journey = self._context = None
        assert not unexpected, "\n".join(unexpected)

    def end(self) -> None:
        """Give the profile back."""
        if self._context is not None:
            self.watch.detach(self._context)
            self._profile.take_back(self.watch.hosts)


@pytest.fixture(scope="session")
def practising(setting: Setting) -> Iterator[Profile]:
    """The profile of ``desk``."""
    with profile(setting) as one:
        yield one


@pytest.fixture(scope="module")
def practice_page(request: pytest.FixtureRequest, setting: Setting, practising: Profile) -> Iterator[Shared]:
    """A page whose own practice provider answers at once; in a profile of its own where the whole module is marked as cold."""
    cold = request.node.get_closest_marker("cold") is not None
    with profile(setting) as own:
        one = Shared(own if cold else practising, setting, set(), lambda journey: journey.practise(AT_ONCE))
        yield one
        one.end()


@pytest.fixture
def desk(request: pytest.FixtureRequest, practice_page: Shared) -> Iterator[Journey]:
    """The shared page of the practice provider, tidied."""
    yield from practice_page.lend(request.node)


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


@pytest.fixture(scope="session")
def customers(setting: Setting) -> Iterator[Profile]:
    """The profile of ``customer``."""
    with profile(setting) as one:
        yield one


@pytest.fixture(scope="module")
def customer_page(setting: Setting, customers: Profile, provider_server: Provider) -> Iterator[Shared]:
    """A page that uses the provider over HTTP."""
    hosts = {urlsplit(provider_server.origin).netloc}
    one = Shared(customers, setting, hosts, lambda journey: become_customer(journey, provider_server))
    yield one
    one.end()


@pytest.fixture
def customer(request: pytest.FixtureRequest, customer_page: Shared, provider: Provider) -> Iterator[Journey]:
    """The shared page of the provider over HTTP, tidied and with a good key; the provider is as new."""
    journey = customer_page.journey
    journey.go("Settings")
    if journey.provider("E2E").locator("input[type=password]").count():
        journey.save_key("E2E", KEY)
    yield from customer_page.lend(request.node)


@pytest.fixture
def customer_watch(customer_page: Shared) -> Watch:
    """The watch over ``customer``."""
    return customer_page.watch
