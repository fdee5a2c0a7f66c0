"""What earlier versions of the program stored is read as they wrote it (tests/data/schema-N.json.gz, recorded in browsers of that time)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.model.records import Record
from app.ports import Change, Put, Restore, Row, Table
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.records import Records, put
from tests.fakes.memory_store import MemoryStore
from tests.kit import database, stored

RECORDED = sorted((Path(__file__).parents[3] / "data").glob("schema-*.json.gz"))


def rows(path: Path) -> list[tuple[Table, Row]]:
    """The records that the program reads through ``Records``: the practice provider's are its own."""
    tables = database.read(path)["tables"]
    names = {table for table in tables if table not in ("bytes", "vault", "practice")}
    return [(Table(name), Row(**one)) for name in sorted(names) for one in tables[name]["records"]]


def kind_of(table: Table, row: Row) -> type[Record]:
    """What a row is: in settings its id says so, elsewhere the table."""
    name = row.id.partition(":")[0]
    (found,) = [one for one in stored.kinds() if one.stored.table == table and (table is not Table.SETTINGS or one.stored.name == name)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
async def test_every_recorded_record_is_read_and_would_lie_where_it_lies(path: Path) -> None:
    """Nothing of it counts as damaged, and writing it anew gives the same place, the same index fields and every value that was there."""
    store = MemoryStore(STORED_MOVES)
    found = rows(path)
    changes: list[Change] = [Restore(table, one.id, one.rev, one.doc, one.owner, one.state, one.order) for table, one in found]
    await store.commit(changes)
    records = Records(store)
    await records.check_settings()
    for table, row in found:
        kind = kind_of(table, row)
        read = records.read(kind, row)
        assert read is not None, records.damaged
        again: Put = put(read.value, row.rev)
        assert (again.table, again.id, again.owner, again.state, again.order) == (table, row.id, row.owner, row.state, row.order)
        then: dict[str, Any] = json.loads(row.doc)
        assert {**then, **json.loads(again.doc)} == then, "a value that was stored would be another"
        assert await records.get(kind, read.value.id) is not None
    assert records.damaged == {}
    assert len(found) >= 10
