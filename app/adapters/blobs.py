"""The browser's Blobs as the core's Blob type, and Python's bytes as browser Blobs."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import to_js

from app.core.openai.wire import Blob, BytesBlob


class BrowserBlob:
    """A JS ``Blob``. It may be larger than what Python could hold."""

    def __init__(self, js_blob: Any) -> None:
        self.js_blob = js_blob

    @property
    def size(self) -> int:
        """In bytes."""
        return int(self.js_blob.size)

    async def read(self) -> bytes:
        """Copy the content into Python."""
        from app.adapters.script import js_page  # a worker behind the fence does not have it

        return taken(await js_page.bytesOf(self.js_blob))


class PlaceToWrite:
    """A JS ``FileSystemFileHandle`` on its way to a job."""

    def __init__(self, js_handle: Any) -> None:
        self.js_handle = js_handle

    @property
    def name(self) -> str:
        """The file's name, as the person chose it."""
        return str(self.js_handle.name)

    @property
    def size(self) -> int:
        """Nothing is read of it."""
        return 0

    async def read(self) -> bytes:
        """Nothing."""
        return b""


def taken(js_array: Any) -> bytes:
    """A copy of a Uint8Array's content."""
    data: bytes = js_array.to_bytes()
    return data


def sendable(blob: Blob) -> Any:
    """What JS can send or save: the JS Blob or handle as it is, or a copy of Python's bytes. TypeError for a blob of any other making."""
    if isinstance(blob, BrowserBlob):
        return blob.js_blob
    if isinstance(blob, PlaceToWrite):
        return blob.js_handle
    if isinstance(blob, BytesBlob):
        return to_js(blob.data)
    raise TypeError(f"{type(blob).__name__} is not a blob that this page can send")


def js_blob(blob: Blob) -> Any:
    """The same as a JS ``Blob``."""
    return blob.js_blob if isinstance(blob, BrowserBlob) else js.Blob.new(to_js([sendable(blob)]))
