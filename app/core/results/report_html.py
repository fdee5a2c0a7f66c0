"""A report as one page that is complete by itself: no script, no request, its own small style, and a policy that allows nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from app.core.results.chart_drawing import drawn
from app.core.results.chart_file import markup, safe
from app.core.results.charts import Chart
from app.core.results.report import Heading, Paragraph, Pictures, Quoted, Report, ReportTable, parts

_STYLE: Final = """
:root { color-scheme: light dark; --page: light-dark(#ffffff, #0d111c); --ink: light-dark(#1b2030, #e7eaf3);
  --dim: light-dark(#535a6d, #a5afc6);
  --line: light-dark(#c9c4b9, #3a4763); --mark: light-dark(#2f3a8f, #f2b45a) }
body { margin: 0 auto; padding: 2rem 1rem; max-width: 70rem; background: var(--page); color: var(--ink);
  font: 14px/1.45 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.125rem; margin: 2rem 0 .5rem } h3 { font-size: .875rem; margin: 0 }
p { margin: .25rem 0 } .dim { color: var(--dim) }
table { border-collapse: collapse; font-size: .8125rem; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid var(--line); white-space: pre-wrap;
  overflow-wrap: break-word }
pre { white-space: pre-wrap; border: 1px solid var(--line); border-radius: .25rem; padding: .75rem; margin: .25rem 0 }
.wide { overflow-x: auto }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem }
figure { margin: 0; break-inside: avoid } figure > svg { width: 100%; height: auto; max-width: 34rem }
svg text { fill: var(--ink) } svg .c-on { fill: var(--page); font-weight: 700 } .c-axis { stroke: var(--dim) }
.c-grid { stroke: var(--line) } .c-mark { fill: var(--mark) } .c-over { fill: none; stroke: var(--dim); stroke-dasharray: 3 2 }
.c-good { fill: light-dark(#1a7044, #5fce94) } .c-warn { fill: light-dark(#8a5a00, #f0bd5d) }
.c-bad { fill: light-dark(#a92b2b, #f28b82) } .c-wait { fill: light-dark(#5b5f72, #9aa5be) }
.c-s1 { fill: light-dark(#3b4252, #a9b2c3) } .c-s2 { fill: light-dark(#0b62a8, #7cc0ff) }
.c-s3 { fill: light-dark(#9a5b00, #ffbf5c) } .c-s4 { fill: light-dark(#006b4f, #5fd6ae) } .c-s5 { fill: light-dark(#8a2f7c, #f09adf) }
.c-s6 { fill: light-dark(#a23b2a, #ff9d8a) } .c-s7 { fill: light-dark(#4b5b12, #bfd05f) } .c-s8 { fill: light-dark(#4a43a8, #b7b1ff) }
@media (forced-colors: active) { svg text, .c-mark { fill: CanvasText } svg .c-on { fill: Canvas } .c-mark { stroke: Canvas }
.c-axis, .c-grid, .c-over { stroke: CanvasText } }
@media print { :root { color-scheme: light } body { padding: 0; max-width: none } details { display: none }
tr { break-inside: avoid } }
"""


def policy() -> str:
    """What the page may do: nothing but have its style."""
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def html(report: Report) -> Iterator[str]:
    """The page, in pieces."""
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{safe(policy())}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    for part in parts(report):
        match part:
            case Heading(said, level):
                yield f"<h{level}>{safe(said)}</h{level}>\n"
            case Paragraph(said, minor):
                yield f'<p class="dim">{safe(said)}</p>\n' if minor else f"<p>{safe(said)}</p>\n"
            case Quoted(name, said):
                yield f"<h3>{safe(name)}</h3>\n<pre>{safe(said)}</pre>\n"
            case ReportTable(head, rows):
                yield from _table(head, rows)
            case Pictures(charts):
                yield '<div class="charts">\n'
                yield from map(_chart, charts)
                yield "</div>\n"
    yield "</body>\n</html>\n"


def _chart(chart: Chart) -> str:
    left_out = f'<p class="dim">{safe(chart.left_out)}</p>' if chart.left_out else ""
    table = "".join(_table(chart.head, chart.rows))
    return (
        f'<figure>\n<h3>{safe(chart.title)}</h3>\n<p class="dim">{safe(chart.says)}</p>\n{markup(drawn(chart))}\n{left_out}'
        f"<details><summary>Table</summary>\n{table}</details>\n</figure>\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f'<div class="wide"><table>\n<thead><tr>{"".join(f"<th>{safe(one)}</th>" for one in head)}</tr></thead>\n<tbody>\n'
    for row in rows:
        yield f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>\n"
    yield "</tbody></table></div>\n"
