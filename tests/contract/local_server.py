"""A running local server over a folder of the test's own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.site import ROOT, started


@contextmanager
def gateway(root: Path, **settings: str) -> Iterator[str]:
    """Address of a server over ``root`` on a free port of this machine, without a slash at its end; stopped and waited for at the end."""
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "NIGHTSHIFT_ROOT": str(root), "PYTHONUNBUFFERED": "1", **settings}
    command = [sys.executable, "-W", "error", "-m", "app.gateway"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        address = started(process)
        said: list[str] = []
        output = process.stdout
        assert output is not None
        drain = threading.Thread(target=lambda: said.extend(output))
        drain.start()
        try:
            yield address
        finally:
            process.terminate()
            process.wait()
            drain.join()
    assert not [line for line in said if "Traceback" in line or "Warning" in line], "".join(said)


def small_site(root: Path) -> Path:
    """A folder with the files of a page, and others that must not be served."""
    files = {
        "index.html": "<!doctype html><title>Nightshift</title>",
        "pyscript.toml": 'name = "x"',
        "LICENSE": "MIT",
        "README.md": "not for the page",
        ".env": "secret",
        "app/__init__.py": "",
        "app/core/wire.py": "x = 1",
        "app/core/notes.txt": "not for the page",
        "app/__pycache__/wire.pyc": "not for the page",
        "static/css/page.css": "body {}",
        "static/js/store.mjs": "export {}",
        "static/js/boot.js": "",
        "static/.hidden/a.js": "no",
        "static/vendor/pyodide.asm.wasm": "wasm",
        "static/vendor/python_stdlib.zip": "zip",
        "static/vendor/msgspec-0.22.0-py3-none-any.whl": "wheel",
        "0123456789abcdef/app.zip": "zip",
        "0123456789abcdef/a.wasm": "wasm",
        "0123456789abcdef/a.wasm.br": "packed",
        "static/icons/moon.svg": "<svg/>",
        "static/node_modules/x/index.js": "no",
        "static/data/prices.json": "{}",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
