"""Posts that wait together are stored together, and nothing of what one of them gets is another's."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gateway.mailbox.database import SCHEMA, Database
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New
from app.gateway.mailbox.posts import MESSAGES, SIZE, Posts, add

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


class Desk:
    """Stores groups as a database would: all of a group or nothing of it. ``bad`` ids cannot be stored."""

    def __init__(self, *bad: str) -> None:
        self.groups: list[list[str]] = []
        self.bad = bad
        self.open = asyncio.Event()

    async def store(self, given: Sequence[New]) -> list[int]:
        """Wait until it is open; the positions of messages that are there already."""
        ids = [one.custom_id for one in given]
        await self.open.wait()
        if set(ids) & set(self.bad):
            raise sqlite3.OperationalError("it cannot be stored")
        known = {id for group in self.groups for id in group}
        self.groups.append(ids)
        return [at for at, id in enumerate(ids) if id in known or id in ids[:at]]


async def given_at_once(posts: Posts, *each: Sequence[str]) -> list[asyncio.Task[list[int]]]:
    """Posts of these ids, waiting in this order."""
    tasks = [asyncio.create_task(posts.take_in([new(id) for id in ids])) for ids in each]
    await asyncio.sleep(0)
    return tasks


async def test_what_waits_is_stored_as_one_group_in_its_order() -> None:
    """While the first is on its way to the disk the others gather; each gets the positions of its own duplicates."""
    desk = Desk()
    posts = Posts(desk.store)
    tasks = await given_at_once(posts, ["a"])
    await asyncio.sleep(0)  # the first is with the database by now
    tasks += await given_at_once(posts, ["b", "a"], ["c"], ["b", "d", "c"])
    desk.open.set()
    assert await asyncio.gather(*tasks) == [[], [1], [], [0, 2]]
    assert desk.groups == [["a"], ["b", "a", "c", "b", "d", "c"]]


async def test_nothing_is_answered_before_its_group_is_durable() -> None:
    """A post returns when the database has said that its transaction is on the disk, and no earlier."""
    desk = Desk()
    posts = Posts(desk.store)
    tasks = await given_at_once(posts, ["a"], ["b"])
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    desk.open.set()
    await asyncio.gather(*tasks)


async def test_one_that_cannot_be_stored_takes_no_other_with_it() -> None:
    """It alone is told; its neighbours in the group are stored each by itself, and those behind them go on."""
    desk = Desk("bad")
    posts = Posts(desk.store)
    tasks = await given_at_once(posts, ["a"], ["bad"], ["b"])
    desk.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert (found[0], found[2]) == ([], [])
    assert isinstance(found[1], sqlite3.OperationalError)
    assert sorted(id for group in desk.groups for id in group) == ["a", "b"]
    assert await posts.take_in([new("c")]) == []


async def test_a_sender_that_has_gone_holds_up_nobody() -> None:
    """What it gave is stored all the same: it cannot know whether it was."""
    desk = Desk()
    posts = Posts(desk.store)
    gone, stays = await given_at_once(posts, ["a"], ["b"])
    gone.cancel()
    desk.open.set()
    assert await stays == []
    await posts.close()
    assert desk.groups == [["a", "b"]]


async def test_a_group_has_an_end() -> None:
    """In messages and in bytes; a post that is larger than that is stored alone, whole."""
    desk = Desk()
    posts = Posts(desk.store)
    first = await given_at_once(posts, ["first"])
    await asyncio.sleep(0)
    many = [[f"{n}-{i}" for i in range(300)] for n in range(3)]
    tasks = await given_at_once(posts, *many)
    large = asyncio.create_task(posts.take_in([new("large", bytes(SIZE + 1))]))
    await asyncio.sleep(0)
    desk.open.set()
    await asyncio.gather(*first, *tasks, large)
    assert [len(group) for group in desk.groups] == [1, 300, 300, 300, 1]
    assert MESSAGES < 2 * 300


async def test_posts_share_statements_and_transactions(mailbox: Mailbox, tmp_path: Path) -> None:
    """Two hundred posts at once are on the disk when they are answered, in the order in which they came, after few statements."""
    said: list[str] = []
    await mailbox.database.write(lambda db: db.set_trace_callback(said.append))
    assert await asyncio.gather(*(mailbox.take_in([new(f"{n:03}")]) for n in range(200))) == [[]] * 200
    await mailbox.database.write(lambda db: db.set_trace_callback(None))
    with sqlite3.connect(tmp_path / PATH) as other:
        ids = [id for (id,) in other.execute("SELECT custom_id FROM messages JOIN bodies USING (seq) ORDER BY seq")]
    other.close()
    assert ids == [f"{n:03}" for n in range(200)]
    assert said.count("COMMIT") <= 3
    assert len({one for one in said if one.startswith("INSERT")}) < 20  # a trigger makes SQLite name its statement once more for each row


async def test_numbers_of_removed_messages_are_not_used_again(mailbox: Mailbox) -> None:
    """A page that is told of a number must never be told of another message under it."""
    await mailbox.take_in([new("a"), new("b")])
    assert [await mailbox.remove(id) for id in "ab"] == ["removed", "removed"]
    assert await mailbox.database.read(lambda db: db.execute("SELECT * FROM messages").fetchall()) == []
    await mailbox.take_in([new("c")])
    assert [one.seq for one in await mailbox.page_of("", 0, 10)] == [3]


@settings(deadline=None, max_examples=50)
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
