"""Answers as a table that a person takes away: which columns and rows, and the rows themselves.

An answer's row has the row of the table first. A table row with several answers (samples, several additions to the queue) is several rows,
or one whose answer columns stand side by side, as the person chose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.core.datasets.table import Cell, ColumnNames, cell_text
from app.core.model.annotations import Annotation
from app.core.model.judging import Expectation
from app.core.model.settings import TakeAway
from app.core.results import file_columns
from app.core.results.annotating import SEPARATOR
from app.core.results.expecting import DIFFERS, MATCH, form_of, same, wanted
from app.core.results.fields import FieldSurvey, flattened, json_state
from app.core.results.file_columns import CELL, FIELD, JUDGE, LENGTH, MATCHES, PYTHON, BlockColumn, FileColumn, group_of
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
    """What judges said of it, by the names of their columns, and what a person's code made of it, by the ids of its columns."""


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


class AnswerTable:
    """The columns of a file, and its rows. ``of_table``: the names of the table's columns; ``asked``: the requests asked for an answer of a
    certain form; ``variants``: rows were asked in several ways; ``annotated``: people said something of answers; ``judges``: columns
    that judges have filled, with what their cells are; ``shown``: the file has these columns in this order, whatever groups are chosen;
    ``expectation``: what answers are held against; ``filled``: columns that a person's code has filled, with their kinds."""

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
        shown: Sequence[str] = (),
        expectation: Expectation | None = None,
        filled: Sequence[tuple[str, CellKind]] = (),
    ) -> None:
        self._choice, self._width = choice, len(of_table) if "table" in choice.parts else 0
        # A field that is looked at as a column stays one, also where some answers are no objects.
        asked = asked or any(one.startswith(FIELD) for one in shown)
        self._fields = survey.fields.fields(asked=asked) if "fields" in choice.parts else ()
        self._structured = bool(self._fields)
        self._judges = tuple(judges) if "annotations" in choice.parts else ()
        self._filled = tuple(filled) if "annotations" in choice.parts else ()
        self._variants, self._annotated = variants, "annotations" in choice.parts and (annotated or choice.parts == ("annotations",))
        self._length = LENGTH in shown
        self._expectation = expectation if expectation is not None and expectation.column in of_table and MATCHES in shown else None
        self._expected = of_table.index(self._expectation.column) if self._expectation is not None else -1
        self._units = survey.units() if choice.side_by_side else ()
        names = ColumnNames()
        if self._width:
            names.add(of_table)
        block = self._block(survey)
        if len(self._units) <= 1:
            names.add([one.title for one in block])
        for n, unit in enumerate(self._units if len(self._units) > 1 else (), 1):
            names.add([f"{one.title} {n} {unit.tag}".strip() for one in block])
        several = max(1, len(self._units))
        ids = [*(f"{CELL}{name}" for name in of_table[: self._width]), *[one.id for one in block] * several]
        kinds = [*survey.cells.kinds(self._width), *[one.kind for one in block] * several]
        self._picked = file_columns.picked(ids, left_out=choice.left_out, shown=shown)
        self._whole = self._picked == list(range(len(ids)))
        self.columns: tuple[str, ...] = tuple(names.names[n] for n in self._picked)
        """Their names, each once."""
        self.kinds: tuple[CellKind, ...] = tuple(kinds[n] for n in self._picked)
        """What their cells are, as far as the survey has seen them."""
        every = [*((f"{CELL}{name}", name) for name in of_table[: self._width]), *((one.id, one.title) for one in block)]
        self.listed: tuple[FileColumn, ...] = tuple(FileColumn(id, title, group_of(id) or "request") for id, title in every)
        """Every column that there is, chosen or not; one of several answers side by side once."""
        self.lacking = file_columns.lacking(ids, shown)
        """Columns that are shown and that the file cannot have, by their ids."""
        self._empty: list[Cell] = [None] * len(block)
        self.written = 0
        """Rows so far."""

    def _block(self, survey: AnswerSurvey) -> list[BlockColumn]:
        """The columns of one answer."""
        found: list[BlockColumn] = []
        parts = self._choice.parts
        if self._variants:
            found.append(BlockColumn("variant", "Variant"))
        if "prompt" in parts:
            found.append(BlockColumn("prompt", "Prompt"))
        if "answer" in parts:
            found.append(BlockColumn("answer", "Answer"))
        if self._length:
            found.append(BlockColumn(LENGTH, "Characters", "integer"))
        if self._structured:
            found += [*(BlockColumn(f"{FIELD}{one}", one, survey.fields.kind(one)) for one in self._fields)]
            found.append(BlockColumn("json", "Answer JSON"))
        if self._annotated:
            found += file_columns.ANNOTATIONS
        if self._expectation is not None:
            found.append(BlockColumn(MATCHES, "As expected"))
        found += [BlockColumn(f"{JUDGE}{name}", name, kind) for name, kind in self._judges]
        found += [BlockColumn(f"{PYTHON}{name}", name, kind) for name, kind in self._filled]
        for part, columns in (("outcome", file_columns.OUTCOME), ("usage", file_columns.USAGE), ("request", file_columns.REQUEST)):
            if part in parts:
                found += columns
        return found

    def rows(self, row: JoinedRow, answers: Sequence[AnsweredRequest]) -> Iterator[list[Cell]]:
        """The rows of the file that a row of the table becomes: none, one or several."""
        for cells in self._rows(row, answers):
            self.written += 1
            yield cells if self._whole else [cells[n] for n in self._picked]

    def _rows(self, row: JoinedRow, answers: Sequence[AnsweredRequest]) -> Iterator[list[Cell]]:
        wanted = [one for one in answers if self._wants(one.request)]
        if not wanted and (answers or self._choice.rows == "answered"):
            return
        cells = [*row.cells[: self._width], *[None] * (self._width - len(row.cells))] if self._width else []
        expected = cell_text(row.cells[self._expected]) if 0 <= self._expected < len(row.cells) else ""
        if len(self._units) > 1:
            by_unit = {unit_of(one.request, n): (one, n) for one in wanted for n in range(max(1, len(one.facts.samples)))}
            beside = [by_unit.get(unit, (None, 0)) for unit in self._units]
            yield cells + [cell for one, n in beside for cell in self._answer(one, n, expected)]
            return
        for one in wanted:
            for n in range(max(1, len(one.facts.samples))):
                yield cells + self._answer(one, n, expected)
        if not wanted:
            yield cells + self._empty

    def _wants(self, request: JoinedRequest) -> bool:
        return self._choice.rows == "all" or (self._choice.rows == "answered") == request.answered

    def _matches(self, answer: str, expected: str) -> str | None:
        """Whether an answer is what is expected; None where nothing is."""
        held = self._expectation
        if held is None or not expected.strip():
            return None
        text = wanted(answer, held)
        return MATCH if same(form_of(text, held) if text is not None else None, form_of(expected, held), held) else DIFFERS

    def _answer(self, one: AnsweredRequest | None, n: int, expected: str) -> list[Cell]:
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
        if self._length:
            found.append(len(sample.text) if facts.samples else None)
        if self._structured:
            state, value = json_state(sample.text)
            cells = flattened(value) if isinstance(value, dict) else {}
            found += [cells.get(path) for path in self._fields]
            found.append((state or "no JSON") if facts.samples else None)
        if self._annotated:
            said = one.annotation
            found += [said.mark or None, said.rating or None, SEPARATOR.join(said.tags) or None, said.note or None, said.correction]
        if self._expectation is not None:
            found.append(self._matches(sample.text, expected) if facts.samples and not facts.error else None)
        found += [one.judged.get(name) for name, _ in self._judges]
        found += [one.judged.get(f"{PYTHON}{name}") for name, _ in self._filled]
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
