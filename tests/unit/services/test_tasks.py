"""Work in the background."""

import inspect

from app.services.tasks import Tasks


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
