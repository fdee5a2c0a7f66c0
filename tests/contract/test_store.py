"""The Store contract on the memory store, and what the memory store offers to tests."""

from collections.abc import Coroutine
from typing import Any, TypeVar, cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.core.batches.pipeline import MOVES
from app.ports import Change, Conflict, DropBytes, IllegalMove, MoveBytes, Put, PutBytes, Remove, Restore, Row, StorageFull, Table
from app.services.runtime.moves import STORED_MOVES
from tests.contract import handed_cases, memory_supplies, store_cases
from tests.fakes.memory_store import MemoryStore
from tests.kit.cases import cases_of, run_case

T = TypeVar("T")


CASES = {**cases_of(store_cases), **cases_of(handed_cases)}


@pytest.mark.parametrize("name", CASES)
async def test_memory_store_keeps_the_contract(name: str) -> None:
    """What holds of every store holds of the one in memory."""
    await run_case(CASES[name], memory_supplies)


async def test_failure_on_demand_writes_nothing() -> None:
    """The next commit raises what the test asked for, once, and leaves no trace."""
    store = MemoryStore(STORED_MOVES)
    store.fail_next = StorageFull("no room")
    with pytest.raises(StorageFull):
        await store.commit([Put(Table.THREADS, "t", 0, "{}")])
    assert await store.scan(Table.THREADS) == []
    await store.commit([Put(Table.THREADS, "t", 0, "{}")])


async def test_quota_is_a_limit() -> None:
    """A commit that would exceed the quota raises StorageFull and writes nothing; freeing room helps."""
    store = MemoryStore(STORED_MOVES, quota=100)
    await store.commit([PutBytes("a", bytes(80))])
    with pytest.raises(StorageFull):
        await store.commit([PutBytes("b", bytes(30))])
    assert await store.load(["b"]) == [None]
    await store.commit([DropBytes("a"), PutBytes("b", bytes(30))])
    assert (await store.usage()).used == 30


async def test_crash_is_a_return_to_a_snapshot() -> None:
    """Restoring a snapshot undoes every later commit and nothing else."""
    store = MemoryStore(STORED_MOVES)
    await store.commit([Put(Table.THREADS, "t", 0, '"before"'), PutBytes("b", b"1")])
    snapshot = store.snapshot()
    await store.commit([Put(Table.THREADS, "t", 1, '"after"'), DropBytes("b")])
    store.restore(snapshot)
    assert await store.get(Table.THREADS, "t") == Row("t", 1, '"before"')
    assert await store.load(["b"]) == [b"1"]


async def test_crash_right_after_a_commit() -> None:
    """What ``on_commit`` raises reaches the caller, and the commit stands."""
    store = MemoryStore(STORED_MOVES)

    def crash(changes: object) -> None:
        raise KeyboardInterrupt

    store.on_commit = crash
    with pytest.raises(KeyboardInterrupt):
        await store.commit([Put(Table.THREADS, "t", 0, "{}")])
    assert await store.reopened().get(Table.THREADS, "t") == Row("t", 1, "{}")


IDS = st.sampled_from("abc")
STATES = st.sampled_from(sorted(MOVES))
REVS = st.integers(-1, 3)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        Put, st.sampled_from([Table.BATCHES, Table.THREADS]), IDS, REVS, st.just("{}"), owner=IDS, state=STATES, order=st.floats(0, 3)
    ),
    st.builds(Remove, st.sampled_from([Table.BATCHES, Table.THREADS]), IDS, REVS),
    st.builds(PutBytes, IDS, st.binary(max_size=3)),
    st.builds(DropBytes, IDS),
    st.builds(MoveBytes, IDS, IDS),
    st.builds(Restore, st.sampled_from([Table.BATCHES, Table.THREADS]), IDS, st.integers(1, 4), st.just("{}"), owner=IDS, state=STATES),
)


class StoreMachine(RuleBasedStateMachine):
    """Any sequence of commits: each one is written whole or refused whole, and no batch that is there ever makes a move that the table does
    not have; one that is not there can be restored in any state."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(STORED_MOVES)
        self.states: dict[str, str] = {}

    @rule(changes=st.lists(CHANGES, max_size=4))
    def commit(self, changes: list[Change]) -> None:
        before = self.store.snapshot()
        revs = {(table, id): record.rev for table, records in before.records.items() for id, record in records.items()}
        try:
            _run(self.store.commit(changes))
        except (Conflict, IllegalMove):
            assert self.store.snapshot() == before
            return
        for change in changes:
            if isinstance(change, Put | Remove):
                key = (change.table, change.id)
                assert change.rev in (-1, revs.get(key, 0))
                if isinstance(change, Put):
                    revs[key] = revs.get(key, 0) + 1
                else:
                    revs.pop(key, None)
            elif isinstance(change, Restore):
                assert (change.table, change.id) not in revs
                revs[change.table, change.id] = change.rev
        after = self.store.snapshot()
        assert revs == {(table, id): record.rev for table, records in after.records.items() for id, record in records.items()}
        self._follow(changes)

    def _follow(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change, Remove) and change.table is Table.BATCHES:
                self.states.pop(change.id, None)
            elif isinstance(change, Restore) and change.table is Table.BATCHES:
                assert change.id not in self.states
                self.states[change.id] = change.state
            elif isinstance(change, Put) and change.table is Table.BATCHES:
                old = self.states.get(change.id)
                assert old == change.state or change.state in MOVES[old or ""]
                self.states[change.id] = change.state

    @invariant()
    def scans_agree(self) -> None:
        """The scans of all owners together are the scan of the table."""
        for table in (Table.BATCHES, Table.THREADS):
            by_owner = [row for owner in _run(self.store.owners(table)) for row in _run(self.store.scan(table, owner=owner))]
            assert sorted(row.id for row in by_owner) == sorted(row.id for row in _run(self.store.scan(table)))


def _run(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of the memory store gives; it never waits for anything but its turn."""
    try:
        while True:
            work.send(None)
    except StopIteration as end:
        return cast(T, end.value)


TestStoreMachine = StoreMachine.TestCase
