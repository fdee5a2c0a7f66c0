"""The page's Python: what the trimmed standard library and the packages must offer."""

import pytest

from tests.contract import python_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room


@pytest.mark.parametrize("name", cases_of(python_cases))
def test_python_in_the_page(room: Room, name: str) -> None:
    """What holds of Python here holds in the page."""
    room.run("tests.contract.python_cases", "tests.contract.python_supplies", name)
