"""Every view and dialog in every state that the unit tests draw, as pages and as screenshots: ``make gallery``.

    python -m tests.gallery [--only WORD] [--pages]

``build/gallery/index.html`` leads to all of them. The pages have the page's own style sheet; with ``#dark`` behind their address they are
dark. ``--only``: the states with this word in their names; ``--pages``: no screenshots.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec
from playwright.sync_api import sync_playwright

from app.ui.base.state import TITLES, State, View
from tests.kit.browser import chromium_launch
from tests.kit.site import ROOT
from tests.states.drawn import draw, titled
from tests.states.variants import shown

SAID: Final = "The night train to Lisbon"
"""Stands wherever a person, a provider or a program could have written something."""
FOLDER: Final = ROOT / "build" / "gallery"
WIDTHS: Final = (1280, 390)
SCHEMES: Final = ("light", "dark")
_CSS: Final = ROOT / "static" / "css"
_SCRIPT: Final = ROOT / "tests" / "kit" / "gallery.js"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="css/nightshift.css">
</head>
<body>
<div id="app">
{body}
</div>
<script src="gallery.js"></script>
</body>
</html>
"""
_INDEX: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery · Nightshift</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }}
body {{ margin: 2rem auto; max-width: 100rem; padding: 0 1rem }}
ul {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; padding: 0; list-style: none }}
li {{ border: 1px solid #8886; border-radius: 6px; padding: .75rem; overflow-wrap: anywhere }}
img {{ display: block; width: 100%; height: 14rem; object-fit: cover; object-position: top; margin-top: .5rem }}
</style>
</head>
<body>
<h1>Gallery</h1>
<p>{count} states, as the unit tests draw them.</p>
{sections}
</body>
</html>
"""


class Piece(msgspec.Struct, frozen=True):
    """One state of the gallery."""

    name: str
    state: State

    @property
    def stem(self) -> str:
        """What its files are called."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def view(self) -> View:
        return self.state.route.view

    def page(self) -> str:
        """It as a page."""
        return _PAGE.format(title=escape(f"{self.name} · {titled(self.state)}"), body=draw(self.state))

    def shots(self) -> list[str]:
        """The names of its screenshots."""
        return [f"{self.stem}-{scheme}-{width}.png" for scheme in SCHEMES for width in WIDTHS]


def pieces(only: str = "") -> list[Piece]:
    """The states with this word in their names; all of them where there is none."""
    return [one for name, state in shown(SAID) if only.lower() in (one := Piece(name, state)).name.lower()]


def write(found: Sequence[Piece], folder: Path) -> None:
    """The pages and the index, in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_CSS, folder / "css")
    shutil.copy(_SCRIPT, folder)
    for one in found:
        (folder / f"{one.stem}.html").write_text(one.page(), encoding="utf-8")
    (folder / "index.html").write_text(_index(found), encoding="utf-8")


def _index(found: Sequence[Piece]) -> str:
    order = [*TITLES]
    sections = []
    for view, each in groupby(sorted(found, key=lambda one: order.index(one.view)), key=lambda one: one.view):
        items = "\n".join(_item(one) for one in each)
        sections.append(f"<h2>{escape(TITLES[view])}</h2>\n<ul>\n{items}\n</ul>")
    return _INDEX.format(count=len(found), sections="\n".join(sections))


def _item(one: Piece) -> str:
    page, shots = f"{one.stem}.html", one.shots()
    links = " · ".join(f'<a href="{shot}">{shot.removeprefix(f"{one.stem}-").removesuffix(".png")}</a>' for shot in shots)
    return (
        f'<li><b>{escape(one.name)}</b><br><a href="{page}">light</a> · <a href="{page}#dark">dark</a> · {links}'
        f'<a href="{page}"><img src="{shots[0]}" alt="" loading="lazy"></a></li>'
    )


def photograph(found: Sequence[Piece], folder: Path) -> None:
    """Each page at every width, light and dark."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**chromium_launch())
        for width in WIDTHS:
            page = chromium.new_page(viewport={"width": width, "height": 900})
            for one in found:
                for scheme in SCHEMES:
                    page.goto(f"{(folder / one.stem).as_uri()}.html#{scheme}")
                    page.screenshot(
                        path=folder / f"{one.stem}-{scheme}-{width}.png", full_page=one.state.dialog is None, animations="disabled"
                    )
            page.close()
        chromium.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery")
    parser.add_argument("--only", default="", metavar="WORD", help="states with this word in their names")
    parser.add_argument("--pages", action="store_true", help="no screenshots")
    given = parser.parse_args(arguments)
    found = pieces(given.only)
    if not found:
        print(f"no state has “{given.only}” in its name", file=sys.stderr)
        return 1
    write(found, FOLDER)
    if not given.pages:
        photograph(found, FOLDER)
    print(f"{len(found)} states: {(FOLDER / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
