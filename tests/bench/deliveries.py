"""Results a second that a page delivers to a webhook receiver on this machine, straight and through the local server.

``make deliveries`` runs it (also with another number: ``python -m tests.bench.deliveries 1000``). A program posts its messages, the page
takes them, the practice provider answers at once, and the receiver, a process of its own, notes when the first and the last of the
deliveries came. Asserts that each came, once, with a key of its own; the times are told, not asserted. Medians of three.

The browser is steered before and after the deliveries only, as nobody steers a person's: Playwright is told of each call that a page makes,
and what tells it takes half of the processor of one.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

import httpx
import msgspec
from playwright.sync_api import sync_playwright

from tests.kit.browser import FLAGS
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.site import ROOT, serving
from tools import browser as tool
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

COUNT = 3_000
RUNS = 3
ALONE = ("--headless=new", "--remote-debugging-port=0", "--window-size=1280,800")
PATIENCE = 600.0
RECEIVE = "receive"
T = TypeVar("T")
CORS = b"Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\n"


class Got(msgspec.Struct):
    """What a receiver has: how many deliveries, with how many keys, of how many bytes together, and when the first and the last came
    (seconds of its own clock)."""

    count: int = 0
    keys: int = 0
    size: int = 0
    first: float = 0.0
    last: float = 0.0


class Receiver:
    """Answers every POST with 200, and pages with CORS. ``GET`` gives what came since the last ``DELETE``, as JSON."""

    def __init__(self) -> None:
        self.got, self.keys = Got(), set[str]()

    async def serve(self) -> None:
        """Until the process is ended; the address is the first line of the output."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
                size = int(headers.get("content-length", 0))
                await reader.readexactly(size)
                body = self._answer(line.partition(" ")[0], headers, size)
                writer.write(b"HTTP/1.1 200 OK\r\n" + CORS + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, method: str, headers: dict[str, str], size: int) -> bytes:
        now, got = time.monotonic(), self.got
        if method == "POST":
            self.keys.add(headers["idempotency-key"])
            self.got = Got(got.count + 1, len(self.keys), got.size + size, got.first or now, now)
        elif method == "GET":
            return msgspec.json.encode(got)
        elif method == "DELETE":
            self.got, self.keys = Got(), set()
        return b""


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.bench.deliveries", RECEIVE]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def chromium() -> Iterator[str]:
    """A Chromium with one empty page; the address at which it is steered."""
    with tempfile.TemporaryDirectory() as profile:
        command = [tool.find(), *FLAGS, *ALONE, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            told = Path(profile) / "DevToolsActivePort"
            try:
                yield f"http://127.0.0.1:{_soon(lambda: told.is_file() and told.read_text().partition(chr(10))[0])}"
            finally:
                process.terminate()


def _soon(look: Callable[[], T]) -> T:
    """What this look gives, as soon as it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise TimeoutError(f"nothing after {PATIENCE:.0f} s")


class Desk:
    """A page that practises; it is steered only where ``at_work`` says so."""

    def __init__(self, playwright: Playwright, browser: str, server: str) -> None:
        self._playwright, self._browser, self.server = playwright, browser, server

    @contextmanager
    def at_work(self) -> Iterator[Journey]:
        """The page as it is."""
        browser = self._playwright.chromium.connect_over_cdp(self._browser)
        page: Page = browser.contexts[0].pages[0]
        yield Journey(page, f"{self.server}/")
        browser.close()  # lets go of it

    def open(self, straight: str) -> None:
        """Load the page; it may call this receiver itself."""
        with self.at_work() as journey:
            journey.open("#/programs")
            journey.practise(AT_ONCE)
            journey.go("Integrations")
            journey.main.get_by_label("Addresses of this machine and of private networks may be called").check()
            journey.main.get_by_label("Host", exact=True).fill(straight)
            journey.press("Allow this host")
            journey.main.locator(f'[data-host="{straight}"]').get_by_text("called by this page").wait_for()
            journey.reload()


def once(desk: Desk, receiver: str, count: int, name: str) -> tuple[float, float]:
    """Hand in, submit, wait for all deliveries; how many a second, and the kB of one."""
    body = {"model": "gpt-4o-mini", "input": "Summarise this. " + "word " * 200}
    target = {"type": "webhook", "webhook_url": f"{receiver}/hook"}
    messages = (
        {"custom_id": f"{name}-{n}", "url": "/v1/responses", "method": "POST", "body": body, "delivery_config": target}
        for n in range(count)
    )
    lines = "\n".join(map(json.dumps, messages))
    posted = httpx.post(f"{desk.server}/api/requests", content=lines, headers={"Content-Type": "application/jsonl"}, timeout=PATIENCE)
    assert posted.json()["accepted"] == count, posted.text
    with desk.at_work() as journey:
        journey.waiting(count)
        journey.submit_lane()
    with httpx.Client() as client:  # one: making another takes the processor longer than an answer
        _soon(lambda: _came(client, receiver).count >= count)
        got = _came(client, receiver)
        client.delete(receiver)
    with desk.at_work() as journey:
        delivered = journey.main.get_by_role("region", name="Delivery").get_by_text(f"{count:,} delivered")
        delivered.wait_for(timeout=PATIENCE * 1000)
    assert (got.count, got.keys) == (count, count), got
    return (count - 1) / (got.last - got.first), got.size / count / 1000


def _came(client: httpx.Client, receiver: str) -> Got:
    return msgspec.json.decode(client.get(receiver).content, type=Got)


def run(count: int) -> str:
    """The figures, a line for each way."""
    found: dict[str, list[tuple[float, float]]] = {"straight": [], "through the server": []}
    with (
        receiving() as straight,
        receiving() as relayed,
        serving(dist.site(), NIGHTSHIFT_PRIVATE_WEBHOOKS="1") as server,
        chromium() as browser,
        sync_playwright() as playwright,
    ):
        desk = Desk(playwright, browser, server)
        desk.open(straight)
        for n in range(RUNS):
            for way, receiver in zip(found, (straight, relayed), strict=True):
                found[way].append(once(desk, receiver, count, f"{way[0]}{n}"))
    return "\n".join(
        f"{way}: {median(rate for rate, _ in runs):,.0f} results a second ({', '.join(f'{rate:,.0f}' for rate, _ in runs)}), "
        f"{count:,} of {median(size for _, size in runs):.1f} kB each, none lost, none twice"
        for way, runs in found.items()
    )


if __name__ == "__main__":
    if sys.argv[1:] == [RECEIVE]:
        asyncio.run(Receiver().serve())
    else:
        print(run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
