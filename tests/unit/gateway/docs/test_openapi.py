"""The OpenAPI document says what the server does, and the server does what it says."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from app.core.programs.protocol import StatusUpdate
from tests.fakes.page import Clerk, FakePage
from tests.kit.depth import examples
from tests.kit.gateway import threaded
from tests.kit.site import ROOT
from tests.unit.gateway.conftest import message

CONFIG = ROOT / "tests" / "kit" / "schemathesis"


@pytest.fixture(scope="module")
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a page that ends every request at once, so that ``?wait=`` waits for nothing."""
    with (
        threaded(folder, tmp_path_factory.mktemp("data")) as address,
        Clerk(FakePage(address), lambda id: StatusUpdate(id, "kept", "answered"), {("batch-1", "output"): [b"{}\n"]}),
    ):
        httpx.post(f"{address}/api/requests", json=message("there"))
        yield address


@pytest.mark.slow
@pytest.mark.parametrize("paths", ["--exclude-path=/api/maintenance", "--include-path=/api/maintenance"])
def test_schemathesis_has_no_finding(served: str, tmp_path: Path, paths: str) -> None:
    """Whatever is sent, fitting the document or not, is answered as the document says. Maintenance by itself: while it is on, all else is
    refused."""
    shutil.copytree(CONFIG, tmp_path, dirs_exist_ok=True)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{served}/api/openapi", paths]
    options = [f"--max-examples={examples(4, 10)}", "--seed=1", "--request-timeout=30", "--generation-database=none"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


class Refs(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.refs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.refs += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.slow
def test_the_viewer_needs_nobody(served: str) -> None:
    """It names every call, runs no script, loads nothing, and its policy allows nothing else."""
    answer = httpx.get(f"{served}/api/swaggerui")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = Refs()
    page.feed(answer.text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.refs == ["/api/openapi"]
    for path in httpx.get(f"{served}/api/openapi").json()["paths"]:
        assert path in answer.text


@pytest.mark.slow
def test_the_document_is_open(folder: Path, tmp_path: Path) -> None:
    """With a token set too: whoever writes a program must be able to read it, and it tells nothing of what is kept."""
    with threaded(folder, tmp_path, token="a-token-of-20-letters") as address:
        assert httpx.get(f"{address}/api/openapi").json()["openapi"] == "3.1.0"
        assert httpx.get(f"{address}/api/swaggerui").status_code == 200
