"""The table of jobs, and who carries them out."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from app.core.openai.wire import Blob
from app.ports.compute import Finished, JobDied, JobFailed, JobKind, NoWorker, unheard
from app.services.compute import in_page
from app.services.compute.carrier import JobPlace, RunningJob
from app.services.compute.in_page import WholeFile
from app.services.compute.jobs import JOBS
from app.services.workspace.export_job import EXPORT, ExportOrder
from app.wiring.compute import ChosenCompute
from app.wiring.ports import InstalledLibraries, Ports
from tests.fakes.broker import MemoryBroker
from tests.fakes.folder import MemoryFolder
from tests.fakes.http import FaultyHttp
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakeClock, FakePage, MemoryFiles, MemoryGathering, MemoryKeys, MemoryLocks, SeededRandom
from tests.kit.world import World


class BrokenWorkers:
    """Workers that cannot be started, or die."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0
        self.left: list[str] = []

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        self.asked += 1
        raise self.error

    def leave(self, place: str) -> None:
        self.left.append(place)

    def end_fenced(self) -> None:
        self.left.append("fenced")


def ports(world: World, workers: BrokenWorkers) -> Ports:
    return Ports(
        store=MemoryStore({}),
        http=FaultyHttp(world.http),
        keys=MemoryKeys(),
        screen=FakePage(),
        clock=FakeClock(auto=True),
        random=SeededRandom(),
        locks=MemoryLocks(),
        broker=MemoryBroker,
        folder=MemoryFolder,
        compute=lambda: workers,
    )


@pytest.mark.parametrize("name", JOBS)
def test_each_job_stands_under_its_name(name: str) -> None:
    """What crosses can be written as JSON and read again: msgspec knows both types."""
    kind = JOBS[name]().kind
    assert kind.name == name
    msgspec.json.Decoder(kind.takes)
    msgspec.json.Decoder(kind.gives)


async def test_without_a_worker_the_page_does_it(world: World) -> None:
    """The first worker cannot be started: this job and all later ones are carried out in the page."""
    workers = BrokenWorkers(NoWorker("no Worker here"))
    compute = ChosenCompute(ports(world, workers))
    for _ in range(2):
        done = await compute.run(EXPORT, ExportOrder())
        assert done.value.name == "nightshift-2023-11-14.nightshift"
        assert done.blob is not None
        assert (await done.blob.read())[:2] == b"\x1f\x8b"
    assert workers.asked == 1


async def test_a_job_that_died_is_not_tried_in_the_page(world: World) -> None:
    """It would take the page with it."""
    workers = BrokenWorkers(JobDied("The worker broke down."))
    compute = ChosenCompute(ports(world, workers))
    for _ in range(2):
        with pytest.raises(JobDied, match="broke down"):
            await compute.run(EXPORT, ExportOrder())
    assert workers.asked == 2


async def test_what_a_place_keeps_is_left_where_it_is(world: World) -> None:
    """Wherever jobs were carried out hears of it; where none was, nothing is loaded."""
    workers = BrokenWorkers(JobDied("The worker broke down."))
    compute = ChosenCompute(ports(world, workers))
    compute.leave("results")
    assert workers.left == []
    with pytest.raises(JobDied):
        await compute.run(EXPORT, ExportOrder())
    compute.leave("results")
    assert workers.left == ["results"]


class HeldWorkers(BrokenWorkers):
    """Workers whose jobs end when they are told to."""

    def __init__(self) -> None:
        super().__init__(JobDied(""))
        self.held: dict[str, asyncio.Event] = {}

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        self.asked += 1
        await self.held.setdefault(kind.name, asyncio.Event()).wait()
        return Finished(kind.name)


async def test_a_job_in_the_background_begins_when_nobody_waits_for_another(world: World) -> None:
    """Also where one that was waited for is called off; two in the background wait for none of each other."""
    workers = HeldWorkers()
    compute = ChosenCompute(ports(world, workers))

    def begun(name: str, *, background: bool = False) -> asyncio.Task[Finished[str]]:
        return asyncio.ensure_future(compute.run(JobKind(name, int, str, background=background), 1))

    async def running() -> set[str]:
        for _ in range(5):
            await asyncio.sleep(0)
        return set(workers.held)

    first, called_off = begun("import"), begun("check")
    behind = begun("count", background=True), begun("count more", background=True)
    assert await running() == {"import", "check"}
    workers.held["import"].set()
    assert (await first).value == "import"
    assert await running() == {"import", "check"}
    called_off.cancel()
    assert await running() == {"import", "check", "count", "count more"}
    late = begun("add")
    assert "add" in await running()
    for one in workers.held.values():
        one.set()
    assert [one.value for one in await asyncio.gather(*behind, late)] == ["count", "count more", "add"]


async def test_what_a_job_writes_crosses_in_lumps() -> None:
    """In its order, with what is left at the end; a job that wrote nothing has no bytes."""

    class Packer(MemoryFiles):
        def gather(self) -> MemoryGathering:
            gathered.append(super().gather())
            return gathered[-1]

    gathered: list[MemoryGathering] = []

    async def opened() -> MemoryStore:
        return MemoryStore({})

    place = JobPlace(opened, Packer(), InstalledLibraries(), FakeClock(auto=True), SeededRandom(), 0.0)
    job = RunningJob(place, [], unheard)
    lines = [b"%d " % n * 1_000 for n in range(400)]
    for line in lines:
        await job.write(line)
    blob = await job.ended()
    assert blob is not None
    assert await blob.read() == b"".join(lines)
    assert len(gathered[0].parts) == 2
    assert await RunningJob(place, [], unheard).ended() is None


async def test_in_the_page_no_file_is_read_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence with both sizes, and what to do."""

    class Huge:
        size = in_page.LARGEST + 1

        async def read(self) -> bytes:
            raise AssertionError("it is not read")

    with pytest.raises(JobFailed, match=r"256 MB .*Nothing was changed"):
        await WholeFile(Huge()).open()


@pytest.mark.slow
def test_the_start_knows_nothing_of_jobs() -> None:
    """The program is put together without a module about jobs but the one that asks for them; a new Python tells."""
    code = "import sys, app.program; print(*sorted(name for name in sys.modules if name.startswith('app.') and 'compute' in name))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["app.wiring.compute"]
