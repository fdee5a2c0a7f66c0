"""Every scenario of the hostile provider (tests/hostile/scenarios)."""

from __future__ import annotations

import pytest

from tests.hostile.scenario import Scenario, run
from tests.hostile.scenarios import table


@pytest.mark.parametrize("one", table(), ids=lambda one: one.name.replace(" ", "-"))
async def test_scenario(one: Scenario) -> None:
    """The page says what the provider did, ends as it should, offers a way on, and nothing is lost or paid twice."""
    await run(one)
