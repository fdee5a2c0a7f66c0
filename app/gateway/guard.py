"""What stands before every answer of the local server: the host check and the security headers, as plain ASGI.

A server on loopback is reachable from any page the person visits once a foreign name is rebound to 127.0.0.1; only the
Host header shows that, so foreign names are refused when the server listens on loopback.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from litestar.enums import ScopeType

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'none'"),  # the page's own policy is a <meta>, where this has no effect
]

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_local_name(host_header: str) -> bool:
    """Whether a Host header names this machine: localhost, 127.0.0.1 or [::1], with any port or none."""
    name, separator, port = host_header.rpartition(":")
    if not separator or host_header.endswith("]"):
        return host_header.lower() in LOCAL_NAMES
    return port.isdecimal() and name.lower() in LOCAL_NAMES


def guarded(app: ASGIApp, *, local_only: bool) -> ASGIApp:
    """Wrap ``app``: add the security headers to every answer and, if ``local_only``, refuse foreign Host headers (421)."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if local_only and not (len(hosts) == 1 and is_local_name(hosts[0])):
            await refuse(send_with_headers)
            return
        await app(scope, receive, send_with_headers)

    return guard


async def refuse(send: Send) -> None:
    """Answer 421 (RFC 9110): this server does not answer for that host name."""
    text = b"Nightshift answers only to localhost, 127.0.0.1 and [::1]. Open it by one of these names.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": False})
