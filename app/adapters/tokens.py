"""The Tokenizers port over static/js/tokens.mjs: a worker for each encoding, made when it is first needed."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from pyodide.ffi import JsException, to_js

from app.adapters.blobs import sendable
from app.adapters.script import js_nightshift
from app.core.openai.encodings import Encoding
from app.core.openai.wire import Blob, BytesBlob
from app.ports import LibraryMissing


class BrowserTokenizers:
    """Each encoding is fetched once, and again after :meth:`close`."""

    def __init__(self) -> None:
        self._open: dict[Encoding, asyncio.Future[Any]] = {}

    def prepare(self, encoding: Encoding) -> None:
        self._opening(encoding)

    def _opening(self, encoding: Encoding) -> asyncio.Future[Any]:
        """An encoding's counter, which whoever needs it first has made."""
        if (opening := self._open.get(encoding)) is None:
            opening = self._open[encoding] = asyncio.ensure_future(_opened(encoding))
            opening.add_done_callback(lambda done: done.cancelled() or done.exception())  # who counts is told
        return opening

    async def counts(self, encoding: Encoding, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        # One run of bytes: texts that cross one by one take ten times longer.
        runs = [text.encode("utf-8", "replace") for text in texts]
        return await self.counts_in(encoding, BytesBlob(b"".join(runs)), array("I", accumulate(map(len, runs))))

    async def counts_in(self, encoding: Encoding, texts: Blob, ends: Sequence[int]) -> list[int]:
        if not ends:
            return []
        try:
            js_tokenizer = await asyncio.shield(self._opening(encoding))  # others may wait for it, too
            found = await js_tokenizer.countsIn(sendable(texts), to_js(array("I", ends)))
        except JsException as error:
            self.close()  # a counter that stopped once is not asked again
            raise LibraryMissing(error.message) from None
        return list(found.to_py())

    def close(self) -> None:
        opened, self._open = self._open, {}
        for opening in opened.values():
            opening.add_done_callback(_close)


async def _opened(encoding: Encoding) -> Any:
    return await (await js_nightshift.tokens()).open(encoding)


def _close(opening: asyncio.Future[Any]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
