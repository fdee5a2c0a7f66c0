"""What the cases of jobs ask for, in the page: workers whose table is the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.adapters.compute import BrowserCompute
from app.adapters.store import destroy_store, open_store
from app.services.runtime.moves import STORED_MOVES
from tests.contract.compute_cases import Both

TABLE = "tests.fakes.jobs"
_COMPUTE = BrowserCompute(TABLE)


def compute() -> BrowserCompute:
    """The same workers for all cases: one that went is followed by another."""
    return _COMPUTE


async def both() -> AsyncIterator[Both]:
    """The page's database, which the workers open by themselves."""
    store = await open_store(STORED_MOVES)
    yield Both(BrowserCompute(TABLE), store)
    store.close()
    await destroy_store("nightshift")
