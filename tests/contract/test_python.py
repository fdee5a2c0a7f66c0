"""The cases of python_cases hold in CPython: they ask nothing of the page that Python itself does not offer."""

import pytest

from tests.contract import python_cases, python_supplies
from tests.kit.cases import cases_of, run_case


@pytest.mark.parametrize("name", cases_of(python_cases))
async def test_python_here(name: str) -> None:
    """What is asked of the page's Python holds of any Python."""
    await run_case(cases_of(python_cases)[name], python_supplies)
