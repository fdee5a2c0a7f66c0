"""Firefox, any release of it (ESR among them), driven by the same Playwright as Chromium.

Playwright usually drives a Firefox of its own make. Its channel ``moz-firefox`` drives the one that people have, over WebDriver BiDi. What
that driver needs to get on with a long-term release is in firefox.cjs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tools import browser as tool

CHANNEL: Final = "moz-firefox"
PATCH: Final = Path(__file__).with_suffix(".cjs")

UNREADABLE: Final = "The Same Origin Policy disallows reading the remote resource"

SHORT_LIVED: Final = {"javascript.options.wasm_optimizingjit": False, "dom.ipc.processPrelaunch.enabled": False}
"""Preferences for pages that live for seconds, as tests.kit.browser.SHORT_LIVED has them for Chromium: Python's WebAssembly is compiled
once, and no process is kept ready. A start takes an eighth less of the processor."""


def note_of_browser(error: str) -> str | None:
    """Firefox notes a request that failed, or whose answer the page may not read, among the page's errors; where Chromium writes to the
    console, and in these words. None: the page's own error. (A breach of the page's policy is among the errors, too, and stays one.)"""
    return f"console error: Failed to load resource: CORS policy: {error}" if error.startswith(UNREADABLE) else None


@contextmanager
def patched_driver() -> Iterator[None]:
    """A driver that starts in here loads firefox.cjs. It changes nothing for other browsers."""
    options = f'{os.environ.get("NODE_OPTIONS", "")} --require "{PATCH}"'.strip()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_OPTIONS", options)
        yield


def launch(nobody: int, *reachable: str, more: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """How Playwright starts a Firefox that reaches only these ``host:port``: all else goes to a proxy at the port ``nobody``, where
    nothing listens. (Playwright's own option would leave out https and the machine itself.) ``more``: further preferences."""
    preferences = {
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": nobody,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": nobody,
        "network.proxy.allow_hijacking_localhost": True,
        "network.proxy.no_proxies_on": ",".join(reachable),
        "security.fileuri.strict_origin_policy": True,  # as people have it; Playwright lets files see each other
        **(more or {}),
    }
    return {"channel": CHANNEL, "executable_path": tool.find_firefox(), "firefox_user_prefs": preferences}
