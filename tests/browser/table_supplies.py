"""What table_cases asks for, in the page."""

from collections.abc import Awaitable, Callable

from app.adapters.decoding import decode as browser_decode
from app.adapters.libraries import BrowserLibraries


def decode() -> Callable[[bytes, str], str]:
    """The browser's TextDecoder."""
    return browser_decode


def load() -> Callable[[], Awaitable[None]]:
    """The library comes from the site."""
    libraries = BrowserLibraries()
    return lambda: libraries.load("python_calamine")
