"""Whether each answer is what a column of the table expects, as a column of the table of answers; for jobs.

The whole texts are compared, so this reads the table's rows and all answers once; it can be left at any time and be gone on with.
"""

from __future__ import annotations

from array import array
from typing import Final

from app.core.datasets import storage
from app.core.datasets.table import cell_text
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.judging import Expectation
from app.core.results.columns import WordColumn
from app.core.results.expecting import DIFFERS, MATCH, form_of, same, wanted
from app.core.results.lines import answer_cells
from app.ports.compute import Job
from app.services.results.line_runs import LineRunRows
from app.services.results.table_index import KeptIndex

COLUMN: Final = "matches"
_MATCHING: Final = "matching"
_CODES: Final = ["", MATCH, DIFFERS]


class Matching:
    """Makes the column for one expectation."""

    def __init__(self, kept: KeptIndex, expectation: Expectation) -> None:
        self._kept, self.expectation = kept, expectation
        self._forms: list[str | float | None] = []
        self._known: dict[str | float | None, int] = {}
        self._expected = array("I")  # by the table's row: place among the forms, plus 1; 0: nothing is expected
        self._codes = array("I", bytes(4 * len(kept)))
        self._runs = self._done = 0

    async def go_on(self, job: Job) -> None:
        """Compare what is not compared yet. Raises CancelledError, and what the store raises."""
        table, columns = self._kept.joined.table, self._kept.joined.columns
        if table is None or self._kept.position is None:
            return
        if self.expectation.column not in columns:
            job.fault(self.expectation.column, "The table no longer has this column. Choose another one, or none, under Agreement.")
            return
        at = columns.index(self.expectation.column)
        while self._runs < len(table.index.runs):
            run = table.index.runs[self._runs]
            data = await self._kept.run(keys.dataset_rows_id(table.dataset, table.version, self._runs))
            whole = data is not None and len(data) == run.size
            self._expected.extend(self._of(line, at) for line in (storage.lines_of(data, run) if whole and data else [b""] * run.count))
            self._runs += 1
            await job.rest()
        answers = await self._kept.answer_runs(job)
        while self._done < len(answers):
            await self._compare(job, answers[self._done])
            self._done += 1
            job.moved(self._done, len(answers))
            await job.rest()
        self._kept.index.columns[COLUMN] = WordColumn(self._codes, list(_CODES))
        self._kept.index.of_answers.add(COLUMN)

    def _of(self, line: bytes, at: int) -> int:
        """What is expected of a row, as its place among the forms plus 1."""
        try:
            cells = storage.decode_cells(line)
        except Unreadable:
            return 0
        text = cell_text(cells[at]) if at < len(cells) else ""
        if not text.strip():
            return 0
        form = form_of(text, self.expectation)
        if form not in self._known:
            self._known[form] = len(self._forms)
            self._forms.append(form)
        return self._known[form] + 1

    async def _compare(self, job: Job, run: LineRunRows) -> None:
        data, position = await self._kept.run(run.bytes_id), self._kept.position
        if data is None or position is None:
            return
        for row, begin, end in zip(run.rows, run.begins, run.ends, strict=True):
            expected = self._expected[position[1][row]]
            if expected:
                found = answer_cells(run.endpoint, data[begin:end], fields=False)
                if not found.error:
                    text = wanted(found.text, self.expectation)
                    form = form_of(text, self.expectation) if text is not None else None
                    self._codes[row] = 1 if same(form, self._forms[expected - 1], self.expectation) else 2
            if job.over():
                await job.rest()


def changed_expectation(kept: KeptIndex, expectation: Expectation | None) -> bool:
    """Whether the column that there is, or that is being made, is for another expectation."""
    matching: Matching | None = kept.memory.get(_MATCHING)
    return matching is not None and matching.expectation != expectation


async def have_matches(job: Job, kept: KeptIndex, expectation: Expectation | None) -> None:
    """Have the column for this expectation, in place of one for another; without an expectation there is none."""
    if changed_expectation(kept, expectation) or expectation is None:
        kept.index.columns.pop(COLUMN, None)
        kept.memory.pop(_MATCHING, None)
    if expectation is not None:
        matching: Matching = kept.memory.setdefault(_MATCHING, Matching(kept, expectation))
        if COLUMN not in kept.index.columns:
            await matching.go_on(job)
