"""What makes the page of ``make dev`` reload."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import MutableMapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.kit.waiting import until
from tools import dev


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree: a page, a module of its own, one that the server runs as well, one of the server's, and what belongs to nobody."""
    for name in (
        "index.html",
        "app/ui/view.py",
        "app/core/rule.py",
        "app/gateway/server.py",
        "static/node_modules/x.js",
        "app/ui/__pycache__/view.pyc",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def touch(path: Path) -> None:
    """Change a file, however coarse the file system's clock is."""
    path.write_text(path.read_text() + "x")


def test_only_files_of_the_place_count(tree: Path) -> None:
    """Another text, a new file and one that is gone are seen; what is made from sources, libraries and the server's own are not."""
    seen = [dev.state(tree, dev.PAGE)]
    for act in (
        lambda: touch(tree / "app/ui/view.py"),
        lambda: (tree / "app/ui/more.py").write_text(""),
        lambda: (tree / "app/ui/more.py").unlink(),
        lambda: touch(tree / "index.html"),
    ):
        act()
        seen.append(dev.state(tree, dev.PAGE))
    assert [one != other for one, other in pairwise(seen)] == [True] * 4
    for name in ("static/node_modules/x.js", "app/ui/__pycache__/view.pyc", "app/gateway/server.py"):
        touch(tree / name)
    assert dev.state(tree, dev.PAGE) == seen[-1]


class Asked:
    """One request to an ASGI application; ``sent`` is what came back."""

    def __init__(self, path: str, *headers: tuple[bytes, bytes]) -> None:
        self.scope = {"type": "http", "path": path, "headers": list(headers)}
        self.sent: list[MutableMapping[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(one.get("body", b"") for one in self.sent)


async def inner(scope: MutableMapping[str, Any], receive: dev.Receive, send: dev.Send) -> None:
    """The usual server: a page with a validator, sent in two pieces, and packed for who takes that."""
    packed = any(name == b"accept-encoding" for name, _ in scope["headers"])
    headers = [(b"content-type", b"text/html"), (b"ETag", b'"1"'), (b"Content-Length", b"19"), (b"set-cookie", b"a=1")]
    await send({"type": "http.response.start", "status": 304 if packed else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<head></he", "more_body": True})
    await send({"type": "http.response.body", "body": b"ad><body>"})


async def test_the_page_has_the_script_and_keeps_its_other_headers(tree: Path) -> None:
    """It is never kept by the browser: a validator would be of another text."""
    app = dev.Reloading(inner, tree, lambda: False)
    asked = Asked("/", (b"if-none-match", b'"1"'), (b"accept-encoding", b"br"))
    await app(asked.scope, asked.receive, asked.send)
    assert asked.body == b"<head>" + dev.ELEMENT + b"<body>"
    headers = dict(asked.sent[0]["headers"])
    assert asked.sent[0]["status"] == 200
    assert headers == {b"content-type": b"text/html", b"set-cookie": b"a=1", b"content-length": b"%d" % len(asked.body)}
    script, other = Asked("/dev/reload.js"), Asked("/static/x.js")
    await app(script.scope, script.receive, script.send)
    await app(other.scope, other.receive, other.send)
    assert (script.body, other.body) == (dev.SCRIPT, b"<head></head><body>")


async def test_a_change_is_told_and_a_page_that_left_ends_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's own files only: those that the server runs too are told when it has started anew."""
    monkeypatch.setattr(dev, "LOOK", 0.001)
    app = dev.Reloading(inner, tree, lambda: False)
    asked = Asked("/dev/changes")
    running = asyncio.create_task(app(asked.scope, asked.receive, asked.send))

    def told() -> list[bytes]:
        return [line for line in asked.body.split(b"\n") if line.startswith(b"data: ")]

    async def after(count: int) -> None:
        looks = len(asked.sent)
        while len(asked.sent) < looks + 3 or len(told()) < count:  # noqa: ASYNC110  # what is waited for stands in a list
            await asyncio.sleep(0)

    await asyncio.wait_for(after(1), 20)
    touch(tree / "app/core/rule.py")
    await asyncio.wait_for(after(1), 20)
    assert len(told()) == 1
    touch(tree / "app/ui/view.py")
    await asyncio.wait_for(after(2), 20)
    assert len(set(told())) == 2
    asked.gone.set()
    await asyncio.wait_for(running, 20)
    assert asked.sent[-1] == {"type": "http.response.body", "body": b""}
    anew = dev.Reloading(inner, tree, lambda: True)
    assert anew._own != app._own


def test_the_server_starts_anew_with_its_own_files(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view only has the list of files kept; one that cannot start at all ends it with its code."""
    monkeypatch.setattr(dev, "LOOK", 0.01)
    kept, stop, log = [], threading.Event(), tree / "log"
    command = [
        sys.executable,
        "-c",
        f"import os, time; os.write(os.open({str(log)!r}, {os.O_APPEND | os.O_CREAT | os.O_WRONLY}), b'*'); time.sleep(600)",
    ]
    watching = threading.Thread(target=dev.watch, args=(command, tree, lambda: kept.append(1), stop))
    watching.start()
    try:
        until(lambda: log.exists() and log.read_text() == "*")
        (tree / "app/ui/new.py").write_text("")
        until(lambda: kept)
        assert log.read_text() == "*"
        touch(tree / "app/gateway/server.py")
        until(lambda: log.read_text() == "**")
    finally:
        stop.set()
        watching.join()
    assert dev.watch([sys.executable, "-c", "raise SystemExit(3)"], tree, lambda: None, threading.Event()) == 3
