"""Fixtures that more than one suite uses."""

import pytest
from hypothesis import HealthCheck, settings

# No property has a deadline: a busy machine is not a failure. ``make quick`` draws fewer examples (--hypothesis-profile quick).
settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("whole"), max_examples=15)
settings.load_profile("whole")

pytest_plugins = ["tests.kit.site", "tests.kit.browser", "tests.kit.room", "tests.kit.setting", "tests.kit.rabbit"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser run last: Playwright's loop, once started, is the thread's only one, and asynchronous tests need their own."""
    items.sort(key=lambda item: not {"chromium", "playwright"}.isdisjoint(getattr(item, "fixturenames", ())))
