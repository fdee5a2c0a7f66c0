"""Whether everything that can be seen can be used by everybody: WCAG 2.2 AA over the gallery's states. ``make access``.

    python -m tests.access [--only WORD] [--sample] [--no-axe]

axe (npm's axe-core) looks at each state in both themes and at two widths; our own checks look whether anything reaches beyond the screen,
also at a zoom of 200 % and at 320 pixels, whether every target has 24 pixels, no text is cut that cannot be read elsewhere, and nothing
moves for those who want less motion. ``make test`` does so with a sample (tests/browser/test_gallery.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from playwright.sync_api import sync_playwright

from tests.gallery import Piece, pieces
from tests.kit.browser import shell_launch
from tests.kit.stage import Stage
from tests.states.drawn import draw

WIDE, NARROW, ZOOMED, LEAST = 1280, 390, 640, 320
"""Widths in CSS pixels: a laptop, a phone, the laptop at 200 % and at 400 % (WCAG 2.2, 1.4.4 and 1.4.10)."""
_CONTRAST: Final = "color-contrast"
_NAMED: Final = (
    *("home", "compose at the first start", "compose", "threads", "data", "a table", "a prompt", "a plan", "queue", "batches"),
    *("batch done", "account", "results", "charts", "compared answers", "recipe", "log", "programs", "settings at the first start"),
    *("settings", "nowhere"),
)
"""What ``make test`` looks at: each view with something of everything, and one of each of these dialogs."""
_DIALOGS: Final = ("Paste", "ProfileDialog", "TakeAwayDialog", "Opened", "PaletteDialog")


class Finding(NamedTuple):
    """Something that keeps somebody from something."""

    state: str
    where: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.state} ({self.where}): {self.rule}: {self.what}"


def sample(found: Sequence[Piece]) -> list[Piece]:
    """Those that ``make test`` looks at."""
    first = {kind: next((one.name for one in found if type(one.state.dialog).__name__ == kind), "") for kind in _DIALOGS}
    return [one for one in found if one.name in {*_NAMED, *first.values()}]


def by_axe(stage: Stage, found: Iterable[Piece], *, whole: bool = False) -> Iterator[Finding]:
    """What axe finds: on a laptop all of its rules in the light, and that about contrast, which takes it longest, in the
    dark; on a phone all but that. ``whole``: all rules at both widths and in both themes."""
    drawn = [(one.name, draw(one.state)) for one in found]
    for width in (WIDE, NARROW):
        stage.wide(width)
        for name, markup in drawn:
            stage.show(markup)
            without = () if whole or width == WIDE else (_CONTRAST,)
            yield from (Finding(name, f"light, {width}", rule, what) for rule, what in stage.axe(without=without))
            if whole or width == WIDE:
                stage.show(markup, "dark")
                rules = () if whole else (_CONTRAST,)
                yield from (Finding(name, f"dark, {width}", rule, what) for rule, what in stage.axe(*rules))


def by_layout(stage: Stage, found: Iterable[Piece], widths: Iterable[int] = (WIDE, ZOOMED, NARROW, LEAST)) -> Iterator[Finding]:
    """What reaches beyond the screen, is too small to be pressed, or is cut."""
    drawn = [(one.name, draw(one.state)) for one in found]
    for width in widths:
        stage.wide(width)
        for name, markup in drawn:
            stage.show(markup)
            yield from (Finding(name, str(width), rule, what) for rule, what in stage.layout())


def by_motion(stage: Stage, found: Iterable[Piece]) -> Iterator[Finding]:
    """What moves although less motion is wanted."""
    stage.page.emulate_media(reduced_motion="reduce")
    for one in found:
        stage.show(draw(one.state))
        yield from (Finding(one.name, "less motion", rule, what) for rule, what in stage.moving())
    stage.page.emulate_media(reduced_motion="no-preference")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.access")
    parser.add_argument("--only", default="", metavar="WORD", help="states with this word in their names")
    parser.add_argument("--sample", action="store_true", help="the states that make test looks at")
    parser.add_argument("--no-axe", action="store_true", help="the layout only")
    given = parser.parse_args(arguments)
    found = pieces(given.only)
    if given.sample:
        found = sample(found)
    wrong: list[Finding] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**shell_launch())
        stage = Stage(chromium.new_page())
        checks = [by_layout(stage, found), by_motion(stage, found)] + (
            [] if given.no_axe else [by_axe(stage, found, whole=not given.sample)]
        )
        for one in (each for check in checks for each in check):
            wrong.append(one)
            print(one, flush=True)
        chromium.close()
    print(f"{len(found)} states: {len(wrong)} findings")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
