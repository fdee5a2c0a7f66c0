"""The page as a person gets it: from the local server, from a plain static host under a sub-path, and as one file."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools import dist, onefile, vendor

ROOT = Path(__file__).resolve().parents[2]
GREETING = "Nightshift is at "


@pytest.fixture(scope="session")
def vendored() -> None:
    """static/vendor is there and up to date."""
    assert vendor.main() == 0, "static/vendor could not be made"


def started(process: "subprocess.Popen[str]") -> str:
    """The address that the server prints when it listens. Fails with its output when it ends before."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if line.startswith(GREETING):
            return line.removeprefix(GREETING).strip().rstrip("/")
        said.append(line)
    raise AssertionError("The server ended before it listened:\n" + "".join(said))


@pytest.fixture(scope="session")
def sources(vendored: None) -> Iterator[str]:
    """Address of a server over the source tree, without a slash at its end: every module can be asked for by itself."""
    with serving(ROOT) as address:
        yield address


@pytest.fixture(scope="session")
def site(built_site: str) -> str:
    """Where a suite's pages are, without a slash at its end: what ``make run`` serves, unless the suite says otherwise."""
    return built_site


@pytest.fixture(scope="session")
def built_site(vendored: None) -> Iterator[str]:
    """Address of what ``make run`` serves."""
    with serving(dist.site()) as address:
        yield address


@contextmanager
def serving(root: Path, **settings: str) -> Iterator[str]:
    """Run ``python -m app.gateway`` over the folder ``root`` on a free port of this machine; its address, without a slash at its end. It is
    stopped and waited for at the end, and must have written neither a traceback nor a warning, nor its broker's password. Messages are kept
    in a folder that goes with it, unless NIGHTSHIFT_DATA names one."""
    with tempfile.TemporaryDirectory(prefix="nightshift-data-") as data:
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "NIGHTSHIFT_ROOT": str(root), "NIGHTSHIFT_DATA": data}
        with _running({**environment, "PYTHONUNBUFFERED": "1", **settings}) as address:
            yield address


@contextmanager
def _running(environment: dict[str, str]) -> Iterator[str]:
    command = [sys.executable, "-W", "error", "-m", "app.gateway"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        address = started(process)
        said: list[str] = []
        output = process.stdout
        assert output is not None
        drain = threading.Thread(target=lambda: said.extend(output), daemon=True)  # a full pipe would stop the server
        drain.start()
        try:
            yield address
        finally:
            process.terminate()
            process.wait()
            drain.join()
    assert not [line for line in said if "Traceback" in line or "Warning" in line], "".join(said)
    password = urlsplit(environment.get("RABBITMQ_URL", "")).password
    assert not password or not [line for line in said if password in line], "the server has printed its broker's password"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder and writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def static_host(folder: Path, handler: type[QuietHandler] = QuietHandler) -> Iterator[str]:
    """Serve a folder's files as any static host does; the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def host(vendored: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose nightshift/ is what ``make build`` writes: the site, and the one file, which are made once for all suites."""
    folder = tmp_path_factory.mktemp("host")
    shutil.copytree(dist.site(), folder / "nightshift", ignore=shutil.ignore_patterns(dist.STAMP))
    shutil.copy(dist.one_file(), folder / "nightshift")
    return folder


@pytest.fixture(scope="session")
def static_site(host: Path) -> Iterator[str]:
    """Address of what ``make build`` writes, on a static host under /nightshift/, as GitHub Pages serves it."""
    with static_host(host) as address:
        yield f"{address}/nightshift"


@pytest.fixture(scope="session")
def one_file(host: Path) -> str:
    """Address of the one file on the disk."""
    return (host / "nightshift" / onefile.NAME).as_uri()
