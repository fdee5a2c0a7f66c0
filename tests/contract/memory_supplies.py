"""What the contracts' cases ask for, in memory."""

from app.core.pipeline import MOVES
from tests.contract.store_cases import MakeStore
from tests.fakes.memory_store import MemoryDisk, MemoryStore


def make_store() -> MakeStore:
    """Tabs over one fresh disk."""
    disk = MemoryDisk()

    async def make() -> MemoryStore:
        return MemoryStore(MOVES, disk)

    return make
