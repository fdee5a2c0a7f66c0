"""What table_cases asks for, in the page."""

from collections.abc import Awaitable, Callable

import js

from app.adapters.blobs import BrowserBlob
from app.adapters.decoding import decode as browser_decode
from app.adapters.libraries import BrowserLibraries
from app.adapters.parquet import BrowserParquet


def decode() -> Callable[[bytes, str], str]:
    """The browser's TextDecoder."""
    return browser_decode


def load() -> Callable[[], Awaitable[None]]:
    """The library comes from the site."""
    libraries = BrowserLibraries()
    return lambda: libraries.load("python_calamine")


def parquet() -> BrowserParquet:
    """The page's."""
    return BrowserParquet()


def file() -> BrowserBlob:
    """What the test put into the page."""
    return BrowserBlob(js.parquetFile)
