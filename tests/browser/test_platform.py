"""Clock, randomness, locks and keys of the browser."""

import pytest

from tests.contract import platform_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room


@pytest.mark.parametrize("name", cases_of(platform_cases))
def test_browser_keeps_the_contract(room: Room, name: str) -> None:
    """What the services expect of the small ports holds in the page."""
    room.run("tests.contract.platform_cases", "tests.browser.platform_supplies", name)
