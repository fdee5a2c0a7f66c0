"""A report as Markdown (GitHub's, for its tables): the same as the page, with the tables behind charts in place of the drawings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.core.base.patterns import pattern
from app.core.results.charts import Chart
from app.core.results.report import Heading, Paragraph, Pictures, Quoted, Report, ReportTable, parts

_SPECIAL: Final = pattern(r"([\\`*_\[\]<>#|~&:@!$])")
"""What may begin something in Markdown: markup, links, entities, and (``:``, ``@``) addresses that are made links of by themselves."""
_SPACES: Final = pattern(r"\s+")
_CONTROL: Final = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BEGINS: Final = pattern(r"^(\d{1,9})([.)])|^([-+=])")
_DOMAIN: Final = pattern(r"(?i)\bwww\.")


def inline(said: str) -> str:
    """A text on one line, as it is: nothing in it is Markdown."""
    line = _SPACES.sub(" ", _CONTROL.sub("\ufffd", said)).strip()
    line = _DOMAIN.sub(lambda found: found[0][:-1] + "\\.", _SPECIAL.sub(r"\\\1", line))
    return _BEGINS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", line)


def fenced(said: str) -> str:
    """A text of many lines, as it is: between more backticks than it has in a row."""
    said = _CONTROL.sub("\ufffd", said.replace("\r\n", "\n").replace("\r", "\n"))
    most = max((len(one) for one in re.findall("`+", said)), default=0)
    fence = "`" * max(3, most + 1)
    return f"{fence}text\n{said}\n{fence}\n"


def markdown(report: Report) -> Iterator[str]:
    """The text, in pieces."""
    for part in parts(report):
        match part:
            case Heading(said, level):
                yield f"{'#' * level} {inline(said)}\n\n"
            case Paragraph(said, _):
                yield f"{inline(said)}\n\n"
            case Quoted(name, said):
                yield f"### {inline(name)}\n\n{fenced(said)}\n"
            case ReportTable(head, rows):
                yield from _table(head, rows)
            case Pictures(charts):
                for chart in charts:
                    yield from _chart(chart)


def _chart(chart: Chart) -> Iterator[str]:
    yield f"### {inline(chart.title)}\n\n{inline(chart.says)}\n\n"
    yield from _table(chart.head, chart.rows)
    if chart.left_out:
        yield f"{inline(chart.left_out)}\n\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(inline, head))} |\n|{' --- |' * len(head)}\n"
    for row in rows:
        yield f"| {' | '.join(map(inline, row))} |\n"
    yield "\n"
