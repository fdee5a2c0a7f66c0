"""Keep docs/contrast.md: the contrast of every pair of colours that the page lays over each other, in both themes, from the tokens.

``python -m tools.contrast`` rewrites the page, ``--check`` only says whether it is right. Either ends with 1 where a pair has less
than WCAG 2.2 AA asks for. The contrast is WCAG's: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "contrast.md"
_TOKENS: Final = ROOT / "static" / "css" / "tokens.css"
THEMES: Final = ("light", "dark")
TEXT: Final = 4.5
"""What text needs (1.4.3)."""
SHAPE: Final = 3.0
"""What edges of controls, focus rings and bars need (1.4.11)."""

_GROUNDS: Final = ("page", "surface", "raised", "sunken", "accent-soft")
_TONES: Final = ("good", "warn", "bad", "info", "wait")
_HEAD: Final = """# Contrast

Worked out from `static/css/tokens.css` by `python -m tools.contrast`; a unit test keeps it true. Text has {text}:1 at least, edges of
controls, focus rings and bars have {shape:.0f}:1 (WCAG 2.2 AA, 1.4.3 and 1.4.11). That pages use no worse pair is what axe looks at in
every state of the gallery (`make access`).
"""


class Pair(NamedTuple):
    """A colour over another, by their tokens, and what they are there for."""

    front: str
    ground: str
    use: str
    least: float


def colours() -> dict[str, tuple[str, str]]:
    """Each token that is a colour: its hexadecimal value in the light and in the dark."""
    text = _TOKENS.read_text(encoding="utf-8")
    return {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#\w+), (#\w+)\)", text)}


def pairs() -> list[Pair]:
    """What is laid over what."""
    found = [Pair(one, ground, "text", TEXT) for one in ("ink", "ink-2", "ink-3", "accent") for ground in _GROUNDS]
    found.append(Pair("accent-ink", "accent", "primary button, count in the navigation", TEXT))
    for tone in _TONES:
        found += [Pair(tone, f"{tone}-soft", "pill, title of a note", TEXT), *(Pair(tone, one, "text", TEXT) for one in _GROUNDS[:3])]
        found += [Pair(one, f"{tone}-soft", "text of a note", TEXT) for one in ("ink", "ink-2", "accent")]
    found += [Pair(one, "toast", "text of a toast", TEXT) for one in ("toast-ink", "toast-act")]
    marked = (("mark", "what was searched for"), ("added", "words that came"), ("gone", "words that went"))
    found += [Pair("ink", ground, use, TEXT) for ground, use in marked]
    found += [Pair("edge", ground, "edge of a control", SHAPE) for ground in _GROUNDS]
    found += [Pair("focus", ground, "ring around the focus", SHAPE) for ground in _GROUNDS]
    found += [Pair(one, "sunken", "bar of progress", SHAPE) for one in ("good", "bad", "info")]
    found += [Pair(f"arm-{n}", "surface", "bar, dot and sign of an arm, with text in it", TEXT) for n in range(1, 9)]
    return found


def ratio(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * one for one in digits)
    if len(digits) != 6:
        raise ValueError(f"{colour} is not an opaque colour")
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def ratios(found: Mapping[str, tuple[str, str]], pair: Pair) -> tuple[float, float]:
    """The pair's contrast in the light and in the dark."""
    (front, ground) = (found[pair.front], found[pair.ground])
    return ratio(front[0], ground[0]), ratio(front[1], ground[1])


def faults() -> list[str]:
    """Pairs that have less than they need, in words."""
    found = colours()
    return [
        f"{pair.front} on {pair.ground}, {theme}: {got:.2f}:1, needs {pair.least}:1 ({pair.use})"
        for pair in pairs()
        for theme, got in zip(THEMES, ratios(found, pair), strict=True)
        if got < pair.least
    ]


def drawn() -> str:
    """The page. Figures are rounded down, so that none looks better than it is."""
    found = colours()
    rows = ["| colour | on | for | needs | light | dark |", "|---|---|---|---|---|---|"]
    for pair in pairs():
        light, dark = ratios(found, pair)
        rows.append(f"| `{pair.front}` | `{pair.ground}` | {pair.use} | {pair.least:.1f} | {_down(light)} | {_down(dark)} |")
    return f"{_HEAD.format(text=TEXT, shape=SHAPE)}\n" + "\n".join(rows) + "\n"


def _down(value: float) -> str:
    return f"{int(value * 100) / 100:.2f}"


def main(arguments: list[str]) -> int:
    for fault in faults():
        print(fault, file=sys.stderr)
    if "--check" in arguments:
        right = PAGE.exists() and PAGE.read_text(encoding="utf-8") == drawn()
        if not right:
            print("docs/contrast.md is old: python -m tools.contrast", file=sys.stderr)
        return 0 if right and not faults() else 1
    PAGE.write_text(drawn(), encoding="utf-8")
    return 1 if faults() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
