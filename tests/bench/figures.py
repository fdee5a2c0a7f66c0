"""Figures: what was measured, how often, and what was aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import msgspec


@dataclass
class Figure:
    """One row of the table. ``goal`` is the most that is wanted of the median; ``times``: how many times faster than ``baseline`` it shall
    be."""

    name: str
    unit: str
    goal: float | None = None
    times: float | None = None
    samples: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """How many times the baseline takes; None without one."""
        return median(self.baseline) / median(self.samples) if self.baseline and median(self.samples) else None

    @property
    def kept(self) -> bool | None:
        """Whether the goals are kept; None where there are none."""
        if self.goal is None and self.times is None:
            return None
        fast = self.goal is None or median(self.samples) <= self.goal
        return fast and (self.times is None or (self.ratio or 0) >= self.times)


class Row(msgspec.Struct, frozen=True):
    """A figure as build/bench.json holds it; null where there is no goal or no baseline."""

    name: str
    median: float
    min: float
    max: float
    unit: str
    goal: float | None
    baseline: float | None
    ratio: float | None


class Figures:
    """All figures of a run, in the order in which they were first told."""

    def __init__(self) -> None:
        self._all: dict[str, Figure] = {}

    def told(self, name: str, unit: str, value: float, *, goal: float | None = None, times: float | None = None) -> None:
        """One sample."""
        self._all.setdefault(name, Figure(name, unit, goal, times)).samples.append(value)

    def compared(self, name: str, value: float) -> None:
        """One sample of the baseline that stands beside the figure ``name``."""
        self._all[name].baseline.append(value)

    def add(self, other: Figures) -> None:
        """The samples of another run."""
        for name, one in other._all.items():
            mine = self._all.setdefault(name, Figure(name, one.unit, one.goal, one.times))
            mine.samples += one.samples
            mine.baseline += one.baseline

    def rows(self) -> list[Row]:
        return [
            Row(
                one.name,
                _short(median(one.samples)),
                _short(min(one.samples)),
                _short(max(one.samples)),
                one.unit,
                one.goal,
                _short(median(one.baseline)) if one.baseline else None,
                None if one.ratio is None else round(one.ratio, 2),
            )
            for one in self._all.values()
        ]

    def missed(self) -> list[str]:
        """The names of the figures that miss a goal."""
        return [one.name for one in self._all.values() if one.kept is False]

    def table(self) -> str:
        """For people: one line a figure."""
        head = ("", "median", "min", "max", "unit", "goal", "baseline", "ratio", "")
        lines = [head]
        for figure, row in zip(self._all.values(), self.rows(), strict=True):
            goal = "" if row.goal is None else f"≤ {row.goal:,.10g}"
            ratio = "" if row.ratio is None else f"{row.ratio:.1f}×" + (f" (≥ {figure.times:g}×)" if figure.times else "")
            verdict = {None: "", True: "kept", False: "MISSED"}[figure.kept]
            baseline = "" if row.baseline is None else _text(row.baseline)
            lines.append((row.name, _text(row.median), _text(row.min), _text(row.max), row.unit, goal, baseline, ratio, verdict))
        return _aligned(lines)


def _short(value: float) -> float:
    return round(value, 1) if value < 100 else round(value)


def _text(value: float) -> str:
    return f"{value:,.10g}"


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    left = (0, 4, 8)
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in left else cell.rjust(width) for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
