"""The practice provider of the page: its memory and its files survive crashes and full disks, and leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.core.model.settings import Preferences
from app.ports import StorageFull, Table
from app.practice.disk import Lost
from app.services.practice.blobs import BlobStore
from tests.kit.world import PRACTICE_LANE, World


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for one in data:
        yield one


async def content(shelf: BlobStore, id: str) -> bytes:
    return b"".join([piece async for piece in shelf.read(id)])


async def test_a_content_comes_back_in_its_pieces(world: World) -> None:
    """What was put on the shelf is read, also by another tab; nothing at all is a content as well."""
    tab = await world.tab(engine=False)
    shelf = BlobStore(tab.records, Lost)
    assert await shelf.put("f", pieces(b"one ", b"two")) == 7
    assert await shelf.put("empty", pieces()) == 0
    other = BlobStore((await world.tab(engine=False)).records, Lost)
    assert await content(other, "f") == b"one two"
    assert await content(other, "empty") == b""
    with pytest.raises(Lost):
        await content(other, "unknown")


async def test_an_upload_replaces_what_a_broken_one_left(world: World) -> None:
    """After an upload that broke off the same id can be put anew, shorter or longer."""
    tab = await world.tab(engine=False)
    shelf = BlobStore(tab.records, Lost)

    async def breaks() -> AsyncIterator[bytes]:
        yield b"half"
        yield b"more"
        raise OSError("broke off")

    with pytest.raises(OSError, match="broke off"):
        await shelf.put("f", breaks())
    await shelf.put("f", pieces(b"whole"))
    assert await content(shelf, "f") == b"whole"
    assert list(world.disk.bytes.values()) == [b"whole"]


async def test_dropped_contents_leave_nothing(world: World) -> None:
    """A content that is dropped takes its bytes and its record along; dropping nothing is fine."""
    tab = await world.tab(engine=False)
    shelf = BlobStore(tab.records, Lost)
    await shelf.put("f", pieces(b"a", b"b"))
    await shelf.drop("f")
    await shelf.drop("unknown")
    assert world.disk.bytes == {}
    assert world.disk.records[Table.PRACTICE] == {}


async def test_who_takes_the_lead_sweeps_what_nobody_knows(world: World) -> None:
    """What an upload left that the page died in is dropped at the next start; what the provider knows stays."""
    tab = await world.tab()
    await tab.add(2, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    known = {id for id in world.disk.bytes if id.startswith("practice:")}
    await BlobStore(tab.records, Lost).put("file-left", pieces(b"x" * 100))
    await world.reload(tab)
    await world.rest()
    assert {id for id in world.disk.bytes if id.startswith("practice:")} == known


async def test_a_memory_that_could_not_be_kept_is_kept_with_the_next_call(world: World) -> None:
    """The disk is full when the practice provider would remember a batch: it is not answered as if it were kept, and nothing is doubled."""
    tab = await world.tab()
    await tab.add(2, PRACTICE_LANE)
    real = tab.inner.commit
    refused = 0

    async def full(changes):
        nonlocal refused
        if any(getattr(one, "id", "") == "brain" for one in changes) and tab.practice.brain.state.batches and refused < 2:
            refused += 1
            raise StorageFull("no room")
        await real(changes)

    tab.inner.commit = full  # type: ignore[method-assign]
    await tab.submit(PRACTICE_LANE)
    await world.until(lambda: world.batch().remote is not None)
    assert refused == 2
    tab = await world.reload(tab)
    await world.ended()
    assert (world.batch().state, len(tab.practice.brain.state.batches)) == ("done", 1)


async def test_a_memory_that_cannot_be_read_is_no_catastrophe(world: World) -> None:
    """A damaged memory is left aside: the page opens, and practice begins anew."""
    tab = await world.tab(engine=False)
    await BlobStore(tab.records, Lost).remember(b'{"seed": "no"}')
    tab = await world.tab()
    await tab.add(1, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    assert world.batch().tally.answered == 1


async def test_unknown_traps_are_ignored(world: World) -> None:
    """Preferences that name a trap which does not exist any more do no harm."""
    tab = await world.tab(engine=False)
    tab.practice.behave(Preferences(id="preferences", practice_traps=("no_such_trap", "rate_limit_429"), practice_speed=2.0))
    assert [one.value for one in tab.practice.brain.state.scenario.traps] == ["rate_limit_429"]  # type: ignore[union-attr]
