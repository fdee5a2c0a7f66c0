"""A task whose first step is taken at once, on Python 3.11 and later alike.

Python 3.12 and later can do it themselves (``asyncio.Task(eager_start=True)``,
https://docs.python.org/3/library/asyncio-task.html#asyncio.Task). For 3.11 it is done by hand with what asyncio documents for tasks of
one's own (https://docs.python.org/3/library/asyncio-extending.html): while the first step runs, the new task is the current one, so
``asyncio.timeout``, ``current_task`` and context variables mean the same as in every later step.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any


def begin(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start ``work`` as a task of the running loop; its part up to the first wait has run when this returns."""
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, name=name, eager_start=True)
    begun = StartedCoroutine(work)
    context = copy_context()
    task = loop.create_task(begun, name=name, context=context)
    outer = asyncio.current_task(loop)
    if outer is not None:
        asyncio._leave_task(loop, outer)
    asyncio._enter_task(loop, task)
    try:
        context.run(begun.begin)
    finally:
        asyncio._leave_task(loop, task)
        if outer is not None:
            asyncio._enter_task(loop, outer)
    return task


class StartedCoroutine(Coroutine[Any, Any, None]):
    """A coroutine whose first step is taken by ``begin``; what came of that step is handed to the task when the task asks for it."""

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = work
        self._fresh = False
        """Whether the task has yet to hear of the first step."""
        self._ended: BaseException | None = None
        self._waits_for: Any = None

    def begin(self) -> None:
        """Take the first step."""
        self._fresh = True
        try:
            self._waits_for = self._work.send(None)
        except BaseException as error:  # the task raises it, as if the step were its own
            self._ended = error

    def send(self, value: Any) -> Any:
        """The next step; the first was taken already."""
        if not self._fresh:
            return self._work.send(value)
        self._fresh = False
        if self._ended is not None:
            raise self._ended
        return self._waits_for

    def throw(self, *given: Any) -> Any:
        """As of any coroutine. Cancelled before the task heard what the first step waits for: that is cancelled as well, as tasks do."""
        if self._fresh and self._ended is not None:
            raise self._ended
        if self._fresh and self._waits_for is not None:
            self._waits_for.cancel()
        self._fresh = False
        return self._work.throw(*given)

    def close(self) -> None:
        """As of any coroutine."""
        self._work.close()

    def __await__(self) -> Any:
        """Only a task runs this."""
        return self
