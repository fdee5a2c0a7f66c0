"""The practice provider in the page: what it remembers lies in the store, and calls to it never leave the page."""

from __future__ import annotations

from collections.abc import Callable

from app.core.model import trail
from app.core.model.settings import Preferences
from app.core.openai.wire import Request, Response
from app.ports import Clock, Http, Stream, Table
from app.practice.brain import Brain
from app.practice.disk import Lost
from app.practice.inproc import BASE_URL, PracticeHttp
from app.practice.traps import Scenario, Trap
from app.services.practice.blobs import BlobStore
from app.services.runtime.records import Records

_TRAPS = frozenset(trap.value for trap in Trap)


class RoutedHttp:
    """Calls to the practice provider stay in the page; all others go out."""

    def __init__(self, out: Http, practice: PracticeHttp) -> None:
        self._out, self._practice = out, practice

    async def send(self, request: Request, *, progress: object = None) -> Response:
        return await self._of(request).send(request, progress=progress)  # type: ignore[arg-type]  # handed through

    async def stream(self, request: Request) -> Stream:
        return await self._of(request).stream(request)

    def _of(self, request: Request) -> Http:
        return self._practice if request.url.startswith(BASE_URL) else self._out


class Practice:
    """The practice provider of this page's origin: one memory in the store for all tabs.

    Only the tab that ``leads`` writes it. Its engine makes the only calls that change anything; what another tab remembers is older.
    """

    def __init__(self, records: Records, clock: Clock, leads: Callable[[], bool]) -> None:
        self._blobs, self._leads, self._whole = BlobStore(records, Lost), leads, True
        self.brain = Brain(self._blobs, lambda: clock.sleep(0))
        self.http = PracticeHttp(self.brain, clock.now, self._remember)

    async def recall(self, chosen: Preferences) -> None:
        """Take over what the tab that led before has taught it."""
        if (memory := await self._blobs.recall()) is not None:
            item = trail.record(Table.PRACTICE, "brain")
            with trail.at(item):
                self._whole = not trail.suspected(item) and self.brain.load(memory)
            if not self._whole:
                await self._blobs.unreadable()
        self.behave(chosen)

    async def lead(self, chosen: Preferences) -> None:
        """Before this tab leads: know what is known, and drop what an upload that broke off has left."""
        await self.recall(chosen)
        if self._whole:  # else it is not known which are needed
            await self._blobs.sweep(self.brain.state.files)

    def behave(self, chosen: Preferences) -> None:
        """Be as fast, and fail as often, as the person chose. The same choice again changes nothing: what has sprung stays sprung."""
        scenario = Scenario(speed=chosen.practice_speed, traps=tuple(Trap(one) for one in chosen.practice_traps if one in _TRAPS))
        if scenario != self.brain.state.scenario:
            self.brain.set_scenario(scenario)

    async def _remember(self, memory: bytes) -> None:
        if not self._leads():
            return
        try:
            await self._blobs.remember(memory)
        except BaseException:
            self.brain.changed = True  # it is not kept yet: the next call tries again before it is answered
            raise
