"""Charts as files: SVG that is complete by itself, with its own colours as attributes, so that it needs no style and breaks no policy."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from app.core.base.patterns import pattern
from app.core.results.chart_drawing import WIDTH, Shape, drawn
from app.core.results.charts import Chart

_UNSAID: Final = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot have (XML 1.0, 2.2)."""
_INK: Final = {"fill": "#1b2030"}
_COLOURS: Final[dict[str, dict[str, str]]] = {
    "c-mark": {"fill": "#2f3a8f"},
    "c-good": {"fill": "#1a7044"},
    "c-warn": {"fill": "#8a5a00"},
    "c-bad": {"fill": "#a92b2b"},
    "c-wait": {"fill": "#5b5f72"},
    "c-s1": {"fill": "#3b4252"},
    "c-s2": {"fill": "#0b62a8"},
    "c-s3": {"fill": "#9a5b00"},
    "c-s4": {"fill": "#006b4f"},
    "c-s5": {"fill": "#8a2f7c"},
    "c-s6": {"fill": "#a23b2a"},
    "c-s7": {"fill": "#4b5b12"},
    "c-s8": {"fill": "#4a43a8"},
    "c-over": {"fill": "none", "stroke": "#535a6d", "stroke-dasharray": "3 2"},
    "c-axis": {"stroke": "#535a6d"},
    "c-grid": {"stroke": "#e2dfd8"},
    "c-text": _INK,
    "c-on": {"fill": "#ffffff"},
}
"""Those of the page's light theme (static/css/tokens.css, views.css)."""
_MARGIN: Final = 16
_LETTERS: Final = 60
"""Of a line of words below the title."""
_LINE: Final = 15


def markup(shape: Shape, styled: Callable[[str], dict[str, str]] | None = None) -> str:
    """A shape as XML, whatever its texts say. ``styled``: attributes in place of a class; None: classes stay."""
    attributes = dict(shape.attributes)
    if styled is not None and "class" in attributes:
        attributes |= styled(attributes.pop("class"))
    said = "".join(f' {name}="{safe(value)}"' for name, value in attributes.items())
    inside = "".join(safe(one) if isinstance(one, str) else markup(one, styled) for one in shape.inside)
    return f"<{shape.name}{said}>{inside}</{shape.name}>"


def safe(said: str) -> str:
    """A text as markup, in XML and in HTML."""
    return escape(_UNSAID.sub("\ufffd", said))


def _coloured(cls: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in cls.split():
        found |= _COLOURS.get(one, {})
    return found


def svg_file(chart: Chart) -> tuple[str, int, int]:
    """The file, and how wide and high it is: title and finding above the drawing, on white."""
    shape = drawn(chart)
    lines = _wrapped(chart.says)
    top = _MARGIN + 20 + _LINE * len(lines) + 6
    width, height = WIDTH + 2 * _MARGIN, top + int(shape.attributes["height"]) + _MARGIN
    words = [
        Shape(
            "text",
            {"class": "c-text", "x": str(_MARGIN), "y": str(_MARGIN + 12), "font-size": "14", "font-weight": "600"},
            (chart.title[:60],),
        ),
        *(Shape("text", {"class": "c-text", "x": str(_MARGIN), "y": str(_MARGIN + 30 + _LINE * n)}, (one,)) for n, one in enumerate(lines)),
    ]
    inner = shape._replace(attributes={**shape.attributes, "x": str(_MARGIN), "y": str(top)})
    inner.attributes.pop("role")
    inner.attributes.pop("aria-label")
    whole = Shape(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "font-family": "system-ui, sans-serif",
            "font-size": "11",
            "role": "img",
        },
        (
            Shape("title", {}, (chart.title,)),
            Shape("desc", {}, (chart.says,)),
            Shape("rect", {"width": "100%", "height": "100%", "fill": "#ffffff"}),
            *words,
            inner,
        ),
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{markup(whole, _coloured)}\n', width, height


def _wrapped(said: str) -> list[str]:
    """In lines; words that are longer than one are cut."""
    lines = [""]
    for word in said.split():
        word = word[:_LETTERS]
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:6]
