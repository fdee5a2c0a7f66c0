"""Tabs to visit, closed when the test is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.kit.screen import Visit, open_visit

Open = Callable[..., Awaitable[Visit]]


@pytest.fixture
async def tabs() -> AsyncIterator[Open]:
    """Opens tabs: ``await tabs()`` a fresh browser, ``await tabs(beside=visit)`` another tab of that one; as ``open_visit`` otherwise."""
    opened: list[Visit] = []

    async def open_tab(*, beside: Visit | None = None, **given: Any) -> Visit:
        visit = await beside.other_tab(**given) if beside else await open_visit(**given)
        opened.append(visit)
        return visit

    yield open_tab
    for one in opened:
        await one.close()


@pytest.fixture
async def visit(tabs: Open) -> Visit:
    """One tab of a fresh browser."""
    return await tabs()
