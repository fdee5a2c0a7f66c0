"""The contract of jobs on the implementation that needs no worker."""

import pytest

from tests.contract import compute_cases, memory_supplies
from tests.kit.cases import cases_of, run_case


@pytest.mark.parametrize("name", cases_of(compute_cases))
async def test_slices_keep_the_contract(name: str) -> None:
    """What holds of a worker holds of the page in slices."""
    await run_case(cases_of(compute_cases)[name], memory_supplies)
