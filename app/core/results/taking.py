"""Answers as a table that a person takes away: which columns and rows, and the rows themselves.

An answer's row has the row of the table first. A table row with several answers (samples, several additions to the queue) is several rows,
or one whose answer columns stand side by side, as the person chose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from app.core.datasets.table import Cell, ColumnNames
from app.core.model.annotations import Annotation
from app.core.model.settings import TakeAway
from app.core.results.annotating import SEPARATOR
from app.core.results.fields import FieldSurvey, flattened, json_state
from app.core.results.joining import JoinedRequest, JoinedRow
from app.core.results.kinds import CellKind, SeenKinds
from app.core.results.samples import AnswerFacts, AnswerText


class Unit(NamedTuple):
    """One answer of a table row: of which addition, in which of its ways, and which of several that came for it, from 0."""

    run: int
    tag: str
    sample: int
    n: int


def unit_of(request: JoinedRequest, n: int) -> Unit:
    """The n-th answer to a request."""
    return Unit(request.run, request.tag, request.sample, n)


class AnsweredRequest(NamedTuple):
    """A request with what came for it. ``batch`` is the name of its batch, ``prompt`` what was asked as text, where it is wanted."""

    request: JoinedRequest
    facts: AnswerFacts
    batch: str = ""
    batch_id: str = ""
    prompt: str = ""
    annotation: Annotation = Annotation()
    """What a person said of it."""
    judged: Mapping[str, Cell] = {}
    """What judges said of it, by the names of their columns."""


class AnswerSurvey:
    """What all answers have in common. Needed before the first row is written: columns stand before rows."""

    def __init__(self) -> None:
        self.fields = FieldSurvey()
        self.cells = SeenKinds()
        self._answers: dict[Unit, int] = {}

    def add(self, one: AnsweredRequest) -> None:
        """Take a request's answer."""
        unit = unit_of(one.request, 0)
        self._answers[unit] = max(self._answers.get(unit, 1), len(one.facts.samples))
        for sample in one.facts.samples:
            self.fields.add(sample.text, good=one.request.outcome == "answered")

    def units(self) -> tuple[Unit, ...]:
        """Every answer that a row may have."""
        return tuple(unit._replace(n=n) for unit in sorted(self._answers) for n in range(self._answers[unit]))


_Column = tuple[str, CellKind]
_OUTCOME: Final[tuple[_Column, ...]] = (("Outcome", "text"), ("Error", "text"), ("Finish reason", "text"))
_USAGE: Final[tuple[_Column, ...]] = (
    ("Input tokens", "integer"),
    ("Cached tokens", "integer"),
    ("Output tokens", "integer"),
    ("Reasoning tokens", "integer"),
    ("Cost (USD)", "number"),
)
_ANNOTATIONS: Final[tuple[_Column, ...]] = (
    ("Mark", "text"),
    ("Rating", "integer"),
    ("Tags", "text"),
    ("Note", "text"),
    ("Correction", "text"),
)
_REQUEST: Final[tuple[_Column, ...]] = (
    ("Request id", "text"),
    ("Provider request id", "text"),
    ("Model", "text"),
    ("Batch", "text"),
    ("Batch id", "text"),
    ("Attempts", "integer"),
    ("Sample", "integer"),
)


class AnswerTable:
    """The columns of a file, and its rows. ``of_table``: the names of the table's columns; ``asked``: the requests asked for an answer of a
    certain form; ``variants``: rows were asked in several ways; ``annotated``: people said something of answers; ``judges``: columns
    that judges have filled, with what their cells are."""

    def __init__(
        self,
        choice: TakeAway,
        of_table: Sequence[str],
        survey: AnswerSurvey,
        *,
        asked: bool,
        variants: bool,
        annotated: bool = False,
        judges: Sequence[tuple[str, CellKind]] = (),
    ) -> None:
        self._choice, self._width = choice, len(of_table) if "table" in choice.parts else 0
        self._fields = survey.fields.fields(asked=asked) if "fields" in choice.parts else ()
        self._structured = bool(self._fields)
        self._judges = tuple(judges) if "annotations" in choice.parts else ()
        self._variants, self._annotated = variants, "annotations" in choice.parts and (annotated or choice.parts == ("annotations",))
        self._units = survey.units() if choice.side_by_side else ()
        names = ColumnNames()
        if self._width:
            names.add(of_table)
        block = self._block(survey)
        if len(self._units) <= 1:
            names.add([name for name, _ in block])
        for n, unit in enumerate(self._units if len(self._units) > 1 else (), 1):
            names.add([f"{name} {n} {unit.tag}".strip() for name, _ in block])
        self.columns: tuple[str, ...] = tuple(names.names)
        """Their names, each once."""
        kinds = [kind for _, kind in block]
        self.kinds: tuple[CellKind, ...] = (*survey.cells.kinds(self._width), *kinds * max(1, len(self._units)))
        """What their cells are, as far as the survey has seen them."""
        self._empty: list[Cell] = [None] * len(block)
        self.written = 0
        """Rows so far."""

    def _block(self, survey: AnswerSurvey) -> list[_Column]:
        """The columns of one answer."""
        found: list[_Column] = []
        parts = self._choice.parts
        if self._variants:
            found.append(("Variant", "text"))
        if "prompt" in parts:
            found.append(("Prompt", "text"))
        if "answer" in parts:
            found.append(("Answer", "text"))
        if self._structured:
            found += [*((one, survey.fields.kind(one)) for one in self._fields), ("Answer JSON", "text")]
        if self._annotated:
            found += _ANNOTATIONS
        found += self._judges
        for part, columns in (("outcome", _OUTCOME), ("usage", _USAGE), ("request", _REQUEST)):
            if part in parts:
                found += columns
        return found

    def rows(self, row: JoinedRow, answers: Sequence[AnsweredRequest]) -> Iterator[list[Cell]]:
        """The rows of the file that a row of the table becomes: none, one or several."""
        wanted = [one for one in answers if self._wants(one.request)]
        if not wanted and (answers or self._choice.rows == "answered"):
            return
        cells = [*row.cells[: self._width], *[None] * (self._width - len(row.cells))] if self._width else []
        if len(self._units) > 1:
            by_unit = {unit_of(one.request, n): (one, n) for one in wanted for n in range(max(1, len(one.facts.samples)))}
            yield cells + [cell for unit in self._units for cell in self._answer(*by_unit.get(unit, (None, 0)))]
            self.written += 1
            return
        for one in wanted:
            for n in range(max(1, len(one.facts.samples))):
                yield cells + self._answer(one, n)
                self.written += 1
        if not wanted:
            yield cells + self._empty
            self.written += 1

    def _wants(self, request: JoinedRequest) -> bool:
        return self._choice.rows == "all" or (self._choice.rows == "answered") == request.answered

    def _answer(self, one: AnsweredRequest | None, n: int) -> list[Cell]:
        if one is None:
            return self._empty
        request, facts = one.request, one.facts
        sample = facts.samples[n] if n < len(facts.samples) else AnswerText()
        parts = self._choice.parts
        found: list[Cell] = []
        if self._variants:
            found.append(request.tag or None)
        if "prompt" in parts:
            found.append(one.prompt)
        if "answer" in parts:
            found.append(sample.text if facts.samples else None)
        if self._structured:
            state, value = json_state(sample.text)
            cells = flattened(value) if isinstance(value, dict) else {}
            found += [cells.get(path) for path in self._fields]
            found.append((state or "no JSON") if facts.samples else None)
        if self._annotated:
            said = one.annotation
            found += [said.mark or None, said.rating or None, SEPARATOR.join(said.tags) or None, said.note or None, said.correction]
        found += [one.judged.get(name) for name, _ in self._judges]
        if "outcome" in parts:
            found += [request.outcome, facts.error or request.code or None, sample.finish or None]
        if "usage" in parts:
            usage = request.usage
            known = bool(usage.input or usage.output) and not n  # counted once, however many samples came of it
            found += [one if known else None for one in (usage.input, usage.cached, usage.output, usage.reasoning)]
            found.append(None if request.cost is None or n else request.cost / 10**12)
        if "request" in parts:
            found += [
                request.id,
                facts.request_id or None,
                facts.model or None,
                one.batch or None,
                one.batch_id or None,
                request.attempts,
                request.sample or n + 1,
            ]
        return found
