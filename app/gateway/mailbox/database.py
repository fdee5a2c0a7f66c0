"""The server's SQLite file: one writer thread that groups writes into transactions; readers run in parallel.

Rules: when :meth:`Database.write` returns, the write is durable (WAL, ``synchronous=FULL``: the log is flushed with every commit). Writes
that arrive during a commit share the next one, so that ten thousand small posts do not cost ten thousand flushes. A write that fails rolls
back only itself. A message's stage changes only as its table says; a write that wants it otherwise fails with NoSuchMove.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from app.gateway.mailbox import stages

T = TypeVar("T")
Given = TypeVar("Given")
Work = Callable[[sqlite3.Connection], T]
SharedWork = Callable[[sqlite3.Connection, Sequence[Given]], Sequence[T]]
"""Gets what several callers gave, in the order in which they did, and returns a result for each."""
Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]

GROUP: Final = 512
"""Writes in one transaction at most, which bounds how long the first of them waits."""
READERS: Final = 2
VERSION: Final = 1
"""Of the schema; kept in ``user_version``."""

SCHEMA: Final = """
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  custom_id TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,             -- http | sdk
  stage TEXT NOT NULL,              -- where it is between server and page (stages.py)
  state TEXT NOT NULL,              -- for programs, in the words of OpenAI Batch Manager
  at REAL NOT NULL,
  changed REAL NOT NULL,
  url TEXT NOT NULL,
  model TEXT NOT NULL,
  target TEXT,                      -- delivery_config as JSON
  size INTEGER NOT NULL,            -- bytes of the message
  page TEXT NOT NULL DEFAULT '',    -- the page's database that has it
  handed TEXT NOT NULL DEFAULT '',  -- the page's own state of it
  outcome TEXT NOT NULL DEFAULT '',
  batch TEXT NOT NULL DEFAULT '',   -- the page's batch
  error TEXT NOT NULL DEFAULT '',
  faults TEXT,                      -- why the page refused it, JSON
  attempts TEXT,                    -- JSON, oldest first
  seen REAL,                        -- when a program first read the answer
  job TEXT NOT NULL DEFAULT '',     -- the batch that the SDK made it from
  line INTEGER NOT NULL DEFAULT 0,  -- its line there, from 1
  caller_id TEXT NOT NULL DEFAULT ''-- the custom_id that the caller gave it there
);
CREATE INDEX messages_stage ON messages (stage, seq);
CREATE INDEX messages_state ON messages (state, seq);
CREATE INDEX messages_running ON messages (page) WHERE stage = 'taken' AND outcome = '';
CREATE INDEX messages_job ON messages (job, line) WHERE job <> '';
CREATE INDEX messages_caller ON messages (caller_id) WHERE caller_id <> '';
CREATE TABLE bodies (seq INTEGER PRIMARY KEY, message BLOB NOT NULL);
CREATE TABLE answers (seq INTEGER PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE orders (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  page TEXT NOT NULL,               -- the page that has the messages
  kind TEXT NOT NULL,               -- redeliver | drop | forget
  custom_ids TEXT NOT NULL          -- JSON
);
CREATE TABLE files (
  id TEXT PRIMARY KEY,
  at REAL NOT NULL,
  bytes INTEGER NOT NULL,
  filename TEXT NOT NULL,
  purpose TEXT NOT NULL,
  expires_at REAL
);
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  at REAL NOT NULL,
  batch TEXT NOT NULL,              -- the provider's batch object as JSON, without its counts
  status TEXT NOT NULL,
  lines INTEGER NOT NULL DEFAULT 0  -- lines of its file that have become messages
);
CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class _Write(NamedTuple):
    """What a caller wants written, and who waits for the result."""

    work: SharedWork[Any, Any]
    given: Any
    future: asyncio.Future[Any]


class NewerData(Exception):
    """The file was written by a newer Nightshift."""


class Database:
    """One SQLite file. Create it, :meth:`open` it inside the event loop that uses it, :meth:`close` it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._works: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, "nightshift-reader")
        self._writer: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def prepare(self) -> None:
        """Create the file or check that it can be used. Raises sqlite3.Error, OSError, NewerData."""
        with self._path.open("ab"):
            self._path.chmod(0o600)
        db = self._connect()
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise NewerData(str(self._path))
            if version == 0:
                db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version={VERSION};COMMIT;")
        finally:
            db.close()

    def open(self) -> None:
        """Start the writer thread. Results are passed to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._writer = threading.Thread(target=self._write_all, name="nightshift-writer", daemon=True)
        self._writer.start()

    async def close(self) -> None:
        """Commit what is pending, then close the file."""
        self._works.put(None)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        for db in self._open:
            db.close()

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and return its result once the transaction is on the disk. Raises what it raised, sqlite3.Error,
        or NoSuchMove."""
        return await self.write_with_others(lambda db, _: (work(db),), None)

    def write_with_others(self, work: SharedWork[Given, T], given: Given) -> asyncio.Future[T]:
        """:meth:`write` for what is written most often: ``work`` gets what its callers gave meanwhile at once, which takes few statements.
        Where it raises, each is tried alone."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._works.put(_Write(work, given, future))
        return future

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a reader connection: it sees what was committed. Raises what it raised."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: work(self._reader()))

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=256)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        return db

    def _reader(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._connect()
            found.execute("PRAGMA query_only=1")
            self._open.append(found)
        return found

    def _write_all(self) -> None:
        db = self._connect()
        stages.guard(db)
        ending = False
        while not ending:
            group = [self._works.get()]
            while len(group) < GROUP and not self._works.empty():
                group.append(self._works.get())
            ending = None in group
            self._commit(db, [entry for entry in group if entry is not None])
        db.close()

    def _commit(self, db: sqlite3.Connection, group: list[_Write]) -> None:
        results: list[Outcome] = []
        try:
            db.execute("BEGIN IMMEDIATE")
            for _, alike in groupby(group, lambda one: one.work):
                results += _written(db, list(alike))
            db.execute("COMMIT")
        except sqlite3.Error as error:  # nothing of the group is on the disk
            if db.in_transaction:
                db.execute("ROLLBACK")
            results = [(one.future, None, error) for one in group]
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_tell, results)


def _written(db: sqlite3.Connection, alike: list[_Write]) -> list[Outcome]:
    """What the work of these returned or raised for each; what raised has changed nothing."""
    db.execute("SAVEPOINT work")
    try:
        results = alike[0].work(db, [one.given for one in alike])
        found: list[Outcome] = [(one.future, result, None) for one, result in zip(alike, results, strict=True)]
    except Exception as error:  # whatever it is, the caller gets it
        if not db.in_transaction:
            raise sqlite3.OperationalError("the transaction was ended by SQLite") from error  # disk full and the like: the group is gone
        db.execute("ROLLBACK TO work")
        db.execute("RELEASE work")
        if len(alike) > 1:  # one of them takes no other with it
            return [outcome for one in alike for outcome in _written(db, [one])]
        return [(alike[0].future, None, stages.refusal(error))]
    db.execute("RELEASE work")
    return found


def _tell(results: list[Outcome]) -> None:
    for future, result, error in results:
        if future.done():  # the caller was cancelled
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
