"""Authorization for the mailbox: the page of this server, and programs. Pure functions over a request's headers.

Without a token everyone on this machine is authorized, but no page of another site: its Origin is not ours. With NIGHTSHIFT_TOKEN each
request must carry it, as ``Authorization: Bearer …``; a page sends it once (``POST /api/session``) and has a cookie from then on, because a
WebSocket cannot carry the header. The cookie is derived from the token, so that a new token ends all sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final

COOKIE: Final = "nightshift_session"
_LOCAL_ORIGIN: Final = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")

Headers = Iterable[tuple[bytes, bytes]]


def _values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]


def from_elsewhere(headers: Headers) -> bool:
    """Whether a page of another site sent the request. Programs send neither header."""
    headers = list(headers)
    if any(site not in ("same-origin", "none") for site in _values(headers, b"sec-fetch-site")):  # the four that are: W3C Fetch Metadata
        return True
    hosts = _values(headers, b"host")
    return any(origin not in (f"http://{host}", f"https://{host}") for origin in _values(headers, b"origin") for host in hosts[:1] or [""])


def from_one_of(headers: Headers, origins: frozenset[str]) -> bool:
    """Whether the page that asks is of this machine, under whatever port, or of an origin in this list."""
    return any(origin in origins or _LOCAL_ORIGIN.fullmatch(origin) for origin in _values(headers, b"origin"))


def cookie_for(token: str) -> str:
    """The session cookie's value."""
    return hmac.new(token.encode(), b"nightshift session", hashlib.sha256).hexdigest()


def shows_token(headers: Headers, token: str) -> bool:
    """Whether the Authorization header carries the token."""
    return any(
        scheme.lower() == "bearer" and _same(given.strip(), token)
        for scheme, _, given in (value.partition(" ") for value in _values(headers, b"authorization"))
    )


def has_session(headers: Headers, token: str) -> bool:
    """Whether the request has the cookie of a page that has sent the token."""
    for value in _values(headers, b"cookie"):
        try:
            found = SimpleCookie(value).get(COOKIE)
        except CookieError:
            continue
        if found is not None and _same(found.value, cookie_for(token)):
            return True
    return False


def knows_token(headers: Headers, token: str) -> bool:
    """Whether the request has the token or the cookie."""
    headers = list(headers)
    return shows_token(headers, token) or has_session(headers, token)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
