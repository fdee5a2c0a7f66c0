"""A small folder with the files of a page, for tests of the local server."""

from pathlib import Path


def small_site(root: Path) -> Path:
    """A folder with the files of a page, and others that must not be served."""
    files = {
        "index.html": "<!doctype html><title>Nightshift</title>",
        "pyscript.toml": 'name = "x"',
        "LICENSE": "MIT",
        "README.md": "not for the page",
        ".env": "secret",
        "app/__init__.py": "",
        "app/core/openai/wire.py": "x = 1",
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
