"""10,000 posts to the mailbox, 32 at a time, against ``python -m app.gateway`` as a process of its own: none lost, and how long each took.

``make posts`` runs it (also with another number: ``python -m tests.bench.posts 1000``). Asserts that nothing is lost; the times are told,
not asserted.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.contract.local_server import small_site
from tests.fakes.page import FakePage
from tests.kit.site import serving

COUNT = 10_000
AT_ONCE = 32


def body(custom_id: str) -> str:
    """A message of about 1.2 kB, as the contract's programs send it."""
    asked = {"model": "gpt-4o-mini", "input": "Summarise this. " + "word " * 200}
    target = {"type": "webhook", "webhook_url": "https://receiver.example/hook"}
    return json.dumps({"custom_id": custom_id, "url": "/v1/responses", "method": "POST", "body": asked, "delivery_config": target})


def post_all(address: str, worker: int, count: int) -> list[float]:
    """One worker's posts over one connection; seconds of each. Fails on any other answer than 202."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    times = []
    for i in range(count):
        data = body(f"post-{worker}-{i}")
        begun = time.perf_counter()
        connection.request("POST", "/api/requests", data, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        assert answer.status == 202, answer.status
    connection.close()
    return times


def share(times: list[float], part: float) -> float:
    """Milliseconds within which this part of them lies."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


def run(count: int) -> str:
    """Post, take everything over as a page would, compare; the figures in a line."""
    with tempfile.TemporaryDirectory() as folder, serving(small_site(Path(folder))) as address, ThreadPoolExecutor(AT_ONCE) as pool:
        begun = time.perf_counter()
        shares = [len(range(worker, count, AT_ONCE)) for worker in range(AT_ONCE)]
        done = pool.map(lambda worker: post_all(address, worker, shares[worker]), range(AT_ONCE))
        times = [seconds for one in done for seconds in one]
        took = time.perf_counter() - begun
        with FakePage(address) as page:
            begun = time.perf_counter()
            page.take(count)
            over = time.perf_counter() - begun
    wanted = {f"post-{worker}-{i}" for worker in range(AT_ONCE) for i in range(shares[worker])}
    assert set(page.held) == wanted, f"{len(wanted - set(page.held))} of {count} messages are lost"
    p50, p95, p99 = (share(times, part) for part in (0.5, 0.95, 0.99))
    return (
        f"{count} posts at concurrency {AT_ONCE}: none lost, {took:.1f} s ({count / took:.0f} a second); "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {max(times) * 1000:.0f} ms; "
        f"handed to the page in {over:.1f} s ({count / over:.0f} a second)"
    )


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
