"""One bad item never stops the others, and one bad turn never ends a worker.

Every loop over what came from outside or lies in the store runs its items through here. A fault that belongs to one item is caught, told
once and remembered; a fault of the platform (:data:`PASSES`) is let through, since it concerns every item and whoever runs the loop waits
and tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from app.core.model import asides
from app.core.model.asides import Loop
from app.core.model.problem import Problem
from app.core.openai.problems import Refused
from app.ports import Clock, Conflict, FolderLost, StorageFull, StorageLost
from app.services.runtime.tasks import Tasks

T = TypeVar("T")

PASSES: Final = (StorageLost, StorageFull, Conflict, ConnectionError, FolderLost)
"""Faults that are no item's: the store is lost or full, someone else was faster, the line or the folder is gone."""
LONGEST: Final = 3_600.0
"""Seconds between two tries of a worker that keeps failing, at most."""
_REMEMBERED: Final = 1_000
"""Items that are remembered as put aside; the oldest are forgotten first."""


def reason(error: BaseException) -> str:
    """A fault as text: its kind and what it says."""
    return f"{type(error).__name__}: {error}"


class Isolation:
    """Puts items of one loop aside. ``aside`` holds why, by the item's name; each is reported once, as long as its reason stays the same.
    ``tasks``: None where whoever runs the loop tells it."""

    def __init__(self, tasks: Tasks | None, loop: Loop) -> None:
        self._tasks, self._loop = tasks, loop
        self.aside: dict[str, str] = {}

    async def run(self, name: str, work: Awaitable[T]) -> T | None:
        """The work on one item; None where it failed and was put aside. Raises what is no item's (:data:`PASSES`)."""
        try:
            done = await work
        except PASSES:
            raise
        except Exception as error:  # the boundary of one item: told in the page, and the next one goes on
            self.put(name, error)
            return None
        self.aside.pop(name, None)
        return done

    @contextmanager
    def item(self, name: str) -> Iterator[None]:
        """The work on one item stands inside; what it raises puts the item aside. Raises what is no item's (:data:`PASSES`)."""
        try:
            yield
        except PASSES:
            raise
        except Exception as error:  # the boundary of one item, as in run
            self.put(name, error)

    def put(self, name: str, error: Exception) -> None:
        """This item was put aside."""
        why = reason(error)
        if self.aside.get(name) == why:
            return
        self.aside.pop(name, None)
        self.aside[name] = why
        if len(self.aside) > _REMEMBERED:
            del self.aside[next(iter(self.aside))]
        if self._tasks is not None:
            self._tasks.tell(self._loop, Refused(self.problem))

    @property
    def problem(self) -> Problem:
        """What was put aside, in words."""
        return asides.problem(self._loop, self.aside)

    def well(self, name: str) -> None:
        """This item was handled after all."""
        self.aside.pop(name, None)


async def bisected(items: Sequence[T], work: Callable[[Sequence[T]], Awaitable[object]], put: Callable[[T, Exception], None]) -> None:
    """Do the work on all items together; where that fails through one of them, on each half, down to the bad one, which is ``put`` aside.

    The work must be all or nothing (one commit, one frame). One bad item among n costs about 2 log n tries. Raises what is no item's.
    """
    if not items:
        return
    try:
        await work(items)
    except PASSES:
        raise
    except Exception as error:
        if len(items) == 1:
            put(items[0], error)
            return
        middle = len(items) // 2
        await bisected(items[:middle], work, put)
        await bisected(items[middle:], work, put)


def growing(every: float, failures: int) -> float:
    """Seconds until the next turn of a worker that looks each ``every`` seconds and failed so many times in a row."""
    return min(max(every, LONGEST), every * 2.0 ** min(failures, 12))


AGAIN: Final = 5.0
"""Seconds before a worker that broke off is begun again for the first time."""


async def kept_up(clock: Clock, tasks: Tasks, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run a worker until it is cancelled or returns. If it fails it is reported, and restarted after growing waits."""
    failures = 0
    while True:
        began = clock.now()
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            tasks.report(name, error)
            failures = 1 if clock.now() - began > LONGEST else failures + 1
            await clock.sleep(growing(AGAIN, failures - 1))
        else:
            return
