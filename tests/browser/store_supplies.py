"""What the store's cases ask for, in the page: a database of the case's own, forgotten afterwards."""

import itertools
from collections.abc import AsyncIterator

from app.adapters.store import BrowserStore, destroy_store, open_store
from app.services.runtime.moves import STORED_MOVES
from tests.contract.store_cases import MakeStore

_count = itertools.count()


async def make_store() -> AsyncIterator[MakeStore]:
    """Each call opens a connection of its own, as another tab would."""
    name = f"case-{next(_count)}"
    opened: list[BrowserStore] = []

    async def make() -> BrowserStore:
        opened.append(await open_store(STORED_MOVES, name))
        return opened[-1]

    yield make
    for store in opened:
        store.close()
    await destroy_store(name)
