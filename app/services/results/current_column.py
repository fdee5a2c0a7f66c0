"""Whether each answer is to what its row is asked now, as a column of a table of answers; for jobs.

An answer is stale if the prompt is another one since it was asked, or a cell that the prompt uses. Follow-ups (core.results.following) are
asked by no prompt: nothing is said of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from app.core.datasets import storage
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.sendings import QueuedRows
from app.core.model.templates import PromptContent, Template, TemplateVersion
from app.core.results.columns import WordColumn
from app.core.results.joining import RowPositions, Way
from app.core.templates.content import columns_of
from app.core.templates.versions import digest
from app.ports.compute import Job
from app.services.results.table_index import KeptIndex
from app.services.runtime.records import Records

COLUMN: Final = "current"
CURRENT: Final = "yes"
STALE: Final = "stale"
_WORDS: Final = ["", CURRENT, STALE]
_MADE: Final = "current"


class _Asked(msgspec.Struct, frozen=True):
    """What rows are asked now: the prompt's digest and the columns that it uses, in the table's current version."""

    digest: str
    columns: tuple[str, ...]


async def have_current(job: Job, kept: KeptIndex) -> None:
    """Have the column as the prompt is now; none where the table has no prompt. Raises CancelledError, and what the store raises."""
    if kept.joined.table is None or kept.position is None:
        return
    records = Records(kept.store)
    now = await _now(records, kept.joined.table.dataset)
    if COLUMN in kept.index.columns and kept.memory.get(_MADE) == now:
        return
    codes = [await _of_way(job, kept, records, way, now) for way in kept.joined.ways]
    made = array("I", [codes[way][position] for way, position in zip(*kept.position, strict=True)])
    await job.rest()
    kept.index.columns[COLUMN] = WordColumn(made, list(_WORDS))
    if _MADE in kept.memory:  # what was found by the column as it was
        for name in ("ordered", "counted"):
            kept.memory.pop(name, None)
    kept.memory[_MADE] = now


async def _now(records: Records, dataset: str) -> _Asked:
    own = [one.value for one in await records.all(Template) if one.value.dataset == dataset and not one.value.deleted]
    template = min(own, key=lambda one: (one.created, one.id), default=None)
    content = template.content if template is not None else PromptContent()
    return _Asked(digest(content), columns_of(content))


async def _of_way(job: Job, kept: KeptIndex, records: Records, way: Way, now: _Asked) -> bytes:
    """By the position of a row what its answer in one way is."""
    table, run = kept.joined.table, kept.joined.runs[way.run]
    assert table is not None  # noqa: S101  # only a table has ways
    count = table.index.starts()[-1]
    version = await records.get(TemplateVersion, _version(run, way.tag))
    if version is None:
        return bytes(count)
    if version.value.digest != now.digest:
        return bytes([_WORDS.index(STALE)]) * count
    if run.dataset_version == table.version:
        return bytes([_WORDS.index(CURRENT)]) * count
    key = f"current:{run.dataset_version}:{now.digest}"
    if key not in kept.memory:
        kept.memory[key] = await _changed(job, kept, records, run.dataset_version, now.columns)
    changed: bytes = kept.memory[key]
    return changed


def _version(run: QueuedRows, tag: str) -> str:
    """The id of the version of the prompt that asked in a way."""
    return next((one.version for one in run.variants if one.tag == tag and one.version), run.template_version)


async def _changed(job: Job, kept: KeptIndex, records: Records, before: int, columns: tuple[str, ...]) -> bytes:
    """By the position of a row whether the cells of these columns are as they were in a version before. What cannot be read any more is
    taken to be other."""
    table = kept.joined.table
    assert table is not None  # noqa: S101  # as above
    dataset = await records.get(Dataset, table.dataset)
    versions = {one.number: one for one in dataset.value.versions} if dataset is not None else {}
    count = table.index.starts()[-1]
    found = bytearray([_WORDS.index(STALE)]) * count
    (data,) = await kept.store.load([keys.dataset_index_id(table.dataset, before)])
    try:
        index = storage.decode_index(data or b"")
    except (ValueError, msgspec.MsgspecError):
        return bytes(found)
    old, new = _places(versions.get(before), columns), _places(versions.get(table.version), columns)
    if old is None or new is None:
        return bytes(found)
    known, positions = await _hashes(job, kept, table.dataset, before, index, old), RowPositions(index)
    at = 0
    for n, run in enumerate(table.index.runs):
        lines = await _lines(kept, keys.dataset_rows_id(table.dataset, table.version, n), run)
        for id, line in zip(storage.row_ids(run), lines, strict=True):
            position = positions.get(id)
            if position is not None and known[position] == _hash(line, new):
                found[at] = _WORDS.index(CURRENT)
            at += 1
            if job.over():
                await job.rest()
    return bytes(found)


def _places(version: DatasetVersion | None, columns: tuple[str, ...]) -> tuple[int, ...] | None:
    """Where these columns stand; None where one of them is not there."""
    names = [one.name for one in version.columns] if version is not None else []
    return tuple(map(names.index, columns)) if version is not None and all(one in names for one in columns) else None


async def _hashes(job: Job, kept: KeptIndex, dataset: str, version: int, index: storage.RowIndex, places: tuple[int, ...]) -> array[int]:
    found = array("q")
    for n, run in enumerate(index.runs):
        for line in await _lines(kept, keys.dataset_rows_id(dataset, version, n), run):
            found.append(_hash(line, places))
            if job.over():
                await job.rest()
    return found


async def _lines(kept: KeptIndex, id: str, run: storage.RunIndex) -> Sequence[bytes]:
    data = await kept.run(id)
    return list(storage.lines_of(data, run)) if data is not None and len(data) == run.size else [b""] * run.count


_UNREAD: Final = object()
"""Equal to no cell, and to no other row that cannot be read."""


def _hash(line: bytes, places: tuple[int, ...]) -> int:
    """Of the cells of a row, within one interpreter."""
    try:
        cells: Sequence[Any] = storage.decode_cells(line)
    except Unreadable:
        return hash((id(_UNREAD), line))
    return hash(tuple(repr(cells[at]) if at < len(cells) else "" for at in places))
