"""Cold and warm starts in every setting, with and without a slow network and a slow processor: from navigation to the page's own marks."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.sync_api import ViewportSize

from tests.bench.figures import Figures
from tests.kit import firefox
from tests.kit.browser import FLAGS, wait_ready
from tests.kit.journey import Journey
from tests.kit.setting import NOBODY
from tests.kit.site import ROOT, QuietHandler, serving, static_host
from tools import browser as tool
from tools import dist, onefile

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

MARKS = ("python", "ready")
PAINTED = "first-contentful-paint"
CODE_CACHE_MILLISECONDS = 3_000
"""So long without newly compiled functions, and Chromium writes the compiled wasm to its cache; people's next visits come later too."""
BROWSER_MILLISECONDS = 2_000
"""So long a browser that was just started is busy with itself."""
SLOW_NETWORK: dict[str, Any] = {"offline": False, "latency": 40, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
SLOW_PROCESSOR = 4
GOALS = {
    ("cold", "shell painted"): 200,
    ("warm", "shell painted"): 100,
    ("warm", "composer takes typing"): 150,
    ("cold", "python"): 1_100,
    ("warm", "python"): 600,
    ("warm", "ready"): 900,
}
"""Milliseconds, without any throttle."""
FILE_PYTHON = 1_100
FILE = "file"
FIREFOX = "file in Firefox"
WHOLE_RUNS = 1
"""Runs in which starts are slowed down and baselines are measured as well: they take longer than all other starts together."""
SIZE: ViewportSize = {"width": 1280, "height": 800}
WIRE_MEGABYTES = 6
NOT_FETCHED = (onefile.NAME, ".nojekyll", "LICENSE", "LICENSES.txt")
TYPING = """
  // When the shell's field is there and painted, and the page's thread is free to take a key.
  new MutationObserver((_, observer) => {
    if (!document.querySelector('#early')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => performance.mark('bench:typing')));
  }).observe(document, { childList: true, subtree: true });
"""
BROTLI = """
  const { brotliCompress, constants } = require('node:zlib');
  const { readFile, writeFile } = require('node:fs/promises');
  const { promisify } = require('node:util');
  const [quality, ...paths] = process.argv.slice(1);
  Promise.all(paths.map(async (path) => {
    const data = await readFile(path);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: data.length, [constants.BROTLI_PARAM_QUALITY]: Number(quality) };
    const packed = await promisify(brotliCompress)(data, { params });
    if (packed.length < data.length) await writeFile(`${path}.br`, packed);
  }));
"""
BEST, QUICK = 11, 5
"""Qualities of Brotli: the baseline's size is told nowhere, and packing it well takes as long as its starts."""


STOCK_PAGES = {
    "index.html": """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stock</title></head><body><p>Python is starting.</p>
<script type="module" src="core/core.js"></script><script type="py" src="main.py" config="pyscript.toml"></script></body></html>
""",
    "pyscript.toml": 'interpreter = "./pyodide/pyodide.mjs"\n',
    "main.py": "import js\njs.performance.mark('nightshift:python')\njs.document.documentElement.dataset.nightshift = 'ready'\n",
}
"""The baseline: PyScript and Pyodide as npm has them, and one line of Python."""


class PackedHandler(QuietHandler):
    """A plain static host that sends what was compressed with Brotli beforehand, as hosts in the network do."""

    def send_head(self) -> Any:
        """The compressed file in place of the file, under the file's type."""
        packed = Path(f"{self.translate_path(self.path)}.br")
        self._packed = packed.is_file() and "br" in self.headers.get("Accept-Encoding", "")
        if not self._packed:
            return super().send_head()
        data = packed.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(self.path))
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None


class Place(NamedTuple):
    """A setting: its name in the table, its address, what may be slowed down there, and where its baseline is."""

    name: str
    address: str
    throttles: tuple[str, ...]
    stock: str = ""


def packed_site(folder: Path) -> None:
    """Make the site, the one file, and beside each file its form in Brotli, in ``folder``."""
    shutil.copytree(dist.site(), folder, ignore=shutil.ignore_patterns(dist.STAMP))
    shutil.copy(dist.one_file(), folder / onefile.NAME)
    _packed_twins(folder, BEST)


def stock_site(folder: Path) -> None:
    """Make the baseline's page, and beside each file its form in Brotli, in ``folder``."""
    modules = ROOT / "static" / "node_modules"
    shutil.copytree(modules / "@pyscript" / "core" / "dist", folder / "core", ignore=shutil.ignore_patterns("*.map"))
    folder.joinpath("pyodide").mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"):
        shutil.copy(modules / "pyodide" / name, folder / "pyodide")
    for name, text in STOCK_PAGES.items():
        folder.joinpath(name).write_text(text)
    _packed_twins(folder, QUICK)


def _packed_twins(folder: Path, quality: int) -> None:
    files = [str(path) for path in folder.rglob("*") if path.is_file() and path.name != onefile.NAME and path.suffix != ".gz"]
    subprocess.run(["node", "-e", BROTLI, str(quality), *files], check=True)


@contextmanager
def places(made: Path) -> Iterator[list[Place]]:
    """Every setting over what :func:`packed_site` made in ``made/nightshift`` and :func:`stock_site` in ``made/stock``, served as long as
    the block lasts."""
    folder = made / "nightshift"
    with serving(folder) as server, static_host(made, PackedHandler) as host:
        yield [
            Place("served", f"{server}/", ("", "network", "processor")),
            Place("static", f"{host}/nightshift/", ("", "network", "processor"), f"{host}/stock/"),
            Place(FILE, (folder / onefile.NAME).as_uri(), ("", "processor")),
            Place(FIREFOX, (folder / onefile.NAME).as_uri(), ("",)),
        ]


@contextmanager
def _profile(playwright: Playwright, folder: str, place: Place) -> Iterator[BrowserContext]:
    if place.name == FIREFOX:
        context = playwright.firefox.launch_persistent_context(folder, **firefox.launch(NOBODY), headless=True, viewport=SIZE)
    else:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=tool.find(), args=FLAGS, headless=True, viewport=SIZE
        )
    try:
        yield context
    finally:
        context.close()


def _visit(context: BrowserContext, address: str, throttle: str, *, idle: int = BROWSER_MILLISECONDS) -> Page:
    before = context.new_page()
    before.goto("about:blank")
    before.wait_for_timeout(idle)
    page = context.new_page()
    page.add_init_script(TYPING)
    session = context.new_cdp_session(page) if throttle else None
    if session and throttle == "network":
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_NETWORK)
    elif session and throttle == "processor":
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PROCESSOR})
    page.goto(address, wait_until="commit")
    wait_ready(page)
    return page


def _since(page: Page, entry: str) -> float:
    """Milliseconds from navigation to a performance entry that is there."""
    found: float = page.evaluate("(name) => performance.getEntriesByName(name)[0].startTime", entry)
    return found


def _row(kind: str, place: Place, throttle: str, name: str) -> str:
    slow = {"": "", "network": ", 20 Mbit/s and 40 ms", "processor": f", processor {SLOW_PROCESSOR}× slower"}[throttle]
    return f"{place.name}, {kind}{slow}: {name}"


def _tell(page: Page, kind: str, place: Place, throttle: str, figures: Figures) -> None:
    times = {"shell painted": _since(page, PAINTED), "composer takes typing": _since(page, "bench:typing")}
    times |= {mark: _since(page, f"nightshift:{mark}") for mark in MARKS}
    for name, value in times.items():
        goal = None if throttle else GOALS.get((kind, name))
        if place.name in (FILE, FIREFOX) and name == "python" and not throttle:
            goal = FILE_PYTHON
        figures.told(_row(kind, place, throttle, name), "ms", value, goal=goal)


def _settle(page: Page) -> None:
    """What a person's browser does between two visits: it stores compiled code, and the worker stores the page."""
    page.evaluate("() => location.protocol === 'file:' || navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(CODE_CACHE_MILLISECONDS)


def measure(playwright: Playwright, place: Place, figures: Figures, *, whole: bool = True) -> None:
    """A cold and a warm start. ``whole``: also slowed down in each way of the place, and of its baseline. A warm one is the third visit or
    a later one, since Chromium stores a script's compiled code when it has seen it twice; of the one file, whose code nobody stores, the
    second or a later one."""
    visited = place.name not in (FILE, FIREFOX)
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder:
        with _profile(playwright, folder, place) as context:
            page = _visit(context, place.address, "")
            _tell(page, "cold", place, "", figures)
            if visited:
                _settle(page)
            else:
                _use(page, place)
        if visited:
            with _profile(playwright, folder, place) as context:
                _use(_visit(context, place.address, "", idle=0), place)
        for throttle in place.throttles if whole else ("",):
            with _profile(playwright, folder, place) as context:
                _tell(_visit(context, place.address, throttle), "warm", place, throttle, figures)
    for throttle in filter(None, place.throttles if whole else ()):
        with (
            tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder,
            _profile(playwright, folder, place) as context,
        ):
            _tell(_visit(context, place.address, throttle), "cold", place, throttle, figures)
    if place.stock and whole:
        _compare(playwright, place, figures)


def _use(page: Page, place: Place) -> None:
    """Leave a thread open and a request in the queue."""
    Journey(page, place.address).write("What the warm start shows.")
    Journey(page, place.address).enqueue()
    _settle(page)


def _compare(playwright: Playwright, place: Place, figures: Figures) -> None:
    """The same three visits to the baseline's page: told beside the paint and Python's first line of ``place``."""
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder:
        for kind in ("cold", "", "warm"):
            with _profile(playwright, folder, place) as context:
                page = _visit(context, place.stock, "", idle=BROWSER_MILLISECONDS if kind else 0)
                if kind:
                    figures.compared(_row(kind, place, "", "shell painted"), _since(page, PAINTED))
                    figures.compared(_row(kind, place, "", "python"), _since(page, "nightshift:python"))
                page.wait_for_timeout(CODE_CACHE_MILLISECONDS)


def wire(folder: Path, figures: Figures) -> None:
    """How much a first visit transfers with Brotli: the page, and all that its worker keeps for a visit without a network."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".br" and path.name not in NOT_FETCHED]
    sizes = {path.name: min(each.stat().st_size for each in (path, Path(f"{path}.br")) if each.is_file()) for path in files}
    figures.told("over the wire with Brotli", "MB", sum(sizes.values()) / 1e6, goal=WIRE_MEGABYTES)
    for name in ("pyodide.asm.wasm", "stdlib.zip", "program.gz", "boot.mjs"):
        figures.told(f"… of which {name}", "MB", sizes[name] / 1e6)
