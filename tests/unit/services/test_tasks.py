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
