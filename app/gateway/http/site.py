"""The page's files: only what belongs to the page, each with its MIME type and a validator.

What lies in a build's folder (tools/dist.py names it after its content) is ``immutable``. Everything else is sent with ``no-cache`` and an
ETag, so that a reload always shows what is on disk and costs one 304 a file. The source tree can be served as well.
A file that has been compressed beforehand (``wasm.br`` beside ``wasm``) is sent so to browsers that take Brotli.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path, PurePosixPath
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from app.gateway.http.routing import Access, judged, parameters, rule

ROOT_FILES = frozenset({"index.html", "nightshift.html", "pyscript.toml", "worker.js", "nightshift.webmanifest", "LICENSE"})
"""Files beside the folders that the page may ask for."""
BUILD = re.compile(r"[0-9a-f]{16}")
"""The name of a build's folder."""

MIME_TYPES = {
    ".css": "text/css",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".tar": "application/x-tar",
    ".toml": "application/toml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
"""Our own table: the system's differs from machine to machine, and a browser refuses a module or wasm of the wrong type.
Litestar adds ``charset=utf-8`` to the text types."""

MARK = "nightshift-server=1; Path=/; Max-Age=31536000; SameSite=Strict"
"""Tells the page that the server which sent it has a mailbox: to try and ask would be an error in the console of a host that has none."""
MARKED = ("index.html", "worker.js")
"""Files that the mark comes with. A page that its service worker keeps is not asked for again; the worker is, with each visit: so a mark
that is lost (a browser writes cookies to the disk half a minute late) comes back."""


def find(root: Path, path: str) -> Path | None:
    """The file under ``root`` for a decoded URL path, or None when there is none that the page may see.

    Refuses dotfiles, ``..``, backslashes, ``node_modules``, links that lead out of ``root``, and folders.
    """
    relative = path.strip("/") or "index.html"
    parts = relative.split("/")
    if any(not part or part.startswith(".") or "\\" in part or ":" in part or "\0" in part for part in parts):
        return None
    if len(parts) == 1:
        allowed = relative in ROOT_FILES
    elif parts[0] == "app":
        allowed = relative.endswith(".py")
    elif BUILD.fullmatch(parts[0]):
        allowed = not relative.endswith(".br")
    else:
        allowed = parts[0] == "static" and "node_modules" not in parts
    if not allowed:
        return None
    try:
        file = (root / relative).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):  # a name that is too long, say
        return None


def mime_type(name: str) -> str:
    """The MIME type for a file name."""
    suffix = PurePosixPath(name).suffix.lower()
    return MIME_TYPES.get(suffix, "text/plain" if not suffix else "application/octet-stream")


def cache_control(path: str) -> str:
    """``immutable`` for files of a build, else ``no-cache`` (ask again each time)."""
    if BUILD.fullmatch(path.lstrip("/").partition("/")[0]):
        return "public, max-age=31536000, immutable"
    return "no-cache"


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names ``etag`` (RFC 9110, weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags


def takes_brotli(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header names Brotli and does not refuse it."""
    for coding in accept_encoding.lower().split(","):
        name, _, parameter = coding.partition(";")
        if name.strip() == "br":
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", parameter)
    return False


def packed_form(file: Path) -> Path | None:
    """What the build has made of ``file`` with Brotli, where it has."""
    packed = Path(f"{file}.br")
    try:
        return packed if packed.is_file() else None
    except OSError:
        return None


def site(root: Path) -> HTTPRouteHandler:
    """A route handler that serves the page's files from ``root``."""
    root = root.resolve()

    @route(["/", "/{path:path}"], http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False, opt=rule(Access.OPEN))
    async def page_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        path = parameters(request).get("path", "")
        file = find(root, path)
        if file is None:
            raise NotFoundException(detail=f"There is no file {judged(request).path} here.")
        packed = packed_form(file) if takes_brotli(request.headers.get("accept-encoding", "")) else None
        sent = packed or file
        stat = sent.stat()
        etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
        headers = {"ETag": etag, "Cache-Control": cache_control(path), "Vary": "Accept-Encoding"}
        if file.name in MARKED:
            headers["Set-Cookie"] = MARK
        if packed:
            headers["Content-Encoding"] = "br"
        if matches(request.headers.get("if-none-match", ""), etag):
            return Response(b"", status_code=304, headers=headers, media_type=mime_type(file.name))
        return Response(await asyncio.to_thread(sent.read_bytes), headers=headers, media_type=mime_type(file.name))

    return page_file
