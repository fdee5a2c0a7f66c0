"""What the contracts' cases ask for, in memory."""

from app.ports import Store
from app.services.compute.carrier import JobPlace
from app.services.compute.in_page import PageCompute
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.slices import SLICE
from app.wiring.ports import InstalledLibraries
from tests.contract.compute_cases import Both
from tests.contract.platform_cases import MakeKeys
from tests.contract.store_cases import MakeStore
from tests.fakes import jobs
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryKeys, MemoryLocks, MemoryPlace, SeededRandom


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


def place() -> MemoryPlace:
    """A file that a person chose a place for."""
    return MemoryPlace("answers.csv")


def both() -> Both:
    """Jobs in slices, as the page carries them out without a worker."""
    store = MemoryStore(STORED_MOVES)

    async def opened() -> Store:
        return store

    return Both(PageCompute(jobs.JOBS, JobPlace(opened, MemoryFiles(), InstalledLibraries(), clock(), random(), SLICE)), store)


def compute() -> PageCompute:
    """Likewise."""
    return PageCompute(jobs.JOBS, JobPlace(_no_store, MemoryFiles(), InstalledLibraries(), clock(), random(), SLICE))


async def _no_store() -> Store:
    raise AssertionError("nobody asks for the store")
