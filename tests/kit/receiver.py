"""A webhook receiver in a process of its own, which fails as it is told: ``python -m tests.kit.receiver SECRET [closed]``.

``POST /hook/<how>``, how being ``ok``, ``later`` (500, then 200 for each message), ``stall``, ``hang-up`` or ``redirect``. ``closed``: it
answers no page (no CORS). What arrived is at ``GET /got`` as JSON lines, each with the verdict of the ``standardwebhooks`` library about
its signature and the status that it was answered with, 0 where there was none.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.kit.site import ROOT

GREETING = "The receiver is at "


class Handler(BaseHTTPRequestHandler):
    """Answers pages, as a receiver with CORS does, unless it is ``closed``."""

    protocol_version = "HTTP/1.1"
    secret = ""
    closed = False
    got: ClassVar[list[dict[str, Any]]] = []
    seen: ClassVar[Counter[str]] = Counter()
    stall = threading.Event()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        if not self.closed:
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "*")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self) -> None:
        self._answer(204)

    def do_GET(self) -> None:
        self._answer(200, "".join(json.dumps(one) + "\n" for one in self.got).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        how = self.path.rpartition("/")[2]
        key = self.headers.get("idempotency-key", "")
        self.seen[key] += 1
        first = how == "later" and self.seen[key] == 1
        status = {"redirect": 302, "stall": 0, "hang-up": 0}.get(how, 500 if first else 200)
        try:
            Webhook(self.secret).verify(body, dict(self.headers.items()))
            signed = True
        except WebhookVerificationError:
            signed = False
        found = {name.lower(): value for name, value in self.headers.items()}
        self.got.append({"how": how, "key": key, "signed": signed, "status": status, "headers": found, "line": json.loads(body)})
        if status:
            self._answer(status, b"", **({"Location": "/hook/elsewhere"} if status == 302 else {}))
            return
        if how == "stall":
            self.stall.wait()
        self.close_connection = True


def main(secret: str, *how: str) -> int:
    """Serve until the process is ended."""
    Handler.secret, Handler.closed = secret, "closed" in how
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"{GREETING}http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
    return 0


class Receiver:
    """The other side's address, and what it got."""

    def __init__(self, address: str) -> None:
        self.address = address

    def got(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in httpx.get(f"{self.address}/got").text.splitlines()]


@contextmanager
def receiving(secret: str, *how: str) -> Iterator[Receiver]:
    """Run a receiver that knows this secret; ``closed``: it answers no page."""
    command = [sys.executable, "-m", "tests.kit.receiver", secret, *how]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix(GREETING).strip()
        try:
            yield Receiver(address)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
