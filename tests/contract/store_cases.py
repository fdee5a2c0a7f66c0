"""What every Store does. ``make_store()`` opens the case's own database, empty at first; calling it again is another tab, or the time
after a reload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from app.core.batches.pipeline import MOVES
from app.core.model.entries import Dump, RecordEntry
from app.ports import Change, Conflict, DropBytes, IllegalMove, MoveBytes, Put, PutBytes, Remove, Restore, Row, Store, Table

MakeStore = Callable[[], Awaitable[Store]]

THREADS, SEGMENTS, BATCHES, SETTINGS = Table.THREADS, Table.SEGMENTS, Table.BATCHES, Table.SETTINGS


async def raises(kind: type[Exception], work: Awaitable[object]) -> Exception:
    """The exception of this kind that ``work`` raises."""
    try:
        await work
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def thread(id: str, rev: int = 0, doc: str = "{}", *, order: float = 0.0, owner: str = "") -> Put:
    return Put(THREADS, id, rev, doc, order=order, owner=owner)


def batch(id: str, state: str, rev: int = -1) -> Put:
    return Put(BATCHES, id, rev, "{}", state=state)


async def ids(store: Store, table: Table, owner: str | None = None) -> list[str]:
    return [row.id for row in await store.scan(table, owner=owner)]


# --- records ---------------------------------------------------------------------------------------------------------------------


async def case_empty_database_holds_nothing(make_store: MakeStore) -> None:
    """A fresh database answers every question with nothing."""
    store = await make_store()
    assert await store.get(THREADS, "t") is None
    for table in Table:
        assert await store.scan(table) == []
        assert await store.scan(table, owner="x") == []
        assert await store.owners(table) == []
    assert await store.load([]) == []
    assert await store.load(["x"]) == [None]


async def case_record_comes_back_as_written(make_store: MakeStore) -> None:
    """A record's text survives unchanged, whatever characters it holds, and starts at revision 1."""
    store = await make_store()
    doc = '{"text": "\\u2028 \u2028 😀 é \\n \\u0000", "n": 9007199254740993, "quote": "\\"", "pretty":\n 1}'
    for table in (SETTINGS, THREADS, SEGMENTS, Table.PRACTICE, Table.EVENTS):
        await store.commit([Put(table, "é😀", 0, doc)])
        assert await store.get(table, "é😀") == Row("é😀", 1, doc)


async def case_each_change_raises_the_revision(make_store: MakeStore) -> None:
    """Writing over a record that the writer saw makes its revision one higher."""
    store = await make_store()
    for rev in range(3):
        await store.commit([thread("t", rev, f'"{rev}"')])
        assert await store.get(THREADS, "t") == Row("t", rev + 1, f'"{rev}"')


async def case_stale_write_is_refused(make_store: MakeStore) -> None:
    """A write against an older revision raises Conflict, says what it found, and changes nothing."""
    store = await make_store()
    await store.commit([thread("t", 0, '"first"')])
    await store.commit([thread("t", 1, '"second"')])
    error = await raises(Conflict, store.commit([thread("t", 1, '"stale"')]))
    assert isinstance(error, Conflict)
    assert (error.table, error.id, error.expected, error.found) == ("threads", "t", 1, 2)
    assert await store.get(THREADS, "t") == Row("t", 2, '"second"')


async def case_new_must_not_exist(make_store: MakeStore) -> None:
    """Revision 0 means «must not exist yet»."""
    store = await make_store()
    await store.commit([thread("t", 0)])
    error = await raises(Conflict, store.commit([thread("t", 0)]))
    assert isinstance(error, Conflict)
    assert (error.expected, error.found) == (0, 1)


async def case_of_many_new_ones_one_exists(make_store: MakeStore) -> None:
    """A commit of many records that must not exist yet writes all of them or none, and says which one is there, in which revision."""
    store = await make_store()
    many = [thread(f"t-{n}", 0, f'"{n}"') for n in range(200)]
    await store.commit(many[:120])
    await store.commit([thread("t-7", 1, '"again"')])
    error = await raises(Conflict, store.commit([*many[100:], PutBytes("x", b"x")]))
    assert isinstance(error, Conflict)
    assert (error.table, error.expected, error.found) == ("threads", 0, 1)
    error = await raises(Conflict, store.commit([*many[120:], many[7], PutBytes("x", b"x")]))
    assert isinstance(error, Conflict)
    assert (error.id, error.expected, error.found) == ("t-7", 0, 2)
    assert len(await store.scan(THREADS)) == 120
    assert await store.load(["x"]) == [None]
    await store.commit([*many[120:], PutBytes("x", b"x"), thread("t-150", 1, '"second"')])  # one that is made and changed in one commit
    assert len(await store.scan(THREADS)) == 200
    assert await store.get(THREADS, "t-150") == Row("t-150", 2, '"second"')
    assert await store.load(["x"]) == [b"x"]


async def case_an_illegal_move_among_many_new_ones(make_store: MakeStore) -> None:
    """Who would write over a record hears Conflict, even if the move would be illegal too; and IllegalMove where nothing is there."""
    store = await make_store()
    await store.commit([batch("b-0", "planned", 0)])
    many = [batch(f"b-{n}", "planned", 0) for n in range(1, 80)]
    await raises(Conflict, store.commit([*many, batch("b-0", "done", 0)]))
    await raises(IllegalMove, store.commit([*many, batch("b-99", "done", 0)]))
    await store.commit(many)
    assert len(await store.scan(BATCHES)) == 80


async def case_seen_must_still_exist(make_store: MakeStore) -> None:
    """A write or removal that saw a record which is gone is refused."""
    store = await make_store()
    for change in (thread("t", 3), Remove(THREADS, "t", 3)):
        error = await raises(Conflict, store.commit([change]))
        assert isinstance(error, Conflict)
        assert (error.expected, error.found) == (3, 0)


async def case_whatever_is_there(make_store: MakeStore) -> None:
    """Revision -1 writes over anything and removes anything, also nothing; the revision still counts on."""
    store = await make_store()
    await store.commit([Remove(THREADS, "t")])
    await store.commit([thread("t", -1)])
    await store.commit([thread("t", -1)])
    found = await store.get(THREADS, "t")
    assert found is not None
    assert found.rev == 2
    await store.commit([Remove(THREADS, "t")])
    assert await store.get(THREADS, "t") is None


async def case_removed_record_starts_anew(make_store: MakeStore) -> None:
    """After a removal the id is free, and the revision starts at 1 again."""
    store = await make_store()
    await store.commit([thread("t", 0)])
    await store.commit([Remove(THREADS, "t", 1)])
    await store.commit([thread("t", 0)])
    found = await store.get(THREADS, "t")
    assert found is not None
    assert found.rev == 1


# --- one commit ------------------------------------------------------------------------------------------------------------------


async def case_commit_is_all_or_nothing(make_store: MakeStore) -> None:
    """One refused change refuses all, wherever it stands and whatever the others touch."""
    store = await make_store()
    await store.commit([thread("there", 0, '"old"'), PutBytes("b", b"old")])
    good: list[Change] = [
        thread("new", 0),
        thread("there", 1, '"new"'),
        PutBytes("c", b"new"),
        DropBytes("b"),
        Put(SEGMENTS, "s", 0, "{}", owner="q"),
    ]
    bad = Put(SETTINGS, "p", 7, "{}")
    for changes in ([bad, *good], [*good, bad], [*good[:2], bad, *good[2:]]):
        await raises(Conflict, store.commit(changes))
        assert await store.get(THREADS, "new") is None
        assert await store.get(THREADS, "there") == Row("there", 1, '"old"')
        assert await store.load(["b", "c"]) == [b"old", None]
        assert await store.owners(SEGMENTS) == []


async def case_empty_commit_is_fine(make_store: MakeStore) -> None:
    """Committing nothing does nothing."""
    store = await make_store()
    await store.commit([])


async def case_changes_are_taken_in_turn(make_store: MakeStore) -> None:
    """A later change of the same commit sees what an earlier one did."""
    store = await make_store()
    await store.commit([thread("t", 0, '"a"'), thread("t", 1, '"b"'), PutBytes("x", b"1"), DropBytes("x"), PutBytes("x", b"2")])
    assert await store.get(THREADS, "t") == Row("t", 2, '"b"')
    assert await store.load(["x"]) == [b"2"]
    await store.commit([Remove(THREADS, "t", 2), thread("t", 0, '"c"')])
    assert await store.get(THREADS, "t") == Row("t", 1, '"c"')
    await raises(Conflict, store.commit([thread("t", 1), thread("t", 1)]))
    assert await store.get(THREADS, "t") == Row("t", 1, '"c"')


async def case_one_of_two_writers_wins(make_store: MakeStore) -> None:
    """Of several tabs that commit at once against the same revision, exactly one succeeds and the others are told."""
    tabs = [await make_store() for _ in range(3)]
    await tabs[0].commit([thread("t", 0)])
    results = await asyncio.gather(*(tab.commit([thread("t", 1, f'"{n}"')]) for n, tab in enumerate(tabs)), return_exceptions=True)
    winners = [n for n, result in enumerate(results) if result is None]
    assert len(winners) == 1, results
    assert all(isinstance(result, Conflict) for n, result in enumerate(results) if n not in winners)
    assert await tabs[0].get(THREADS, "t") == Row("t", 2, f'"{winners[0]}"')


async def case_data_outlive_the_store(make_store: MakeStore) -> None:
    """What was committed is there when the database is opened again."""
    store = await make_store()
    await store.commit([thread("t", 0, '"kept"'), PutBytes("b", b"kept")])
    again = await make_store()
    assert await again.get(THREADS, "t") == Row("t", 1, '"kept"')
    assert await again.load(["b"]) == [b"kept"]


async def case_tables_are_apart(make_store: MakeStore) -> None:
    """The same id in two tables is two records."""
    store = await make_store()
    await store.commit([Put(SETTINGS, "x", 0, '"s"'), Put(THREADS, "x", 0, '"t"')])
    await store.commit([Remove(SETTINGS, "x")])
    assert await store.get(THREADS, "x") == Row("x", 1, '"t"')


async def case_a_large_commit_is_one_commit(make_store: MakeStore) -> None:
    """Many records and bytes go in one commit, and are refused together."""
    store = await make_store()
    many = [Put(SEGMENTS, f"s{n:04}", 0, "{}", owner="q", order=n) for n in range(500)]
    await store.commit([*many, *(PutBytes(f"b{n}", bytes(1000)) for n in range(100))])
    assert len(await store.scan(SEGMENTS, owner="q")) == 500
    assert [row.id for row in await store.page(SEGMENTS, owner="q", limit=3)] == ["s0000", "s0001", "s0002"]
    moved = [Put(SEGMENTS, f"s{n:04}", 1, "{}", owner="batch", order=n) for n in range(500)]
    await raises(Conflict, store.commit([*moved, moved[0]]))
    assert await store.owners(SEGMENTS) == ["q"]
    await store.commit(moved)
    assert await store.owners(SEGMENTS) == ["batch"]


# --- scans -----------------------------------------------------------------------------------------------------------------------


async def case_scan_goes_by_order_then_id(make_store: MakeStore) -> None:
    """Records come by their order, equal ones by id, in every table."""
    store = await make_store()
    orders = {"c": 1.0, "a": 2.5, "b": 2.5, "z": -3.0, "m": 2.25, "B": 2.5}
    for table in (SETTINGS, THREADS, SEGMENTS, Table.PRACTICE, Table.EVENTS):
        await store.commit([Put(table, id, 0, "{}", owner="o", order=order) for id, order in orders.items()])
        assert await ids(store, table) == ["z", "c", "m", "B", "a", "b"]
        assert await ids(store, table, "o") == ["z", "c", "m", "B", "a", "b"]


async def case_scan_by_owner(make_store: MakeStore) -> None:
    """A scan for an owner gives its records only; owners whose names begin alike are apart."""
    store = await make_store()
    owners = ["queue:p|/v1/responses|gpt", "queue:p|/v1/responses|gpt-2", "batch:1", "", "é😀"]
    await store.commit([Put(SEGMENTS, f"{n}{owner}", 0, "{}", owner=owner, order=n) for owner in owners for n in range(2)])
    for owner in owners:
        assert await ids(store, SEGMENTS, owner) == [f"0{owner}", f"1{owner}"]
    assert await ids(store, SEGMENTS, "queue:") == []
    assert len(await store.scan(SEGMENTS)) == 2 * len(owners)


async def case_revisions_of_one_owner(make_store: MakeStore) -> None:
    """The ids and revisions of an owner's records come in the order of a scan, of as many as there are, in every table."""
    store = await make_store()
    for table in (SEGMENTS, THREADS):
        await store.commit([Put(table, f"{n % 7}-{n}", 0, "{}", owner="q", order=n // 3) for n in range(100)])
        await store.commit([Put(table, "0-7", 1, "{}", owner="q", order=2), Put(table, "1-8", 1, "{}", owner="q2", order=2)])
        found = await store.revisions(table, "q")
        assert found == [(row.id, row.rev) for row in await store.scan(table, owner="q")]
        assert dict(found)["0-7"] == 2
        assert len(found) == 99
        assert await store.revisions(table, "nobody") == []


async def case_owners_are_distinct_and_sorted(make_store: MakeStore) -> None:
    """Each owner is named once; records without an owner name none."""
    store = await make_store()
    for table in (SEGMENTS, THREADS):
        puts = [Put(table, f"{owner}{n}", 0, "{}", owner=owner, order=n) for owner in ("b", "a", "", "a2", "é") for n in range(3)]
        await store.commit(puts)
        assert await store.owners(table) == ["a", "a2", "b", "é"]


async def case_changing_the_owner_moves_the_record(make_store: MakeStore) -> None:
    """A record under a new owner is found there and no longer under the old one."""
    store = await make_store()
    await store.commit([Put(SEGMENTS, "s", 0, "{}", owner="queue:x", order=1)])
    await store.commit([Put(SEGMENTS, "s", 1, "{}", owner="batch:1", order=1)])
    assert await ids(store, SEGMENTS, "queue:x") == []
    assert await ids(store, SEGMENTS, "batch:1") == ["s"]
    assert await store.owners(SEGMENTS) == ["batch:1"]


async def case_an_order_without_a_number_is_nought(make_store: MakeStore) -> None:
    """An infinite or undefined order counts as 0, so that no record drops out of a scan."""
    store = await make_store()
    orders = (float("inf"), float("-inf"), float("nan"), 1.0, -1.0)
    await store.commit([Put(SEGMENTS, str(n), 0, "{}", owner="o", order=order) for n, order in enumerate(orders)])
    assert await ids(store, SEGMENTS, "o") == ["4", "0", "1", "2", "3"]


# --- batch moves -----------------------------------------------------------------------------------------------------------------


async def case_batches_move_as_the_table_says(make_store: MakeStore) -> None:
    """From every state exactly the moves of the table are accepted, and staying; the rest raises IllegalMove and changes nothing."""
    await the_table_of_moves_holds(await make_store(), BATCHES, MOVES)


async def the_table_of_moves_holds(store: Store, table: Table, moves: Mapping[str, Collection[str]]) -> None:
    """Every state of a table is reached along it, and every move that it does not have is refused."""

    def at(id: str, state: str, rev: int = -1) -> Put:
        return Put(table, id, rev, "{}", state=state)

    states = sorted({state for after in moves.values() for state in after} | set(moves) - {""})
    paths = {state: path for state in states if (path := _path(state, moves))}
    assert set(paths) == set(states), "every state can be reached"
    for old, path in paths.items():
        for state in path:
            await store.commit([at(old, state)])
        rev = len(path)
        for new in [*states, ""]:
            if new == old or new in moves.get(old, ()):
                continue
            error = await raises(IllegalMove, store.commit([at(old, new, rev)]))
            assert isinstance(error, IllegalMove)
            assert (error.table, error.id, error.old, error.new) == (table, old, old, new)
        assert await store.get(table, old) == Row(old, rev, "{}", state=old)
        await store.commit([at(old, old, rev)])
        if old not in moves[""]:
            await raises(IllegalMove, store.commit([at(f"new {old}", old, 0)]))


def _path(goal: str, moves: Mapping[str, Collection[str]]) -> list[str]:
    """A shortest way from nothing to a state."""
    ways = [[state] for state in sorted(moves[""])]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, after] for after in sorted(moves.get(way[-1], ()))]
    return []


async def case_a_batch_starts_at_the_start(make_store: MakeStore) -> None:
    """A new batch, or one made again after a removal, may only be in a first state."""
    store = await make_store()
    error = await raises(IllegalMove, store.commit([batch("b", "done")]))
    assert isinstance(error, IllegalMove)
    assert (error.old, error.new) == ("", "done")
    await raises(IllegalMove, store.commit([batch("b", "")]))
    await store.commit([batch("b", "planned")])
    await raises(IllegalMove, store.commit([Remove(BATCHES, "b"), batch("b", "done")]))
    await store.commit([Remove(BATCHES, "b")])
    assert await store.get(BATCHES, "b") is None


async def case_moves_within_one_commit_are_checked(make_store: MakeStore) -> None:
    """Two moves in one commit must both be legal, and an illegal one refuses its neighbours in other tables."""
    store = await make_store()
    await store.commit([batch("b", "planned", 0), batch("b", "uploading", 1)])
    await raises(IllegalMove, store.commit([thread("t", 0), batch("b", "done", 2)]))
    assert await store.get(THREADS, "t") is None


async def case_conflict_comes_before_the_move(make_store: MakeStore) -> None:
    """Who writes against an old revision hears Conflict, even if the move would be illegal too."""
    store = await make_store()
    await store.commit([batch("b", "planned")])
    await raises(Conflict, store.commit([batch("b", "done", 5)]))


async def case_the_states_of_other_tables_are_free(make_store: MakeStore) -> None:
    """Settings have no moves."""
    store = await make_store()
    for rev, state in enumerate(("done", "planned", "anything")):
        await store.commit([Put(SETTINGS, "s", rev, "{}", state=state)])


# --- bytes -----------------------------------------------------------------------------------------------------------------------


async def case_bytes_come_back(make_store: MakeStore) -> None:
    """Bytes survive unchanged, in the order asked, also twice and where some are missing."""
    store = await make_store()
    data = {"a": bytes(range(256)), "b": b"", "c": "é😀\u2028".encode(), "d": bytes(3_000_000)}
    await store.commit([PutBytes(id, content) for id, content in data.items()])
    assert await store.load(["d", "x", "a", "c", "b", "a"]) == [data["d"], None, data["a"], data["c"], b"", data["a"]]


async def case_bytes_are_never_written_over(make_store: MakeStore) -> None:
    """An id that has bytes takes no others: Conflict on the table «bytes»."""
    store = await make_store()
    await store.commit([PutBytes("a", b"1")])
    error = await raises(Conflict, store.commit([thread("t", 0), PutBytes("a", b"2")]))
    assert isinstance(error, Conflict)
    assert (error.table, error.id, error.expected, error.found) == ("bytes", "a", 0, 1)
    assert await store.load(["a"]) == [b"1"]
    assert await store.get(THREADS, "t") is None


async def case_dropped_bytes_are_gone(make_store: MakeStore) -> None:
    """Dropping forgets the bytes; dropping what is not there is fine."""
    store = await make_store()
    await store.commit([PutBytes("a", b"1")])
    await store.commit([DropBytes("a"), DropBytes("never")])
    assert await store.load(["a"]) == [None]


async def case_blob_joins_bytes(make_store: MakeStore) -> None:
    """A blob is the bytes one after another, in the order asked."""
    store = await make_store()
    await store.commit([PutBytes("a", b"one\n"), PutBytes("b", "zwei é\n".encode()), PutBytes("c", b"")])
    blob = await store.blob(["b", "a", "c", "b"])
    expected = "zwei é\none\nzwei é\n".encode()
    assert blob.size == len(expected)
    assert await blob.read() == expected
    assert (await store.blob([])).size == 0


async def case_blob_outlives_its_bytes(make_store: MakeStore) -> None:
    """Dropping the bytes does not change a blob that was made before."""
    store = await make_store()
    await store.commit([PutBytes("a", b"kept")])
    blob = await store.blob(["a"])
    await store.commit([DropBytes("a")])
    assert await blob.read() == b"kept"


async def case_blob_names_what_is_missing(make_store: MakeStore) -> None:
    """A blob of bytes that are not there raises KeyError with the id."""
    store = await make_store()
    await store.commit([PutBytes("a", b"1")])
    error = await raises(KeyError, store.blob(["a", "lost", "b"]))
    assert error.args == ("lost",)


async def case_bytes_move_to_another_id(make_store: MakeStore) -> None:
    """Moved bytes are under the new id and no longer under the old one, also when the old id is taken again in the same commit."""
    store = await make_store()
    await store.commit([PutBytes("a", b"1"), PutBytes("b", b"2")])
    await store.commit([MoveBytes("a", "c"), MoveBytes("b", "a"), PutBytes("b", b"3")])
    assert await store.load(["a", "b", "c"]) == [b"2", b"3", b"1"]
    await store.commit([PutBytes("new", b"4"), MoveBytes("new", "moved"), MoveBytes("c", "c")])
    assert await store.load(["new", "moved", "c"]) == [None, b"4", b"1"]


async def case_bytes_move_only_to_a_free_id(make_store: MakeStore) -> None:
    """Moving what is not there, or onto an id that has bytes, is a Conflict and changes nothing."""
    store = await make_store()
    await store.commit([PutBytes("a", b"1"), PutBytes("b", b"2")])
    for change, found in ((MoveBytes("a", "b"), ("b", 0, 1)), (MoveBytes("lost", "c"), ("lost", 1, 0))):
        error = await raises(Conflict, store.commit([thread("t", 0), change]))
        assert isinstance(error, Conflict)
        assert (error.table, error.id, error.expected, error.found) == ("bytes", *found)
    await raises(Conflict, store.commit([DropBytes("a"), MoveBytes("a", "c")]))
    assert await store.load(["a", "b", "c"]) == [b"1", b"2", None]
    await store.commit([DropBytes("b"), MoveBytes("a", "b")])
    assert await store.load(["a", "b"]) == [None, b"1"]


# --- a whole workspace -----------------------------------------------------------------------------------------------------------


async def case_a_record_is_restored_as_it_was(make_store: MakeStore) -> None:
    """A restored record has the revision, the index fields and, if it is a batch, any state that it had elsewhere; it then goes on as any
    other, along the table of moves."""
    store = await make_store()
    states = sorted({state for after in MOVES.values() for state in after})
    await store.commit([Restore(BATCHES, state, 7, f'"{state}"', state=state, order=1.5) for state in states])
    await store.commit([Restore(SEGMENTS, "s", 3, "{}", owner="batch:b", order=2.0), Restore(THREADS, "t", 12, '"é😀"')])
    for state in states:
        assert await store.get(BATCHES, state) == Row(state, 7, f'"{state}"', state=state, order=1.5)
    assert await ids(store, SEGMENTS, "batch:b") == ["s"]
    await store.commit([thread("t", 12)])
    assert await store.get(THREADS, "t") == Row("t", 13, "{}")
    await raises(IllegalMove, store.commit([batch("done", "planned", 7)]))
    await store.commit([batch("creating", "withdrawn", 7)])


async def case_only_what_is_not_there_is_restored(make_store: MakeStore) -> None:
    """Restoring over a record is a Conflict, in any table and at any revision; after a removal in the same commit it is not."""
    store = await make_store()
    await store.commit([thread("t", 0), batch("b", "planned")])
    for change in (Restore(THREADS, "t", 1, '"new"'), Restore(BATCHES, "b", 2, '"new"', state="uploading")):
        error = await raises(Conflict, store.commit([PutBytes("x", b"1"), change]))
        assert isinstance(error, Conflict)
        assert (error.table, error.id, error.expected, error.found) == (change.table.value, change.id, 0, 1)
    assert await store.load(["x"]) == [None]
    await raises(Conflict, store.commit([Remove(BATCHES, "b", 9), Restore(BATCHES, "b", 2, "{}", state="done")]))
    await store.commit([Remove(BATCHES, "b", 1), Restore(BATCHES, "b", 1, '"back"', state="done")])
    assert await store.get(BATCHES, "b") == Row("b", 1, '"back"', state="done")


async def case_a_dump_is_everything(make_store: MakeStore) -> None:
    """A dump has every record of every table with all its fields, and the ids of all bytes, sorted; what follows does not change it."""
    store = await make_store()
    assert await store.dump() == Dump([], [])
    puts = [Put(SEGMENTS, f"s{n:03}", 0, f'"{n} é😀"', owner=f"q{n % 3}", order=n / 4) for n in range(100)]
    await store.commit([*puts, thread("t", 0), Put(SETTINGS, "p", 0, "1", owner="o"), PutBytes("b", b"1"), PutBytes("a", bytes(9))])
    await store.commit([batch("b", "planned", 0), Put(Table.PRACTICE, "brain", 0, ""), thread("t", 1, '"2"', order=3.5)])
    dump = await store.dump()
    await store.commit([Remove(THREADS, "t"), DropBytes("a")])
    assert dump.runs == ["a", "b"]
    assert dump.entries == [
        RecordEntry("batches", "b", 1, "{}", "", "planned", 0.0),
        RecordEntry("practice", "brain", 1, ""),
        *(RecordEntry("segments", f"s{n:03}", 1, f'"{n} é😀"', f"q{n % 3}", "", n / 4) for n in range(100)),
        RecordEntry("settings", "p", 1, "1", "o"),
        RecordEntry("threads", "t", 2, '"2"', "", "", 3.5),
    ]


# --- the rest --------------------------------------------------------------------------------------------------------------------


async def case_usage_is_told(make_store: MakeStore) -> None:
    """Usage is in bytes and never negative, and asking to persist gives an answer."""
    store = await make_store()
    usage = await store.usage()
    assert usage.used >= 0
    assert usage.quota >= 0
    assert await store.persist() in (True, False)
    assert (await store.usage()).persisted in (True, False)


async def case_other_tabs_are_told(make_store: MakeStore) -> None:
    """A commit tells the other tabs which tables it changed, but for what is quiet; the own tab is not told, and a refused commit tells
    nobody."""
    mine, other = await make_store(), await make_store()
    heard_here: list[frozenset[str]] = []
    heard: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    mine.watch(heard_here.append)
    other.watch(heard.put_nowait)
    await raises(Conflict, mine.commit([thread("t", 9)]))
    await mine.commit([PutBytes("b", b"1"), Put(SETTINGS, "n", 0, "{}", quiet=True)])
    await mine.commit([thread("t", 0), Put(SEGMENTS, "s", 0, "{}"), Remove(SETTINGS, "x")])
    await mine.commit([thread("t", 1)])
    assert await asyncio.wait_for(heard.get(), 10) == {"threads", "segments", "settings"}
    assert await asyncio.wait_for(heard.get(), 10) == {"threads"}
    await mine.commit([thread("t", 2), Put(SETTINGS, "n", 1, "{}", quiet=True)])
    assert await asyncio.wait_for(heard.get(), 10) == {"threads"}
    assert heard_here == []
