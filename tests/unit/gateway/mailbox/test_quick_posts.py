"""A small message that is taken is answered without the framework, and nobody can tell: all else is the handler's, with the same body."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest

from app.gateway.http.budget import SHARE, Budget, Share
from app.gateway.mailbox.database import Database
from app.gateway.mailbox.intake import check
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New
from app.gateway.mailbox.quick_posts import SMALL, quick_posts
from tests.kit.gateway import threaded
from tests.unit.gateway.conftest import message

JSON = {"content-type": "application/json"}
VARY = ("date", "transfer-encoding")


def in_pieces(data: bytes) -> Iterator[bytes]:
    """A body whose length is not announced: the framework's."""
    yield data[: len(data) // 2]
    yield data[len(data) // 2 :]


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b'{"custom_id": 7}',
        b"{",
        b"",
        b"null",
        b"  \n",
        b"[]",
        b"\xff",
        json.dumps([message("in an array")]).encode(),
        json.dumps(message("new here")).encode(),
        b"  " + json.dumps(message("with spaces")).encode(),
        json.dumps(message("large", body={"model": "m", "input": "x" * SMALL})).encode(),
        json.dumps(message("known")).encode(),
    ],
    ids=lambda data: data[:20].decode("latin-1"),
)
def test_both_ways_answer_alike(folder: Path, tmp_path: Path, data: bytes) -> None:
    """Status, headers and body, whether the framework was asked or not."""
    answers = []
    for way in ("quick", "framework"):
        with threaded(folder, tmp_path / way) as address, httpx.Client(base_url=address) as api:
            assert api.post("/api/requests", json=message("known")).status_code == 202
            answers.append(api.post("/api/requests", content=data if way == "quick" else in_pieces(data), headers=JSON))
    quick, framework = answers
    assert (quick.status_code, quick.content) == (framework.status_code, framework.content)
    told = [{name: value for name, value in one.headers.items() if name not in VARY} for one in answers]
    assert told[0] == told[1]


def test_a_body_that_comes_late_is_taken_whole(address: str) -> None:
    """Head and body in several packets, and another request behind it on the same connection."""
    data = json.dumps(message("in pieces")).encode()
    head = f"POST /api/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall(head.encode())
        for at in range(0, len(data), 40):
            wire.sendall(data[at : at + 40])
        assert b" 202 " in wire.recv(65536)
        wire.sendall(b"GET /api/requests/in%20pieces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        said = b""
        while more := wire.recv(65536):
            said += more
    assert b'"custom_id":"in pieces"' in said


def test_a_sender_that_goes_in_the_middle_leaves_nothing(address: str, api: httpx.Client) -> None:
    """Half a message is none."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall(b"POST /api/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
    assert api.post("/api/requests", json=message("after")).status_code == 202
    assert [one["custom_id"] for one in api.get("/api/requests").json()["requests"]] == ["after"]


def test_who_may_not_post_is_refused_first(folder: Path, tmp_path: Path) -> None:
    """The guard judges before either way: the token, pages of other sites, and a body that does not say what it is."""
    with threaded(folder, tmp_path, token="secret") as address, httpx.Client(base_url=address) as api:
        said = {"Authorization": "Bearer secret"}
        assert api.post("/api/requests", json=message("a")).status_code == 401
        assert api.post("/api/requests", json=message("a"), headers={**said, "Origin": "https://evil.example"}).status_code == 403
        assert api.post("/api/requests", content=b"{}", headers={**said, "content-type": "text/plain"}).status_code == 415
        assert api.post("/api/requests", json=message("a"), headers=said).status_code == 202


def test_nothing_is_taken_in_maintenance(api: httpx.Client) -> None:
    """As the framework says."""
    api.put("/api/maintenance", json={"enabled": True})
    assert api.post("/api/requests", json=message("a")).status_code == 503
    api.put("/api/maintenance", json={"enabled": False})
    assert api.post("/api/requests", json=message("a")).status_code == 202


class Full(Mailbox):
    """A mailbox whose disk is full."""

    async def take_in(self, given: Sequence[New]) -> list[int]:
        raise sqlite3.OperationalError("database or disk is full")


class Wire:
    """One request, as ASGI has it."""

    def __init__(self, *pieces: bytes) -> None:
        self.sent: list[Any] = []
        self.left = [{"type": "http.request", "body": piece, "more_body": n + 1 < len(pieces)} for n, piece in enumerate(pieces)]
        self.size = sum(map(len, pieces))

    async def receive(self) -> Any:
        return self.left.pop(0) if self.left else {"type": "http.disconnect"}

    async def send(self, said: Any) -> None:
        self.sent.append(said)

    def scope(self, budget: Budget) -> Any:
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % self.size)]
        return {"type": "http", "headers": headers, SHARE: Share(budget)}


async def replayed(mailbox: Mailbox, wire: Wire, budget: Budget) -> bytes:
    """What the framework reads after the quick way has let a request go."""
    rest = await quick_posts(mailbox, check)(wire.scope(budget), cast("Any", wire.receive), cast("Any", wire.send))
    assert rest is not None
    assert wire.sent == []
    found = b""
    while (said := await rest())["type"] == "http.request":
        found += said["body"]
    return found


async def test_a_disk_that_is_full_is_for_the_handler_to_tell(tmp_path: Path) -> None:
    """It gets the body as it came, piece by piece."""
    data = json.dumps(message("a")).encode()
    assert await replayed(Full(Database(tmp_path / "x")), Wire(data[:30], data[30:]), Budget()) == data


async def test_without_room_it_waits_with_the_others(tmp_path: Path) -> None:
    """Memory for bodies is given in order: the quick way takes none before those that wait."""
    data = json.dumps(message("a")).encode()
    assert await replayed(Full(Database(tmp_path / "x")), Wire(data), Budget(10)) == data
