"""What is taken at a time at most: nobody holds the server by saying nothing, or by saying much."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Request

from app.core.programs import protocol as words
from app.gateway.http import budget
from app.gateway.http.budget import Budget, Share, announced
from app.gateway.http.connections import Connections
from app.gateway.http.errors import HttpProblem
from app.gateway.mailbox import pages
from tests.fakes.page import FakePage
from tests.kit.depth import examples
from tests.kit.gateway import Leaver, threaded
from tests.unit.gateway.conftest import message

TOKEN = "a-token-of-20-letters"


@pytest.fixture
def quick(folder: Path, tmp_path: Path, leaving: Leaver) -> Iterator[str]:
    """A server with short times and few connections."""
    short = Connections(most=12, head_within=0.3, body_within=0.5, take_within=0.5)
    with leaving.leaving(threaded(folder, tmp_path, connections=short, practice_quota=100_000_000)) as address:
        yield address


def connected(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=10)


def all_of(wire: socket.socket) -> bytes:
    """What comes until the server closes."""
    found = b""
    while piece := wire.recv(10_000):
        found += piece
    return found


def limits(address: str) -> dict[str, Any]:
    return dict(httpx.get(f"{address}/health").json()["limits"])


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


HEADS = [b"", b"GET", b"GET / HTTP/1.1\r\nHost: local", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost"]


@pytest.mark.slow
@pytest.mark.parametrize("begun", HEADS, ids=["nothing", "a word", "half a head", "a request and half of the next"])
def test_half_a_head(quick: str, begun: bytes) -> None:
    """Is given up, on a fresh connection and on one that was used; those who speak whole sentences are not bothered."""
    with connected(quick) as wire:
        wire.sendall(begun)
        assert all_of(wire).rpartition(b"HTTP/1.1 ")[2].startswith(b"408")
    assert httpx.get(f"{quick}/health").status_code == 200


def test_half_a_body(quick: str) -> None:
    """Is given up when nothing more comes, or so little that it would never end; a slow one is not."""
    head = b"POST /api/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with connected(quick) as wire:
        wire.sendall(head % 1_000 + b"{")
        assert b"408" in all_of(wire)
    with connected(quick) as wire:
        wire.sendall(head % 64_000_000 + b"[")
        wire.settimeout(0.05)
        answer, end = b"", time.monotonic() + 10
        while not answer and time.monotonic() < end:
            with suppress(TimeoutError):
                wire.sendall(b" ")
                answer = wire.recv(1_000)
        wire.settimeout(10)
        with suppress(ConnectionError):  # the server closes while bytes of ours are under way
            while more := wire.recv(1_000):
                answer += more
        assert b"408" in answer
    body = httpx.Request("POST", quick, json=message("slow", body={"model": "gpt-4o-mini", "input": "Hello " * 700})).content
    with connected(quick) as wire:
        wire.sendall(head % len(body))
        for at in range(0, len(body), 300):
            wire.sendall(body[at : at + 300])
            time.sleep(0.1)
        assert wire.recv(1_000).startswith(b"HTTP/1.1 202")


@pytest.mark.slow
def test_an_answer_that_nobody_takes(quick: str) -> None:
    """Holds no connection: who asks for a large file and reads nothing is let go; who reads slowly gets all of it."""
    size, key = 20_000_000, {"Authorization": "Bearer practice"}
    form: dict[str, Any] = {"data": {"purpose": "batch"}, "files": {"file": ("large.jsonl", b"x" * size)}}
    id = httpx.post(f"{quick}/practice/v1/files", headers=key, **form).json()["id"]
    asked = f"GET /practice/v1/files/{id}/content HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer practice\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(5):
            wire = stack.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            wire.connect(("127.0.0.1", httpx.URL(quick).port or 0))
            wire.sendall(asked)
        until(lambda: limits(quick)["connections"]["now"] == 1)
    with connected(quick) as wire:
        wire.sendall(asked)
        came = 0
        while came < size:
            came += len(wire.recv(1_000_000))
            time.sleep(0.03)


def test_a_length_that_is_said_in_two_ways(quick: str) -> None:
    """Is refused, and what stands behind it on the connection is not taken for another request."""
    kind = b"Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    with connected(quick) as wire:
        wire.sendall(b"POST /api/requests HTTP/1.1\r\nHost: localhost\r\n" + kind + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = all_of(wire)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"two_lengths" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_held_body_comes_in_time(quick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that brings enough in each while: its room is wanted by others."""
    monkeypatch.setattr(budget, "HELD_WITHIN", 1.0)
    with connected(quick) as wire:
        head = b"POST /api/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 64000000\r\n\r\n"
        wire.sendall(head)
        wire.settimeout(0.05)
        answer, end = b"", time.monotonic() + 10
        while not answer and time.monotonic() < end:
            with suppress(TimeoutError):
                wire.sendall(b" " * 1_000)
                answer = wire.recv(1_000)
        wire.settimeout(10)
        with suppress(ConnectionError):  # the server closes while bytes of ours are under way
            while more := wire.recv(1_000):
                answer += more
        assert b"408" in answer
        assert b"too_slow" in answer
    assert limits(quick)["body_bytes"]["now"] == 0


def test_too_many_connections(quick: str) -> None:
    """The next one is told so; when they have been given up there is room again."""
    with ExitStack() as stack:
        held = [stack.enter_context(connected(quick)) for _ in range(12)]
        with connected(quick) as one_more:
            assert b"503 Service Unavailable" in all_of(one_more)
        for wire in held:
            all_of(wire)
    until(lambda: limits(quick)["connections"] == {"now": 1, "most": 12})


def test_a_socket_that_does_not_say_hello(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is let go, even by a side that does not answer the close; only so many may wait. What is told counts them."""
    monkeypatch.setattr(pages, "HELLO_WITHIN", 0.5)
    monkeypatch.setattr(pages, "MAX_STRANGERS", 5)
    key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    with threaded(folder, tmp_path) as address, ExitStack() as stack:
        wires = [stack.enter_context(connected(address)) for _ in range(8)]
        begun = time.monotonic()
        for wire in wires:
            wire.sendall(f"GET {words.PATH} HTTP/1.1\r\nHost: localhost\r\n{key}".encode())
        said = [all_of(wire) for wire in wires]  # reads on until the server has closed; never answers
        assert [one[:12] for one in said] == [b"HTTP/1.1 101"] * 8, said
        assert sum(b"Too many connections" in one for one in said) == 3
        assert time.monotonic() - begun < 10
        until(lambda: limits(address)["connections"]["now"] == 1)
        assert limits(address)["strangers"]["now"] == 0


@pytest.mark.slow
def test_a_socket_that_is_open_longer_than_a_body_may_take(quick: str) -> None:
    """It was opened by a request, whose body no one awaits: an answer of HTTP (408) in its frames ended every page's line after a minute,
    as «Invalid frame header»."""
    with FakePage(quick) as page:
        page.hear(words.Welcome)
        page.hear_nothing(1.5)  # three times body_within
        page.say(words.StatusUpdates(1, ()))
        assert page.hear(words.Heard).n == 1


@pytest.mark.slow
def test_large_bodies_take_turns(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight of them at once (in ``make deep`` twenty) are all taken, while no more than the limit is held. How long one may wait for its
    turn is another test's."""
    monkeypatch.setattr("app.gateway.http.budget.WAIT", 600.0)
    most, many = 0, examples(8, 20)
    with threaded(folder, tmp_path) as address, ThreadPoolExecutor(many) as pool:
        body = b" " * 30_000_000
        kind = {"Content-Type": "application/json"}
        answers = [pool.submit(httpx.post, f"{address}/api/requests", content=body + b"[]", headers=kind, timeout=120) for _ in range(many)]
        while not all(one.done() for one in answers):
            found = limits(address)["body_bytes"]
            assert found["now"] <= found["most"]
            most = max(most, found["now"])
        assert [one.result().status_code for one in answers] == [202] * many
        assert most > len(body)
        until(lambda: limits(address)["body_bytes"]["now"] == 0)


async def test_who_does_not_get_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused after a while, and stands in nobody's way."""
    monkeypatch.setattr("app.gateway.http.budget.WAIT", 0.05)
    budget = Budget(100)
    first, second, third = Share(budget), Share(budget), Share(budget)
    await first.grow(80)
    with pytest.raises(HttpProblem, match="send it again") as caught:
        await second.grow(50)
    assert caught.value.status == 503
    waiting = asyncio.ensure_future(second.grow(50))
    await asyncio.sleep(0)
    small = asyncio.ensure_future(third.grow(10))
    waiting.cancel()
    await small
    assert budget.held == 90
    first.close()
    third.close()
    assert budget.held == 0
    await second.grow(1_000)
    assert budget.held == 100


@pytest.mark.slow
def test_limits_are_told_to_who_may_know(folder: Path, tmp_path: Path) -> None:
    """All of them, with what is used now; not to whoever lacks the token."""
    with threaded(folder, tmp_path, token=TOKEN) as address:
        assert "limits" not in httpx.get(f"{address}/health").json()
        told = httpx.get(f"{address}/health", headers={"Authorization": f"Bearer {TOKEN}"}).json()["limits"]
    assert told["connections"]["most"] == 500
    assert told["body_bytes"] == {"now": 0, "most": 128_000_000}
    assert (told["headers_within"], told["body_within"], told["taken_within"], told["hello_within"]) == (10, 60, 60, 10)
    assert told["strangers"] == {"now": 0, "most": 100}


@pytest.mark.parametrize(
    ("headers", "held"),
    [
        ({}, 0),  # a download, say: its answer may be on its way for hours
        ({"content-length": "0"}, 0),
        ({"content-length": "17"}, 17),
        ({"content-length": "1000"}, 100),
        ({"content-length": "9" * 5_000}, 100),
        ({"content-length": "x"}, 100),
        ({"transfer-encoding": "chunked"}, 100),
    ],
)
def test_a_request_holds_what_it_announces_and_nothing_without_a_body(headers: dict[str, str], held: int) -> None:
    """Of 100 bytes at most; one that has no body takes no room from others while it is answered."""
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    request: Request[Any, Any, Any] = Request({"type": "http", "headers": pairs})  # type: ignore[arg-type]  # what it reads of a scope
    assert announced(request, 100) == held
