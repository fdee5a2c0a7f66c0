"""The request guard: plain ASGI around the framework, which denies by default. A request that matches no rule reaches no handler.

Every request is looked up in the table of routes (``routing``) and checked by the rule of its very handler: Host, Origin, token and content
type. What is in no route, or not written canonically, is refused here. A server on loopback is reachable from any page that the person
visits once a foreign name is rebound to 127.0.0.1; only the Host header shows that, so foreign names are refused when the server listens on
loopback.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType

from app.core.programs import intake
from app.gateway.http import session
from app.gateway.http.budget import SHARE, Budget, Share
from app.gateway.http.errors import refusal
from app.gateway.http.routing import (
    FORM_TYPE,
    JSON_TYPE,
    JSONL_TYPES,
    JUDGED,
    WEBSOCKET,
    Access,
    Entry,
    Judged,
    Rule,
    Table,
    methods,
    only_judged,
)

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler
    from litestar.types import Message, Receive, Scope, Send

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'none'"),  # the page's own policy is a <meta>, where this has no effect
]
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class RequestRefusal(msgspec.Struct, frozen=True):
    """A request that reaches no handler. ``code`` is for programs, ``detail`` for people; ``headers`` go with the answer."""

    status: int
    code: str
    title: str
    detail: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


FOREIGN_NAME = RequestRefusal(
    421, "foreign_host", "Misdirected Request", "Nightshift answers only to localhost, 127.0.0.1 and [::1]. Open it by one of these names."
)
"""421 (RFC 9110): this server does not answer for that host name."""


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


class RequestGuard:
    """The server's ASGI application. ``local_only``: foreign names in the Host header are refused. ``token``: required for everything
    but the page's files, unless it is empty. ``origins``: other pages whose calls the practice provider takes. ``budget``: the memory
    for request bodies. ``more`` is passed to the framework."""

    def __init__(
        self,
        handlers: Iterable[BaseRouteHandler],
        *,
        local_only: bool,
        token: str = "",
        origins: frozenset[str] = frozenset(),
        budget: Budget | None = None,
        **more: Any,
    ) -> None:
        self.budget = budget or Budget()
        handlers = sorted(handlers, key=lambda one: "OPTIONS" not in methods(one))  # else the framework answers OPTIONS by itself
        self.table = Table(handlers)
        self._local_only, self._token, self._origins = local_only, token, origins
        self.framework = Litestar(route_handlers=handlers, guards=[only_judged], openapi_config=None, **more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in (ScopeType.HTTP, ScopeType.WEBSOCKET):
            await self.framework(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        found = self.judge(scope)
        if isinstance(found, RequestRefusal):
            await _refuse(scope, send_with_headers, found)
            return
        entry, result = found
        held = Share(self.budget)
        cast("dict[str, Any]", scope).update({JUDGED: result, SHARE: held})
        scope["path"] = entry.inner
        try:
            if result.rule.quick is not None:
                rest = await result.rule.quick(scope, receive, send_with_headers)
                if rest is None:
                    return
                receive = rest
            await self.framework(scope, receive, send_with_headers)
        finally:
            held.close()

    def judge(self, scope: Scope) -> tuple[Entry, Judged] | RequestRefusal:
        """The route of a request and what is known of it, or why it is refused."""
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if self._local_only and not (len(hosts) == 1 and is_local_name(hosts[0])):
            return FOREIGN_NAME
        raw = scope.get("raw_path", b"").decode("ascii", "replace")
        method = WEBSOCKET if scope["type"] == ScopeType.WEBSOCKET else scope["method"]
        found = self.table.find(raw)
        if found is None:
            access = self.table.access(raw)
            return self._outsider(access, scope) or RequestRefusal(404, "not_found", "Not Found", f"There is no file {raw} here.")
        entry, parameters = found
        rule = entry.rules.get(method)
        if rule is None:
            return self._outsider(entry.access, scope) or _other_method(entry, method)
        refused = self._outsider(rule.access, scope) or _two_lengths(headers) or _body_fault(rule, method, headers)
        return refused or (entry, Judged(rule, raw, parameters))

    def _outsider(self, access: Access, scope: Scope) -> RequestRefusal | None:
        """Why the sender may not have this access; None if it may."""
        headers = scope["headers"]
        if access is Access.OPEN:
            return None
        if access is Access.PRACTICE:
            if session.from_elsewhere(headers) and not session.from_one_of(headers, self._origins):
                detail = "Pages of other sites may not use this practice provider, unless NIGHTSHIFT_PRACTICE_ORIGINS names their origin."
                return RequestRefusal(403, "foreign_origin", "Forbidden", detail, ((b"access-control-allow-origin", b"*"),))
        elif session.from_elsewhere(headers):
            return RequestRefusal(403, "foreign_origin", "Forbidden", "Pages of other sites may not call this server.")
        if access is Access.OURS or not self._token or session.knows_token(headers, self._token):
            return None
        detail = "This server requires its token: send the header Authorization: Bearer NIGHTSHIFT_TOKEN."
        more: tuple[tuple[bytes, bytes], ...] = ((b"www-authenticate", b'Bearer realm="Nightshift"'),)
        if access is Access.PRACTICE:
            more = (*more, (b"access-control-allow-origin", b"*"))
        return RequestRefusal(401, "unauthorized", "Unauthorized", detail, more)


def _other_method(entry: Entry, method: str) -> RequestRefusal:
    allowed = ((b"allow", entry.allowed().encode()),)
    if method == "OPTIONS":
        return RequestRefusal(204, "", "", "", allowed)
    if WEBSOCKET in entry.rules:
        return RequestRefusal(426, "upgrade_required", "Upgrade Required", "This address is a WebSocket's.", ((b"upgrade", b"websocket"),))
    detail = f"{entry.template} takes {entry.allowed()}, not {method}."
    return RequestRefusal(405, "method_not_allowed", "Method Not Allowed", detail, allowed)


_KINDS: Mapping[str, str] = {JSON_TYPE: JSON_TYPE, FORM_TYPE: FORM_TYPE, **dict.fromkeys(JSONL_TYPES, "application/jsonl")}


def _body_fault(rule: Rule, method: str, headers: session.Headers) -> RequestRefusal | None:
    """A body says what it is: without that, a page of another site could send it without asking."""
    if method not in WITH_BODY:
        return None
    given = {name: value.decode("latin-1") for name, value in headers if name in (b"content-type", b"content-length", b"transfer-encoding")}
    kind = given.get(b"content-type", "").partition(";")[0].strip().lower()
    if rule.takes and kind not in rule.takes:
        wanted = " or ".join(sorted({_KINDS[content_type] for content_type in rule.takes}))
        detail = f"Send Content-Type: {wanted}{' (one message a line)' if 'jsonl' in wanted else ''}."
    elif not kind and (given.get(b"content-length", "0") != "0" or b"transfer-encoding" in given):
        detail = "The body has no Content-Type."
    else:
        return None
    return RequestRefusal(415, "unsupported_media_type", "Unsupported media type", detail)


def _two_lengths(headers: session.Headers) -> RequestRefusal | None:
    """A body whose length is said in two ways is read as another request by an intermediary (RFC 9112, section 6.3)."""
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
        detail = "Content-Length and Transfer-Encoding contradict each other: send one of them."
        return RequestRefusal(400, "two_lengths", "Bad Request", detail, ((b"connection", b"close"),))
    return None


async def _refuse(scope: Scope, send: Send, refused: RequestRefusal) -> None:
    """Answer without a handler."""
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": 1008, "reason": ""})  # before it is accepted: an answer of 403
        return
    path = "" if refused is FOREIGN_NAME else scope.get("raw_path", b"").decode("ascii", "replace")
    kind, text = refusal(path, refused.status, intake.MessageRefusal(refused.code, refused.title, refused.detail))
    described = [] if refused.status == 204 else [(b"content-type", kind.encode()), (b"content-length", str(len(text)).encode())]
    headers = [*described, *refused.headers]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": text if described and scope["method"] != "HEAD" else b"", "more_body": False})
