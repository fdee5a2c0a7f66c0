"""``POST /api/relay/webhook``: POSTs for the page, some in one request, to receivers that do not answer CORS.

The page names the address, so this could be made to speak to whatever the server's machine reaches. Therefore: only http and https; the
name is resolved here, and what is connected to is the very address that was looked at, so that a name that changes in between gains
nothing; addresses that are not public are refused unless both the server (NIGHTSHIFT_PRIVATE_WEBHOOKS) and the page's settings allow them;
redirects are not followed; nothing of the answer's body goes back.

A connection is kept for the next call to the same origin (RFC 9112, section 9.3). It leads to the address that was looked at when it was
made, whatever the name resolves to by then; and what was made where private addresses are allowed serves no call that may not go there.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import httpcore
import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.core.json import jsonread
from app.core.programs.protocol import TryOutcome
from app.core.programs.relay import FORWARDS_FOR, RELAY_PATH, Forward, Forwarded, Forwards
from app.core.programs.targets import address_fault
from app.gateway.http import bodies
from app.gateway.http.errors import HttpProblem
from app.gateway.http.routing import JSON_TYPE, Access, rule

MAX_TIMEOUT: Final = 60.0
MAX_FORWARD: Final = 64_000_000
"""Bytes of the bodies that are forwarded for one request, with their frame of JSON."""
MAX_ANSWER: Final = 64 * 1024
"""Bytes that are read of the receiver's answer, and discarded, so that the connection ends well."""
KEPT: Final = 32
"""Connections that wait for another call, at most, by permission; a browser opens six to a host."""
KEPT_FOR: Final = 10.0
"""Seconds that a connection waits for another call."""
ALLOWED: Final = frozenset({"content-type", "idempotency-key", "user-agent", "x-custom-id", "custom-id", "custom_id", "authorization"})
"""Headers that the page may set, in addition to those of Standard Webhooks (``webhook-…``) and own ones (``x-…``)."""

SocketOptions = Iterable[Any] | None


class _Call:
    """How far one call came: ``fresh`` when its connection is made for it, ``answered`` when the head of an answer is there."""

    fresh = answered = False


_CALL: ContextVar[_Call] = ContextVar("call")
"""The call that this task makes: the connection pool does not say whether a connection was used before."""


class PrivateAddress(Exception):
    """The name leads to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: not this machine, not a local network, not a cloud's metadata.

    Denied by default: of IPv6 only 2000::/3, which is all that IANA has given out for the public internet, without the blocks in it that
    are not; an address that holds an IPv4 one is as public as that one.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return _public_v4(found)
    if (inner := _inside(found)) is not None:
        return all(map(_public_v4, inner))
    return found in _GLOBAL and found.is_global and not any(found in network for network in _NOT_V6)


def _public_v4(found: ipaddress.IPv4Address) -> bool:
    return found.is_global and not found.is_multicast and not any(found in network for network in _NOT_V4)


def _inside(found: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address] | None:
    """The IPv4 addresses that an IPv6 one stands for or leads through; None if it is one of its own."""
    number = int(found)
    if found.ipv4_mapped or found in _NAT64 or found in _COMPATIBLE or found in _TRANSLATED:
        return [ipaddress.IPv4Address(number & 0xFFFFFFFF)]
    if found.sixtofour:
        return [found.sixtofour]
    if found.teredo:
        return list(found.teredo)
    if found in _GLOBAL and (number >> 32) & 0xFDFFFFFF == 0x00005EFE:  # ISATAP (RFC 5214): ends in 0000:5efe or 0200:5efe and the address
        return [ipaddress.IPv4Address(number & 0xFFFFFFFF)]
    return None


_GLOBAL: Final = ipaddress.IPv6Network("2000::/3")  # RFC 4291; the special blocks: IANA's registries of special-purpose addresses
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")  # RFC 4291 2.5.5.1
_TRANSLATED: Final = ipaddress.IPv6Network("::ffff:0:0:0/96")  # RFC 2765
_NOT_V6: Final = [ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")]
_NOT_V4: Final = [ipaddress.IPv4Network(network) for network in ("192.0.0.0/24", "192.88.99.0/24")]
"""What Python's own list calls global, in one of its versions at least: protocol assignments, documentation, 6to4 relays."""


class Checked(httpcore.AsyncNetworkBackend):
    """Connections to addresses that were looked at, and to no others."""

    def __init__(self, private: bool) -> None:
        self._private = private
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — the signature is httpcore's
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.AsyncNetworkStream:
        """As the backend of httpcore, to the first address of ``host`` that answers. Raises PrivateAddress, httpcore.ConnectError."""
        _CALL.get().fresh = True
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
        except (OSError, ValueError) as error:  # ValueError: a name that IDNA does not know
            raise httpcore.ConnectError(f"The name {host[:80]} cannot be resolved.") from error
        addresses = list(dict.fromkeys(str(resolved[4][0]) for resolved in found))
        if not self._private and not all(is_public(address) for address in addresses):
            raise PrivateAddress
        failed: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        """Between two tries of a connection."""
        await asyncio.sleep(seconds)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def plain(url: str) -> str:
    """The same address in ASCII: the name by IDNA (RFC 3490), all else with percent escapes (RFC 3987). Raises UnicodeError, which is a
    ValueError, for a name that has no such form."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    netloc = f"{f'[{host}]' if ':' in host else host}{f':{parts.port}' if parts.port is not None else ''}"
    path, query = (quote(part, safe="/%:=&?~#+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, netloc, path, query, ""))


class Relay:
    """Sends webhooks. ``private``: the server's side of allowing private addresses. Made before there is an event loop, used in one."""

    def __init__(self, private: bool) -> None:
        self._private = private
        self._pools: dict[bool, httpcore.AsyncConnectionPool] = {}
        self._calls = 0
        self._idle: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    async def forward(self, asked: Forward) -> Forwarded:
        """Send it."""
        begun = time.monotonic()
        self._calls += 1
        if self._idle is not None:
            self._idle.cancel()
        try:
            outcome, status, error = await self._outcome(asked)
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle = asyncio.get_running_loop().call_later(KEPT_FOR, self._let_go)
        return Forwarded(outcome, status, error, round(time.monotonic() - begun, 3))

    async def forward_all(self, asked: Sequence[Forward | Forwarded], parallel: int) -> list[Forwarded | None]:
        """Send them in their order, so many at a time; what has its end already keeps it. None for each that was not begun within
        ``FORWARDS_FOR`` seconds; the first ones always are."""
        ended: list[Forwarded | None] = [call if isinstance(call, Forwarded) else None for call in asked]
        rest = iter([(n, one) for n, one in enumerate(asked) if isinstance(one, Forward)])
        begun = time.monotonic()

        async def work(mine: Iterator[tuple[int, Forward]]) -> None:
            for n, one in mine:
                try:
                    ended[n] = await self.forward(one)
                except Exception as error:  # the boundary of one webhook: the others are sent
                    ended[n] = Forwarded("other", error=f"The local server failed at it ({type(error).__name__}: {error})."[:300])
                if time.monotonic() - begun > FORWARDS_FOR:
                    return

        await asyncio.gather(*(work(rest) for _ in range(parallel)))
        return ended

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._idle is not None:
            self._idle.cancel()
        if self._closing is not None:
            await self._closing
        await self._ended()

    def _let_go(self) -> None:
        """Nothing was sent for a while: the pool itself closes what is over only with the next call."""
        self._closing = asyncio.create_task(self._ended())

    async def _ended(self) -> None:
        pools, self._pools = self._pools, {}
        await asyncio.gather(*(pool.aclose() for pool in pools.values()))

    def _pool(self, private: bool) -> httpcore.AsyncConnectionPool:
        """The connections of calls with this permission, and of no others."""
        if private not in self._pools:
            self._pools[private] = _pool(private)
        return self._pools[private]

    async def _outcome(self, asked: Forward) -> tuple[TryOutcome, int, str]:
        limit = min(max(asked.timeout, 1.0), MAX_TIMEOUT)
        try:
            async with asyncio.timeout(limit):
                status = await self._status(asked, limit, self._private and asked.private)
        except PrivateAddress:
            return (
                "not_configured",
                0,
                "The address is not a public one. Both the page's settings and NIGHTSHIFT_PRIVATE_WEBHOOKS must allow it.",
            )
        except (TimeoutError, httpcore.TimeoutException):
            return "timeout", 0, f"The receiver did not answer within {limit:g} seconds."
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError, TypeError) as error:
            return "connection_error", 0, f"The receiver could not be reached: {str(error) or type(error).__name__}."
        if 200 <= status < 300:
            return "success", status, ""
        if status in (401, 403):
            return "authorization_error", status, f"The receiver refused it with status {status}."
        if 300 <= status < 400:
            return "http_status_not_2xx", status, f"The receiver answered {status}, a redirect; redirects are not followed."
        return "http_status_not_2xx", status, f"The receiver answered {status}."

    async def _status(self, asked: Forward, limit: float, private: bool) -> int:
        """The status of the answer. That a receiver has closed a connection which was kept may show only when it is used: then the call is
        made again over a new one (RFC 9110, section 9.2.2: the receiver knows the call by its idempotency key)."""
        call = _Call()
        _CALL.set(call)
        try:
            return await _post(self._pool(private), asked, limit)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            if call.fresh or call.answered:
                raise
        async with _pool(private) as fresh:
            return await _post(fresh, asked, limit)


def _pool(private: bool) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=_tls(),
        max_connections=None,  # as many as there are calls: one that stalls holds up no other
        max_keepalive_connections=KEPT,
        keepalive_expiry=KEPT_FOR,
        network_backend=Checked(private),
    )


async def _post(pool: httpcore.AsyncConnectionPool, asked: Forward, limit: float) -> int:
    """The status of the receiver's answer, once it is whole or too large to be waited for."""
    timeouts = {"connect": limit, "read": limit, "write": limit, "pool": limit}
    headers = [*asked.headers.items(), ("Accept-Encoding", "identity")]
    extensions = {"timeout": timeouts}
    async with pool.stream("POST", plain(asked.url), headers=headers, content=asked.body.encode(), extensions=extensions) as answer:
        _CALL.get().answered = True
        read = 0
        async for chunk in answer.aiter_stream():
            read += len(chunk)
            if read > MAX_ANSWER:
                break
        return int(answer.status)


def checked(asked: Forward) -> str:
    """What is wrong with it, as a sentence, or nothing."""
    if fault := address_fault(asked.url):
        return fault
    for name, value in asked.headers.items():
        if name.lower() not in ALLOWED and not name.lower().startswith(("webhook-", "x-")):
            return f"The header {name!r} cannot be sent."
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or not value.isascii() or not value.isprintable():
            return f"The header {name!r} is not one line of ASCII."
    return ""


def _read(given: msgspec.Raw) -> Forward | Forwarded:
    """One webhook; or how it ends because it may not be sent, or cannot be read."""
    try:
        asked = jsonread.typed(given, Forward)
        fault = checked(asked)
    except (jsonread.Unreadable, UnicodeDecodeError) as error:
        fault = f"This cannot be read: {error}."
    return Forwarded("other", error=f"The local server does not send this: {fault}") if fault else asked


def webhook_route(relay: Relay) -> HTTPRouteHandler:
    """The route handler."""

    @post(RELAY_PATH, include_in_schema=False, status_code=200, opt=rule(Access.TOKEN, JSON_TYPE))
    async def webhook(request: Request[Any, Any, Any]) -> Response[bytes]:
        data = await bodies.whole(request, MAX_FORWARD)
        try:
            found = jsonread.typed(data, Forwards)
        except jsonread.Unreadable as error:
            raise HttpProblem(422, "invalid_request", "Invalid value", f"This cannot be read: {error}.") from None
        return bodies.as_json(await relay.forward_all([_read(forward) for forward in found.forwards], found.parallel))

    return webhook
