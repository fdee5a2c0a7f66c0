"""The one loop of work that is looked at now and then."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest

from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.tasks import Tasks
from tests.fakes.platform import FakeClock

SERVICES = Path(__file__).resolve().parents[4] / "app" / "services"


class Rig:
    """A worker whose looks are written down with their times, and do what they are told."""

    def __init__(self, **given: float) -> None:
        self.clock = FakeClock()
        self.told: list[str] = []
        self.tasks = Tasks(lambda name, error: self.told.append(f"{name}: {error}"))
        self.began = self.clock.now()
        self.looks: list[float] = []
        self.pauses: list[float] = []
        self.faults: list[Exception | None] = []
        self.due: float | None = None
        self.worker = PeriodicWorker(self.clock, self.tasks, "worker", self._look, 60.0, between=self._between, **given)  # type: ignore[arg-type]
        self.tasks.start("worker", self.worker.run())

    async def _look(self) -> float | None:
        self.looks.append(self.clock.now() - self.began)
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        return None if self.due is None else self.began + self.due

    async def _between(self) -> None:
        self.pauses.append(self.clock.now() - self.began)


async def test_it_looks_now_and_then() -> None:
    """First after its time, or at once where that is said; then after each interval."""
    late, soon = Rig(), Rig(first=0.0)
    for rig in (late, soon):
        await rig.clock.advance(130.0)
        await rig.tasks.stop()
    assert late.looks == [60.0, 120.0]
    assert soon.looks == [0.0, 60.0, 120.0]


async def test_it_looks_when_it_is_told_to_and_when_something_is_due() -> None:
    """A hint is a look at once, and the interval begins anew; what is due earlier than that is looked at then, what is due later is not."""
    rig = Rig(first=0.0)
    await rig.clock.advance(10.0)
    rig.worker.nudge()
    rig.worker.nudge()
    await rig.clock.advance(5.0)
    assert rig.looks == [0.0, 10.0]
    rig.due = 100.0
    await rig.clock.advance(80.0)
    assert rig.looks == [0.0, 10.0, 70.0]
    rig.due = math.inf
    await rig.clock.advance(10.0)
    assert rig.looks == [0.0, 10.0, 70.0, 100.0]
    await rig.clock.advance(54.0)
    assert len(rig.looks) == 4
    await rig.clock.advance(2.0)
    assert rig.looks[4:] == [160.0]
    assert rig.pauses == rig.looks[1:]
    await rig.tasks.stop()


async def test_a_fault_is_told_once_and_tried_again_after_its_own_waits() -> None:
    """They grow up to their bound; a hint is a look at once all the same; what fails again after it worked is told again."""
    rig = Rig(first=0.0, retry=5.0, longest=20.0)
    rig.faults = [ValueError("a"), ValueError("a"), ValueError("a"), ValueError("b"), None, ValueError("a")]
    await rig.clock.advance(36.0)
    assert rig.looks == [0.0, 5.0, 15.0, 35.0]
    assert rig.told == ["worker: a", "worker: b"]
    rig.worker.nudge()
    await rig.clock.advance(61.0)
    assert rig.looks[4:] == [36.0, 96.0]
    assert rig.told == ["worker: a", "worker: b", "worker: a"]
    await rig.tasks.stop()


async def test_whoever_wants_to_hear_of_faults_hears_of_all() -> None:
    """In place of the page's notice."""
    clock, heard, told = FakeClock(), list[str](), list[str]()
    tasks = Tasks(lambda name, _error: told.append(name))

    async def look() -> None:
        raise ValueError("odd")

    tasks.start(
        "worker", PeriodicWorker(clock, tasks, "worker", look, 1.0, retry=1.0, longest=1.0, failed=lambda e: heard.append(str(e))).run()
    )
    await clock.advance(3.5)
    assert heard == ["odd"] * 3
    assert told == []
    await tasks.stop()


LOOPS = {
    "runtime/periodic.py": "the one loop",
    "runtime/isolation.py": "keeps a worker up that has a loop of its own",
    "batches/engine.py": "ends when the lead is lost; and a batch's life, which is no work that comes back",
    "programs/mailbox.py": "one connection after another, and what is told over one of them",
}
"""Loops without an end that wait by the clock, each with the reason why it is no periodic worker."""


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(SERVICES.rglob("*.py")), ids=lambda path: path.stem)
def test_no_service_waits_in_a_loop_of_its_own(path: Path) -> None:
    """But for those above, which are no work that is looked at now and then."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    loops = [one for one in ast.walk(tree) if isinstance(one, ast.While) and ast.unparse(one.test) == "True"]
    waits = [one for loop in loops for one in ast.walk(loop) if isinstance(one, ast.Attribute) and one.attr in ("sleep", "until")]
    assert bool(waits) == (path.relative_to(SERVICES).as_posix() in LOOPS)
