"""The moves of states that the database checks in each commit, by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.core.batches import pipeline
from app.core.programs import transitions
from app.ports import Table

STORED_MOVES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    Table.BATCHES.value: pipeline.MOVES,
    Table.HANDED.value: transitions.MESSAGE.moves,
}
"""By table: from each state (``""``: not there yet) the states that may follow. The states of other tables are free."""
