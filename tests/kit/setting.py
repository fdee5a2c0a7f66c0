"""Where the page is and what opens it: the settings in which every journey must pass.

``pytest tests/e2e --setting file`` runs them in one of them. Tests that are about some settings only say so with
``@pytest.mark.only("file")``. ``@pytest.mark.also("file")`` says where besides ``make run`` a journey is worth its time each time, because
what it goes through is another thing there: ``--short`` runs only those, and those that are not run otherwise, as ``make test`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from tests.kit.browser import chromium_launch, place, shell_launch
from tests.kit.firefox import SHORT_LIVED as FIREFOX_SHORT_LIVED
from tests.kit.firefox import launch as firefox_launch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Playwright

    from tests.e2e.provider import Provider

SETTINGS: Final = ("served", "static", "file", "firefox")
ELSEWHERE: Final = SETTINGS[1:]


@dataclass
class Setting:
    """One way in which people have the page."""

    name: str
    address: str
    """What a route (``#/queue``) can be put behind."""
    browser: Browser
    launch: dict[str, Any] = field(default_factory=shell_launch)
    """How the browser is started, in Playwright's terms."""
    options: dict[str, Any] = field(default_factory=dict)
    """How a browser context is made, in Playwright's terms."""

    @property
    def hosts(self) -> set[str]:
        """The places that the page itself may ask (:func:`tests.kit.browser.place`), as a set of one's own."""
        return {place(self.address)}

    def context(self) -> BrowserContext:
        """A fresh profile that is gone when it is closed."""
        return self.browser.new_context(**self.options)

    @contextmanager
    def profile(self, folder: Path) -> Iterator[BrowserContext]:
        """A browser of its own, started for this, whose profile stays in ``folder``."""
        context = self.browser.browser_type.launch_persistent_context(folder, **self.launch, **self.options)
        try:
            yield context
        finally:
            context.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose the setting, and how much of it."""
    parser.addoption("--setting", choices=SETTINGS, default="served", help="where the journeys' page is")
    parser.addoption("--short", action="store_true", help="only the journeys that are marked as worth their time in this setting")


def pytest_configure(config: pytest.Config) -> None:
    """The marks."""
    config.addinivalue_line("markers", "also(*settings): make test runs this journey in these settings as well")
    config.addinivalue_line("markers", "cold: needs a browser profile of its own (tests/kit/lending.py)")
    config.addinivalue_line("markers", "only(*settings): about these settings; not run in others")


def _settings(item: pytest.Item, name: str) -> tuple[str, ...] | None:
    """What the nearest mark of this name says; None without one."""
    mark = item.get_closest_marker(name)
    if mark and not set(mark.args) <= set(SETTINGS):
        raise pytest.UsageError(f"{item.nodeid}: no such setting: {mark.args}")
    return mark.args if mark else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not about the chosen setting."""
    chosen, short = config.getoption("--setting"), config.getoption("--short")

    def wanted(item: pytest.Item) -> bool:
        only, also = _settings(item, "only"), _settings(item, "also")
        again = chosen != "served" and "served" in (only or SETTINGS) and chosen not in (also or ())
        return chosen in (only or SETTINGS) and not (short and again)

    others = [item for item in items if not wanted(item)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if wanted(item)]


@pytest.fixture(scope="session")
def served(built_site: str, chromium: Browser) -> Setting:
    """``make run``."""
    return Setting("served", f"{built_site}/", chromium)


@pytest.fixture(scope="session")
def static(static_site: str, whole_chromium: Browser) -> Setting:
    """``dist/`` on a plain static host, under a sub-path, in the whole Chromium."""
    return Setting("static", f"{static_site}/", whole_chromium, chromium_launch())


@pytest.fixture(scope="session")
def file(one_file: str, provider_server: Provider, chromium: Browser) -> Setting:
    """``dist/nightshift.html`` from the disk. Every request is refused but those to the provider's port: there is a proxy for them at which
    nobody listens. (Playwright's own interception would answer preflights in the provider's place.)"""
    proxy = {"server": f"http://127.0.0.1:{NOBODY}", "bypass": f"<-loopback>;{urlsplit(provider_server.origin).netloc}"}
    return Setting("file", one_file, chromium, options={"proxy": proxy})


@pytest.fixture(scope="session")
def firefox(one_file: str, provider_server: Provider, playwright: Playwright) -> Iterator[Setting]:
    """The same file in Firefox, where the same requests are refused."""
    launch = firefox_launch(NOBODY, urlsplit(provider_server.origin).netloc, more=FIREFOX_SHORT_LIVED)
    browser = playwright.firefox.launch(**launch)
    yield Setting("firefox", one_file, browser, launch)
    browser.close()


NOBODY = 9
"""The port "discard", at which nothing listens."""


@pytest.fixture(scope="session")
def setting(request: pytest.FixtureRequest) -> Setting:
    """The chosen setting."""
    found: Setting = request.getfixturevalue(request.config.getoption("--setting"))
    return found
