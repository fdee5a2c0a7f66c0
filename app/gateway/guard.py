"""What stands before every answer of the local server: the host check and the security headers, as plain ASGI.

A server on loopback is reachable from any page the person visits once a foreign name is rebound to 127.0.0.1; only the
Host header shows that, so foreign names are refused when the server listens on loopback. What belongs to programs and to the page also
looks at who asks (``session``).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import msgspec
from litestar.enums import ScopeType

from app.gateway import session

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


def guarded(app: ASGIApp, *, local_only: bool, token: str = "") -> ASGIApp:
    """Wrap ``app``: add the security headers to every answer; if ``local_only``, refuse foreign Host headers (421); refuse pages of other
    sites (403), and whoever does not show the token, if there is one (401), where the mailbox is. WebSockets are checked in the same
    way."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in (ScopeType.HTTP, ScopeType.WEBSOCKET):
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        refusal = refused(scope, local_only=local_only, token=token)
        if refusal is None:
            await app(scope, receive, send_with_headers)
        elif scope["type"] == ScopeType.WEBSOCKET:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})  # before it is accepted: an answer of 403
        else:
            await refuse(send_with_headers, *refusal)

    return guard


def refused(scope: Scope, *, local_only: bool, token: str) -> tuple[int, str, bytes] | None:
    """The answer (status, type, body) to a request that must not be let through, or None."""
    headers = scope["headers"]
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    if local_only and not (len(hosts) == 1 and is_local_name(hosts[0])):
        return 421, "text/plain; charset=utf-8", FOREIGN
    path = scope["path"]
    if not session.is_guarded(path):
        return None
    if session.from_elsewhere(headers):
        return _words(path, 403, "foreign_origin", "Forbidden", "Pages of other sites may not speak to this server.")
    if token and path not in session.OPEN_PATHS and not (session.shows_token(headers, token) or session.has_session(headers, token)):
        detail = "This server wants its token: send the header Authorization: Bearer NIGHTSHIFT_TOKEN."
        return _words(path, 401, "unauthorized", "Unauthorized", detail)
    return None


def _words(path: str, status: int, code: str, title: str, detail: str) -> tuple[int, str, bytes]:
    """A refusal in the shape that callers of this path read."""
    if path.startswith("/v1/"):
        body: object = {"error": {"message": detail, "type": "invalid_request_error", "param": None, "code": code}}
    else:
        body = {"errors": [{"code": code, "title": title, "detail": detail}]}
    return status, "application/json", msgspec.json.encode(body)


FOREIGN = b"Nightshift answers only to localhost, 127.0.0.1 and [::1]. Open it by one of these names.\n"
"""Answered with 421 (RFC 9110): this server does not answer for that host name."""


async def refuse(send: Send, status: int, kind: str, text: bytes) -> None:
    """Answer with a refusal."""
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(text)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="Nightshift"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": False})
