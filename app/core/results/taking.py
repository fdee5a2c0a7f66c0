"""Answers as a table that a person removes: which columns and rows, and their cells.

An answer's row has the row of the table first. A table row with several answers (samples, several additions to the queue) is several rows,
or one whose answer columns stand side by side, as the person chose. Cells are made some hundred rows at a time and column by column: fifty
thousand answers row by row took three times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from typing import Any, NamedTuple, Protocol, TypeVar

from app.core.base.ids import without_file
from app.core.datasets.table import Cell, ColumnNames, cell_text
from app.core.model.annotations import Annotation
from app.core.model.judging import Expectation
from app.core.model.settings import RowChoice, TakeAway
from app.core.results import file_columns
from app.core.results.annotating import SEPARATOR
from app.core.results.answers import Usage
from app.core.results.expecting import DIFFERS, MATCH, form_of, same, wanted
from app.core.results.fields import FieldSurvey, flattened, json_state
from app.core.results.file_columns import CELL, FIELD, JUDGE, LENGTH, MATCHES, PYTHON, BlockColumn, FileColumn, group_of
from app.core.results.joining import Way
from app.core.results.kinds import CellKind, SeenKinds
from app.core.results.samples import AnswerFacts, AnswerText

Value = TypeVar("Value")


class Unit(NamedTuple):
    """One answer of a table row: of which addition, in which of its ways, and which of several that came for it, from 0."""

    run: int
    tag: str
    sample: int
    n: int


class AnswerPortion(Protocol):
    """Some requests with what came for them, as columns: an entry for each, in the order of the rows, all of one row together. A row of
    which no request was made has one entry, without a way."""

    @property
    def positions(self) -> Sequence[int]:
        """Of the entries' rows."""
        ...

    @property
    def cells(self) -> Sequence[Sequence[Cell]]:
        """Of the entries' rows, as far as they have any."""
        ...

    @property
    def ways(self) -> Sequence[Way | None]: ...

    @property
    def facts(self) -> Sequence[AnswerFacts]: ...

    @property
    def prompts(self) -> Sequence[str]:
        """What was asked, as text."""
        ...

    @property
    def outcomes(self) -> Sequence[str]:
        """As JoinedRequest has them (core.results.joining); so what follows."""
        ...

    @property
    def codes(self) -> Sequence[str]: ...

    @property
    def usages(self) -> Sequence[Usage]: ...

    @property
    def costs(self) -> Sequence[int | None]: ...

    @property
    def ids(self) -> Sequence[str]: ...

    @property
    def attempts(self) -> Sequence[int]: ...

    @property
    def batches(self) -> Sequence[tuple[str, str]]:
        """The name and the id of the batch that each is in; "" for none."""
        ...

    @property
    def annotations(self) -> Sequence[Annotation]:
        """What a person said of them."""
        ...

    @property
    def judged(self) -> Sequence[Mapping[str, Cell]]:
        """What judges said of them, by the names of their columns, and what a person's code made of them, by the ids of its columns."""
        ...


def takes(choice: RowChoice, outcome: str | None) -> bool:
    """Whether a file has a request with this outcome; None: a row of which no request was made."""
    return choice == "all" or (choice == "answered") == (outcome in ("answered", "flawed"))


class AnswerSurvey:
    """What all answers have in common. Needed before the first row is written: columns come before rows."""

    def __init__(self) -> None:
        self.fields = FieldSurvey()
        self.cells = SeenKinds()
        self._answers: dict[Unit, int] = {}

    def add(self, portion: AnswerPortion) -> None:
        """Take requests with their answers."""
        before = -1
        for position, cells, way, facts, outcome in zip(
            portion.positions, portion.cells, portion.ways, portion.facts, portion.outcomes, strict=True
        ):
            if position != before:
                self.cells.add(cells)
                before = position
            if way is None:
                continue
            unit = Unit(*way, 0)
            self._answers[unit] = max(self._answers.get(unit, 1), len(facts.samples))
            for sample in facts.samples:
                self.fields.add(sample.text, good=outcome == "answered")

    def units(self) -> tuple[Unit, ...]:
        """Every answer that a row may have."""
        return tuple(unit._replace(n=n) for unit in sorted(self._answers) for n in range(self._answers[unit]))


class _Samples:
    """The answers of a portion, each by itself: a request with ``n`` has several."""

    def __init__(self, portion: AnswerPortion) -> None:
        self.portion = portion
        facts = portion.facts
        self.usual = all(len(one.samples) <= 1 for one in facts)
        counts = [max(1, len(one.samples)) for one in facts]
        self.entry: Sequence[int] = range(len(facts)) if self.usual else [e for e, count in enumerate(counts) for _ in range(count)]
        self.number: Sequence[int] = [0] * len(facts) if self.usual else [n for count in counts for n in range(count)]
        if self.usual:
            self.said: list[AnswerText | None] = [one.samples[0] if one.samples else None for one in facts]
        else:
            self.said = [facts[e].samples[n] if facts[e].samples else None for e, n in zip(self.entry, self.number, strict=True)]

    def __len__(self) -> int:
        return len(self.entry)

    def of(self, values: Sequence[Value]) -> Sequence[Value]:
        """What the requests have, by their answers."""
        return values if self.usual else [values[e] for e in self.entry]


class AnswerTable:
    """The columns of a file, and its rows. ``of_table``: the names of the table's columns; ``asked``: the requests asked for an answer of a
    certain form; ``variants``: rows were asked in several ways; ``annotated``: people said something of answers; ``judges``: columns
    that judges have filled, with what their cells are; ``shown``: the file has these columns in this order, whatever groups are chosen;
    ``expectation``: what answers are compared with; ``filled``: columns that a person's code has filled, with their kinds."""

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
        self._custom_id = not of_table and "table" in choice.parts
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
        self.columns: tuple[str, ...] = tuple(names.names[n] for n in self._picked)
        """Their names, each once."""
        self.kinds: tuple[CellKind, ...] = tuple(kinds[n] for n in self._picked)
        """What their cells are, as far as the survey has seen them."""
        every = [*((f"{CELL}{name}", name) for name in of_table[: self._width]), *((one.id, one.title) for one in block)]
        self.listed: tuple[FileColumn, ...] = tuple(FileColumn(id, title, group_of(id) or "request") for id, title in every)
        """Every column that there is, chosen or not; one of several answers side by side once."""
        self.lacking = file_columns.lacking(ids, shown)
        """Columns that are shown and that the file cannot have, by their ids."""
        self._empty: tuple[Cell, ...] = (None,) * len(block)
        self.written = 0
        """Rows so far."""

    def _block(self, survey: AnswerSurvey) -> list[BlockColumn]:
        """The columns of one answer."""
        found: list[BlockColumn] = []
        parts = self._choice.parts
        if self._custom_id:
            found.append(file_columns.CUSTOM_ID)
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

    def rows(self, portion: AnswerPortion) -> list[Sequence[Cell]]:
        """The rows of the file that these requests and rows become, column by column. The portion has only what the file takes
        (:func:`takes`), and rows whole."""
        answers = _Samples(portion)
        block = self._answers(answers)
        found = self._side_by_side(answers, block) if len(self._units) > 1 else [*self._cells(answers.of(portion.cells)), *block]
        self.written += len(found[0]) if found else 0
        return [found[n] for n in self._picked]

    def _cells(self, cells: Sequence[Sequence[Cell]]) -> list[Sequence[Cell]]:
        """The table's columns of some rows."""
        return [[row[n] if n < len(row) else None for row in cells] for n in range(self._width)]

    def _side_by_side(self, answers: _Samples, block: list[list[Cell]]) -> list[Sequence[Cell]]:
        """All answers to a row in one row."""
        portion, rows = answers.portion, list[tuple[Cell, ...]]()
        each = list(zip(*block, strict=True)) or [()] * len(answers)
        firsts: list[int] = []
        positions = answers.of(portion.positions)
        for _, places in groupby(range(len(answers)), key=positions.__getitem__):
            by_unit: dict[Unit, tuple[Cell, ...]] = {}
            first = -1
            for at in places:
                first = at if first < 0 else first
                way = portion.ways[answers.entry[at]]
                if way is not None:
                    by_unit[Unit(*way, answers.number[at])] = each[at]
            firsts.append(first)
            rows.append(tuple(chain.from_iterable([by_unit.get(unit, self._empty) for unit in self._units])))
        cells = answers.of(portion.cells)
        together = list(zip(*rows, strict=True)) if rows else [()] * (len(block) * len(self._units))
        return [*self._cells([cells[n] for n in firsts]), *together]

    def _matches(self, answer: str, expected: str) -> str | None:
        """Whether an answer is what is expected; None where nothing is."""
        held = self._expectation
        if held is None or not expected.strip():
            return None
        text = wanted(answer, held)
        return MATCH if same(form_of(text, held) if text is not None else None, form_of(expected, held), held) else DIFFERS

    def _answers(self, answers: _Samples) -> list[list[Cell]]:
        """The columns of the answers."""
        portion, said, of = answers.portion, answers.said, answers.of
        parts = self._choice.parts
        found: list[list[Any]] = []
        if self._custom_id:
            found.append([without_file(one) for one in of(portion.ids)])
        if self._variants:
            found.append([way.tag or None if way is not None else None for way in of(portion.ways)])
        if "prompt" in parts:
            found.append(list(of(portion.prompts)))
        if "answer" in parts:
            found.append([one.text if one is not None else None for one in said])
        if self._length:
            found.append([len(one.text) if one is not None else None for one in said])
        if self._structured:
            found += self._of_fields(said)
        if self._annotated:
            notes = of(portion.annotations)
            found.append([one.mark or None for one in notes])
            found.append([one.rating or None for one in notes])
            found.append([SEPARATOR.join(one.tags) or None for one in notes])
            found.append([one.note or None for one in notes])
            found.append([one.correction for one in notes])
        if self._expectation is not None:
            found.append(self._all_matches(answers))
        if self._judges or self._filled:
            judged = of(portion.judged)
            found += [[one.get(name) for one in judged] for name, _ in self._judges]
            found += [[one.get(f"{PYTHON}{name}") for one in judged] for name, _ in self._filled]
        if "outcome" in parts:
            found.append(list(of(portion.outcomes)))
            found.append([one.error or code or None for one, code in zip(of(portion.facts), of(portion.codes), strict=True)])
            found.append([one.finish or None if one is not None else None for one in said])
        if "usage" in parts:
            found += self._usage(answers)
        if "request" in parts:
            facts, batches = of(portion.facts), of(portion.batches)
            found.append(list(of(portion.ids)))
            found.append([one.request_id or None for one in facts])
            found.append([one.model or None for one in facts])
            found.append([name or None for name, _ in batches])
            found.append([id or None for _, id in batches])
            found.append(list(of(portion.attempts)))
            found.append([(way.sample if way is not None else 0) or n + 1 for way, n in zip(of(portion.ways), answers.number, strict=True)])
        if None in portion.ways:
            for at, way in enumerate(of(portion.ways)):
                if way is None:
                    for column in found:
                        column[at] = None
        return found

    def _of_fields(self, said: Sequence[AnswerText | None]) -> list[list[Cell]]:
        """A column for each field, and what the answers are as JSON."""
        columns: list[list[Cell]] = [[] for _ in self._fields]
        states: list[Cell] = []
        for one in said:
            state, value = json_state(one.text) if one is not None else ("", None)
            cells = flattened(value) if isinstance(value, dict) else {}
            for column, path in zip(columns, self._fields, strict=True):
                column.append(cells.get(path))
            states.append((state or "no JSON") if one is not None else None)
        return [*columns, states]

    def _all_matches(self, answers: _Samples) -> list[Cell]:
        """Whether each answer is what is expected."""
        portion, of = answers.portion, answers.of
        found: list[Cell] = []
        for one, facts, cells in zip(answers.said, of(portion.facts), of(portion.cells), strict=True):
            expected = cell_text(cells[self._expected]) if 0 <= self._expected < len(cells) else ""
            found.append(self._matches(one.text, expected) if one is not None and not facts.error else None)
        return found

    def _usage(self, answers: _Samples) -> list[list[Cell]]:
        """Tokens and cost, counted once however many samples came of a request."""
        portion, of = answers.portion, answers.of
        usages = [one if (one.input or one.output) and not n else None for one, n in zip(of(portion.usages), answers.number, strict=True)]
        return [
            [one.input if one is not None else None for one in usages],
            [one.cached if one is not None else None for one in usages],
            [one.output if one is not None else None for one in usages],
            [one.reasoning if one is not None else None for one in usages],
            [None if cost is None or n else cost / 10**12 for cost, n in zip(of(portion.costs), answers.number, strict=True)],
        ]
