"""What a browser needs to keep Nightshift and to install it: the service worker and the web manifest, written for one build.

``worker.js`` is static/js/worker.js with the build's name, its page and the list of its files (path, bytes, SHA-256) before it. So its text
changes with every build, and by that browsers notice a new version.
"""

import base64
import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "static" / "js" / "worker.js"
WORKER, MANIFEST = "worker.js", "nightshift.webmanifest"
NIGHT, PAPER = "#141a29", "#f6f5f2"
"""``--surface`` in the dark (the icon's ground) and ``--page`` in the light, static/css/tokens.css."""
ICONS = [
    ("nightshift.svg", "any", "image/svg+xml", "any"),
    ("nightshift-192.png", "192x192", "image/png", "any"),
    ("nightshift-512.png", "512x512", "image/png", "any"),
    ("nightshift-maskable.png", "512x512", "image/png", "maskable"),
]
"""File, sizes, type, purpose. tools/icons.py draws the PNG files."""


def manifest(build: str) -> str:
    """The web manifest (W3C Web Application Manifest); every address is relative to it."""
    icons = [
        {"src": f"{build}/static/icons/{file}", "sizes": sizes, "type": kind, "purpose": purpose} for file, sizes, kind, purpose in ICONS
    ]
    said = {
        "id": "./",
        "name": "Nightshift",
        "short_name": "Nightshift",
        "description": "Hands OpenAI requests to the night shift: half the price, back by morning.",
        "start_url": ".",
        "scope": ".",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": NIGHT,
        "icons": icons,
    }
    return json.dumps(said, indent=1) + "\n"


def files(root: Path, build: str) -> list[tuple[str, int, str]]:
    """Every file that the worker keeps: path below ``root``, bytes, SHA-256 in base64; without compressed twins (``.br``)."""
    found = [path for path in sorted((root / build).rglob("*")) if path.is_file() and path.suffix != ".br"]
    listed = []
    for path in [*found, root / MANIFEST]:
        data = path.read_bytes()
        listed.append((path.relative_to(root).as_posix(), len(data), base64.b64encode(hashlib.sha256(data).digest()).decode()))
    return listed


def write(root: Path, build: str) -> None:
    """Write manifest and worker beside the index.html of the folder ``root``, whose files lie in ``root/build``."""
    (root / MANIFEST).write_text(manifest(build))
    html = (root / "index.html").read_text()
    told = {"build": build, "files": files(root, build)}
    head = f"'use strict';\nself.NIGHTSHIFT_FILES = {json.dumps(told)};\nself.NIGHTSHIFT_PAGE = {json.dumps(html)};\n"
    (root / WORKER).write_text(head + SOURCE.read_text())
