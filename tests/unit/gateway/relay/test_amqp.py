"""The AMQP relay: bytes both ways, to the one broker, with the server's own login."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.core.programs.protocol import AMQP_PATH, RabbitSettings
from app.gateway.http.settings import Broker
from app.gateway.mailbox.sockets import Frames
from app.gateway.relay.amqp import FRAME_END, GOODBYE, HEADER, Login, NotAmqp, relay
from tests.kit.gateway import threaded


def broker_at(port: int) -> Broker:
    return Broker("user", "p4ssword", RabbitSettings("127.0.0.1", port, "/"))


def frame(payload: bytes) -> bytes:
    return struct.pack(">BHI", 1, 0, len(payload)) + payload + FRAME_END


def start_ok(
    response: bytes = b"\0guest\0guest", properties: bytes = b"\x01ab", mechanism: bytes = b"PLAIN", locale: bytes = b"en_US"
) -> bytes:
    """Connection.Start-Ok as the specification has it: table, short string, long string, short string."""
    table = struct.pack(">I", len(properties)) + properties
    given = bytes([len(mechanism)]) + mechanism + struct.pack(">I", len(response)) + response
    return struct.pack(">HH", 10, 11) + table + given + bytes([len(locale)]) + locale


OURS = start_ok(b"\0user\0p4ssword")


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=60), st.lists(st.integers(0, 120), max_size=6))
def test_the_page_never_learns_the_password(response: bytes, properties: bytes, after: bytes, cuts: list[int]) -> None:
    """Whatever the page puts into its login, and in whichever pieces it comes, the broker gets the server's; all else stays as it is."""
    sent = HEADER + frame(start_ok(response, properties)) + after
    edges = [0, *sorted({min(cut, len(sent)) for cut in cuts}), len(sent)]
    login = Login(broker_at(1))
    got = b"".join(login.feed(sent[start:stop]) for start, stop in pairwise(edges))
    assert got == HEADER + frame(start_ok(b"\0user\0p4ssword", properties)) + after


def test_the_header_goes_first() -> None:
    """The broker speaks only after it, and the page answers only then."""
    login = Login(broker_at(1))
    assert login.feed(HEADER[:3]) == b""
    assert login.feed(HEADER[3:]) == HEADER
    assert login.feed(frame(start_ok())[:9]) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n",
        b"AMQP\x03\x01\x00\x00",
        HEADER + frame(struct.pack(">HH", 10, 40)),
        HEADER + b"\x02" + frame(start_ok())[1:],
        HEADER + frame(start_ok())[:-1] + b"x",
        HEADER + frame(struct.pack(">HH", 10, 11) + b"\xff\xff\xff\xff"),
        HEADER + frame(struct.pack(">HH", 10, 11)),
        HEADER + struct.pack(">BHI", 1, 0, 2**31),
    ],
)
def test_anything_else_is_refused(sent: bytes) -> None:
    """The relay carries AMQP 0-9-1 that begins with a login, nothing else: not HTTP to something that listens there."""
    with pytest.raises(NotAmqp):
        Login(broker_at(1)).feed(sent)


@contextmanager
def fake_broker(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Accepts one connection, sends ``answer``, and keeps what comes until it ends, or until the relay says that it leaves."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            one, _ = listener.accept()
            with one:
                one.sendall(answer)
                while data := one.recv(65536):
                    got.append(data)
                    if b"".join(got).endswith((b"BYE", GOODBYE)):
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], got
        thread.join(20)


def test_bytes_both_ways(folder: Path, tmp_path: Path) -> None:
    """A megabyte down, the login and more up; the broker's end is the WebSocket's."""
    down = bytes(range(256)) * 4096
    with (
        fake_broker(down) as (port, got),
        threaded(folder, tmp_path, broker=broker_at(port)) as address,
        connect(address.replace("http", "ws") + AMQP_PATH, subprotocols=["binary"], max_size=None) as page,  # type: ignore[list-item]
    ):
        assert page.subprotocol == "binary"
        page.send(HEADER + frame(start_ok()))
        received = b""
        while len(received) < len(down):
            piece = page.recv(20)
            assert isinstance(piece, bytes)
            received += piece
        page.send(b"BYE")
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000
    assert (received, b"".join(got)) == (down, HEADER + frame(OURS) + b"BYE")


class Leaving(Frames):
    """A page that acknowledges something and goes: the relay learns that nothing can be sent to it before it has read the last frame."""

    def __init__(self) -> None:
        self.refused = asyncio.Event()
        self.sent = [HEADER + frame(start_ok()), b"ACK"]

    async def receive(self) -> str | bytes | None:
        if len(self.sent) == 1:
            await self.refused.wait()
            for _ in range(10):  # turns of the loop: whoever gives up at the first failure has given up by then
                await asyncio.sleep(0)
        return self.sent.pop(0) if self.sent else None

    async def send(self, frame: str | bytes) -> None:
        self.refused.set()
        raise ConnectionResetError("the WebSocket is closed")

    async def close(self, code: int, reason: str) -> None:
        pass


async def test_what_a_page_said_before_it_went_reaches_the_broker() -> None:
    """Although the broker is sending just then, which fails first. Else what the page acknowledged would be given to another."""
    with fake_broker(b"a delivery") as (port, got):
        await relay(Leaving(), broker_at(port))
    assert b"".join(got) == HEADER + frame(OURS) + b"ACK" + GOODBYE


class Unread(Leaving):
    """A page that acknowledges something and goes, while much that was sent to it is not taken any more."""

    async def send(self, frame: str | bytes) -> None:
        self.refused.set()
        await asyncio.Event().wait()


async def test_what_the_page_did_not_read_destroys_nothing_of_what_it_said() -> None:
    """The broker hears the acknowledgement, and then that the connection ends: it is not reset because deliveries lie unread in it."""
    with fake_broker(b"a delivery" * 1_000_000) as (port, got):
        await relay(Unread(), broker_at(port))
    assert b"".join(got) == HEADER + frame(OURS) + b"ACK" + GOODBYE


@pytest.mark.slow
@pytest.mark.parametrize("broker", [None, broker_at(1)])
def test_no_broker(folder: Path, tmp_path: Path, broker: Broker | None) -> None:
    """Without one, or with one that is down, the connection ends with a sentence that names no password."""
    with threaded(folder, tmp_path, broker=broker) as address, connect(address.replace("http", "ws") + AMQP_PATH) as page:
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011
        assert "broker" in closed.value.rcvd.reason
        assert "p4ss" not in closed.value.rcvd.reason


def test_a_page_that_speaks_something_else(folder: Path, tmp_path: Path) -> None:
    """Is cut off, and the broker has heard nothing of it."""
    with fake_broker(b"") as (port, got), threaded(folder, tmp_path, broker=broker_at(port)) as address:
        with connect(address.replace("http", "ws") + AMQP_PATH) as page:
            page.send(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(ConnectionClosed) as closed:
                page.recv(20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
        assert got == []
