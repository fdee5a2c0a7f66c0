"""The server's database: what is told is on the disk, and one fault takes nobody else's work with it."""

import asyncio
import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from app.core.programs.protocol import StatusUpdate, Try
from app.gateway.http.settings import SettingError, Settings
from app.gateway.mailbox import messages
from app.gateway.mailbox.database import Database, NewerData
from app.gateway.mailbox.datafolder import FILES, hold
from app.gateway.mailbox.mailbox import DAY, Mailbox
from app.gateway.mailbox.messages import New
from tests.fakes.page import answer_line
from tests.kit.site import ROOT, serving

PATH = "mailbox.sqlite"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = Database(tmp_path / PATH)
    found.prepare()
    found.open()
    yield found
    await found.close()


def keep(name: str):
    return lambda db: db.execute("INSERT INTO kept VALUES (?, 'x')", (name,))


def names(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT name FROM kept ORDER BY name")]


async def test_writes_share_a_transaction(database: Database, tmp_path: Path) -> None:
    """A thousand writes at once end in few commits, and each is on the disk when it returned."""
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    await database.write(lambda db: db.set_trace_callback(count))
    await asyncio.gather(*(database.write(keep(f"{i:04}")) for i in range(1_000)))
    await database.write(lambda db: db.set_trace_callback(None))
    with sqlite3.connect(tmp_path / PATH) as other:
        assert len(names(other)) == 1_000
    other.close()
    assert commits < 100


async def test_a_write_that_fails(database: Database) -> None:
    """Takes only itself back: its neighbours in the transaction stay."""

    def half(db: sqlite3.Connection) -> None:
        keep("half")(db)
        raise ValueError("in the middle")

    results = await asyncio.gather(
        database.write(keep("a")), database.write(half), database.write(keep("a")), database.write(keep("b")), return_exceptions=True
    )
    assert [type(one) for one in (results[1], results[2])] == [ValueError, sqlite3.IntegrityError]
    assert await database.read(names) == ["a", "b"]


async def test_a_full_disk(database: Database) -> None:
    """Whoever writes is told; what was there stays, and when there is room again all goes on."""
    await database.write(keep("before"))
    await database.write(lambda db: db.execute("PRAGMA max_page_count = 1").fetchone())
    limit = (await database.write(lambda db: db.execute("PRAGMA max_page_count").fetchone()))[0]
    big = "x" * 100_000
    results = await asyncio.gather(
        database.write(keep("small")),
        database.write(lambda db: db.execute("INSERT INTO kept VALUES (?, '')", (big,))),
        return_exceptions=True,
    )
    assert any(isinstance(one, sqlite3.Error) for one in results), limit
    await database.write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    await database.write(keep("after"))
    assert {"before", "after"} <= set(await database.read(names))


async def test_readers_change_nothing(database: Database) -> None:
    """A read that writes is an error."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(keep("x"))


def test_data_of_a_newer_nightshift(tmp_path: Path) -> None:
    """Are not touched."""
    with sqlite3.connect(tmp_path / PATH) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(NewerData):
        Database(tmp_path / PATH).prepare()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Is told in one sentence that names it; it stays as it is."""
    from app.gateway.server import prepare

    (tmp_path / PATH).write_bytes(b"this is not a database" * 100)
    with pytest.raises(SettingError, match="not a database"):
        prepare(Settings(root=tmp_path, data=tmp_path))
    assert (tmp_path / PATH).read_bytes() == b"this is not a database" * 100


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_in_the_data_folder_is_told(tmp_path: Path, name: str, kind: str) -> None:
    """In one sentence that names it; nothing waits for a pipe that nobody reads."""
    if kind == "folder":
        (tmp_path / name).mkdir()
    else:
        os.mkfifo(tmp_path / name)
    with pytest.raises(SettingError, match=f"{name} there is no file"):
        hold(tmp_path)


@pytest.mark.parametrize("kind", ["file", "link to nowhere", "link in a circle", "link to a folder"])
def test_a_data_folder_that_is_none_is_told(tmp_path: Path, kind: str) -> None:
    """A link to a folder is as good as the folder; anything else is refused in one sentence."""
    data, there = tmp_path / "data", tmp_path / "there"
    if kind == "file":
        data.write_bytes(b"")
    else:
        data.symlink_to(data if kind == "link in a circle" else there)
    if kind == "link to a folder":
        there.mkdir()
        hold(data).close()
        assert (there / "lock").is_file()
    else:
        with pytest.raises(SettingError, match="Messages cannot be kept in"):
            hold(data)


def test_two_servers_on_one_folder(tmp_path: Path) -> None:
    """The second is refused, as long as the first runs."""
    with hold(tmp_path / "data"), pytest.raises(SettingError, match="Another Nightshift"):
        hold(tmp_path / "data")
    hold(tmp_path / "data").close()


@pytest.mark.slow
@pytest.mark.parametrize("port", ["0", ""])
def test_a_second_run_beside_the_first(folder: Path, tmp_path: Path, port: str) -> None:
    """Names the address of the one that runs, also where the port is the same, and a whole command that starts another."""
    with serving(folder, NIGHTSHIFT_DATA=str(tmp_path / "my data")) as address:
        again = {**os.environ, "NIGHTSHIFT_ROOT": str(folder), "NIGHTSHIFT_DATA": str(tmp_path / "my data")}
        again["PORT"] = port or address.rpartition(":")[2]
        command = [sys.executable, "-m", "app.gateway"]
        done = subprocess.run(command, cwd=ROOT, env=again, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert f"Nightshift runs already at {address} and keeps its messages in {tmp_path / 'my data'}." in done.stderr
        offered = shlex.split(done.stderr.partition("of its own: ")[2])
        assert offered[:2] == ["make", "run"]
        variables = dict(one.split("=", 1) for one in offered[2:])
        assert variables["NIGHTSHIFT_DATA"].startswith(str(tmp_path / "my data-"))
        with serving(folder, **variables) as another:
            assert httpx.get(f"{another}/health").status_code == httpx.get(f"{address}/health").status_code == 200
            assert another.endswith(f":{variables['PORT']}")


def test_messages_are_for_nobody_else(tmp_path: Path) -> None:
    """Other users of the machine can read neither the folder nor the file."""
    with hold(tmp_path / "data"):
        Database(tmp_path / "data" / PATH).prepare()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / PATH).stat().st_mode & 0o077 == 0


class Clock:
    """Unix seconds that a test sets."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_retention_deletes_undelivered_results(tmp_path: Path) -> None:
    """Only what was delivered or read goes after its days; what nobody has had stays, however old."""
    clock = Clock()
    database = Database(tmp_path / PATH)
    database.prepare()
    mailbox = Mailbox(database, keep_days=0, clock=clock)
    await mailbox.open()
    ids = ["delivered", "undelivered", "kept unread", "kept read", "running"]
    await mailbox.take_in([New(id, "/v1/responses", "m", b"{}") for id in ids])
    await mailbox.taken([letter.seq for letter in await mailbox.pending(0, 100, 10_000)], "page")
    line = msgspec.Raw(answer_line("x"))
    failed = (Try(1.0, "https://x", "timeout"),)
    await mailbox.update_status(
        [
            StatusUpdate("delivered", "delivered", "answered", "b", line),
            StatusUpdate("undelivered", "failed", "answered", "b", line, "", failed),
            StatusUpdate("kept unread", "kept", "answered", "b", line),
            StatusUpdate("kept read", "kept", "answered", "b", line),
            StatusUpdate("running", "waiting", "", "b"),
        ],
        "page",
    )
    (read,) = await mailbox.find("kept read")
    await mailbox.seen(read.stored)
    clock.now += 31 * DAY
    gone = await database.write(lambda db: messages.prune(db, clock.now - 30 * DAY, clock.now))
    assert gone == 2
    assert [one.custom_id for one in await mailbox.page_of("", 0, 10)] == ["undelivered", "kept unread", "running"]
    (order,) = await mailbox.orders("page", 0)
    assert sorted(order.custom_ids) == ["delivered", "kept read"]
    await mailbox.close()
