"""How far two columns of a table of answers agree, over the rows that a query lets through: expected and answered, people and judges, or
one column between two ways in which rows were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress

import msgspec

from app.core.results.agreement import Agreement, agreement_steps
from app.core.results.answerindex import NoSuchColumn
from app.core.results.columns import Column, NumberColumn, both, neither, number_text
from app.core.results.expecting import normalised
from app.core.results.query import MOST_VALUES
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import PLACE, TableAsked, have_all, opened, rows_let_through


class AgreementAsked(msgspec.Struct, frozen=True):
    """``one`` and ``other`` name columns. ``ways``: of each row of the table the first column as it was asked in the first way, beside the
    second column in the second (``TableWindow.ways``); None: both of the same answer. ``folded``: labels are the same
    whatever their case, and white space and punctuation at their ends."""

    table: TableAsked
    one: str
    other: str
    ways: tuple[int, int] | None = None
    folded: bool = True


class AgreementFound(msgspec.Struct, frozen=True):
    """The figures; and, for a filter, how each label that is named is spelled in either column, the most frequent spellings first. Of
    one that is spelled in more ways than a filter can name nothing: fewer rows would be let through than are counted."""

    agreement: Agreement
    ones: dict[str, tuple[str, ...]] = {}
    others: dict[str, tuple[str, ...]] = {}


AGREE = JobKind("results.agreement", AgreementAsked, AgreementFound, (RowsMissing, NoSuchColumn), PLACE)


async def agree(job: Job, asked: AgreementAsked) -> AgreementFound:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    return await agree_over(job, kept, asked, await rows_let_through(job, kept, asked.table.query))


async def agree_over(job: Job, kept: KeptIndex, asked: AgreementAsked, mask: bytes | None) -> AgreementFound:
    """Over the rows of ``mask`` (None: all). Raises NoSuchColumn."""
    await have_all(job, kept, [asked.one, asked.other], asked.table)
    mask = b"\1" * len(kept) if mask is None else mask
    one, other = kept.index.column(asked.one), kept.index.column(asked.other)
    ones, others = kept.index.usual(asked.one), kept.index.usual(asked.other)
    if asked.ways is not None:
        sides = (_of_way(kept, one, both(ones, mask), asked.ways[0]), _of_way(kept, other, both(others, mask), asked.ways[1]))
        shared = sides[0].keys() & sides[1].keys()
        counts = Counter((sides[0][position], sides[1][position]) for position in shared)
        only_one, only_other = len(sides[0]) - len(shared), len(sides[1]) - len(shared)
    else:
        pairs = both(both(ones, others), mask)
        counts = Counter(zip(compress(_codes(one), pairs), compress(_codes(other), pairs), strict=True))
        only_one = both(both(ones, neither(others)), mask).count(1)
        only_other = both(both(others, neither(ones)), mask).count(1)
    await job.rest()
    ones_spelled, others_spelled = _Spellings(one, asked.folded), _Spellings(other, asked.folded)
    merged = Counter[tuple[str, str]]()
    for (first, second), count in counts.items():
        merged[ones_spelled.label(first, count), others_spelled.label(second, count)] += count
        if job.over():
            await job.rest()
    shown = await _titles(job, ones_spelled, others_spelled)
    titled: dict[tuple[str, str], int] = {}
    for (a, b), count in merged.items():
        titled[shown[a], shown[b]] = count
        if job.over():
            await job.rest()
    found = await _agreement(job, titled, only_one, only_other)
    titles = frozenset(found.labels[: found.named])
    named = {title: label for label, title in shown.items() if title in titles}
    return AgreementFound(
        found,
        {title: ones_spelled.of(label) for title, label in named.items()},
        {title: others_spelled.of(label) for title, label in named.items()},
    )


async def _agreement(job: Job, pairs: dict[tuple[str, str], int], only_one: int, only_other: int) -> Agreement:
    steps = agreement_steps(pairs, only_one, only_other)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Agreement = done.value
            return found
        await job.rest()


class _Spellings:
    """The labels of a column, and how each is spelled."""

    def __init__(self, column: Column, folded: bool) -> None:
        self._column, self._folded = column, folded
        self._labels: dict[float, str] = {}
        self.spelled: dict[str, dict[str, int]] = {}

    def label(self, code: float, count: int) -> str:
        """The label of a cell that is there so often."""
        column = self._column
        word = number_text(code) if isinstance(column, NumberColumn) else column.words[int(code)]
        label = self._labels.get(code)
        if label is None:
            label = self._labels[code] = normalised(word) if self._folded else word
        spelled = self.spelled.setdefault(label, {})
        spelled[word] = spelled.get(word, 0) + count
        return label

    def of(self, label: str) -> tuple[str, ...]:
        """How a label is spelled, where a filter can name all of that."""
        spelled = self.spelled.get(label, {})
        return tuple(sorted(spelled, key=spelled.__getitem__, reverse=True)) if len(spelled) <= MOST_VALUES else ()

    def most(self, label: str) -> str | None:
        """How a label is spelled most often; None: it is not there."""
        spelled = self.spelled.get(label)
        return max(spelled, key=spelled.__getitem__) if spelled else None


async def _titles(job: Job, ones: _Spellings, others: _Spellings) -> dict[str, str]:
    """What each label is called: as the first column spells it most often, else the second."""
    found: dict[str, str] = {}
    for label in ones.spelled.keys() | others.spelled.keys():
        first = ones.most(label)
        found[label] = first if first is not None else others.most(label) or ""
        if job.over():
            await job.rest()
    return found


def _codes(column: Column) -> Sequence[float]:
    return column.values if isinstance(column, NumberColumn) else column.codes


def _of_way(kept: KeptIndex, column: Column, mask: bytes, way: int) -> dict[int, float]:
    """What a column says of the table's rows as they were asked in one way, by the row's position."""
    if kept.position is None:
        return {}
    chosen = both(mask, bytes(one == way for one in kept.position[0]))
    return dict(zip(compress(kept.position[1], chosen), compress(_codes(column), chosen), strict=True))
