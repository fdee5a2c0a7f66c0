"""Fixtures that more than one suite uses."""

import gc
from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, settings

from app.core.openai import accounts

# No property has a deadline: a busy machine is not a failure. ``make quick`` draws fewer examples (--hypothesis-profile quick).
settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("whole"), max_examples=10)
settings.load_profile("whole")

# What is imported and collected stays: half a million objects, which Python's collector of cycles would go through over and over. It rests
# until all of that is there, and looks only at what the tests make after that. Collecting takes half of the processor's time so, the unit
# tests a seventh less.
gc.disable()

pytest_plugins = ["tests.kit.site", "tests.kit.browser", "tests.kit.room", "tests.kit.setting", "tests.kit.rabbit"]


@pytest.fixture(scope="session", autouse=True)
def prints_once() -> Iterator[None]:
    """What a key is recognised by takes 2,000 rounds on purpose, and hundreds of tests enter the same key: each is worked out once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "fingerprint", lru_cache(maxsize=512)(accounts.fingerprint))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser run last: Playwright's loop, once started, is the thread's only one, and asynchronous tests need their own."""
    items.sort(key=lambda item: not {"chromium", "playwright"}.isdisjoint(getattr(item, "fixturenames", ())))


def pytest_collection_finish() -> None:
    """All that stays is there: from now on cycles are collected, less often than Python would."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
