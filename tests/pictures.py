"""Small pictures of a sample of the gallery, compared with those that were kept: what a style sheet does by mistake shows in them.

    python -m tests.pictures [--keep]

``--keep``: those of now are right. A picture is 160 × 112 pixels (65 × 150 of a phone), with fonts that are shipped; where the markup is
what it was, a twentieth of it may differ, where the markup was changed as well, a half: then a view is there, and unit tests say whether it
is the right one. What differs more is put into ``build/pictures``.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from playwright.sync_api import sync_playwright

from tests.access import NARROW, WIDE, sample
from tests.gallery import Piece, pieces
from tests.kit.browser import shell_launch
from tests.kit.site import ROOT
from tests.kit.stage import Stage
from tests.states.drawn import draw

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

KEPT: Final = ROOT / "tests" / "data" / "pictures"
DIFFERENT: Final = ROOT / "build" / "pictures"
_DIGESTS: Final = "markup.txt"
_LOOKS: Final = (("light", WIDE, 1 / 8), ("dark", NARROW, 1 / 6))
"""Theme, width of the window, and the scale of the picture."""
_HEIGHT: Final = 900
MOST: Final = 0.05
MOST_CHANGED: Final = 0.5


class Picture(NamedTuple):
    """One state as it looks now."""

    name: str
    markup: str
    """A digest of what was drawn."""
    png: bytes


class Difference(NamedTuple):
    """How far a picture is from the one that was kept."""

    picture: Picture
    share: float
    most: float

    def __str__(self) -> str:
        return f"{self.picture.name} differs in {self.share:.0%}, may in {self.most:.0%}: build/pictures/{self.picture.name}.png"


def taken(stage: Stage, found: Iterable[Piece]) -> Iterator[Picture]:
    """The pictures of these states."""
    drawn = [(one.stem, draw(one.state)) for one in found]
    stage.page.emulate_media(reduced_motion="reduce")
    session = stage.page.context.new_cdp_session(stage.page)
    for theme, width, scale in _LOOKS:
        stage.wide(width, _HEIGHT)
        for stem, markup in drawn:
            stage.show(markup, theme)
            digest = hashlib.sha256(markup.encode()).hexdigest()[:16]
            yield Picture(f"{stem}-{theme}-{width}", digest, _taken(session, width, scale))
    session.detach()
    stage.page.emulate_media(reduced_motion="no-preference")


def _taken(session: CDPSession, width: int, scale: float) -> bytes:
    clip = {"x": 0, "y": 0, "width": width, "height": _HEIGHT, "scale": scale}
    return base64.b64decode(session.send("Page.captureScreenshot", {"format": "png", "clip": clip})["data"])


def compared(stage: Stage, found: Iterable[Picture], kept: Path = KEPT) -> Iterator[Difference]:
    """How far each picture is from the kept one; those of which none was kept are left out."""
    digests = _digests(kept)
    for one in found:
        if one.name in digests:
            share = stage.difference((kept / f"{one.name}.png").read_bytes(), one.png)
            yield Difference(one, share, MOST if digests[one.name] == one.markup else MOST_CHANGED)


def _digests(kept: Path) -> dict[str, str]:
    words = (kept / _DIGESTS).read_text(encoding="utf-8").split()
    return dict(zip(words[::2], words[1::2], strict=True))


def put(found: Sequence[Picture], folder: Path) -> None:
    """Keep these, and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for one in found:
        (folder / f"{one.name}.png").write_bytes(one.png)
    (folder / _DIGESTS).write_text("".join(f"{one.name} {one.markup}\n" for one in sorted(found)), encoding="utf-8")


def show(one: Difference) -> None:
    """Put a picture where it can be looked at."""
    DIFFERENT.mkdir(parents=True, exist_ok=True)
    (DIFFERENT / f"{one.picture.name}.png").write_bytes(one.picture.png)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures")
    parser.add_argument("--keep", action="store_true", help="those of now are right")
    given = parser.parse_args(arguments)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**shell_launch())
        stage = Stage(chromium.new_page())
        found = list(taken(stage, sample(pieces())))
        if given.keep:
            put(found, KEPT)
        far = [one for one in compared(stage, found) if one.share > one.most]
        chromium.close()
    for one in far:
        show(one)
        print(one)
    print(f"{len(found)} pictures, {len(far)} of them different")
    return 1 if far else 0


if __name__ == "__main__":
    sys.exit(main())
