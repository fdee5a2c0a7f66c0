"""The index of a table of answers, made from what is stored and kept between the questions about it (core.results.answerindex).

First what the ledgers say: that takes no more than a fraction of a second. What is in answers only becomes columns when it is first
asked for (services.results.answer_reading).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

from app.core.base.lru import Lru
from app.core.datasets import storage
from app.core.datasets.table import cell_text
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.annotations import Annotation
from app.core.results.answerindex import AnswerIndex
from app.core.results.columns import Column, NumberColumn, WordBuilder, WordColumn, number_text
from app.core.results.joining import JoinOrder
from app.core.results.lineplaces import LinePlace, came_place, request_place
from app.core.results.lines import head_length, whole
from app.core.templates.variants import told_apart
from app.ports import Store
from app.ports.compute import Job
from app.services.results import ledger_columns as made
from app.services.results import line_runs
from app.services.results.annotation_columns import AnnotationColumns, annotations_of
from app.services.results.hiding import hidden_mask
from app.services.results.join import Join, open_join
from app.services.results.line_runs import LineRunRows

_RUNS_BYTES: Final = 48_000_000
"""Of byte runs that stay at hand."""
_AT_ONCE: Final = 4
Value = TypeVar("Value", float, int, str)


class KeptIndex:
    """An index with what reads lines for it."""

    def __init__(
        self, order: JoinOrder, stamp: str, joined: Join, store: Store, said: dict[str, dict[int, Annotation]], *, batches: int = 0
    ) -> None:
        """``batches``: how many there are, where the join has the first of them only (services.results.first_rows)."""
        self.order, self.stamp, self.joined, self.store = order, stamp, joined, store
        self.runs: Lru[str, bytes] = Lru(_RUNS_BYTES, len)
        self.answered: list[LineRunRows] | None = None
        self.asked: list[LineRunRows] | None = None
        self.memory: dict[str, Any] = {}
        """What questions keep for the next one."""
        self.seen: bytes | None = None
        """By row 1 where it is not hidden; None: none is."""
        self.position: tuple[array[int], array[int]] | None
        batch, row, self.position = made.requests(joined)
        self._straight = made.straight(joined, batch, row)
        self.index = AnswerIndex(batch, row, made.states(joined, batch, row, in_order=self._straight))
        self.whole = self._straight and len(joined.parts) == 1
        """Whether its rows are those of the only batch, in its order."""
        self._add_columns(max(batches, len(joined.parts)))
        self.annotations = AnnotationColumns(self.index, [one.batch.id for one in joined.parts], said)

    def __len__(self) -> int:
        return len(self.index)

    async def look_for_hidden(self, job: Job) -> None:
        """Find the rows that a person took out."""
        masks: list[bytes] = []
        for one in self.joined.parts:
            (data,) = await self.store.load([keys.hidden_id(one.batch.id)]) if one.batch.hidden else (None,)
            masks.append(hidden_mask(one.batch, data))
        if not any(1 in one for one in masks):
            return
        seen = bytearray(b"\1" * len(self))
        for n, (batch, row) in enumerate(zip(self.index.batch, self.index.row, strict=True)):
            if batch >= 0 and row < len(masks[batch]) and masks[batch][row]:
                seen[n] = 0
            if job.over():
                await job.rest()
        self.seen = bytes(seen)

    # --- columns

    def _add_columns(self, batches: int) -> None:
        makers, parts = self.index.makers, self.joined.parts
        makers["id"] = lambda: WordColumn.of(self.ids())
        makers["outcome"] = lambda: self._coded(list(map(made.outcomes, parts)), "queued")
        makers["code"] = lambda: self._coded([made.codes(one.ledger, len(one.rows)) for one in parts], "")
        for name in ("input_tokens", "output_tokens"):
            makers[name] = lambda name=name: self._numbers([made.figures(one.ledger, name, len(one.rows)) for one in parts])  # type: ignore[misc]
        makers["cost"] = lambda: self._numbers([made.costs(one.ledger, one.price, len(one.rows)) for one in parts])
        makers["attempts"] = lambda: NumberColumn(map(float, self._attempts()))
        if batches > 1:
            makers["batch"] = lambda: self._by_batch([one.batch.name or one.batch.id for one in parts])
            makers["model"] = lambda: self._by_batch([one.batch.lane.model for one in parts])
        if any(told_apart(one)[1] for part in parts for one in part.rows.ids[:1]):
            makers["variant"] = lambda: WordColumn.of(told_apart(one)[1] for one in self.ids())

    def _by_batch(self, words: Sequence[str]) -> WordColumn:
        known = {"": 0}
        codes = [*(known.setdefault(word, len(known)) for word in words), 0]  # the last is that of −1: it is in no batch
        return WordColumn(array("I", map(codes.__getitem__, self.index.batch)), list(known))

    def _coded(self, parts: Sequence[made.Coded], none: str) -> WordColumn:
        """``none``: what is said of rows that are in no batch."""
        known = {"": 0}
        found: list[array[int]] = []
        for words, codes in parts:
            places = {code: known.setdefault(words[code], len(known)) for code in sorted(set(codes))}
            found.append(array("I", map(places.__getitem__, codes)))
        other = 0 if self._straight else known.setdefault(none, len(known))
        return WordColumn(array("I", self._gathered(found, other)), list(known))

    def _numbers(self, parts: Sequence[Sequence[float]]) -> NumberColumn:
        return NumberColumn(self._gathered(parts, made.NAN))

    def _gathered(self, parts: Sequence[Sequence[Value]], none: Value) -> Sequence[Value]:
        """By the table's rows what ``parts`` have by each batch's."""
        if self._straight:
            return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
        return [parts[batch][row] if batch >= 0 else none for batch, row in zip(self.index.batch, self.index.row, strict=True)]

    def _attempts(self) -> Iterator[int]:
        if self.position is None:
            return iter(self.joined.sendings[0].attempts)
        return (self.joined.sendings[run].attempts[position] for run, position in zip(*self.position, strict=True))

    def ids(self) -> Sequence[str]:
        """The custom_id of each row."""
        return self._gathered([one.rows.ids for one in self.joined.parts], "")

    def cell(self, row: int, name: str) -> str:
        """One cell of a column that there is; what the ledger says of one row does not take a column of all."""
        number, at = self.index.batch[row], self.index.row[row]
        if name in self.index.makers and number >= 0:
            one = self.joined.parts[number]
            match name:
                case "id":
                    return one.rows.ids[at]
                case "outcome" | "code":
                    words, codes = made.outcomes(one) if name == "outcome" else made.codes(one.ledger, len(one.rows))
                    return words[codes[at]]
                case "input_tokens" | "output_tokens":
                    return number_text(made.figure(one.ledger, name, at))
                case "batch":
                    return one.batch.name or one.batch.id
                case "model":
                    return one.batch.lane.model
        return self.index.column(name).cell(row)

    def is_short(self, position: int) -> bool:
        """Whether all of a row's answer is in the column of answers, so that no line need be read to show it."""
        lengths = self.index.columns.get("length")
        return isinstance(lengths, NumberColumn) and lengths.values[position] <= head_length(len(self))

    # --- where lines are

    def request_place(self, position: int) -> LinePlace | None:
        """Where the request of a row is."""
        number = self.index.batch[position]
        return request_place(self.joined.parts[number].rows, self.index.row[position]) if number >= 0 else None

    def answer_place(self, position: int) -> LinePlace | None:
        """Where its answer is, or the line that says why there is none."""
        number = self.index.batch[position]
        if number < 0 or (ledger := self.joined.parts[number].ledger) is None:
            return None
        place = ledger.place_of(self.index.row[position])
        return came_place(self.joined.parts[number].batch.id, place) if place is not None else None

    def _endpoint(self, position: int) -> str:
        return self.joined.parts[self.index.batch[position]].batch.lane.endpoint

    async def lines(self, places: Sequence[LinePlace], *, most: int) -> dict[LinePlace, bytes]:
        """These lines; those that are not here any more, or have more than ``most`` bytes, are left out."""
        found: dict[LinePlace, bytes] = {}
        wanted: dict[str, list[LinePlace]] = {}
        for place in places:
            if place.end - place.begin <= most:
                wanted.setdefault(place.bytes_id, []).append(place)
        lacking = [id for id in wanted if id not in self.runs]
        for id in wanted:
            if (data := self.runs.get(id)) is not None:
                found.update((place, data[place.begin : place.end]) for place in wanted[id])
        for n in range(0, len(lacking), _AT_ONCE):
            some = lacking[n : n + _AT_ONCE]
            for id, loaded in zip(some, await self.store.load(some), strict=True):
                if loaded is not None:
                    self.runs.put(id, loaded)
                    found.update((place, loaded[place.begin : place.end]) for place in wanted[id] if place.end <= len(loaded))
        return found

    async def run(self, bytes_id: str) -> bytes | None:
        """A whole run of lines."""
        if (data := self.runs.get(bytes_id)) is None:
            (data,) = await self.store.load([bytes_id])
        return data

    async def answer_runs(self, job: Job) -> list[LineRunRows]:
        """All runs of answers, with the rows that are in each."""
        if self.answered is None:
            self.answered = await line_runs.answer_runs(job, self.joined.parts, self.index.batch, self.index.row)
        return self.answered

    async def request_runs(self, job: Job) -> list[LineRunRows]:
        """All runs of requests, likewise."""
        if self.asked is None:
            self.asked = await line_runs.gathered(job, len(self), self.request_place, self._endpoint)
        return self.asked

    # --- the table that the requests were made of

    async def row_cells(self, positions: Sequence[int]) -> dict[int, list[str]]:
        """The cells of the table's rows that these rows were made of, as texts. A row that cannot be read has none."""
        table = self.joined.table
        if table is None or self.position is None:
            return {}
        starts, found = table.index.starts(), dict[int, list[str]]()
        for position in positions:
            place = storage.place_of(table.index, starts, self.position[1][position])
            id = keys.dataset_rows_id(table.dataset, table.version, place.run)
            data = self.runs.get(id)
            if data is None:
                (data,) = await self.store.load([id])
                if data is None:
                    continue
                self.runs.put(id, data)
            found[position] = _texts(next(storage.lines_of(data, table.index.runs[place.run], place.at, place.at + 1)))
        return found

    async def cell_column(self, job: Job, name: str) -> Column:
        """A column of that table, by this table's rows. KeyError where it has none of that name."""
        table = self.joined.table
        if table is None or self.position is None or name not in self.joined.columns:
            raise KeyError(name)
        at, by_row, most = self.joined.columns.index(name), list[str](), head_length(len(self))
        for n, run in enumerate(table.index.runs):
            data = await self.run(keys.dataset_rows_id(table.dataset, table.version, n))
            lines = storage.lines_of(data, run) if data is not None and len(data) == run.size else iter([b""] * run.count)
            for line in lines:
                cells = _texts(line)
                by_row.append(whole(cells[at][:most]) if at < len(cells) else "")
                if job.over():
                    await job.rest()
        builder = WordBuilder(len(self))
        for row, position in enumerate(self.position[1]):
            builder.put(row, by_row[position])
        return builder.column()


def is_open(job: Job, order: JoinOrder, stamp: str) -> bool:
    """Whether the index of these answers is kept."""
    kept = job.kept.get("index")
    return isinstance(kept, KeptIndex) and (kept.order, kept.stamp) == (order, stamp)


async def open_index(job: Job, order: JoinOrder, stamp: str) -> KeptIndex:
    """The index of these answers: the one that is kept, or a new one in its place. ``stamp``: with another one they were changed since.
    Raises RowsMissing, and what the store raises."""
    kept = job.kept.get("index")
    if isinstance(kept, KeptIndex) and (kept.order, kept.stamp) == (order, stamp):
        return kept
    job.kept.clear()  # before the next one takes its room
    del kept
    joined, store = await open_join(job, order), await job.store()
    made = KeptIndex(order, stamp, joined, store, await annotations_of(store, [one.id for one in joined.batches]))
    await made.look_for_hidden(job)
    job.kept["index"] = made
    return made


def _texts(line: bytes) -> list[str]:
    try:
        return [cell_text(cell) for cell in storage.decode_cells(line)]
    except Unreadable:
        return []
