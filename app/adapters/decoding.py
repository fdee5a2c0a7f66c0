"""Bytes to text by any encoding that the browser has (Encoding Standard): Python in the page has few codecs."""

from __future__ import annotations

from typing import Any

from js import Object, TextDecoder
from pyodide.ffi import JsException, to_js

_known: dict[str, Any] = {}


def decode(data: bytes, name: str) -> str:
    """Raises ValueError for bytes that are not of the encoding ``name``, LookupError where the browser has none of that name. A byte order
    mark is left in the text."""
    try:
        decoder = _known.get(name) or _known.setdefault(
            name, TextDecoder.new(name, to_js({"fatal": True, "ignoreBOM": True}, dict_converter=Object.fromEntries))
        )
    except JsException as error:
        raise LookupError(f"{name}: {error.message}") from None
    try:
        return str(decoder.decode(to_js(data)))
    except JsException as error:
        raise ValueError(error.message) from None
