"""What a report on answers says, whatever it is written as (core.results.report_html, report_markdown)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from app.core.base import text
from app.core.openai import advice
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.agreement import Agreement, label_titles
from app.core.results.charts import Chart
from app.core.results.outcome_report import OutcomeReport

MOST_REPORTED: Final = 2_000
"""Rows that a report lists."""
ReportFormat = Literal["html", "markdown"]
_LABELS: Final = 20
"""Of a confusion matrix that are written."""
_KINDS: Final = 50


class ReportBatch(msgspec.Struct, frozen=True):
    """A batch of which rows are in the report. ``made`` and ``came`` as people read them; ``came`` is "" while it is under way."""

    name: str
    model: str
    endpoint: str
    rows: int
    state: str
    made: str
    came: str = ""


class Report(msgspec.Struct, frozen=True):
    """``rows`` are the first of ``count`` rows, with the outcome before their cells. ``when``: when it was written."""

    title: str
    when: str
    count: int
    outcome: OutcomeReport
    batches: tuple[ReportBatch, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    """What was asked: the name of a version of a prompt, and its text."""
    filters: str = ""
    """What the rows were chosen by, in words."""
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    agreement: Agreement | None = None
    sides: tuple[str, str] = ("", "")
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(one.model for one in self.batches))


def outcome_words(found: OutcomeReport) -> str:
    """The sum that adds up, and what it cost."""
    parts = " + ".join(f"{text.number(count)} {word}" for word, count in found.sums.items())
    said = f"{text.count(found.rows, 'request')} = {parts}" if parts else "There are no requests"
    return f"{said}. Cost: {dollars(round(found.cost * PER_DOLLAR))}." if found.cost else f"{said}."


def trouble(found: OutcomeReport) -> list[tuple[str, ...]]:
    """A row for each kind of problem: how many, how they ended, the provider's code, what it means and what can be done, the cost."""
    rows: list[tuple[str, ...]] = []
    for one in found.groups[:_KINDS]:
        meaning = advice.explain(one.code)
        paid = dollars(round(one.cost * PER_DOLLAR)) if one.cost else ""
        rows.append((text.number(one.count), one.outcome, one.code[:80], f"{meaning.sentence} {meaning.remedy}".strip(), paid))
    return rows


TROUBLE_HEAD: Final = ("Requests", "Outcome", "Code", "What it means", "Cost")
BATCH_HEAD: Final = ("Batch", "Model", "Endpoint", "Rows", "State", "Made", "Answers came")


def batch_rows(batches: tuple[ReportBatch, ...]) -> list[tuple[str, ...]]:
    """A row for each batch."""
    return [(one.name, one.model, one.endpoint, text.number(one.rows), one.state, one.made, one.came) for one in batches]


def agreement_words(found: Agreement, sides: tuple[str, str]) -> str:
    """How far two columns agree, each figure with its n."""
    if not found.n:
        return f"No row has a label in both {sides[0]} and {sides[1]}."
    kappa = "undefined, since both use only one label" if found.kappa is None else f"{found.kappa:.3f}"
    more = f", with quadratic weights {found.weighted:.3f}" if found.weighted is not None else ""
    return (
        f"{sides[0]} and {sides[1]} agree in {100 * found.accuracy:.1f} % of {text.count(found.n, 'row')}. "
        f"Cohen's κ is {kappa} (n = {text.number(found.n)}){more}."
    )


def matrix(found: Agreement) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The confusion matrix as a table: its head, and a row for each label of the reference."""
    labels = label_titles(found)[:_LABELS]
    rows = [(label, *(text.number(n) for n in counts[:_LABELS])) for label, counts in zip(labels, found.counts, strict=False)]
    return ("", *labels), rows


def rows_words(report: Report) -> str:
    """Which rows the table has, and where the others are."""
    shown = len(report.rows)
    if shown == report.count:
        return f"All {text.count(shown, 'row')}. Long cells are cut; files of the other formats have all of their text."
    return (
        f"The first {text.number(shown)} of {text.count(report.count, 'row')}, long cells cut. "
        "The others, and all of their text, are in files of the other formats."
    )


# --- in which order it says it


class Heading(NamedTuple):
    """The name of what follows."""

    said: str
    level: int = 2


class Paragraph(NamedTuple):
    """A paragraph; ``minor``: it is of less weight."""

    said: str
    minor: bool = False


class Quoted(NamedTuple):
    """A text of many lines as it was written, under its name."""

    name: str
    said: str


class ReportTable(NamedTuple):
    """Rows of texts under a head."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Pictures(NamedTuple):
    """Charts, each with its title, its finding and its table."""

    charts: tuple[Chart, ...]


ReportPart = Heading | Paragraph | Quoted | ReportTable | Pictures


def parts(report: Report) -> Iterator[ReportPart]:
    """The whole report, whatever it is written as."""
    yield Heading(report.title, 1)
    yield Paragraph(" · ".join(filter(None, (report.when, ", ".join(report.models)))), minor=True)
    if report.filters:
        yield Paragraph(report.filters, minor=True)
    yield Heading("Outcomes of the requests")
    yield Paragraph(outcome_words(report.outcome))
    yield from (Paragraph(one, minor=True) for one in report.notes)
    if report.charts:
        yield Pictures(report.charts)
    if kinds := trouble(report.outcome):
        yield Heading("Kinds of problems")
        yield ReportTable(TROUBLE_HEAD, kinds)
    if report.agreement is not None:
        yield Heading("Agreement")
        yield Paragraph(agreement_words(report.agreement, report.sides))
        if len(report.agreement.labels) > 1:
            yield Paragraph(f"Rows: {report.sides[0]}. Columns: {report.sides[1]}.", minor=True)
            yield ReportTable(*matrix(report.agreement))
    if report.prompts:
        yield Heading("Prompts")
        yield from (Quoted(name, said) for name, said in report.prompts)
    if report.batches:
        yield Heading("Batches")
        yield ReportTable(BATCH_HEAD, batch_rows(report.batches))
    yield Heading("Rows")
    yield Paragraph(rows_words(report), minor=True)
    yield ReportTable(report.columns, report.rows)
