"""Workers behind the fence, in the test's own Python: what a browser gives in workers of its own (static/js/fence.mjs)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from app.core.openai.wire import Blob
from app.ports import StorageLost
from app.ports.compute import Finished, JobKind, NoWorker, unheard
from app.services.compute.carrier import JobPlace
from app.services.compute.fenced_jobs import JOBS
from app.services.compute.in_page import PageCompute
from tests.fakes.platform import FakeClock


class FencedHere:
    """The KeepingCompute port for fenced jobs alone; for all others there is no worker, so the page does them."""

    def __init__(self, clock: FakeClock) -> None:
        nothing: Any = None
        self._here = PageCompute(JOBS, JobPlace(_no_store, nothing, nothing, clock, nothing, 60.0))
        self.ended = 0

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        if not kind.fenced:
            raise NoWorker("only those behind the fence")
        return await self._here.run(kind, arguments, files=files, moved=moved)

    def leave(self, place: str) -> None:
        """Nothing is kept here."""

    def end_fenced(self) -> None:
        self.ended += 1


async def _no_store() -> NoReturn:
    raise StorageLost("There is none behind the fence.")
