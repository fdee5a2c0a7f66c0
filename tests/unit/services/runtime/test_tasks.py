"""Work in the background."""

import asyncio
import inspect
from contextvars import ContextVar

import pytest

from app.services.runtime.tasks import Tasks


async def test_work_that_is_cancelled_before_its_first_step_is_closed() -> None:
    """A tab may lose the lead in the moment in which it took it: nothing is left that was never awaited."""
    tasks = Tasks(lambda _name, _error: None)

    async def never() -> None:
        raise AssertionError("It was to be cancelled before.")

    work = never()
    tasks.start("beside", work)
    await tasks.stop()
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


async def test_a_fault_that_stays_is_told_once() -> None:
    """Another one is told as well, and the same one again when it was well in between; what runs under another name has its own."""
    told: list[tuple[str, str]] = []
    tasks = Tasks(lambda name, error: told.append((name, str(error))))
    for error in (OSError("a"), OSError("a"), OSError("b"), OSError("a")):
        tasks.report("work", error, ValueError("in words") if str(error) == "b" else None)
    assert told == [("work", "a"), ("work", "in words")]
    tasks.report("other", OSError("a"))
    tasks.well("work")
    tasks.report("other", OSError("a"))
    tasks.report("work", OSError("a"))
    assert told[2:] == [("other", "a"), ("work", "a")]


async def test_the_first_step_is_taken_at_once() -> None:
    """Work begun one after the other has run to its first wait in that order before anything else does; the rest follows by itself."""
    tasks = Tasks(lambda _name, _error: None)
    done: list[str] = []

    async def work(name: str) -> None:
        done.append(f"{name} begins")
        await asyncio.sleep(0)
        done.append(f"{name} goes on")

    tasks.begin("a", work("a"))
    tasks.begin("b", work("b"))
    assert done == ["a begins", "b begins"]
    await tasks.settled()
    assert done == ["a begins", "b begins", "a goes on", "b goes on"]
    assert tasks.running == 0


async def test_the_first_step_may_be_the_only_one() -> None:
    """What never waits is over at once, and what it raises meets the boundary at once."""
    told: list[str] = []
    tasks = Tasks(lambda name, error: told.append(f"{name}: {error}"))

    async def good() -> None:
        told.append("good")

    async def bad() -> None:
        raise ValueError("no")

    tasks.begin("good", good())
    tasks.begin("bad", bad())
    assert told == ["good", "bad: no"]
    await tasks.settled()
    assert told == ["good", "bad: no"]


@pytest.mark.parametrize("turns", [0, 1, 3])
async def test_work_that_was_begun_can_be_cancelled(turns: int) -> None:
    """Whenever that is, it is told at its wait, tidies up, and what it waited for is cancelled with it."""
    tasks, said = Tasks(lambda _name, error: said.append(repr(error))), list[str]()

    async def inner() -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        child = asyncio.ensure_future(inner())
        try:
            await child
        except asyncio.CancelledError:
            said.append("tidied")
            await asyncio.sleep(0)
            said.append(f"child cancelled: {child.cancelled()}")
            raise

    task = tasks.begin("work", work())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await tasks.settled()
    assert said == ["tidied", "child cancelled: True"]
    assert task.cancelled()


async def test_work_that_yields_at_once_can_be_cancelled() -> None:
    """A wait for nothing but the next turn is one as well."""
    tasks, said = Tasks(lambda _name, _error: None), list[str]()

    async def work() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            said.append("tidied")
        said.append("never")

    tasks.begin("work", work()).cancel()
    await tasks.settled()
    assert said == ["tidied"]


async def test_the_first_step_runs_in_its_own_task() -> None:
    """Time limits, the current task and context variables are its own, and who began it has its own back afterwards."""
    tasks, failures = Tasks(lambda name, error: failures.append(f"{name}: {error!r}")), list[str]()
    variable: ContextVar[str] = ContextVar("variable", default="outer")
    seen: list[object] = []

    async def work() -> None:
        seen.append(asyncio.current_task())
        variable.set("inner")
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            seen.append(variable.get())
        seen.append(asyncio.current_task())

    outer = asyncio.current_task()
    task = tasks.begin("work", work())
    assert asyncio.current_task() is outer
    assert variable.get() == "outer"
    await tasks.settled()
    assert seen == [task, "inner", task]
    assert failures == []


async def test_work_begun_from_no_task() -> None:
    """Events of the page come from no task: there, too, the first step has one."""
    tasks, seen = Tasks(lambda _name, error: seen.append(error)), list[object]()

    async def work() -> None:
        seen.append(asyncio.current_task())
        await asyncio.sleep(0)
        seen.append(asyncio.current_task())

    begun: list[object] = []
    asyncio.get_running_loop().call_soon(lambda: begun.append(tasks.begin("work", work())))
    await asyncio.sleep(0)
    await tasks.settled()
    assert seen == begun * 2
