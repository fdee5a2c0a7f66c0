"""A host on another origin that behaves in every way a provider or the network between can."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PIECE = 65_536


class Far(ThreadingHTTPServer):
    """The server. ``seen`` holds every request (method, path, headers); ``release`` lets the slow answers go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.release = threading.Event()
        self.gone = threading.Event()
        """Set when a client broke off in the middle of an answer."""
        self.sent = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One path, one behaviour."""

    server: Far
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):
            self.server.gone.set()
            self.close_connection = True

    def do_OPTIONS(self) -> None:
        self.answer(204, b"")

    def do_GET(self) -> None:
        self.any()

    def do_POST(self) -> None:
        self.any()

    def do_DELETE(self) -> None:
        self.any()

    def any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.split("?")[0]
        self.server.seen.append((self.command, path, {name.lower(): value for name, value in self.headers.items()}))
        getattr(self, "on_" + path.strip("/").partition("/")[0], self.on_nothing)(body)

    def head(self, status: int, headers: dict[str, str], *, cors: bool = True) -> None:
        self.send_response(status)
        if cors and not self.path.startswith("/nocors"):
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
            self.send_header("Access-Control-Allow-Methods", "GET, POST, DELETE")
            self.send_header("Access-Control-Expose-Headers", "x-request-id")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.head(status, {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}})
        self.wfile.write(body)

    def on_nothing(self, body: bytes) -> None:
        self.answer(404, b"not here")

    def on_echo(self, body: bytes) -> None:
        seen = {"method": self.command, "path": self.path, "headers": self.server.seen[-1][2], "body": body.decode("latin-1")}
        self.answer(201, json.dumps(seen).encode(), X_Request_ID="req_1", Content_Type="application/json", Set_Cookie="a=b")

    def on_nocors(self, body: bytes) -> None:
        self.answer(200, b"secret")

    def on_redirect(self, body: bytes) -> None:
        self.answer(307, b"", Location="/echo")

    def on_hop(self, body: bytes) -> None:
        """``/hop/<status>?<address>``: a redirect to the address."""
        self.answer(int(self.path.split("?")[0].rpartition("/")[2]), b"", Location=unquote(self.path.partition("?")[2]))

    def on_slow(self, body: bytes) -> None:
        self.server.release.wait(60)
        self.answer(200, b"late")

    def on_reset(self, body: bytes) -> None:
        self.close_connection = True

    def on_cut(self, body: bytes) -> None:
        self.head(200, {"Content-Length": "3000000"})
        self.wfile.write(bytes(1_500_000))
        self.wfile.flush()
        self.close_connection = True

    def on_stall(self, body: bytes) -> None:
        self.head(200, {"Content-Length": "3000000"})
        self.wfile.write(bytes(1_500_000))
        self.wfile.flush()
        self.server.release.wait(60)
        self.close_connection = True

    def on_ranged(self, body: bytes) -> None:
        """Half of what is left, from the byte on that is asked for, and then the connection breaks."""
        size = int(self.path.rpartition("/")[2])
        start = int(self.headers.get("range", "bytes=0-")[6:-1])
        self.head(206 if start else 200, {"Content-Length": str(size - start)})
        stop = size if size - start < PIECE else start + (size - start) // 2
        self.wfile.write(bytes(n // 1_000 % 251 for n in range(start, stop)))
        self.wfile.flush()
        self.close_connection = True

    def on_large(self, body: bytes) -> None:
        size = int(self.path.rpartition("/")[2])
        self.head(200, {"Content-Length": str(size)})
        self.server.sent = 0
        while self.server.sent < size:
            piece = bytes([self.server.sent // PIECE % 251]) * min(PIECE, size - self.server.sent)
            self.wfile.write(piece)
            self.server.sent += len(piece)


@contextmanager
def running() -> Iterator[Far]:
    """The host, until the block ends."""
    with Far() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()
