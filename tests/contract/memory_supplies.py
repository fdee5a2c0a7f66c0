"""What the contracts' cases ask for, in memory."""

from app.services.runtime.moves import STORED_MOVES
from tests.contract.platform_cases import MakeKeys
from tests.contract.store_cases import MakeStore
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, MemoryKeys, MemoryLocks, SeededRandom


def make_store() -> MakeStore:
    """Tabs over one fresh disk."""
    disk = MemoryDisk()

    async def make() -> MemoryStore:
        return MemoryStore(STORED_MOVES, disk)

    return make


def make_keys() -> MakeKeys:
    """Each call is after a reload."""
    sealed: dict[str, str] = {}

    async def make() -> MemoryKeys:
        return MemoryKeys(sealed)

    return make


def clock() -> FakeClock:
    """A clock that goes on by itself."""
    return FakeClock(auto=True)


def random() -> SeededRandom:
    """Always the same."""
    return SeededRandom()


def locks() -> MemoryLocks:
    """Fresh locks."""
    return MemoryLocks()
