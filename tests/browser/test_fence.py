"""People's own Python in a worker behind the fence: what it tries to reach, and what stays as it was."""

from __future__ import annotations

import pytest

from tests.contract import fence_cases
from tests.kit import killing
from tests.kit.cases import cases_of
from tests.kit.room import Room

SUPPLIES = "tests.browser.compute_supplies"


@pytest.mark.parametrize("name", cases_of(fence_cases))
def test_code_stays_behind_the_fence(room: Room, name: str) -> None:
    """Whatever it tries."""
    room.watch.expect(killing.NOISE)
    room.watch.expect("Content Security Policy|Content-Security-Policy|Refused|violates|unsafe-eval")
    room.run("tests.contract.fence_cases", SUPPLIES, name)
