"""Fixtures that more than one suite uses."""

import pytest

pytest_plugins = ["tests.kit.site", "tests.kit.browser", "tests.kit.room", "tests.kit.setting", "tests.kit.rabbit"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser run last: Playwright's loop, once started, is the thread's only one, and asynchronous tests need their own."""
    items.sort(key=lambda item: not {"chromium", "playwright"}.isdisjoint(getattr(item, "fixturenames", ())))
