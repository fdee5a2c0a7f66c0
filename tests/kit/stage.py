"""One page of a browser that shows states of the gallery one after the other, with the page's own style sheet and without Python: a state
costs milliseconds. Its fonts are shipped (tests/js), so that layouts are the same everywhere; DejaVu is the widest of the usual ones.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.kit.site import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

_CSS: Final = ROOT / "static" / "css"
_SCRIPT: Final = ROOT / "tests" / "kit" / "stage.js"
_MODULES: Final = ROOT / "tests" / "js" / "node_modules"
_FONTS: Final = (
    ("Stage", 400, "dejavu-sans/files/dejavu-sans-latin-400-normal.woff2"),
    ("Stage", 700, "dejavu-sans/files/dejavu-sans-latin-700-normal.woff2"),
    ("Stage Mono", 400, "dejavu-mono/files/dejavu-mono-latin-400-normal.woff2"),
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nightshift</title>
<style>{css}</style>
<style>{fonts} :root {{ --font: "Stage", sans-serif; --mono: "Stage Mono", monospace }}</style>
</head>
<body><div id="app"></div></body>
</html>
"""


def styles() -> str:
    """The page's style sheets as one."""
    names = re.findall(r'@import "([\w.]+)";', (_CSS / "nightshift.css").read_text(encoding="utf-8"))
    return "\n".join((_CSS / name).read_text(encoding="utf-8") for name in names)


def _font(family: str, weight: int, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("data:font/woff2;base64,{data}") }}'


class Stage:
    """A page that states are shown on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        fonts = " ".join(_font(family, weight, _MODULES / "@fontsource" / path) for family, weight, path in _FONTS)
        page.set_content(_PAGE.format(css=styles(), fonts=fonts))
        page.add_script_tag(path=_MODULES / "axe-core" / "axe.min.js")
        page.add_script_tag(path=_SCRIPT)
        page.evaluate("document.fonts.load('16px Stage').then(() => document.fonts.load('700 16px Stage'))")
        page.evaluate("document.fonts.load('16px \"Stage Mono\"').then(() => document.fonts.ready.then(() => undefined))")

    def wide(self, width: int, height: int = 900) -> None:
        """From now on the window has this size, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def show(self, markup: str, theme: str = "light") -> None:
        """Draw a state."""
        self.page.evaluate("([markup, theme]) => stage.show(markup, theme)", [markup, theme])

    def layout(self) -> list[tuple[str, str]]:
        """What is wrong with the layout: kinds (``sideways``, ``target``, ``cut``) and sentences."""
        return self._pairs("stage.layout()")

    def moving(self) -> list[tuple[str, str]]:
        """What moves."""
        return self._pairs("stage.moving()")

    def axe(self, *rules: str, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        """What axe finds: rules and elements with what is wrong. ``rules``: these only."""
        return self._pairs("([rules, without]) => stage.axeFinds(rules, without)", [[*rules], [*without]])

    def difference(self, before: bytes, after: bytes) -> float:
        """The share of pixels in which two pictures (PNG) differ so that one sees it, 0 to 1."""
        addresses = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in (before, after)]
        return float(self.page.evaluate("([before, after]) => stage.difference(before, after)", addresses))

    def _pairs(self, script: str, argument: Any = None) -> list[tuple[str, str]]:
        return [(kind, said) for kind, said in self.page.evaluate(script, argument)]
