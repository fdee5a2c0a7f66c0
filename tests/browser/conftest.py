"""Pages of this suite are served from the sources, so that a test can ask for one module by itself, and open in the whole Chromium."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def site(sources: str) -> str:
    """Address of the source tree."""
    return sources


@pytest.fixture(scope="session")
def chromium(whole_chromium: "Browser") -> "Browser":
    """The whole browser."""
    return whole_chromium
