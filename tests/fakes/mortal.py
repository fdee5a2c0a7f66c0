"""Ports of a tab that can die between two steps: a crash, a closed tab, a reload. Nothing that a dead tab does has any effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from app.core.model.entries import Dump
from app.core.openai.wire import Blob, Request, Response
from app.core.programs.folder import FolderEntry, FolderState
from app.ports import Change, Chosen, Clock, Folder, Http, Locks, Row, Store, Stream, Table, Usage

T = TypeVar("T")


class Life:
    """A tab's life. ``stepped(label)`` hears of every step that something outside can see and may end the life there: each commit that was
    written, and each call to a provider before it left and after it took effect."""

    def __init__(self, stepped: Callable[[str], bool] = lambda _label: False) -> None:
        self.dead = False
        self.actions = 0
        """Everything asked of a port so far: when it stands still, the tab is waiting."""
        self._stepped = stepped
        self._waits: set[asyncio.Future[Any]] = set()

    def die(self) -> None:
        """End it: whoever waits for a port, or asks one from now on, is cancelled."""
        self.dead = True
        for wait in list(self._waits):
            wait.cancel()

    def step(self, label: str) -> None:
        if not self.dead and self._stepped(label):
            self.die()
        self.check()

    def check(self) -> None:
        self.actions += 1
        if self.dead:
            raise asyncio.CancelledError("the tab is gone")

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait as long as the tab lives."""
        if self.dead:
            work.close()
        self.check()
        task = asyncio.ensure_future(work)
        self._waits.add(task)
        try:
            result = await task
        finally:
            self._waits.discard(task)
            task.cancel()
        self.check()
        return result


class MortalStore:
    def __init__(self, inner: Store, life: Life) -> None:
        self._inner, self._life = inner, life

    async def get(self, table: Table, id: str) -> Row | None:
        return await self._alive(self._inner.get(table, id))

    async def scan(self, table: Table, *, owner: str | None = None) -> list[Row]:
        return await self._alive(self._inner.scan(table, owner=owner))

    async def owners(self, table: Table) -> list[str]:
        return await self._alive(self._inner.owners(table))

    async def revisions(self, table: Table, owner: str) -> list[tuple[str, int]]:
        return await self._alive(self._inner.revisions(table, owner))

    async def get_many(self, table: Table, ids: Sequence[str]) -> list[Row]:
        return await self._alive(self._inner.get_many(table, ids))

    async def page(
        self,
        table: Table,
        *,
        owner: str | None = None,
        state: str | None = None,
        after: tuple[float, str] | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Row]:
        return await self._alive(self._inner.page(table, owner=owner, state=state, after=after, limit=limit, newest=newest))

    async def strays(self, table: Table) -> list[Row]:
        return await self._alive(self._inner.strays(table))

    async def counts(self, table: Table, *, owner: str | None = None) -> dict[str, int]:
        return await self._alive(self._inner.counts(table, owner=owner))

    async def commit(self, changes: Sequence[Change]) -> None:
        await self._alive(self._inner.commit(changes))
        self._life.step(f"commit {', '.join(type(one).__name__ + ' ' + getattr(one, 'state', '') for one in changes)}")

    async def dump(self) -> Dump:
        return await self._alive(self._inner.dump())

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        return await self._alive(self._inner.load(ids))

    async def blob(self, ids: Sequence[str]) -> Blob:
        return await self._alive(self._inner.blob(ids))

    async def usage(self) -> Usage:
        return await self._alive(self._inner.usage())

    async def persist(self) -> bool:
        return await self._alive(self._inner.persist())

    def watch(self, told: Callable[[frozenset[str]], None]) -> None:
        def heard(tables: frozenset[str]) -> None:
            if not self._life.dead:
                told(tables)

        self._inner.watch(heard)

    async def _alive(self, work: Coroutine[Any, Any, T]) -> T:
        if self._life.dead:
            work.close()
        self._life.check()
        result = await work
        self._life.check()
        return result


class MortalHttp:
    def __init__(self, inner: Http, life: Life) -> None:
        self._inner, self._life = inner, life

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        self._life.step(f"before {request!r}")
        response = await self._life.wait(self._inner.send(request, progress=progress))
        self._life.step(f"after {request!r}")
        return response

    async def stream(self, request: Request) -> Stream:
        self._life.step(f"before {request!r}")
        return _MortalStream(await self._life.wait(self._inner.stream(request)), self._life, repr(request))


class _MortalStream:
    def __init__(self, inner: Stream, life: Life, label: str) -> None:
        self._inner, self._life, self._label = inner, life, label
        self.status, self.headers = inner.status, inner.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        async for piece in self._inner.chunks():
            self._life.step(f"piece of {self._label}")
            yield piece


class MortalClock:
    def __init__(self, inner: Clock, life: Life) -> None:
        self._inner, self._life = inner, life

    def now(self) -> float:
        return self._inner.now()

    async def sleep(self, seconds: float) -> None:
        await self._life.wait(self._inner.sleep(seconds))


class MortalLocks:
    def __init__(self, inner: Locks, life: Life) -> None:
        self._inner, self._life = inner, life

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        await self._life.wait(self._inner.hold(name, work))


class MortalFolder:
    """A folder, for as long as the tab lives: what was written stays."""

    def __init__(self, inner: Folder, life: Life) -> None:
        self._inner, self._life = inner, life

    @property
    def offered(self) -> bool:
        return self._inner.offered

    async def choose(self) -> Chosen | None:
        return await self._life.wait(self._inner.choose())

    async def ask(self) -> bool:
        return await self._life.wait(self._inner.ask())

    async def state(self) -> FolderState:
        return await self._life.wait(self._inner.state())

    async def look(self) -> list[FolderEntry]:
        return await self._life.wait(self._inner.look())

    async def read(self, name: str, start: int, stop: int) -> bytes:
        return await self._life.wait(self._inner.read(name, start, stop))

    async def write(self, name: str, at: int, data: bytes) -> int:
        end = await self._life.wait(self._inner.write(name, at, data))
        self._life.step(f"written {name}")
        return end
