"""What every Store does with tables that are read piece by piece: messages of programs, and what has to be told about them."""

from __future__ import annotations

import asyncio

from app.core.programs.transitions import MESSAGE
from app.ports import Conflict, Put, Remove, Restore, Row, Table
from tests.contract.store_cases import MakeStore, raises, the_table_of_moves_holds

HANDED, NEWS = Table.HANDED, Table.NEWS


def handed(id: str, state: str = "due", order: float = 0.0, owner: str = "b") -> Restore:
    """A message that has come so far."""
    return Restore(HANDED, id, 1, f'"{id} é😀"', owner=owner, state=state, order=order)


def moved(id: str, state: str, order: float = 0.0, owner: str = "b", rev: int = 1) -> Put:
    """The same in another state; new with revision 0."""
    return Put(HANDED, id, rev, f'"{id} é😀"', owner=owner, state=state, order=order)


def row(id: str, state: str = "due") -> Row:
    """That message as it is read."""
    return Row(id, 1, f'"{id} é😀"', "b", state)


async def case_many_are_read_at_once(make_store: MakeStore) -> None:
    """Those that are there come in the order asked, each once, whatever their ids hold."""
    store = await make_store()
    await store.commit([handed(id) for id in ("a", "é😀", 'b"\\', "c")])
    assert await store.get_many(HANDED, ["c", "lost", 'b"\\', "é😀", "c"]) == [row(id) for id in ("c", 'b"\\', "é😀")]
    assert await store.get_many(HANDED, []) == []


async def case_pages_go_through_a_state(make_store: MakeStore) -> None:
    """Page after page gives every record of a state once, by order and then id; records of other states stand beside."""
    store = await make_store()
    await store.commit([handed(f"m{n}", order=n // 3) for n in range(20)])
    await store.commit([handed("other", "failed", 1), handed("é", order=2.5), handed("due-like", "due2", 1)])
    expected = sorted([(n // 3, f"m{n}") for n in range(20)] + [(2.5, "é")])
    for newest in (False, True):
        found: list[tuple[float, str]] = []
        orders = {id: order for order, id in expected}
        while page := await store.page(HANDED, state="due", after=found[-1] if found else None, limit=4, newest=newest):
            assert len(page) <= 4
            found += [(orders[row.id], row.id) for row in page]
        assert found == (expected[::-1] if newest else expected)


async def case_pages_go_through_an_owner(make_store: MakeStore) -> None:
    """The same by owner, in both tables; owners whose names begin alike are apart."""
    store = await make_store()
    for table in (HANDED, NEWS):
        await store.commit([Restore(table, f"{owner}{n}", 1, "{}", owner=owner, order=-n) for owner in ("b", "b2", "") for n in range(3)])
        assert [row.id for row in await store.page(table, owner="b", limit=9)] == ["b2", "b1", "b0"]
        assert [row.id for row in await store.page(table, owner="", limit=2, newest=True)] == ["0", "1"]
        assert [row.id for row in await store.page(table, owner="b", after=(-1, "b1"), limit=9)] == ["b0"]
        assert await store.page(table, owner="nobody", limit=9) == []
        assert await store.owners(table) == ["b", "b2"]
        assert [row.id for row in await store.scan(table, owner="b2")] == ["b22", "b21", "b20"]


async def case_a_page_goes_on_behind_a_record_that_is_gone(make_store: MakeStore) -> None:
    """What is removed or changes its state between two pages neither stops nor repeats the others."""
    store = await make_store()
    await store.commit([handed(f"m{n}", order=1) for n in range(6)])
    await store.commit([Remove(HANDED, "m2"), moved("m3", "delivered", 1)])
    assert [row.id for row in await store.page(HANDED, state="due", after=(1, "m2"), limit=9)] == ["m4", "m5"]
    assert [row.id for row in await store.page(HANDED, state="due", after=(1, "m2"), limit=9, newest=True)] == ["m1", "m0"]


async def case_a_list_begins_with_what_was_put_there_last(make_store: MakeStore) -> None:
    """Where the front of a list has gone, and is read again and again, whatever is put before that is found, also while it is read."""
    store = await make_store()
    await store.commit([handed(f"m{n}", order=n) for n in range(9)])
    for n in range(8):
        assert [row.id for row in await store.page(HANDED, state="due", limit=1)] == [f"m{n}"]
        await store.commit([moved(f"m{n}", "delivered", n)])
    await store.commit([moved("m3", "due", 3, rev=2)])
    assert [row.id for row in await store.page(HANDED, state="due", limit=9)] == ["m3", "m8"]
    await store.commit([Remove(HANDED, "m3"), Remove(HANDED, "m8")])
    assert await store.page(HANDED, state="due", limit=9) == []
    assert await store.page(HANDED, state="due", limit=9) == []
    await asyncio.gather(store.page(HANDED, state="due", limit=9), store.commit([moved("m2", "due", 2, rev=2)]))
    assert [row.id for row in await store.page(HANDED, state="due", limit=9)] == ["m2"]
    await store.commit([handed("first", order=-1)])
    assert [row.id for row in await store.page(HANDED, state="due", limit=9)] == ["first", "m2"]


async def case_a_list_begins_with_what_another_tab_put_there(make_store: MakeStore) -> None:
    """As soon as it is told of it."""
    mine, other = await make_store(), await make_store()
    heard: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    mine.watch(heard.put_nowait)
    await mine.commit([Restore(NEWS, "a", 1, "{}", owner="untold", order=5)])
    assert [row.id for row in await mine.page(NEWS, owner="untold", limit=9)] == ["a"]
    await other.commit([Restore(NEWS, "b", 1, "{}", owner="untold", order=4)])
    assert await asyncio.wait_for(heard.get(), 10) == {"news"}
    assert [row.id for row in await mine.page(NEWS, owner="untold", limit=9)] == ["b", "a"]


async def case_states_are_counted(make_store: MakeStore) -> None:
    """How many there are in each state, of all and of one owner; what moves is counted where it is now."""
    store = await make_store()
    assert await store.counts(HANDED) == {}
    await store.commit(
        [handed(f"{owner}{state}{n}", state, n, owner) for owner in ("b", "b2", "") for state in ("due", "failed") for n in range(3)]
    )
    await store.commit([moved("bdue0", "delivered", 0, "b"), handed("alone", "waiting", 0, "")])
    assert await store.counts(HANDED) == {"due": 8, "failed": 9, "delivered": 1, "waiting": 1}
    assert await store.counts(HANDED, owner="b") == {"due": 2, "failed": 3, "delivered": 1}
    assert await store.counts(HANDED, owner="nobody") == {}


async def case_a_message_is_taken_once(make_store: MakeStore) -> None:
    """Of two commits that write one new message, one wins and the other writes nothing of its portion."""
    one, other = await make_store(), await make_store()
    await one.commit([moved(id, "waiting", rev=0) for id in ("a", "b")])
    await raises(Conflict, other.commit([moved(id, "waiting", rev=0) for id in ("c", "b")]))
    assert await other.get_many(HANDED, ["a", "b", "c"]) == [row(id, "waiting") for id in ("a", "b")]


async def case_messages_move_as_the_table_says(make_store: MakeStore) -> None:
    """From every state exactly the moves of the table are accepted, and staying; the rest raises IllegalMove and changes nothing. A message
    that an import or an undo puts back may be in any state, and then goes on along the table."""
    await the_table_of_moves_holds(await make_store(), HANDED, MESSAGE.moves)
