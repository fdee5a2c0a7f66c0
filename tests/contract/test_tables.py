"""Tables in CPython."""

import pytest

from tests.contract import table_cases, table_supplies
from tests.kit.cases import cases_of, run_case


@pytest.mark.parametrize("name", cases_of(table_cases))
async def test_tables(name: str) -> None:
    """What holds in the page holds here."""
    await run_case(cases_of(table_cases)[name], table_supplies)
