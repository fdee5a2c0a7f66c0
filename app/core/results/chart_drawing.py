"""A chart as a drawing: elements of SVG with classes in place of colours, for the page (ui.results.charts_view), a report or a file
(core.results.chart_file). Lengths are in units of a drawing that is 360 wide.

Nothing is told by colour alone: bars have labels, parts of bars have numbers, and what is saved is dashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final, NamedTuple

from app.core.base import text
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.charts import Chart, ChartBar, Unit, figure, share, short
from app.core.results.facets import round_width

WIDTH: Final = 360
ROW: Final = 26
"""Height of a bar that lies, with what parts it from the next."""
TOP: Final = 12
PLOT: Final = 150
"""Height of bars that stand."""
LEFT: Final = 50
RIGHT: Final = 8
TICKS: Final = 22
"""Below the axis."""
_LABEL: Final = 118
_BAR: Final = 142
_LINE: Final = 18
_LETTER: Final = 6.2
"""Width of a letter of 11 units, about."""
_SHORT: Final = 6
"""Letters of a tick that may stand below the border itself."""
_MARK_HEIGHT: Final = 12.0
"""From which on a part of a bar has its number in it."""


class Shape(NamedTuple):
    """An element of SVG: its attributes, and the elements or texts in it."""

    name: str
    attributes: dict[str, str]
    inside: tuple[Shape | str, ...] = ()


def drawn(chart: Chart) -> Shape:
    """The drawing. Its name and description say what it shows in words."""
    height, shapes = _upright(chart) if chart.upright else _lying(chart)
    return Shape(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "role": "img",
            "aria-label": f"{chart.title}. {chart.says}",
            "font-size": "11",
        },
        (Shape("title", {}, (chart.title,)), Shape("desc", {}, (chart.says,)), *shapes),
    )


def height_of(chart: Chart) -> int:
    """How high the drawing is."""
    return (_upright(chart) if chart.upright else _lying(chart))[0]


# --- bars that lie


def _lying(chart: Chart) -> tuple[int, list[Shape]]:
    most = max((one.value for one in chart.bars), default=0) or 1
    total = sum(one.value for one in chart.bars) or 1
    shapes: list[Shape] = []
    for n, one in enumerate(chart.bars):
        y, length = n * ROW, max(_BAR * one.value / most, 1.5 if one.value else 0)
        shapes += [
            _clipped(0, y, _LABEL, text.shorten(one.label, 60) or "(spaces only)"),
            Shape(
                "rect",
                {"class": _mark(one), "x": str(_LABEL + 6), "y": str(y + 4), "width": _of(length), "height": str(ROW - 8), "rx": "2"},
            ),
            Shape(
                "text",
                {"class": "c-text", "x": _of(_LABEL + 12 + length), "y": str(y + 17)},
                (f"{figure(one.value, chart.unit)} · {share(one.value, total)}",),
            ),
        ]
    return max(ROW, len(chart.bars) * ROW), shapes


def _clipped(x: int, y: int, width: int, words: str) -> Shape:
    """A label that goes no further than its place, whatever its letters are."""
    inner = Shape("text", {"class": "c-text", "x": "0", "y": "17"}, (words,))
    return Shape("svg", {"x": str(x), "y": str(y), "width": str(width), "height": str(ROW), "overflow": "hidden"}, (inner,))


def _mark(one: ChartBar) -> str:
    return f"c-mark c-{one.tone}" if one.tone else "c-mark"


# --- bars that stand


def _upright(chart: Chart) -> tuple[int, list[Shape]]:
    most = max((one.value + one.over for one in chart.bars), default=0) or 1.0
    width = (WIDTH - LEFT - RIGHT) / max(1, len(chart.bars))
    gap = min(6.0, width * 0.14)
    shapes = _grid(most, chart.unit)
    for n, one in enumerate(chart.bars):
        shapes += _standing(chart, one, LEFT + n * width + gap / 2, width - gap, PLOT / most)
    shapes.append(_line("c-axis", LEFT, TOP + PLOT, WIDTH - RIGHT, TOP + PLOT))
    shapes += _ticks(chart.bars, width, centred=chart.centred)
    height = TOP + PLOT + TICKS
    for n, words in enumerate(_legend(chart)):
        shapes += _legend_line(n, words, height, dashed=bool(chart.over) and n == len(chart.series))
        height += _LINE
    return height, shapes


def _standing(chart: Chart, one: ChartBar, x: float, width: float, scale: float) -> list[Shape]:
    """A bar, its parts from the axis upwards, and what stands above it."""
    shapes: list[Shape] = []
    base = float(TOP + PLOT)
    for n, value in enumerate(one.parts or (one.value,)):
        high = max(value * scale, 1.5 if value else 0)
        base -= high
        cls = f"c-mark c-s{n + 1}" if chart.series else _mark(one)
        shapes.append(_box(cls, x, base, width, high))
        if chart.series and high >= _MARK_HEIGHT and width >= _MARK_HEIGHT:
            shapes.append(
                Shape(
                    "text",
                    {"class": "c-on", "x": _of(x + width / 2), "y": _of(base + high / 2 + 4), "text-anchor": "middle"},
                    (str(n + 1),),
                )
            )
    if one.over:
        high = one.over * scale
        shapes.append(_box("c-over", x + 0.5, base - high, max(1.0, width - 1), high))
    return shapes


def _box(cls: str, x: float, y: float, width: float, height: float) -> Shape:
    return Shape("rect", {"class": cls, "x": _of(x), "y": _of(y), "width": _of(width), "height": _of(height)})


def _grid(most: float, unit: Unit) -> list[Shape]:
    """Lines at round figures, and these."""
    step = round_width(most / 3)
    if not unit and 0 < step < 1:
        step = 1.0
    if not step:
        return []
    shapes = []
    for n in range(1, int(most / step) + 1):
        y = TOP + PLOT - n * step * PLOT / most
        shapes += [
            _line("c-grid", LEFT, y, WIDTH - RIGHT, y),
            Shape("text", {"class": "c-text", "x": str(LEFT - 6), "y": _of(y + 4), "text-anchor": "end"}, (short(n * step, unit),)),
        ]
    return shapes


def _ticks(bars: Sequence[ChartBar], width: float, *, centred: bool) -> list[Shape]:
    """What stands below the bars: as many as have room."""
    longest = max((len(one.tick) for one in bars), default=0)
    every = max(1, ceil((longest * _LETTER + 8) / width))
    last = len(bars) if centred or longest <= _SHORT else int((WIDTH - LEFT - longest * _LETTER) / width) + 1
    return [
        Shape(
            "text",
            {
                "class": "c-text",
                "x": _of(LEFT + (n + centred / 2) * width),
                "y": str(TOP + PLOT + 16),
                "text-anchor": _anchor(n, bars, centred=centred),
            },
            (one.tick,),
        )
        for n, one in enumerate(bars[:last])
        if n % every == 0
    ]


def _anchor(n: int, bars: Sequence[ChartBar], *, centred: bool) -> str:
    """Long ones begin where their bars do; one below the last bar goes no further than the drawing."""
    if centred:
        return "middle"
    if max(len(one.tick) for one in bars) > _SHORT:
        return "start"
    return "start" if n == 0 else "end" if n == len(bars) - 1 and len(bars[n].tick) > 4 else "middle"


def _legend(chart: Chart) -> list[str]:
    """What the parts of bars are, with what they come to; and what is dashed."""
    sums = [sum(one.parts[n] for one in chart.bars) for n in range(len(chart.series))]
    said = [
        f"{n}  {text.shorten(name, 40)}: {dollars(round(value * PER_DOLLAR))}"
        for n, (name, value) in enumerate(zip(chart.series, sums, strict=True), 1)
    ]
    return [*said, chart.over] if chart.over else said


def _legend_line(n: int, words: str, y: int, *, dashed: bool) -> list[Shape]:
    box = _box("c-over" if dashed else f"c-mark c-s{n + 1}", LEFT + 0.5, y + 3.5, 11, 11)
    return [box, Shape("text", {"class": "c-text", "x": str(LEFT + 18), "y": str(y + 13)}, (words,))]


def _line(cls: str, x1: float, y1: float, x2: float, y2: float) -> Shape:
    return Shape("line", {"class": cls, "x1": _of(x1), "y1": _of(y1), "x2": _of(x2), "y2": _of(y2)})


def _of(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".") or "0"
