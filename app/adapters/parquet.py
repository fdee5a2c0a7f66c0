"""The Parquet port over static/js/parquet.mjs: a worker reads the file, rows come as lines of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyodide.ffi import JsException

from app.adapters.blobs import sendable, taken
from app.adapters.script import js_nightshift
from app.core.datasets.table import UnreadableTable
from app.core.openai.wire import Blob


class BrowserParquetFile:
    """One file, one worker."""

    def __init__(self, js_file: Any) -> None:
        self._js = js_file
        self._columns = tuple(str(name) for name in js_file.columns)

    @property
    def columns(self) -> Sequence[str]:
        return self._columns

    @property
    def rows(self) -> int:
        return int(self._js.rows)

    async def read(self, start: int, stop: int) -> bytes:
        try:
            return taken(await self._js.read(start, stop))
        except JsException as error:
            raise UnreadableTable(error.message) from None

    def close(self) -> None:
        self._js.close()


class BrowserParquet:
    """Its module is fetched with the first file."""

    async def open(self, blob: Blob) -> BrowserParquetFile:
        try:
            return BrowserParquetFile(await (await js_nightshift.parquet()).open(sendable(blob)))
        except JsException as error:
            raise UnreadableTable(error.message) from None
