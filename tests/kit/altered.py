"""The program with a module of it changed, as an archive of the build's kind: a page starts from it as fast as people's pages do."""

from __future__ import annotations

import gzip
import marshal
from typing import TYPE_CHECKING

from tests.kit.furnish import build
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from tests.kit.room import Room

ARCHIVE = f"**/{dist.PROGRAM}"


def alter(place: BrowserContext | Page, room: Room, path: str, source: str) -> None:
    """From now on pages of the built site have this source in the place of the module at ``path`` (as ``app/main.py``). A service worker
    would answer with the archive that it has kept."""
    program = marshal.loads(gzip.decompress((build() / dist.PROGRAM).read_bytes()))  # noqa: S302  # of our own build
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    kind, _code = program[name]
    archive = marshal.dumps({**program, name: (kind, room.compiled(source, path))})
    place.route(ARCHIVE, lambda route: route.fulfill(body=archive, content_type="application/gzip"))
