"""What the small ports' cases ask for, in the page."""

import itertools
from collections.abc import AsyncIterator

from app.adapters.keys import BrowserKeys
from app.adapters.store import BrowserStore, destroy_store, open_store
from app.adapters.system import BrowserClock, BrowserLocks, BrowserRandom
from tests.contract.platform_cases import MakeKeys

_count = itertools.count()


async def make_keys() -> AsyncIterator[MakeKeys]:
    """Each call opens the vault anew."""
    name = f"keys-{next(_count)}"
    opened: list[BrowserStore] = []

    async def make() -> BrowserKeys:
        opened.append(await open_store({}, name))
        return BrowserKeys(opened[-1])

    yield make
    for store in opened:
        store.close()
    await destroy_store(name)


def clock() -> BrowserClock:
    """The page's clock."""
    return BrowserClock()


def random() -> BrowserRandom:
    """The browser's generator."""
    return BrowserRandom()


def locks() -> BrowserLocks:
    """The origin's locks."""
    return BrowserLocks()
