"""A page of its own for tests and measurements: a Python script in the browser that can import the program and some of the tests' files.

The page's files are answered by Playwright on the site's origin; the server and the program know nothing of them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools import dist, filelist

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "room.html"
ARCHIVE = "room.zip"
"""Every file that the room imports, in one answer: hundreds of them one by one are most of a room's start."""
LIBRARY = "static/vendor/pyodide/stdlib.zip"
TYPES = {
    ".py": "text/x-python",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
}


def archive(patterns: Sequence[str], program: Sequence[str] = ()) -> bytes:
    """A zip file of the files of these patterns and of the program's modules ``program``, under their paths."""
    found = [file.relative_to(ROOT).as_posix() for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as zipped:
        for path in dict.fromkeys([*program, *found]):
            zipped.write(ROOT / path, path)
    return kept.getvalue()


def furnish(
    place: BrowserContext | Page, script: str, patterns: Sequence[str], *, built: bool = False, program: Path | None = None
) -> None:
    """Have :data:`ADDRESS` run ``script``, which can import the files of these patterns. Of a page only, others keep their cache.

    ``built``: the site has no scripts under these names (``dist/``), so those are answered from here as well. ``program``: the folder of a
    build (:func:`build`), from whose archive the room imports the program, compiled, as people have it; without it each start compiles the
    program's sources.
    """
    compiled = {} if program is None else {f"/{dist.PROGRAM}": program / dist.PROGRAM, f"/{LIBRARY}": program / LIBRARY}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.endswith("/room.html"):
            html = (ROOT / "tests/kit/room.html").read_text().replace("SCRIPT", script)
            if compiled:
                html = html.replace("<html ", f'<html data-program="{dist.PROGRAM}" ', 1)
            route.fulfill(body=html, content_type="text/html")
        elif path.endswith("/room.toml"):
            config = filelist.with_files((ROOT / "pyscript.toml").read_text(), {f"./{ARCHIVE}": "./*"})
            route.fulfill(body=config.replace(dist.PACKAGES, "") if compiled else config, content_type="application/toml")
        elif path.endswith(f"/{ARCHIVE}"):
            modules = () if compiled else filelist.page_files(ROOT)
            route.fulfill(body=archive(patterns, modules), content_type="application/zip")
        elif (file := next((file for name, file in compiled.items() if path.endswith(name)), None)) is not None:
            route.fulfill(path=file, content_type=TYPES.get(file.suffix, "application/octet-stream"))
        else:
            file = ROOT / path.lstrip("/")
            route.fulfill(path=file, content_type=TYPES.get(file.suffix, "application/octet-stream"))

    own = ("**/room.html", "**/room.toml", f"**/{ARCHIVE}", "**/tests/**")
    for pattern in (*own, *(f"**{name}" for name in compiled), *(("**/static/**",) if built else ())):
        place.route(pattern, answer)


def build() -> Path:
    """The folder of the build that ``make run`` serves, made anew when anything that it is made of has changed."""
    (program,) = dist.site().glob(f"*/{dist.PROGRAM}")
    return program.parent
