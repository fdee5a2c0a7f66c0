"""10,000 posts to the mailbox, 32 at a time, against ``python -m app.gateway`` as a process of its own: none lost, and how long each took.

``make posts`` runs it (also with another number: ``python -m tests.bench.posts 1000``). 32 connections are kept open; each sends its next
message when the last was answered. Asserts that nothing is lost; the times are told, not asserted.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.contract.local_server import small_site
from tests.fakes.page import FakePage
from tests.kit.site import serving

COUNT = 10_000
AT_ONCE = 32
PATIENCE: Final = 60.0
TAKEN: Final = b"HTTP/1.1 202 "
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "


def body(custom_id: str) -> str:
    """A message of about 1.2 kB, as the contract's programs send it."""
    asked = {"model": "gpt-4o-mini", "input": "Summarise this. " + "word " * 200}
    target = {"type": "webhook", "webhook_url": "https://receiver.example/hook"}
    return json.dumps({"custom_id": custom_id, "url": "/v1/responses", "method": "POST", "body": asked, "delivery_config": target})


class Sender:
    """One connection that sends a message, waits for its answer, and sends the next. A program of 32 threads would take the processor
    longer than the server does, and measure itself."""

    def __init__(self, host: str, port: int, messages: Iterator[str]) -> None:
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.times: list[float] = []
        self._head = f"POST /api/requests HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: "
        self._messages, self._came, self._begun = messages, b"", 0.0

    def send(self) -> bool:
        """Send the next message; False where there is none left."""
        message = next(self._messages, None)
        if message is None:
            return False
        data = f"{self._head}{len(message)}\r\n\r\n{message}".encode()
        self._came, self._begun = b"", time.perf_counter()
        self.socket.sendall(data)
        return True

    def answered(self) -> bool:
        """Read what came; whether the answer is whole. Fails on any other than 202."""
        data = self.socket.recv(65_536)
        assert data, "the server has closed the connection"
        self._came += data
        head, end, rest = self._came.partition(_END)
        if not end or len(rest) < int(head.lower().partition(_LENGTH)[2].partition(b"\r")[0]):
            return False
        self.times.append(time.perf_counter() - self._begun)
        assert head.startswith(TAKEN), head
        return True


def post_all(address: str, ids: list[list[str]]) -> list[float]:
    """Post messages of these custom_ids, a connection for each list; seconds of each post."""
    there = urlsplit(address)
    assert there.hostname
    assert there.port
    senders = [Sender(there.hostname, there.port, map(body, its)) for its in ids]
    with selectors.DefaultSelector() as waiting:
        for one in senders:
            if one.send():
                waiting.register(one.socket, selectors.EVENT_READ, one)
        while waiting.get_map():
            ready = waiting.select(PATIENCE)
            assert ready, f"no answer in {PATIENCE:g} s"
            for key, _ in ready:
                if key.data.answered() and not key.data.send():
                    waiting.unregister(key.fileobj)
    for one in senders:
        one.socket.close()
    return [seconds for one in senders for seconds in one.times]


def share(times: list[float], part: float) -> float:
    """Milliseconds within which this part of them lies."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


def run(count: int) -> str:
    """Post, take everything over as a page would, compare; the figures in a line."""
    ids = [[f"post-{sender}-{n}" for n in range(len(range(sender, count, AT_ONCE)))] for sender in range(AT_ONCE)]
    with tempfile.TemporaryDirectory() as folder, serving(small_site(Path(folder))) as address:
        begun = time.perf_counter()
        times = post_all(address, ids)
        took = time.perf_counter() - begun
        with FakePage(address) as page:
            begun = time.perf_counter()
            page.take(count)
            over = time.perf_counter() - begun
    wanted = {id for its in ids for id in its}
    assert set(page.held) == wanted, f"{len(wanted - set(page.held))} of {count} messages are lost"
    p50, p95, p99 = (share(times, part) for part in (0.5, 0.95, 0.99))
    return (
        f"{count} posts at concurrency {AT_ONCE}: none lost, {took:.1f} s ({count / took:.0f} a second); "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {max(times) * 1000:.0f} ms; "
        f"handed to the page in {over:.1f} s ({count / over:.0f} a second)"
    )


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
