"""What people say of answers as columns of a table of answers; for jobs. Read once with the index, and again as far as it was changed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from app.core.model.annotations import AnnotatedRows, Annotation
from app.core.model.stored_names import row_id
from app.core.results.annotating import GROUP, SEPARATOR, batch_of
from app.core.results.answerindex import AnswerIndex
from app.core.results.columns import Column, NumberColumn, TagColumn, WordColumn, number_text
from app.core.results.lines import whole
from app.ports import Store, Table
from app.services.runtime.records import Records

NAMES: Final = ("mark", "rating", "tags", "note", "correction")
"""The columns, in their order."""
_HEAD: Final = 240
_NOTHING: Final = Annotation()
_TEXTS: Final[dict[str, Callable[[Annotation], str]]] = {
    "mark": lambda one: one.mark,
    "rating": lambda one: number_text(float(one.rating)) if one.rating else "",
    "tags": lambda one: SEPARATOR.join(one.tags),
    "note": lambda one: whole(one.note[:_HEAD]),
    "correction": lambda one: whole((one.correction or "")[:_HEAD]),
}


async def annotations_of(store: Store, batches: Collection[str]) -> dict[str, dict[int, Annotation]]:
    """What is said of answers of these batches, by batch and row. A record that is damaged is skipped, and told where damage is."""
    wanted, records = frozenset(batches), Records(store)
    found: dict[str, dict[int, Annotation]] = {}
    for row in await store.scan(Table.SETTINGS, owner=AnnotatedRows.stored.name):
        batch = batch_of(row.id.partition(":")[2])
        if batch in wanted and (stored := records.read(AnnotatedRows, row)) is not None:
            found.setdefault(batch, {}).update(stored.value.rows)
    return found


class AnnotationColumns:
    """The columns of an index whose rows are in ``batches``, by their numbers there."""

    def __init__(self, index: AnswerIndex, batches: Sequence[str], said: dict[str, dict[int, Annotation]]) -> None:
        self._index, self._batches = index, batches
        self._said = [said.get(id, {}) for id in batches]
        self._renew()

    def any(self) -> bool:
        """Whether any answer is annotated."""
        return any(one.says_something for said in self._said for one in said.values())

    def cell(self, position: int, name: str) -> str:
        """What is in one of the columns."""
        return _TEXTS[name](self._of(position))

    async def read_again(self, store: Store, ids: Collection[str]) -> None:
        """Read these records again: what they say was changed."""
        numbers = {id: n for n, id in enumerate(self._batches)}
        wanted = [id for id in ids if batch_of(id) in numbers]
        rows = await store.get_many(Table.SETTINGS, [row_id(AnnotatedRows.stored, id) for id in wanted])
        records = Records(store)
        found = {one.value.id: one.value.rows for row in rows if (one := records.read(AnnotatedRows, row)) is not None}
        for id in wanted:
            said, first = self._said[numbers[batch_of(id)]], GROUP * int(id.rpartition(":")[2])
            for row in range(first, first + GROUP):
                said.pop(row, None)
            said.update(found.get(id, {}))
        self._renew()

    def _of(self, position: int) -> Annotation:
        batch = self._index.batch[position]
        return self._said[batch].get(self._index.row[position], _NOTHING) if batch >= 0 else _NOTHING

    def _renew(self) -> None:
        """The columns are made again when they are asked for."""
        for name in NAMES:
            self._index.columns.pop(name, None)
            self._index.makers[name] = lambda name=name: self._column(name)  # type: ignore[misc]  # mypy cannot infer such a lambda

    def _column(self, name: str) -> Column:
        if name == "rating":
            return NumberColumn(array("d", [float(one.rating or "nan") for one in self._each()]))
        words = map(_TEXTS[name], self._each())
        return TagColumn.of(words) if name == "tags" else WordColumn.of(words)

    def _each(self) -> Iterator[Annotation]:
        if not any(self._said):
            return iter([_NOTHING] * len(self._index))
        said = [*self._said, dict[int, Annotation]()]  # -1: in no batch
        return (said[batch].get(row, _NOTHING) for batch, row in zip(self._index.batch, self._index.row, strict=True))
