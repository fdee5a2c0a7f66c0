"""The soak's weeks can be lived: a short one of each seed balances."""

import pytest

from tests.soak.week import Week


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_short_week_balances(seed: int) -> None:
    """A day with faults, its end, and the sums: the same code as `make soak` runs for an hour."""
    balance = await Week(seed, days=0.5).live()
    assert balance.right
    assert balance.sendings >= balance.billed > 0
