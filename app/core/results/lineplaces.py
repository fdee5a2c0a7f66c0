"""Where the lines of requests, and of what came for them, are stored."""

from __future__ import annotations

from typing import NamedTuple

from app.core.batches.ledger_lines import LineLocation
from app.core.batches.rows import Rows
from app.core.model import keys


class LinePlace(NamedTuple):
    """A line in a stored byte run: the run's id, where it begins and where it ends."""

    bytes_id: str
    begin: int
    end: int


def request_place(rows: Rows, row: int) -> LinePlace | None:
    """Where the line of a batch's request is; None where its segment cannot be read."""
    stands = rows.at(row)
    if stands is None:
        return None
    segment, i = stands
    return LinePlace(segment.bytes_id, segment.ends[i - 1] if i else 0, segment.ends[i])


def came_place(batch: str, line: LineLocation) -> LinePlace:
    """Where a line that came for a batch is, by its place in the batch's files."""
    return LinePlace(keys.answer_id(batch, line.file, line.segment), line.offset, line.offset + line.length)
