"""The store over IndexedDB."""

import pytest

from tests.contract import handed_cases, store_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room


@pytest.mark.parametrize("name", cases_of(store_cases))
def test_browser_store_keeps_the_contract(room: Room, name: str) -> None:
    """What holds of every store holds of the one over IndexedDB."""
    room.run("tests.contract.store_cases", "tests.browser.store_supplies", name)


@pytest.mark.parametrize("name", cases_of(handed_cases))
def test_browser_store_keeps_the_contract_of_long_tables(room: Room, name: str) -> None:
    """Pages, counts and many at once, by its indexes."""
    room.run("tests.contract.handed_cases", "tests.browser.store_supplies", name)
