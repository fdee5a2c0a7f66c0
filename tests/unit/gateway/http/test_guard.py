"""What the door of the server lets through: nothing that it did not judge, whatever the path looks like."""

import asyncio
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from litestar import Request, Response, WebSocket
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler, WebsocketRouteHandler

from app.gateway.application import application
from app.gateway.http.connections import Connections
from app.gateway.http.guard import RequestGuard
from app.gateway.http.routing import RULE, WEBSOCKET, Access, Entry, Judged, Rule, judged
from app.gateway.http.settings import Settings
from tests.contract.local_server import small_site
from tests.kit.gateway import threaded
from tests.unit.gateway.conftest import message

TOKEN = "a-token-of-20-letters"
HOST = (b"host", b"localhost:8000")
BEARER = (b"authorization", f"Bearer {TOKEN}".encode())
OWN = (b"origin", b"http://localhost:8000")

OPEN = {("GET", "/"), ("HEAD", "/"), ("GET", "/{path:path}"), ("HEAD", "/{path:path}")}
OPEN |= {("OPTIONS", "/practice/v1"), ("OPTIONS", "/practice/v1/{path:path}")}
OURS = {("GET", "/health"), ("POST", "/api/session"), ("GET", "/api/openapi"), ("GET", "/api/swaggerui")}
"""All that is served without a token where there is one: to anybody, and to whoever is no page of another site."""
PRACTICE = {(method, f"/practice/v1{rest}") for method in ("GET", "POST", "DELETE") for rest in ("", "/{path:path}")}


class Probes:
    """The server's own door and table, with a handler behind each route that only notes that it was reached."""

    def __init__(self, folder: Path) -> None:
        real = application(Settings(folder, folder / "data", token=TOKEN), Connections())
        self.entries = real.table.entries
        self.reached: list[tuple[str, str, Judged]] = []
        handlers = [self._probe(entry, method, rule) for entry in self.entries for method, rule in entry.rules.items()]
        self.door = RequestGuard(handlers, local_only=True, token=TOKEN)
        self.runner = asyncio.Runner()

    def _probe(self, entry: Entry, method: str, rule: Rule) -> BaseRouteHandler:
        async def reached_by_socket(socket: WebSocket[Any, Any, Any]) -> None:
            self.reached.append((method, entry.template, judged(socket)))
            await socket.close()

        async def reached(request: Request[Any, Any, Any]) -> Response[None]:
            self.reached.append((method, entry.template, judged(request)))
            return Response(None, status_code=204)

        if method == WEBSOCKET:
            return WebsocketRouteHandler(entry.template, opt={RULE: rule})(reached_by_socket)
        return HTTPRouteHandler(entry.template, http_method=[method], status_code=204, opt={RULE: rule})(reached)  # type: ignore[list-item]

    def ask(self, method: str, target: str, *headers: tuple[bytes, bytes]) -> tuple[int, list[tuple[str, str, Judged]]]:
        """One request as uvicorn hands it over: its status (403 for a WebSocket that was not accepted), and which handlers it reached."""
        return self.runner.run(self._ask(self.door, method, target, headers))

    async def _ask(self, app: Any, method: str, target: str, headers: Any) -> tuple[int, list[tuple[str, str, Judged]]]:
        raw, _, query = target.partition("?")
        kind = "websocket" if method == WEBSOCKET else "http"
        scope: dict[str, Any] = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": kind,
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50_000),
            "root_path": "",
            "path": unquote(raw),
            "raw_path": raw.encode("ascii"),
            "query_string": query.encode("ascii"),
            "headers": list(headers),
            "state": {},
            **({"subprotocols": []} if kind == "websocket" else {"method": method}),
        }
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": b"", "more_body": False}

        async def send(said: dict[str, Any]) -> None:
            told.append(said)

        self.reached.clear()
        await app(scope, receive, send)
        return next((said["status"] for said in told if said["type"] == "http.response.start"), 403), list(self.reached)


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probes]:
    made = Probes(small_site(tmp_path_factory.mktemp("site")))
    with made.runner:
        yield made


def test_every_route_states_its_rule(probes: Probes) -> None:
    """And the open ones are a short list; whatever else the server answers needs the token."""
    found: dict[Access, set[tuple[str, str]]] = {access: set() for access in Access}
    for entry in probes.entries:
        for method, rule in entry.rules.items():
            found[rule.access].add((method, entry.template))
    assert (found[Access.OPEN], found[Access.OURS], found[Access.PRACTICE]) == (OPEN, OURS, PRACTICE)
    assert {(WEBSOCKET, "/api/page"), (WEBSOCKET, "/amqp"), ("POST", "/api/requests"), ("POST", "/v1/batches")} < found[Access.TOKEN]
    assert len(found[Access.TOKEN]) > 25


def test_a_handler_without_a_rule_is_not_served() -> None:
    """The server does not start with one: what nobody thought about is denied."""

    async def careless(request: Request[Any, Any, Any]) -> None: ...

    with pytest.raises(LookupError, match="states no rule"):
        RequestGuard([HTTPRouteHandler("/api/new", http_method=["GET"])(careless)], local_only=True)


def test_the_framework_serves_nothing_by_itself(probes: Probes) -> None:
    """A request that comes to the framework without having been judged, or judged as another, reaches no handler."""
    for entry in probes.entries:
        for method in entry.rules:
            status, reached = probes.runner.run(probes._ask(probes.door.framework, method, example_of(entry), (HOST, BEARER)))
            assert (reached, status) == ([], 403)


def example_of(entry: Entry) -> str:
    """A path of this route."""
    return re.sub(r"\{\w+:\w+\}", "abc", entry.template)


def types_of(rule: Rule) -> list[tuple[bytes, bytes]]:
    """The Content-Type that a route wants, as a header."""
    return [(b"content-type", sorted(rule.takes)[0].encode())] if rule.takes else []


def test_every_route_is_reached(probes: Probes) -> None:
    """By whoever may: with the token, from the own page or a program; by its canonical path, and with one slash at its end."""
    for entry in probes.entries:
        for method, rule in entry.rules.items():
            for path in [example_of(entry), *([] if rule.free or entry.template == "/" else [f"{example_of(entry)}/"])]:
                _, reached = probes.ask(method, path, HOST, BEARER, OWN, *types_of(rule))
                assert [one[:2] for one in reached] == [(method, entry.template)], path


def test_a_body_says_what_it_is(probes: Probes) -> None:
    """A POST with a body and without a Content-Type, or with one that a form of another site could send, is refused by every route."""
    simple = [b"text/plain", b"application/x-www-form-urlencoded", b""]
    for entry in probes.entries:
        for method in {"POST", "PUT"} & entry.rules.keys():
            bare = probes.ask(method, example_of(entry), HOST, BEARER, (b"content-length", b"2"))
            assert bare == (415, []), entry.template
            chunked = probes.ask(method, example_of(entry), HOST, BEARER, (b"transfer-encoding", b"chunked"))
            assert chunked == (415, []), entry.template
            if entry.rules[method].takes:
                refused = {probes.ask(method, example_of(entry), HOST, BEARER, (b"content-type", kind))[0] for kind in simple}
                assert refused == {415}, entry.template


# --- drawn paths ----------------------------------------------------------------------------------------------------------------

ENTRIES = application(Settings(Path(), Path(), token=TOKEN), Connections()).table.entries
TEMPLATES = [
    *(example_of(entry) for entry in ENTRIES),
    "/index.html",
    "/static/css/page.css",
    "/batches/b/files/output/download",
    "/v1/models",
]
PIECES = ["/", "//", "///", "/.", "/./", "/../", "/x/../", "%2f", "%2F", "%5c", "\\", "%00", "%2e%2e", "%252f", "%c0%af", "%", "%zz"]
PIECES += [";", "?", "#", "%3f", "%23", ".", "..", "%20", "%09", "%0d%0a", "@", "*", "http://localhost", "localhost:8000", "-", "~", "%ff"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "FOO", WEBSOCKET]


@st.composite
def targets(draw: st.DrawFn) -> str:
    """A request target near the server's routes: with pieces put in, characters escaped (once or twice), in another case; or any text."""
    path = draw(st.sampled_from(TEMPLATES) | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(path)))
        change = draw(st.sampled_from(["put", "put", "front", "escape", "case", "drop"]))
        if change == "put":
            path = path[:at] + draw(st.sampled_from(PIECES)) + path[at:]
        elif change == "front":
            path = draw(st.sampled_from(PIECES)) + path
        elif at < len(path) and change == "escape":
            path = path[:at] + f"%{ord(path[at]):02x}" + path[at + 1 :]
        elif at < len(path) and change == "case":
            path = path[:at] + path[at].swapcase() + path[at + 1 :]
        else:
            path = path[:at] + path[at + 1 :]
    return path


HEADERS = st.lists(
    st.sampled_from(
        [
            (b"content-type", b"application/json"),
            (b"content-type", b"text/plain"),
            (b"content-length", b"2"),
            (b"authorization", b"Bearer wrong"),
            (b"authorization", b"Bearer practice"),
            (b"cookie", f"nightshift_session={TOKEN}".encode()),
            (b"x-forwarded-host", b"localhost"),
            (b"x-forwarded-prefix", b"/api"),
            (b"x-original-url", b"/health"),
            (b"x-http-method-override", b"GET"),
            (b"sec-fetch-site", b"same-origin"),
        ]
    ),
    max_size=4,
)
FOREIGN = [
    (b"origin", b"https://evil.example"),
    (b"origin", b"null"),
    (b"sec-fetch-site", b"cross-site"),
    (b"sec-fetch-site", b"same-site"),
]


@pytest.mark.slow
@settings(max_examples=500)
@given(targets(), st.sampled_from(METHODS), HEADERS)
@example("//api/requests", "POST", [(b"content-type", b"application/json")])
@example("/%2f/api/requests", "POST", [(b"content-type", b"application/json")])
@example("//api/page", WEBSOCKET, [])
@example("//amqp", WEBSOCKET, [])
def test_nobody_without_the_token_is_served(probes: Probes, target: str, method: str, headers: list[tuple[bytes, bytes]]) -> None:
    """Whatever path and method are drawn: only the open routes are reached, as what they were judged, and all else is told so."""
    status, reached = probes.ask(method, target, HOST, *headers)
    for name, template, seen in reached:
        assert (name, template) in OPEN | OURS
        assert seen.rule.access in (Access.OPEN, Access.OURS)
    assert reached or status in (400, 401, 403, 404, 405, 415, 426) or (method, status) == ("OPTIONS", 204)


@given(targets(), st.sampled_from(METHODS), st.sampled_from(FOREIGN), HEADERS)
def test_no_page_of_another_site_is_served(
    probes: Probes, target: str, method: str, foreign: tuple[bytes, bytes], headers: list[tuple[bytes, bytes]]
) -> None:
    """Not even with the token: only the page's files are, which every page may show."""
    for name, template, _ in probes.ask(method, target, HOST, BEARER, foreign, *headers)[1]:
        assert (name, template) in OPEN


@given(targets(), st.sampled_from(METHODS), st.sampled_from([b"evil.example", b"127.0.0.1.evil.example", b"localhost@evil.example", b""]))
def test_no_foreign_name_is_served(probes: Probes, target: str, method: str, name: bytes) -> None:
    """A name that was rebound to this machine reaches nothing at all; nor do two names, or none."""
    for hosts in ([(b"host", name)], [HOST, (b"host", name)], []):
        assert probes.ask(method, target, *hosts, BEARER) == (403 if method == WEBSOCKET else 421, [])


@pytest.mark.slow
@settings(max_examples=500)
@given(targets(), st.sampled_from(METHODS))
@example("/api//requests", "GET")
@example("/api/requests//x", "GET")
def test_one_path_for_guard_and_router(probes: Probes, target: str, method: str) -> None:
    """Whoever may do everything reaches the handler whose rule was judged, and no other; a parameter is what stands in the path."""
    _, reached = probes.ask(method, target, HOST, BEARER, (b"content-type", b"application/json"))
    for name, template, seen in reached:
        entry = next(one for one in probes.entries if one.template == template)
        assert seen.rule is entry.rules[name]
        fixed = template.partition("{")[0]
        raw = target.partition("?")[0]
        assert raw.startswith(fixed) or raw.removesuffix("/") == fixed
        if template == "/api/requests/{custom_id:path}":
            assert seen.parameters["custom_id"] == unquote(raw.removeprefix(fixed), errors="strict")
        elif template != "/":
            assert "//" not in raw
            assert not {"", ".", ".."} & set(raw.removesuffix("/").split("/")[1:])


@pytest.mark.slow
@given(st.text(min_size=1, max_size=40))
def test_any_custom_id_has_a_path(probes: Probes, custom_id: str) -> None:
    """However odd, it reaches its handler as it is."""
    try:
        escaped = quote(custom_id, safe="")
    except UnicodeEncodeError:  # half a character, which no custom_id may hold
        return
    _, reached = probes.ask("GET", f"/api/requests/{escaped}", HOST, BEARER)
    assert [(name, seen.parameters) for name, _, seen in reached] == [("GET", {"custom_id": custom_id})]


# --- over the wire ---------------------------------------------------------------------------------------------------------------

CALLS = [
    *(("POST", path) for path in ("/api/requests", "/v1/batches", "/v1/files", "/api/relay/webhook", "/practice/v1/files")),
    *(("GET", path) for path in ("/api/requests", "/api/requests/there", "/v1/files", "/v1/batches", "/api/settings", "/api/maintenance")),
    ("DELETE", "/api/requests/there"),
    ("PUT", "/api/maintenance"),
]


def spoken(address: str, head: str, body: bytes = b"") -> int:
    """The status of a request that is sent as it stands: every library would tidy its path."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as wire:
        wire.sendall(head.encode() + body)
        return int(wire.recv(100).split()[1])


@pytest.mark.slow
@pytest.mark.parametrize("disguise", ["/{}", "//{}", "/%2f{}", "/.{}", "/x/..{}", "http://localhost{}"])
def test_a_path_in_disguise(folder: Path, tmp_path: Path, disguise: str) -> None:
    """The calls that once passed token, Origin and Host checks: none is carried out, and the sockets are not opened."""
    with threaded(folder, tmp_path, token=TOKEN) as address:
        netloc = urlsplit(address).netloc
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        httpx.post(f"{address}/api/requests", json=message("there"), headers=bearer).raise_for_status()
        body = b'{"custom_id":"evil","url":"/v1/responses","method":"POST","body":{"model":"m"},"enabled":true}'
        lengths = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        for host, more in (
            (netloc, ""),
            (netloc, "Origin: https://evil.example\r\n"),
            ("evil.example", f"Authorization: Bearer {TOKEN}\r\n"),
        ):
            for method, path in CALLS:
                head = f"{method} {disguise.format(path)} HTTP/1.1\r\nHost: {host}\r\n{more}{lengths}Connection: close\r\n\r\n"
                assert spoken(address, head, body) in (400, 401, 403, 404, 405, 421)
            for path in ("/api/page", "/amqp"):
                upgrade = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                upgrade += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                assert spoken(address, f"GET {disguise.format(path)} HTTP/1.1\r\nHost: {host}\r\n{more}{upgrade}\r\n") == 403
        listed = httpx.get(f"{address}/api/requests", headers=bearer).json()["requests"]
        assert [one["custom_id"] for one in listed] == ["there"]
        assert httpx.get(f"{address}/api/maintenance", headers=bearer).json() == {"enabled": False}
        assert httpx.get(f"{address}/v1/files", headers=bearer).json()["data"] == []
