"""The Tokenizers port over static/js/tokens.mjs: a worker for each encoding, made when it is first needed."""

from __future__ import annotations

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
        self._open: dict[Encoding, Any] = {}

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
            if encoding not in self._open:
                self._open[encoding] = await (await js_nightshift.tokens()).open(encoding)
            found = await self._open[encoding].countsIn(sendable(texts), to_js(array("I", ends)))
        except JsException as error:
            self.close()  # a counter that stopped once is not asked again
            raise LibraryMissing(error.message) from None
        return list(found.to_py())

    def close(self) -> None:
        opened, self._open = self._open, {}
        for js_tokenizer in opened.values():
            js_tokenizer.close()
