"""Requests with what came for them as columns, some hundred at a time, in the order of their rows: for files of answers.

Which request is where is known from typed arrays; lines are read for many rows at once, since answers come in another order than requests,
so that each time may need every byte run there is. Of 50,000 answers all are read in one go. What a column needs is made when it is asked
for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from app.core.batches.ledger import FILES, Ledger
from app.core.datasets.table import Cell
from app.core.model import keys
from app.core.model.annotations import Annotation
from app.core.model.settings import RowChoice
from app.core.results.answers import Usage
from app.core.results.joining import Way, usage_of
from app.core.results.samples import AnswerFacts
from app.core.results.taking import takes
from app.ports.compute import Job
from app.services.results.conversations import LOST, Said, prompt_text
from app.services.results.filled_columns import FilledCells
from app.services.results.join import NO_LINE, WINDOW_BYTES, Join
from app.services.results.judge_answers import Judged
from app.services.runtime import passed_over
from app.services.runtime.loading import loaded

_STEP: Final = 1_000
"""Requests that are found at a stretch."""
_PORTION: Final = 250
_PORTION_BYTES: Final = 2_000_000
_WINDOW: Final = 100_000
"""Requests whose lines are held at a time."""
_AS_OBJECTS: Final = 2
"""How many times its bytes a cell takes in Python, about."""
_UNSAID: Final = Annotation()
_UNUSED: Final = Usage()
_UNANSWERED: Final = AnswerFacts()

_Entry = tuple[int, int, Sequence[Cell], int, int, int]
"""A request: the position, id and cells of its row, its way (−1: there is no request), its batch and its row there."""


class AnswerWindow:
    """Requests of rows one after another, and the lines that came for them; ``way`` is −1 for a row of which no request was made."""

    def __init__(self, joined: Join) -> None:
        self.joined = joined
        self.position: list[int] = []
        self.row_id: list[int] = []
        self.cells: list[Sequence[Cell]] = []
        self.way: list[int] = []
        self.batch: list[int] = []
        self.row: list[int] = []
        self.held = 0
        self.lines: list[bytes | None] = []
        self.ids: list[str] = []
        """Of the byte runs that have the lines; "" where nothing came."""
        self.asked: list[bytes | None] = []

    def __len__(self) -> int:
        return len(self.position)

    def extend(self, some: list[_Entry], asked: bool, cells: int) -> None:
        """More requests, and rows of which none was made; ``cells``: bytes of a row's cells, about."""
        if not some:
            return
        position, row_id, of_row, way, batch, row = zip(*some, strict=True)
        self.position += position
        self.row_id += row_id
        self.cells += of_row
        self.way += way
        self.batch += batch
        self.row += row
        self.held += cells * len(some)
        parts = self.joined.parts
        for number, at in zip(batch, row, strict=True):
            if number < 0:
                continue
            if (ledger := parts[number].ledger) is not None:
                self.held += ledger.length[at]
            if asked and (stands := parts[number].rows.at(at)) is not None:
                segment, i = stands
                self.held += segment.ends[i] - (segment.ends[i - 1] if i else 0)

    async def read(self, job: Job) -> None:
        """Have the lines that came. Those that are not here any more are reported as faults of the job."""
        parts = self.joined.parts
        ledgers = [one.ledger for one in parts]
        by_run: dict[tuple[int, int, int], list[int]] = {}
        for at, (batch, row) in enumerate(zip(self.batch, self.row, strict=True)):
            if batch >= 0 and (ledger := ledgers[batch]) is not None and (file := ledger.file[row]):
                by_run.setdefault((batch, file, ledger.segment[row]), []).append(at)
        wanted = {keys.answer_id(parts[batch].batch.id, FILES[file - 1], run): places for (batch, file, run), places in by_run.items()}
        self.lines, self.ids = [None] * len(self), [""] * len(self)
        lines, ids, rows = self.lines, self.ids, self.row
        async for id, data, places in _loaded(job, self.joined, wanted):
            ledger = ledgers[self.batch[places[0]]]
            assert ledger is not None  # noqa: S101  # it was looked up above
            offset, length, size = ledger.offset, ledger.length, len(data or b"")
            for at in places:
                ids[at] = id
                begin = offset[rows[at]]
                end = begin + length[rows[at]]
                if data is not None and end <= size:
                    lines[at] = data[begin:end]
        for at, id in enumerate(self.ids):
            if id and self.lines[at] is None:
                job.fault(self.id_of(at), NO_LINE)

    async def read_asked(self, job: Job) -> None:
        """Have the lines of the requests."""
        wanted = dict[str, list[int]]()
        for at, (batch, row) in enumerate(zip(self.batch, self.row, strict=True)):
            if batch >= 0 and (stands := self.joined.parts[batch].rows.at(row)) is not None:
                wanted.setdefault(stands[0].bytes_id, []).append(at)
        self.asked = [None] * len(self)
        async for _, data, places in _loaded(job, self.joined, wanted):
            for at in places:
                stands = self.joined.parts[self.batch[at]].rows.at(self.row[at])
                assert stands is not None  # noqa: S101  # likewise
                segment, i = stands
                if data is not None and segment.ends[i] <= len(data):
                    self.asked[at] = data[segment.ends[i - 1] if i else 0 : segment.ends[i]]

    def outcome_of(self, at: int) -> str | None:
        """As JoinedRequest has it; None for a row of which no request was made."""
        way = self.way[at]
        return self.joined.sendings[way].outcome(self.position[at]) if way >= 0 else None

    def id_of(self, at: int) -> str:
        """The custom_id of a request."""
        if self.batch[at] >= 0:
            return self.joined.parts[self.batch[at]].rows.ids[self.row[at]]
        way = self.joined.ways[self.way[at]]
        return f"{self.joined.runs[way.run].id}-{self.row_id[at]}{way.suffix}"


async def _loaded(job: Job, joined: Join, wanted: Mapping[str, list[int]]) -> AsyncIterator[tuple[str, bytes | None, list[int]]]:
    """Byte runs, with what is wanted of each."""
    async for id, data in loaded(joined.store, list(wanted)):
        yield id, data, wanted[id]
        if job.over(len(wanted[id])):
            await job.rest()


class ExtraColumns:
    """What is beside answers: what people say of them, judges, and a person's code."""

    def __init__(self, said: Said, judged: Mapping[Judged, Mapping[str, Cell]], filled: FilledCells) -> None:
        self.said, self.judged, self.filled = said, judged, filled


class JoinedPortion:
    """Some requests of a window, by their places in it (core.results.taking.AnswerPortion)."""

    def __init__(self, window: AnswerWindow, places: Sequence[int], extra: ExtraColumns) -> None:
        self._window, self._places, self._extra = window, places, extra

    @property
    def last(self) -> int:
        """The position of the last row."""
        return self._window.position[self._places[-1]]

    @cached_property
    def positions(self) -> list[int]:
        return [self._window.position[at] for at in self._places]

    @cached_property
    def cells(self) -> list[Sequence[Cell]]:
        return [self._window.cells[at] for at in self._places]

    @cached_property
    def ways(self) -> list[Way | None]:
        ways = (*self._window.joined.ways, None)
        return [ways[self._window.way[at]] for at in self._places]

    @cached_property
    def facts(self) -> list[AnswerFacts]:
        window, found = self._window, list[AnswerFacts]()
        lines, ids, batches, rows = window.lines, window.ids, window.batch, window.row
        said = [(one.batch.lane.endpoint, one.ledger.offset if one.ledger is not None else ()) for one in window.joined.parts]
        for at in self._places:
            line = lines[at]
            if line is not None:
                endpoint, offsets = said[batches[at]]
                found.append(passed_over.facts(endpoint, ids[at], offsets[rows[at]], line))
            else:
                found.append(AnswerFacts(error=LOST) if ids[at] else _UNANSWERED)
        return found

    @cached_property
    def prompts(self) -> list[str]:
        window = self._window
        batches = window.joined.batches
        return [prompt_text(batches[window.batch[at]], line) if (line := window.asked[at]) is not None else "" for at in self._places]

    @cached_property
    def outcomes(self) -> list[str]:
        return [self._window.outcome_of(at) or "" for at in self._places]

    @cached_property
    def codes(self) -> list[str]:
        return [ledger.code_of(row) if (ledger := self._ledger(batch)) is not None else "" for batch, row in self._stands]

    @cached_property
    def usages(self) -> list[Usage]:
        return [usage_of(ledger, row) if (ledger := self._ledger(batch)) is not None else _UNUSED for batch, row in self._stands]

    @cached_property
    def costs(self) -> list[int | None]:
        prices = [one.price for one in self._window.joined.parts]
        return [
            price(usage) if batch >= 0 and (usage.input or usage.output) and (price := prices[batch]) is not None else None
            for (batch, _), usage in zip(self._stands, self.usages, strict=True)
        ]

    @cached_property
    def ids(self) -> list[str]:
        return [self._window.id_of(at) if self._window.way[at] >= 0 else "" for at in self._places]

    @cached_property
    def attempts(self) -> list[int]:
        window, sendings = self._window, self._window.joined.sendings
        return [sendings[way].attempts[window.position[at]] if (way := window.way[at]) >= 0 else 0 for at in self._places]

    @cached_property
    def batches(self) -> list[tuple[str, str]]:
        names = [*((one.name, one.id) for one in self._window.joined.batches), ("", "")]
        return [names[batch] for batch, _ in self._stands]

    @cached_property
    def annotations(self) -> list[Annotation]:
        said = [*(self._extra.said.get(one.id, {}) for one in self._window.joined.batches), {}]
        return [said[batch].get(row, _UNSAID) for batch, row in self._stands]

    @cached_property
    def judged(self) -> list[dict[str, Cell]]:
        judged, filled = self._extra.judged, self._extra.filled
        return [
            {**judged.get((batch, id), {}), **filled.get((batch, row), {})}
            for (_, batch), (_, row), id in zip(self.batches, self._stands, self.ids, strict=True)
        ]

    @cached_property
    def _stands(self) -> list[tuple[int, int]]:
        """The batch and the row there of each; a batch below 0: in none."""
        return [(self._window.batch[at], self._window.row[at]) for at in self._places]

    def _ledger(self, batch: int) -> Ledger | None:
        return self._window.joined.parts[batch].ledger if batch >= 0 else None


class AnswerPortions:
    """The requests of a join, some at a time. What was read in one go stays for the next time."""

    def __init__(self, job: Job, joined: Join, extra: ExtraColumns) -> None:
        self._job, self._joined, self._extra = job, joined, extra
        self._whole: AnswerWindow | None = None
        table = joined.table
        self._cells = _AS_OBJECTS * sum(run.size for run in table.index.runs) // max(1, joined.rows) if table is not None else 0

    async def each(self, choice: RowChoice, *, asked: bool = False, last: int | None = None) -> AsyncIterator[JoinedPortion]:
        """Those that a file with this choice of rows takes, up to the row ``last`` (exclusive). ``asked``: with the requests as they were
        sent. The job gives way in between. Raises CancelledError, and what the store raises."""
        async for window in self._windows(asked, last):
            if not window.lines:
                await window.read(self._job)
            if asked and not window.asked:
                await window.read_asked(self._job)
            for places in _portions(window, choice):
                yield JoinedPortion(window, places, self._extra)
                if self._job.over(len(places)):
                    await self._job.rest()

    async def cells(self) -> AsyncIterator[Sequence[Cell]]:
        """Of the rows of the table; of some rows more than once."""
        if self._joined.table is not None:
            async for some in self._of_table(self._joined.rows):
                for one in some:
                    yield one[2]

    async def _windows(self, asked: bool, last: int | None) -> AsyncIterator[AnswerWindow]:
        if self._whole is not None and last is None:
            yield self._whole
            return
        window, first = AnswerWindow(self._joined), True
        end = self._joined.rows if last is None else min(last, self._joined.rows)
        async for some in self._of_table(end) if self._joined.table is not None else self._of_batches(end):
            window.extend(some, asked, self._cells)
            if window.held > WINDOW_BYTES or len(window) >= _WINDOW:
                yield window
                window, first = AnswerWindow(self._joined), False
        if len(window):
            if first and last is None:
                self._whole = window
            yield window

    async def _of_batches(self, end: int) -> AsyncIterator[list[_Entry]]:
        sendings, only = self._joined.sendings[0], self._joined.only
        for start in range(0, end, _STEP):
            stop = min(start + _STEP, end)
            found: list[_Entry] = [
                (at, at + 1, (), 0, batch, row)
                for at, batch, row in zip(range(start, stop), sendings.batch[start:stop], sendings.row[start:stop], strict=True)
                if only is None or (batch >= 0 and row in only[batch])
            ]
            yield found
            if self._job.over(stop - start):
                await self._job.rest()

    async def _of_table(self, end: int) -> AsyncIterator[list[_Entry]]:
        joined, only = self._joined, self._joined.only
        assert joined.table is not None  # noqa: S101  # it was asked before
        runs = list(enumerate(joined.sendings))
        async for rows in joined.table.each(self._job, joined.store, 0, end):
            found: list[_Entry] = []
            for at, id, _, cells in rows:
                ways = [n for n, one in runs if one.known(at)]
                for n in ways:
                    batch, row = joined.sendings[n].batch[at], joined.sendings[n].row[at]
                    if only is None or (batch >= 0 and row in only[batch]):
                        found.append((at, id, cells, n, batch, row))
                if not ways and only is None and not joined.asked_only:
                    found.append((at, id, cells, -1, -1, 0))
            yield found


def _portions(window: AnswerWindow, choice: RowChoice) -> Iterator[list[int]]:
    """Places in a window, some at a time and those of a row together."""
    some: list[int] = []
    size = 0
    last = -1  # the row of the last one
    every = choice == "all"
    for at, (position, line) in enumerate(zip(window.position, window.lines, strict=True)):
        if position != last and (len(some) >= _PORTION or size > _PORTION_BYTES):
            yield some
            some, size = [], 0
        if every or takes(choice, window.outcome_of(at)):
            some.append(at)
            last = position
            if line is not None:
                size += len(line)
    if some:
        yield some
