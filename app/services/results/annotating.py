"""What people say of answers, written: stored first, with what is needed to take it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.model.annotations import AnnotatedRows, Annotation
from app.core.model.stored_names import row_id
from app.core.results.annotating import AnnotationEdit, edited, record_id
from app.ports import Change, Clock, Table
from app.services.runtime.records import Records, Stored, put
from app.services.runtime.slices import Slicer

_AT_ONCE: Final = 40
"""Records of one commit."""
_NOTHING: Final = Annotation()
_Said = dict[int, tuple[Annotation | None, Annotation]]
_Rule = Callable[[str, int, Annotation | None], Annotation | None]
"""By record and row what is said after what was said; None: nothing, and nothing ever was."""


class AnnotationChange(msgspec.Struct):
    """What was changed: by record and row, what was said before (None: nothing ever) and what is said now."""

    rows: dict[str, _Said] = {}

    @property
    def count(self) -> int:
        """How many answers are annotated otherwise."""
        return sum(map(len, self.rows.values()))

    def goes_on_in(self, later: AnnotationChange) -> bool:
        """Whether a later change continues with this one: it is of the same answers."""
        return {id: rows.keys() for id, rows in self.rows.items()} == {id: rows.keys() for id, rows in later.rows.items()}

    def take(self, later: AnnotationChange) -> None:
        """Be this change and the later one together."""
        for id, rows in later.rows.items():
            self.rows[id] = {row: (self.rows[id][row][0], said) for row, (_, said) in rows.items()}


class Annotations:
    """Reads and changes annotations. Changes are made one after another in the order in which they were asked for. Raises what the store
    raises."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._turn = asyncio.Lock()

    async def of(self, batch: str, row: int) -> Annotation:
        """What is said of one answer."""
        stored = await self._records.get(AnnotatedRows, record_id(batch, row))
        return stored.value.rows.get(row, _NOTHING) if stored is not None else _NOTHING

    async def edit(
        self, rows: Mapping[str, Collection[int]], edit: AnnotationEdit, made: AnnotationChange | None = None
    ) -> AnnotationChange:
        """Change what is said of these rows of batches, thousands in one commit; of each what another tab said meanwhile stays. What was
        changed goes into ``made``, commit by commit, so that it can be taken back even where the storage gives way on the way."""
        made = AnnotationChange({}) if made is None else made
        async with self._turn:
            for some in await self._portions(rows):
                at = self._clock.now()
                rule: _Rule = lambda _id, _row, before, at=at: edited(before or _NOTHING, edit, at)  # type: ignore[misc]  # noqa: E731
                made.rows.update(await self._write(some, rule))
                await self._clock.sleep(0)
        return made

    async def restore(self, change: AnnotationChange) -> AnnotationChange:
        """Take a change back, where nobody said anything else since; what was taken back."""
        made = AnnotationChange({})

        def before(id: str, row: int, now: Annotation | None) -> Annotation | None:
            was, said = change.rows[id][row]
            return was if now == said else now

        async with self._turn:
            ids = list(change.rows)
            for n in range(0, len(ids), _AT_ONCE):
                made.rows.update(await self._write({id: list(change.rows[id]) for id in ids[n : n + _AT_ONCE]}, before))
                await self._clock.sleep(0)
        return made

    async def _write(self, some: Mapping[str, Sequence[int]], rule: _Rule) -> dict[str, _Said]:
        """Change these rows of these records in one commit."""

        async def decide() -> tuple[list[Change], dict[str, _Said]]:
            found = await self._stored(some)
            slicer = Slicer(self._clock)
            changes: list[Change] = []
            made: dict[str, _Said] = {}
            for id, rows in some.items():
                stored = found.get(id) or Stored(AnnotatedRows(id=id), 0)
                after, mine = dict(stored.value.rows), _Said()
                for row in rows:
                    was = after.get(row)
                    said = rule(id, row, was)
                    if said is None:
                        after.pop(row, None)
                    elif said != (was or _NOTHING):
                        after[row] = said
                    if after.get(row) != was:
                        mine[row] = (was, after.get(row, _NOTHING))
                if mine:
                    made[id] = mine
                    changes.append(put(replace(stored.value, rows=after), stored.rev))
                if slicer.over(len(rows)):
                    await slicer.rest()
            return changes, made

        return await self._records.transact(decide)

    async def _stored(self, ids: Collection[str]) -> dict[str, Stored[AnnotatedRows]]:
        wanted = [row_id(AnnotatedRows.stored, id) for id in ids]
        rows = await self._records.store.get_many(Table.SETTINGS, wanted)
        return {one.value.id: one for row in rows if (one := self._records.read(AnnotatedRows, row)) is not None}

    async def _portions(self, rows: Mapping[str, Collection[int]]) -> list[dict[str, list[int]]]:
        """The rows by the records that hold them, as many records as one commit writes."""
        found: dict[str, list[int]] = {}
        slicer = Slicer(self._clock)
        for batch, chosen in rows.items():
            for row in chosen:
                found.setdefault(record_id(batch, row), []).append(row)
                if slicer.over():
                    await slicer.rest()
        ids = list(found)
        return [{id: found[id] for id in ids[n : n + _AT_ONCE]} for n in range(0, len(ids), _AT_ONCE)]
