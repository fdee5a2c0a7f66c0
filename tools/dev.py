"""``make dev``: the sources served as they lie there; the page reloads when one of its files is changed.

Two processes. One serves: the usual server over the source tree, with a script in the page that listens to ``/dev/changes`` (events of this
site, so the page's policy stays as it is). The other watches the server's own files and starts it again when one is changed. Files are
looked at twice a second by their times and sizes, which takes a few milliseconds and needs no library.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final

from app.gateway.http.connections import Connections
from app.gateway.http.settings import SettingError, Settings, settings
from app.gateway.mailbox.datafolder import Held, hold
from app.gateway.server import Server, listen, make_server, prepare
from tools import filelist
from tools.filelist import ROOT

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

LOOK: Final = 0.5
"""Seconds between two looks at the files."""
SERVER: Final = ("app/gateway", "app/core", "app/practice", "tools/dev.py")
"""What the server itself runs."""
PAGE: Final = ("index.html", "pyscript.toml", "app", "static")
ELSEWHERE: Final = frozenset({"__pycache__", "node_modules", "gateway"})
"""Folders that the page has nothing from."""

SCRIPT: Final = b"""\
// Reloads the page when a file of its sources was changed (tools/dev.py).
let seen;
new EventSource('/dev/changes').onmessage = ({ data }) => {
  if (seen !== undefined && data !== seen) location.reload();
  seen = data;
};
"""
ELEMENT: Final = b'<script src="/dev/reload.js"></script>\n</head>'


def files(root: Path, places: Iterable[str], without: frozenset[str] = ELSEWHERE) -> Iterator[os.DirEntry[str] | Path]:
    """Everything under these places of ``root``, but for folders of these names and what begins with a dot. What vanishes is left out."""
    for place in places:
        path = root / place
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from _below(path, without)


def _below(folder: Path | str, without: frozenset[str]) -> Iterator[os.DirEntry[str]]:
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if entry.name not in without:
                yield from _below(entry.path, without)
        else:
            yield entry


def state(root: Path, places: Iterable[str], without: frozenset[str] = ELSEWHERE) -> str:
    """A short text that is another one whenever one of the files is."""
    sum_ = 0
    for one in files(root, places, without):
        try:
            stat = one.stat()
        except FileNotFoundError:
            continue
        sum_ = zlib.crc32(f"{os.fspath(one)}|{stat.st_mtime_ns}|{stat.st_size}".encode(), sum_)
    return f"{sum_:08x}"


class Reloading:
    """The server with two more addresses, ``/dev/reload.js`` and ``/dev/changes``, and with the script in its page. ``ended``: it stops.

    What the server runs counts as it was when it started: a change of that ends this process, and a page that reloaded before the next one
    listens would be left with the browser's own error.
    """

    def __init__(self, app: App, root: Path, ended: Callable[[], bool]) -> None:
        self._app, self._root, self._ended = app, root, ended
        self._own = state(root, SERVER)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        path = scope.get("path") if scope["type"] == "http" else None
        if path == "/dev/reload.js":
            await _answer(send, b"text/javascript", SCRIPT)
        elif path == "/dev/changes":
            await self._changes(receive, send)
        elif path in ("/", "/index.html"):
            await self._page(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _state(self) -> str:
        return self._own + state(self._root, PAGE, ELSEWHERE | {"core", "practice"})

    async def _changes(self, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _headers(b"text/event-stream")})
            said = ""
            while not (gone.done() or self._ended()):
                now = await asyncio.to_thread(self._state)
                line = f"retry: 300\ndata: {now}\n\n" if now != said else ":\n\n"
                await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
                said = now
                await asyncio.wait({gone}, timeout=LOOK)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _page(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The page, always whole, with the script as the last of its head."""
        asked = [(name, value) for name, value in scope["headers"] if name not in (b"if-none-match", b"accept-encoding")]
        start: Message = {}
        body = b""

        async def take(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                changed = body.replace(b"</head>", ELEMENT, 1)
                headers = [(name, value) for name, value in start["headers"] if name.lower() not in (b"etag", b"content-length")]
                await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(changed))]})
                await send({"type": "http.response.body", "body": changed})

        await self._app({**scope, "headers": asked}, receive, take)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(kind: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", kind), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


async def _answer(send: Send, kind: bytes, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _headers(kind)})
    await send({"type": "http.response.body", "body": body})


def reloading(chosen: Settings) -> Server:
    """A server over ``chosen.root`` whose page reloads itself."""
    server = make_server(chosen, Connections())
    app: Any = server.config.app
    server.config.app = Reloading(app, chosen.root, lambda: server.should_exit)
    return server


def serve() -> int:
    """The process that serves. Returns 1 when it cannot start."""
    try:
        chosen = settings({**os.environ, "NIGHTSHIFT_ROOT": str(ROOT)})
        with hold(chosen.data), listen(chosen.host, chosen.port) as listener:
            prepare(chosen)
            reloading(chosen).run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    except Held as error:
        print(error.sentence(chosen.port + 1), file=sys.stderr)
        return 1
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def watch(command: list[str], root: Path, keep: Callable[[], object], stop: threading.Event) -> int:
    """The watching process: runs ``command``, calls ``keep`` when the program changed, and restarts it when a file of the server
    was. Returns the command's exit code when it ends by itself at its first start; later it is started again with the next change."""
    began = time.monotonic()
    process = subprocess.Popen(command)
    own, page = state(root, SERVER), state(root, ("app",))
    restarted = False
    try:
        while not stop.wait(LOOK):
            if not restarted and process.poll() is not None and time.monotonic() - began < 10:
                return process.returncode
            if (now := state(root, ("app",))) != page:
                page = now
                keep()
            if (now := state(root, SERVER)) != own:
                own, restarted = now, True
                process.terminate()
                process.wait()
                print("The server's own files were changed: it starts anew.", flush=True)
                process = subprocess.Popen(command)
    except KeyboardInterrupt:
        pass
    finally:
        process.terminate()
        process.wait()
    return 0


if __name__ == "__main__":
    again = [sys.executable, "-m", "tools.dev", "--serve"]
    sys.exit(serve() if "--serve" in sys.argv else watch(again, ROOT, lambda: filelist.main([]), threading.Event()))
