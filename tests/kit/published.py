"""A static host on which one version after the other is published, under a sub-path, as on GitHub Pages."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools import dist

PATH = "/nightshift/"


class Host:
    """The host; ``published`` is the folder that it shows under ``/nightshift/``. GitHub Pages lets everything be kept for ten minutes."""

    def __init__(self, published: Path) -> None:
        self.published = published
        self.asked: list[str] = []
        """Method and path of every request that came, but for the browser's own looks at the worker's script: it makes them after each
        load and each ``register()``, when it likes (they carry ``Service-Worker: script``; Service Workers, Update)."""
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}{PATH}"

    def up(self) -> None:
        """Listen, always on the same port."""
        host = self

        class Handler(SimpleHTTPRequestHandler):
            def translate_path(self, path: str) -> str:
                if self.headers.get("Service-Worker") != "script":
                    host.asked.append(f"{self.command} {path}")
                self.directory = str(host.published)
                return super().translate_path(path.removeprefix(PATH.rstrip("/")))

            def do_POST(self) -> None:
                host.asked.append(f"{self.command} {self.path}")
                self.send_error(405)

            def end_headers(self) -> None:
                self.send_header("Cache-Control", "max-age=600")
                super().end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def hosting(published: Path) -> Iterator[Host]:
    """A host that shows this folder."""
    host = Host(published)
    host.up()
    yield host
    host.down()


def build_of(site: Path) -> str:
    """The name of the build in a folder that the build wrote."""
    return next(path.name for path in site.iterdir() if path.is_dir())


def next_version(site: Path, target: Path, mark: str = "next") -> Path:
    """The version in ``site`` with one file changed, published into the new folder ``target`` as the build would."""
    build = build_of(site)
    part = target / "part"
    shutil.copytree(site / build, part)
    config = part / "pyscript.toml"
    config.write_text(config.read_text().replace(f"{dist.ADDRESS_OF_PYODIDE}{build}/", dist.ADDRESS_OF_PYODIDE))
    style = part / "static" / "css" / "nightshift.css"
    style.write_text(f"{style.read_text()}\n/* {mark} */\n")
    dist.finish(target, part)
    return target
