"""Many posts at once: each is stored whole and in its order, and nothing of what one of them gets is another's."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gateway.mailbox.database import SCHEMA, Database
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New
from app.gateway.mailbox.posts import add

PATH = "mailbox.sqlite"


def new(id: str, data: bytes = b"{}") -> New:
    return New(id, "/v1/responses", "m", data)


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    database = Database(tmp_path / PATH)
    database.prepare()
    found = Mailbox(database, keep_days=0)
    await found.open()
    yield found
    await found.close()


@contextlib.asynccontextmanager
async def held(mailbox: Mailbox) -> AsyncIterator[None]:
    """The writer thread is held up meanwhile, so that what comes waits together."""
    go = threading.Event()
    waiting = asyncio.create_task(mailbox.database.write(lambda _: go.wait(60)))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        go.set()
        await waiting


def trace(said: list[str]) -> Callable[[sqlite3.Connection], None]:
    return lambda db: db.set_trace_callback(said.append)


@pytest.mark.slow
async def test_posts_at_once_are_stored_in_the_order_in_which_they_came(mailbox: Mailbox, tmp_path: Path) -> None:
    """Two hundred posts at once are on the disk when they are answered; those that wait meanwhile share a transaction."""
    said: list[str] = []
    await mailbox.database.write(trace(said))
    async with held(mailbox):
        tasks = [asyncio.create_task(mailbox.take_in([new(f"{n:03}")])) for n in range(200)]
        await asyncio.sleep(0)  # they begin
        await asyncio.sleep(0)  # their writes are with the database
    assert await asyncio.gather(*tasks) == [[]] * 200
    await mailbox.database.write(lambda db: db.set_trace_callback(None))
    with sqlite3.connect(tmp_path / PATH) as other:
        ids = [id for (id,) in other.execute("SELECT custom_id FROM messages JOIN bodies USING (seq) ORDER BY seq")]
    other.close()
    assert ids == [f"{n:03}" for n in range(200)]
    assert said.count("COMMIT") <= 3


async def test_many_messages_of_one_post_are_stored_by_few_statements(mailbox: Mailbox) -> None:
    """Two hundred of one body take a statement of each kind for each 64 of them."""
    said: list[str] = []
    await mailbox.database.write(trace(said))
    assert await mailbox.take_in([new(f"{n:03}") for n in range(200)]) == []
    await mailbox.database.write(lambda db: db.set_trace_callback(None))
    assert len({one for one in said if one.startswith("INSERT")}) < 20  # a trigger makes SQLite name its statement once more for each row


async def test_posts_that_wait_together_are_stored_by_few_statements(mailbox: Mailbox) -> None:
    """Sixty programs cost the database what one of sixty messages does; each is told of its own duplicates."""
    said: list[str] = []
    await mailbox.database.write(trace(said))
    async with held(mailbox):
        tasks = [asyncio.create_task(mailbox.take_in([new(f"{n % 50:03}"), new(f"own-{n}")])) for n in range(60)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == [[]] * 50 + [[0]] * 10
    await mailbox.database.write(lambda db: db.set_trace_callback(None))
    assert len({one for one in said if one.startswith("INSERT")}) < 10
    assert len(await mailbox.page_of("", 0, 1_000)) == 110


async def test_one_that_cannot_be_stored_takes_no_other_with_it(mailbox: Mailbox) -> None:
    """It alone is told; those that share its transaction are stored, and those behind them go on."""
    bad = New("bad", cast("str", object()), "m", b"{}")
    async with held(mailbox):
        tasks = [asyncio.create_task(mailbox.take_in([one])) for one in (new("a"), bad, new("b"), new("a"))]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert (found[0], found[2], found[3]) == ([], [], [0])
    assert isinstance(found[1], sqlite3.Error)
    assert [one.custom_id for one in await mailbox.page_of("", 0, 10)] == ["a", "b"]
    assert await mailbox.take_in([new("c")]) == []


async def test_a_sender_that_has_gone_is_stored_all_the_same(mailbox: Mailbox) -> None:
    """It cannot know whether its message was; the pages are notified of it once it is there."""
    there = asyncio.Event()
    mailbox.on_pending.append(there.set)
    async with held(mailbox):
        gone = asyncio.create_task(mailbox.take_in([new("a")]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert not there.is_set()
    await asyncio.wait_for(there.wait(), 10)
    assert gone.cancelled()
    assert [one.custom_id for one in await mailbox.page_of("", 0, 10)] == ["a"]


async def test_numbers_of_removed_messages_are_not_used_again(mailbox: Mailbox) -> None:
    """A page that is told of a number must never be told of another message under it."""
    await mailbox.take_in([new("a"), new("b")])
    assert [await mailbox.remove(id) for id in "ab"] == ["removed", "removed"]
    assert await mailbox.database.read(lambda db: db.execute("SELECT * FROM messages").fetchall()) == []
    await mailbox.take_in([new("c")])
    assert [one.seq for one in await mailbox.page_of("", 0, 10)] == [3]


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 200), max_size=150), max_size=4))
def test_add_is_what_one_insert_after_the_other_would_be(groups: list[list[int]]) -> None:
    """The same messages under the same numbers, and the same duplicates, however many are given at once."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    known: list[str] = []
    for group in groups:
        wanted = []
        for position, id in enumerate(map(str, group)):
            if id in known:
                wanted.append(position)
            else:
                known.append(id)
        assert add(db, [new(str(id), b"%d" % id) for id in group], 1.0) == wanted
    rows = db.execute(
        "SELECT m.seq, custom_id, message, stage, state, at, size FROM messages m JOIN bodies b ON b.seq = m.seq ORDER BY m.seq"
    )
    assert rows.fetchall() == [(n, id, id.encode(), "here", "pending", 1.0, len(id)) for n, id in enumerate(known, 1)]
    db.close()
