"""Connections to receivers that are kept for the next webhook: used again, never by a call that may not go there, never at a loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.core.programs.relay import Forward
from app.gateway.relay import webhooks
from app.gateway.relay.webhooks import KEPT, Relay

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver:
    """Answers on connections that stay open. ``breaks``: how many answers a connection gets before it is closed; with ``reads`` it reads
    one more request first, as one does that closes at the very moment."""

    def __init__(self, breaks: int = 1_000, *, reads: bool = False) -> None:
        self.address = ""
        self.got: list[str] = []
        """Idempotency keys, as they came."""
        self.made = 0
        self.open = 0
        self._breaks, self._reads = breaks, reads
        self._left = asyncio.Event()

    async def no_more_than(self, most: int) -> None:
        """Return when so many connections are open at most."""
        async with asyncio.timeout(20):
            while self.open > most:
                self._left.clear()
                await self._left.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.made += 1
        self.open += 1
        try:
            for _ in range(self._breaks):
                await self._one(reader)
                writer.write(ANSWER)
                await writer.drain()
            if self._reads:
                await self._one(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            self._left.set()
            writer.close()

    async def _one(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        await reader.readexactly(int(fields["content-length"]))
        self.got.append(fields["idempotency-key"])


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Relay]:
    """The receiver at its address, and a relay that may reach it."""
    relay = Relay(private=True)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield relay
    finally:
        await relay.close()
        server.close()
        await server.wait_closed()


async def outcome(relay: Relay, receiver: Receiver, key: str, *, private: bool = True) -> str:
    return (await relay.forward(Forward(receiver.address, {"idempotency-key": key}, "{}", 15.0, private))).outcome


async def test_a_connection_is_used_again() -> None:
    """One after another over one; at the same time over one each."""
    receiver = Receiver()
    async with receiving(receiver) as relay:
        assert [await outcome(relay, receiver, str(n)) for n in range(5)] == ["success"] * 5
        assert receiver.made == 1
        assert set(await asyncio.gather(*(outcome(relay, receiver, f"g{n}") for n in range(6)))) == {"success"}
        assert receiver.made <= 6
    assert len(receiver.got) == len(set(receiver.got)) == 11


async def test_a_connection_to_a_private_address_serves_no_call_that_may_not_go_there() -> None:
    """The way is open, and the next call is refused all the same; then one that may is served by what was kept."""
    receiver = Receiver()
    async with receiving(receiver) as relay:
        assert await outcome(relay, receiver, "a") == "success"
        assert await outcome(relay, receiver, "b", private=False) == "not_configured"
        assert await outcome(relay, receiver, "c") == "success"
    assert (receiver.got, receiver.made) == (["a", "c"], 1)


async def test_what_the_server_does_not_allow_no_page_can() -> None:
    """Whatever it asks for, and however often."""
    receiver = Receiver()
    async with receiving(receiver):
        strict = Relay(private=False)
        assert [await outcome(strict, receiver, "a") for _ in range(2)] == ["not_configured"] * 2
        await strict.close()
    assert receiver.made == 0


async def test_a_receiver_that_closed_a_kept_connection_is_called_over_another() -> None:
    """No try is lost to the time at which a receiver tidies up."""
    receiver = Receiver(breaks=1)
    async with receiving(receiver) as relay:
        for key in "abc":
            assert await outcome(relay, receiver, key) == "success"
            await receiver.no_more_than(0)
    assert receiver.got == ["a", "b", "c"]


async def test_one_that_closes_at_the_very_moment_is_called_once_more_with_the_same_key() -> None:
    """Nobody knows whether the second call was taken: the receiver can tell by the key."""
    receiver = Receiver(breaks=1, reads=True)
    async with receiving(receiver) as relay:
        assert await outcome(relay, receiver, "a") == "success"
        assert await outcome(relay, receiver, "b") == "success"
    assert receiver.got == ["a", "b", "b"]


async def test_one_that_hangs_up_on_a_new_connection_is_not_called_again() -> None:
    """That is its answer."""
    receiver = Receiver(breaks=0, reads=True)
    async with receiving(receiver) as relay:
        assert await outcome(relay, receiver, "a") == "connection_error"
    assert receiver.got == ["a"]


async def test_few_connections_are_kept() -> None:
    """After many calls at once the others are closed."""
    receiver = Receiver()
    async with receiving(receiver) as relay:
        assert set(await asyncio.gather(*(outcome(relay, receiver, str(n)) for n in range(2 * KEPT)))) == {"success"}
        await receiver.no_more_than(KEPT)
    assert len(receiver.got) == 2 * KEPT


async def test_none_is_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody calls any more: the connections end without another call, and the next one makes its own."""
    monkeypatch.setattr(webhooks, "KEPT_FOR", 0.05)
    receiver = Receiver()
    async with receiving(receiver) as relay:
        assert await outcome(relay, receiver, "a") == "success"
        await receiver.no_more_than(0)
        assert await outcome(relay, receiver, "b") == "success"
    assert receiver.made == 2
