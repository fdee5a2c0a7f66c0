"""Origins of web addresses, as the page's policy lists them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_USUAL: Final = {"https": 443, "http": 80, "wss": 443, "ws": 80}
"""The port of each scheme that is left out (https://url.spec.whatwg.org/#special-scheme)."""


@lru_cache(maxsize=256)
def origin(address: str) -> str:
    """Scheme, host and port of an address, as the page's policy lists it. Raises ValueError where it is none."""
    parts = urlsplit(address.strip())
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, _USUAL.get(parts.scheme)) else "")
