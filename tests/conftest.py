"""Fixtures that more than one suite uses."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, settings

from app.core.openai import accounts

# No property has a deadline: a busy machine is not a failure. ``make quick`` draws fewer examples (--hypothesis-profile quick).
settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("whole"), max_examples=10)
settings.load_profile("whole")

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
