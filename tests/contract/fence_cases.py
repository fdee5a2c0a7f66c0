"""What people's own Python reaches behind the fence: nothing but the rows it was given and Python's library."""

from __future__ import annotations

import asyncio
import json
import time

from app.core.openai.wire import BytesBlob
from app.core.results.python_code import CodeFault, CodeKind
from app.ports.compute import JobDied, KeepingCompute
from app.services.results.python_job import PYTHON, PythonOrder
from tests.contract.compute_cases import raised

ESCAPES: dict[str, str] = {
    "js": "import js; js.fetch('https://example.org')",
    "from js": "from js import fetch; fetch('https://example.org')",
    "pyodide": "import pyodide; pyodide.code.run_js('1')",
    "run_js": "from pyodide.code import run_js; run_js('fetch(\"https://example.org\")')",
    "pyodide.http": "from pyodide.http import open_url; open_url('https://example.org')",
    "pyodide_js": "import pyodide_js; pyodide_js.loadPackage('https://example.org/x.whl')",
    "_pyodide_core": "import _pyodide_core",
    "_pyodide": "from _pyodide._importhook import jsfinder; jsfinder.find_spec('js', None)",
    "pyodide.ffi": "from pyodide.ffi import to_js, create_proxy",
    "micropip": "import micropip; micropip.install('x')",
    "pyscript": "from pyscript.js_modules import worker; worker.ended('x')",
    "nightshift": "from pyscript.js_modules import nightshift",
    "app.adapters": "from app.adapters.store import open_store",
    "app.worker": "import app.adapters.compute_worker as c; c.js_worker",
    "importlib": "import importlib; importlib.import_module('js')",
    "__import__": "__import__('js')",
    "sys.modules": "import sys; sys.modules['js']",
    "reload": "import sys, importlib; importlib.reload(sys.modules['pyodide'])",
    "urllib": "import urllib.request; urllib.request.urlopen('https://example.org')",
    "http.client": "import http.client; http.client.HTTPSConnection('example.org').request('GET', '/')",
    "socket": "import socket; socket.create_connection(('example.org', 443))",
    "_socket": "import _socket; s = _socket.socket(); s.connect(('93.184.216.34', 80)); s.send(b'x')",
    "subprocess": "import subprocess; subprocess.run(['curl', 'https://example.org'])",
    "os.system": "import os; assert os.system('true') == 0",
    "ctypes": "import ctypes; ctypes.CDLL(None)",
    "input": "input('?')",
    "finders": "import sys; [one for one in sys.meta_path if type(one).__name__ == 'JsFinder'][0].find_spec('js', None)",
    "specs": "import sys; [found for one in sys.meta_path if (found := one.find_spec('js', None))][0]",
}
"""Expressions of Python that must fail."""
REACHES = (
    *("fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "indexedDB", "caches", "BroadcastChannel", "Worker"),
    *("SharedWorker", "FileReaderSync", "FileReader", "importScripts", "navigator", "postMessage", "location", "Notification"),
    *("addEventListener", "close", "eval", "FontFace", "fonts", "Request", "Response", "RTCPeerConnection", "WebSocketStream", "origin"),
)
"""Names in the worker's own scope that must be gone, also for who gets hold of that scope through the machinery's frames."""
SCOPE = """
import sys, gc
def scope():
    frame = sys._getframe()
    while frame is not None:
        for one in list(frame.f_globals.values()) + list(frame.f_locals.values()):
            if type(one).__name__ == 'JsProxy' and hasattr(one, 'setTimeout'):
                return one
        frame = frame.f_back
    for one in gc.get_objects():
        if type(one) is dict:
            for inner in list(one.values()):
                if type(inner).__name__ == 'JsProxy' and hasattr(inner, 'setTimeout'):
                    return inner
"""


def lines(count: int = 3) -> BytesBlob:
    """Rows of a table with one column."""
    rows = [[n, f"r-{n}", n + 1, "answered", "stop", 1, 1, None, None, f"answer {n}", [f"cell {n}"]] for n in range(count)]
    return BytesBlob("\n".join(json.dumps(one) for one in [["text"], *rows]).encode())


async def ran(compute: KeepingCompute, source: str, kind: CodeKind = "column", count: int = 3) -> tuple[list[str | None], list[str]]:
    """The cells and what went wrong."""
    done = await compute.run(PYTHON, PythonOrder(source, kind), files=[lines(count)])
    assert done.blob is not None
    found = json.loads(await done.blob.read())
    return found["values"], [says for _, _, says in found.get("faults", [])]


async def case_code_runs_over_rows(compute: KeepingCompute) -> None:
    """With Python's library at hand."""
    source = "import re, json, statistics, unicodedata, datetime, collections, difflib, math, html, csv, random, textwrap, decimal\n"
    cells, faults = await ran(compute, source + "def column(row, answer):\n    return re.sub(r'\\D', '', answer) + row['text']\n")
    assert (cells, faults) == (["0cell 0", "1cell 1", "2cell 2"], [])
    assert (await ran(compute, "def keep(row, answer): return row['number'] == 2", "keep"))[0] == ["no", "yes", "no"]
    error = await raised(ran(compute, "def column(row, answer): return 1 +"))
    assert isinstance(error, CodeFault)
    assert "Line 1" in str(error)


async def case_no_way_leads_out(compute: KeepingCompute) -> None:
    """Each is tried by a row of its own, at once and when the code is loaded, and each fails."""
    table = json.dumps(list(ESCAPES.values()))
    source = f"WAYS = {table}\ndef column(row, answer):\n    exec(WAYS[row['number'] - 1], {{}})\n    return 'out'\n"
    cells, faults = await ran(compute, source, count=len(ESCAPES))
    out = [name for name, cell in zip(ESCAPES, cells, strict=True) if cell is not None]
    assert not out, f"these led out: {out}"
    assert len(faults) == len(ESCAPES)
    assert sum("is not there: code in Results runs apart" in one for one in faults) >= 14, faults
    for way in ("import js", "from pyodide.code import run_js"):
        error = await raised(ran(compute, f"{way}\ndef column(row, answer): return 'out'\n"))
        assert "is not there" in str(error)


async def case_the_scope_itself_has_nothing(compute: KeepingCompute) -> None:
    """Whoever finds the worker's scope in the frames around the code, or among all objects, finds none of these in it, nor by what it
    inherits; and no text is run as a program."""
    source = (
        SCOPE
        + f"NAMES = {json.dumps(REACHES)}\n"
        + """
def column(row, answer):
    found = scope()
    if found is None:
        return 'no scope'
    there = [name for name in NAMES if hasattr(found, name)]
    if there:
        return ' '.join(there)
    for text in ("fetch('x')", "import('data:text/javascript,1')"):
        try:
            found.Function.new(text)
            return 'run: ' + text
        except Exception as error:
            pass
    return 'nothing'
"""
    )
    cells, faults = await ran(compute, source, count=1)
    assert cells[0] in ("nothing", "no scope"), (cells, faults)


async def case_an_endless_loop_ends_with_its_worker(compute: KeepingCompute) -> None:
    """At once when it is told to, also where the code catches everything; the next code has a new worker."""
    source = "def column(row, answer):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n"
    task = asyncio.ensure_future(ran(compute, source))
    await asyncio.sleep(0.2)
    assert not task.done()
    began = time.perf_counter()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert time.perf_counter() - began < 20
    assert (await ran(compute, "def column(row, answer): return 1"))[0] == ["1"] * 3
    compute.end_fenced()
    assert (await ran(compute, "def column(row, answer): return 2"))[0] == ["2"] * 3


async def case_a_worker_that_dies_is_told(compute: KeepingCompute) -> None:
    """Its stack is at an end, or it lies to the page: the page goes on."""
    deep = "def column(row, answer):\n    x = []\n    for _ in range(200000): x = [x]\n    return repr(x)\n"
    try:
        cells, faults = await ran(compute, deep)
        assert len(faults) == 3, cells
    except JobDied as error:
        assert "broke down in its worker" in str(error)  # noqa: PT017  # either is right, by the browser
    assert (await ran(compute, "def column(row, answer): return 1"))[0] == ["1"] * 3


async def case_what_comes_back_is_bounded(compute: KeepingCompute) -> None:
    """A cell of ten million characters is cut in the worker."""
    cells, _ = await ran(compute, "def column(row, answer): return 'x' * 10_000_000")
    assert [len(one or "") for one in cells] == [2_000] * 3
