"""The Libraries port: zips of modules, fetched from the page's own folder (or the one file) when they are first needed."""

from __future__ import annotations

import importlib
import io
import sys
import zipfile

from pyodide.ffi import JsException

from app.adapters.blobs import taken
from app.adapters.script import js_nightshift
from app.ports import LibraryMissing, LibraryName, Parquet

HOME = "/lib/nightshift"
"""Where they are unpacked, in the memory that Python has for a disk: machine code is loaded from files only."""


class BrowserLibraries:
    """Each is fetched once."""

    def __init__(self) -> None:
        self._here: set[str] = set()

    async def load(self, name: LibraryName) -> None:
        if name in self._here:
            return
        try:
            data = taken(await js_nightshift.library(name))
        except JsException as error:
            raise LibraryMissing(error.message) from None
        install(name, data)
        self._here.add(name)

    def decode(self, data: bytes, encoding: str) -> str:
        from app.adapters.decoding import decode  # few files are not UTF-8

        return decode(data, encoding)

    def parquet(self) -> Parquet:
        from app.adapters.parquet import BrowserParquet

        return BrowserParquet()


def install(name: str, data: bytes) -> None:
    """Unpack a library that came as a zip. Also for a worker, which is given the bytes."""
    folder = f"{HOME}/{name}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    sys.path.append(folder)
    importlib.invalidate_caches()
