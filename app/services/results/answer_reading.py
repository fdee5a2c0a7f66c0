"""Columns of a table of answers that are made of the answers themselves: their texts, and the fields of structured ones.

They are read when they are first asked for, one byte run after another, so that a question can come in between and this goes on later.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

from app.core.results.columns import NumberColumn, WordBuilder
from app.core.results.lines import MOST_FIELDS, answer_cells, head_length, whole
from app.ports.compute import Job
from app.services.results.line_runs import LineRunRows
from app.services.results.table_index import KeptIndex

FIELD: Final = "field:"
"""Begins the names of columns that are fields of structured answers."""
CELL: Final = "cell:"
"""Begins the names of columns of the table that the requests were made of."""
OF_ANSWERS: Final = ("answer", "length", "finish")
"""Columns that are made of the answers' lines, beside their fields."""
_FIELD_CELLS: Final = 24_000_000
"""Cells of all fields together: 4 bytes each."""
_READING: Final = "reading"


class AnswerReading:
    """Makes columns of what is in answers. It can be left at any time and be gone on with."""

    def __init__(self, kept: KeptIndex) -> None:
        count = len(kept)
        self._kept, self._head = kept, head_length(count)
        self._texts, self._finish = WordBuilder(count), WordBuilder(count)
        self._lengths = array("d", [float("nan")]) * count
        self._fields: dict[str, WordBuilder] = {}
        self._most = max(8, min(MOST_FIELDS, _FIELD_CELLS // max(1, count)))
        self.done = 0
        self.total = 1
        self.ended = False

    async def go_on(self, job: Job) -> None:
        """Read all that is not read yet. Raises CancelledError, and what the store raises."""
        runs = await self._kept.answer_runs(job)
        self.total = max(1, len(runs))
        while self.done < len(runs):
            await self._read(job, runs[self.done])
            self.done += 1
            job.moved(self.done, self.total)
            await job.rest()
        if not self.ended:
            self._add()

    async def _read(self, job: Job, run: LineRunRows) -> None:
        data = await self._kept.run(run.bytes_id)
        if data is None:
            return
        count, head = len(self._kept), self._head
        lines: dict[str, str] = {}  # many answers are one of a few words
        for row, begin, end in zip(run.rows, run.begins, run.ends, strict=True):
            cells = answer_cells(run.endpoint, data[begin:end])
            text = cells.text[:head]
            if (line := lines.get(text)) is None:
                line = lines[text] = whole(text)
            self._texts.put(row, line)
            self._finish.put(row, cells.finish[:head])
            if not cells.error:
                self._lengths[row] = len(cells.text)
            for name, text in (cells.fields or {}).items():
                if (builder := self._fields.get(name)) is None:
                    if len(self._fields) >= self._most:
                        continue
                    builder = self._fields.setdefault(name, WordBuilder(count))
                builder.put(row, text)
            if job.over():
                await job.rest()

    def _add(self) -> None:
        index = self._kept.index
        index.columns["answer"] = self._texts.words()
        index.columns["finish"] = self._finish.words()
        index.columns["length"] = NumberColumn(self._lengths)
        for name, builder in self._fields.items():
            index.columns[FIELD + name] = builder.column()
        index.of_answers |= {"answer", *(FIELD + name for name in self._fields)}
        self.ended = True


async def read_answers(job: Job, kept: KeptIndex) -> None:
    """Have the columns that are made of the answers' lines."""
    reading: AnswerReading = kept.memory.setdefault(_READING, AnswerReading(kept))
    await reading.go_on(job)


async def have_columns(job: Job, kept: KeptIndex, names: Sequence[str]) -> None:
    """Have these columns, as far as there are such."""
    for name in names:
        if name in kept.index.columns or name in kept.index.makers:
            continue
        if name in OF_ANSWERS or name.startswith(FIELD):
            await read_answers(job, kept)
        elif name.startswith(CELL) and name.removeprefix(CELL) in kept.joined.columns:
            kept.index.columns[name] = await kept.cell_column(job, name.removeprefix(CELL))
