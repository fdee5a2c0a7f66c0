"""The worker's side of jobs (static/js/compute-worker.mjs): its messages, and synchronous reading of files."""

from __future__ import annotations

import asyncio
import io
from array import array
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, BinaryIO, cast

from pyodide.ffi import JsException, create_proxy, to_js
from pyscript.js_modules import worker

from app.adapters.blobs import BrowserBlob, js_blob, taken
from app.core.compute import messages
from app.core.compute.messages import Ended, JobMoved, ToWorker
from app.core.openai.wire import Blob, BytesBlob
from app.core.results.ordering import Ranked
from app.ports import FileUnreadable

js_worker: Any = worker

_READ = 1 << 20
"""Bytes that are read at a time."""
_AHEAD = 1 << 22
"""Bytes that are read ahead: the browser takes little longer to read four megabytes than one."""


class RawBlob(io.RawIOBase):
    """A JS ``Blob`` as Python's raw file."""

    def __init__(self, js_blob: Any) -> None:
        super().__init__()
        self._js, self._at, self._size = js_blob, 0, int(js_blob.size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Raises FileUnreadable where the file was moved or changed."""
        stop = min(self._at + len(buffer), self._size)
        if stop <= self._at:
            return 0
        try:
            js_read = js_worker.read(self._js, self._at, stop)
        except JsException as error:
            raise FileUnreadable(f"{error.name}: {error.message}") from None
        with memoryview(buffer) as view:
            js_read.assign_to(view[: stop - self._at])
        count, self._at = stop - self._at, stop
        return count


def _blob(js_input: Any) -> Blob:
    if hasattr(js_input, "createWritable"):
        from app.adapters.page import BrowserPlace

        return BrowserPlace(js_input)
    return BrowserBlob(js_input) if hasattr(js_input, "arrayBuffer") else BytesBlob(taken(js_input))


class WorkerFile:
    """The JobFile port over what the page has posted: a Blob or bytes."""

    def __init__(self, js_input: Any) -> None:
        self.blob: Blob = _blob(js_input)

    async def open(self) -> BinaryIO:
        if isinstance(self.blob, BrowserBlob):
            return cast("BinaryIO", io.BufferedReader(RawBlob(self.blob.js_blob), _READ))
        return io.BytesIO(await self.blob.read())

    async def pieces(self, size: int) -> AsyncGenerator[bytes, None]:
        step = size * max(1, _AHEAD // size)
        ahead: asyncio.Future[bytes] | None = None
        try:
            for at in range(0, self.blob.size, step):
                part = await (ahead or self._part(at, step))
                ahead = asyncio.ensure_future(self._part(at + step, step)) if at + step < self.blob.size else None
                for start in range(0, len(part), size):
                    yield part[start : start + size]
        finally:
            if ahead is not None:
                ahead.cancel()

    async def _part(self, at: int, size: int) -> bytes:
        if not isinstance(self.blob, BrowserBlob):
            return (await self.blob.read())[at : at + size]
        try:
            return await BrowserBlob(self.blob.js_blob.slice(at, at + size)).read()
        except JsException as error:
            raise FileUnreadable(error.message) from None


def listen(heard: Callable[[ToWorker, Sequence[WorkerFile]], None]) -> None:
    """Hand each message of the page to ``heard`` from now on. Call it once."""

    def receive(text: str, js_inputs: Any) -> None:
        heard(messages.to_worker(text), [WorkerFile(one) for one in js_inputs])

    js_worker.listen(create_proxy(receive))  # for the worker's life


def moved(done: int, total: int) -> None:
    """Tell the page how far the job is."""
    js_worker.moved(messages.text(JobMoved(done, total)))


def ended(said: Ended, blob: Blob | None) -> None:
    """Tell the page that the job has ended."""
    js_worker.ended(messages.text(said), None if blob is None else js_blob(blob))


def order(ranked: Ranked, mask: bytes, reverse: bool) -> array[int]:
    """An Order in typed arrays of JavaScript (static/js/ordering.mjs)."""
    values, places = ranked
    found = array("I")
    found.frombytes(taken(js_worker.order(to_js(values), None if places is None else to_js(places), to_js(mask), reverse)))
    return found


def fence() -> None:
    """Take away what this worker could reach anything by (static/js/fence.mjs). Raises JsException where something cannot be."""
    js_worker.fence()
