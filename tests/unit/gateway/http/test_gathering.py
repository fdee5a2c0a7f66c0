"""What is written in one turn of the loop goes out at once, and nothing of it is lost or held for long."""

import asyncio
from typing import Any, cast

from app.gateway.http.connections import GATHERED, Gathering


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        assert not self.closing
        self.sent.append(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


def gathered() -> tuple[Wire, Gathering]:
    wire = Wire()
    return wire, Gathering(cast("Any", wire))


async def test_a_head_and_its_body_are_one_packet() -> None:
    """Written in one turn; what comes in the next turn does not wait for more."""
    wire, both = gathered()
    for data in (b"head", b"body", b""):
        both.write(data)
    assert wire.sent == []
    await asyncio.sleep(0)
    both.write(b"next")
    await asyncio.sleep(0)
    assert wire.sent == [b"headbody", b"next"]


async def test_a_writer_that_never_lets_go_is_not_gathered_for_ever() -> None:
    """So that the transport can say that the other side does not read."""
    wire, both = gathered()
    both.write(b"x" * (GATHERED - 1))
    assert wire.sent == []
    both.write(b"yz")
    assert wire.sent == [b"x" * (GATHERED - 1) + b"yz"]
    await asyncio.sleep(0)
    assert len(wire.sent) == 1


async def test_a_connection_that_is_closed_sends_first_what_was_written() -> None:
    """And nothing once it is closed; everything else is the transport's own."""
    wire, both = gathered()
    both.write(b"last")
    both.close()
    assert (wire.sent, wire.closing, both.closing) == ([b"last"], True, True)
    both.write(b"late")
    await asyncio.sleep(0)
    assert wire.sent == [b"last"]
