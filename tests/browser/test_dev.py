"""``make dev``: the page reloads when its sources change, under its own policy."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from app.gateway.http.settings import Settings
from app.gateway.mailbox.datafolder import hold
from app.gateway.server import address_of, listen, prepare
from tests.kit.waiting import until
from tools import dev

POLICY = Path(__file__).resolve().parents[2] / "static" / "js" / "policy.js"
PAGE = (
    '<!doctype html><html><head><link rel="icon" href="data:,"><script src="static/js/policy.js"></script></head>'
    "<body><h1>One</h1></body></html>"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The smallest page that has the policy."""
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "static" / "js" / "policy.js").write_text(POLICY.read_text())
    (tmp_path / "index.html").write_text(PAGE)
    return tmp_path


@pytest.fixture
def site(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the server that ``make dev`` runs."""
    data = tmp_path_factory.mktemp("data")
    chosen = Settings(root=tree, data=data, port=0)
    with listen(chosen.host, 0) as listener, hold(data):
        prepare(chosen)
        server = dev.reloading(chosen)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield address_of(listener)
        server.should_exit = True
        thread.join()


def test_a_change_is_in_the_page_at_once(context: BrowserContext, tree: Path) -> None:
    """Twice: the page that was reloaded listens as well. Nothing of it breaks the policy (the watch would see it)."""
    page = context.new_page()
    page.goto("./")
    for word in ("Two", "Three"):
        until(lambda: page.evaluate("seen"))
        (tree / "index.html").write_text(PAGE.replace("One", word))
        page.get_by_role("heading", name=word).wait_for()
