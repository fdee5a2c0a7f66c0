"""Where a journey can be stopped: every write to the store and every call to the provider, named as it happens.

A name says what the step does, not when: ``write creating>validating``, ``write answers``, ``call upload``; the n-th of a name is counted
from 1. So a case means the same in CPython and in the page, however often a batch was looked at in between. This module runs in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.core.openai.wire import NetworkError, Request, Response
from app.ports import Change, DropBytes, Http, MoveBytes, Put, PutBytes, Store, Stream, Table
from app.practice.ask import route

Stop = Callable[[str, int, str], Awaitable[None]]
"""Is told of a step as it happens: its name, its number from 1, and ``before`` or ``after``. What it does there is the fault."""

CHANGES = frozenset({"upload", "create", "cancel", "delete"})
"""Calls that change something at the provider."""


def call_of(method: str, path: str) -> str:
    """The name of a call to the provider; ``path`` may have anything before ``/v1``. Empty for what is no call of it."""
    at = path.find("/v1")
    found = route(method, path[at:]) if at >= 0 else None
    return str(found[0]) if found else ""


class WatchedStore:
    """A store whose writes are steps. What is only read passes through."""

    def __init__(self, inner: Store, stop: Stop) -> None:
        self._inner, self._stop = inner, stop
        self._seen: Counter[str] = Counter()
        self._states: dict[str, str] = {}

    async def commit(self, changes: Sequence[Change]) -> None:
        name = self._name(changes)
        if not name:
            await self._inner.commit(changes)
            return
        self._seen[name] += 1
        number = self._seen[name]
        await self._stop(name, number, "before")
        await self._inner.commit(changes)
        for change in changes:
            if isinstance(change, Put) and change.table is Table.BATCHES:
                self._states[change.id] = change.state
        await self._stop(name, number, "after")

    def _name(self, changes: Sequence[Change]) -> str:
        """What a commit does to batches and requests; empty if nothing."""
        for change in changes:
            if isinstance(change, Put) and change.table is Table.BATCHES:
                old = self._states.get(change.id, "nothing" if change.rev == 0 else "earlier")
                return f"write {old}>{change.state}"
        kinds = {_kind(change) for change in changes} - {""}
        return f"write {' and '.join(sorted(kinds))}" if kinds else ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _kind(change: Change) -> str:
    if isinstance(change, PutBytes | DropBytes | MoveBytes):
        return "answers" if isinstance(change, PutBytes) and change.id.startswith("answer:") else ""
    return "requests" if change.table is Table.SEGMENTS else ""


class WatchedHttp:
    """A way out whose calls are steps. ``timeout`` in seconds, if not 0, is the longest that a call may take from the one on that gets the
    fault (``hurried`` is asked of each call's name and number), until one was given up. The others take as long as they take on a busy
    machine: cut short, they would lead the batch along other steps."""

    def __init__(self, inner: Http, stop: Stop, timeout: float, hurried: Callable[[str, int], bool]) -> None:
        self._inner, self._stop, self._timeout, self._is_hurried = inner, stop, timeout, hurried
        self._seen: Counter[str] = Counter()
        self._given_up = False

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        name, number = self._named(request)
        await self._stop(name, number, "before")
        with self._giving_up():
            response = await self._inner.send(self._hurried(request, name, number), progress=progress)
        await self._stop(name, number, "after")
        return response

    async def stream(self, request: Request) -> Stream:
        name, number = self._named(request)
        await self._stop(name, number, "before")
        with self._giving_up():
            stream = await self._inner.stream(self._hurried(request, name, number))
        return _WatchedStream(stream, self._stop, self._giving_up, name, number)

    def _named(self, request: Request) -> tuple[str, int]:
        name = f"call {call_of(request.method, urlsplit(request.url).path)}"
        self._seen[name] += 1
        return name, self._seen[name]

    def _hurried(self, request: Request, name: str, number: int) -> Request:
        if not self._timeout or self._given_up or not self._is_hurried(name, number):
            return request
        return msgspec.structs.replace(request, timeout=min(request.timeout, self._timeout))

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        try:
            yield
        except NetworkError as error:
            self._given_up = self._given_up or error.kind == "timeout"
            raise


class _WatchedStream:
    def __init__(self, inner: Stream, stop: Stop, giving_up: Callable[[], AbstractContextManager[None]], name: str, number: int) -> None:
        self.status, self.headers = inner.status, inner.headers
        self._inner, self._stop, self._giving_up, self._name, self._number = inner, stop, giving_up, name, number

    async def chunks(self) -> AsyncIterator[bytes]:
        with self._giving_up():
            async for piece in self._inner.chunks():
                yield piece
        await self._stop(self._name, self._number, "after")
