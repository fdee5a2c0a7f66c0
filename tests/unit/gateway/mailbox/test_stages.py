"""A message of a program moves along its table of stages, and the server's database refuses every other move."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.base.transitions import NoSuchMove
from app.core.programs.protocol import RefusalDetail, StatusUpdate
from app.gateway.mailbox import messages, posts, stages
from app.gateway.mailbox.database import SCHEMA, Database
from app.gateway.mailbox.stages import STAGES, Stage, StageEvent, move

NAMES: tuple[Stage, ...] = get_args(Stage)
EVENTS: tuple[StageEvent, ...] = get_args(StageEvent)
ONE = messages.New("a", "/v1/responses", "m", b"{}")

INSERT = (
    "INSERT INTO messages (custom_id, source, stage, state, at, changed, url, model, size) "
    "VALUES ('b', 'http', ?, 'pending', 1, 1, '', '', 1)"
)


def empty() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(SCHEMA)
    stages.guard(made)
    return made


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty database, as the server's writer has it."""
    with closing(empty()) as made:
        yield made


def lying(db: sqlite3.Connection, stage: Stage) -> int:
    """A message that has come to this stage along the table. Returns its seq."""
    posts.add(db, [ONE], 1.0)
    ways: dict[Stage, StageEvent] = {"taken": "committed", "refused": "page_refused", "leaving": "removed"}
    if stage in ways:
        assert move(db, ways[stage], 1)
    assert rows(db)[0][3] == stage
    return 1


def rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute("SELECT * FROM messages").fetchall()


def test_the_table_is_whole() -> None:
    """Every stage and every event is in it, and no word that is neither; each stage is reached, and every one leads to an ending."""
    assert set(STAGES.states) == set(NAMES)
    assert {event for one in STAGES.states.values() for event in one.leads} == set(EVENTS)
    assert {to for one in STAGES.states.values() for to in one.leads.values()} == set(NAMES) - {STAGES.first}
    assert all(one.means for one in STAGES.states.values())
    endings = {name for name in NAMES if not STAGES.moves[name]}
    assert endings == {"refused", "leaving"}
    assert all(STAGES.moves[name] & endings for name in set(NAMES) - endings)


@given(st.lists(st.sampled_from(EVENTS), max_size=8))
def test_whatever_happens_is_a_move_of_the_table_or_changes_nothing(events: list[StageEvent]) -> None:
    """Any sequence of events, through the database."""
    with closing(empty()) as db:
        posts.add(db, [ONE], 1.0)
        at: str = STAGES.first
        for event in events:
            before = rows(db)
            to = STAGES.states[at].leads.get(event)  # type: ignore[index]
            assert move(db, event, 1, changed=2.0, error="said") is (to is not None)
            if to is None:
                assert rows(db) == before
            else:
                at = to
                assert db.execute("SELECT stage, changed, error FROM messages").fetchall() == [(to, 2.0, "said")]


@pytest.mark.parametrize("old", NAMES)
def test_the_database_takes_no_other_move(db: sqlite3.Connection, old: Stage) -> None:
    """Whichever statement asks for it; what does not touch the stage is taken."""
    seq = lying(db, old)
    before = rows(db)
    for new in (*NAMES, "gone", ""):
        if new not in {old, *STAGES.moves[old]}:
            with pytest.raises(sqlite3.IntegrityError) as refused:
                db.execute("UPDATE messages SET stage = ? WHERE seq = ?", (new, seq))
            error = stages.refusal(refused.value)
            assert isinstance(error, NoSuchMove)
            assert error.state == old
            assert rows(db) == before
    db.execute("UPDATE messages SET stage = ?, seen = 9.0 WHERE seq = ?", (old, seq))
    assert db.execute("SELECT stage, seen FROM messages").fetchall() == [(old, 9.0)]


@pytest.mark.parametrize("stage", NAMES)
def test_only_what_has_ended_is_erased(db: sqlite3.Connection, stage: Stage) -> None:
    """A message that a page has, or that waits for one, is not lost by a wrong statement."""
    seq = lying(db, stage)
    if STAGES.moves[stage]:
        with pytest.raises(sqlite3.IntegrityError):
            messages.erase(db, [seq])
        assert len(rows(db)) == 1
    else:
        messages.erase(db, [seq])
        assert rows(db) == []


def test_a_message_begins_at_the_beginning(db: sqlite3.Connection) -> None:
    """In no other stage."""
    posts.add(db, [ONE], 1.0)
    for stage in (*NAMES[1:], ""):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(INSERT, (stage,))
    assert len(rows(db)) == 1


def test_what_a_page_says_late_moves_nothing_that_has_ended(db: sqlite3.Connection) -> None:
    """A message that the server ended, or its program removed, is neither taken, refused, ended nor reported any more."""
    for stage in ("refused", "leaving"):
        with closing(empty()) as one:
            seq = lying(one, stage)
            before = rows(one)
            assert messages.rejected(one, seq, [RefusalDetail("x", "y", "z")], "page", 3.0) == ""
            assert messages.update_status(one, [StatusUpdate("a", "waiting")], "page", 3.0) == []
            messages.end(one, seq, "failed", b"{}", "said", 3.0)
            assert rows(one) == before
            assert messages.answer(one, seq) is None


async def test_the_server_is_told_by_the_tables_own_error(tmp_path: Path) -> None:
    """The writer's connection has the guard; a refused write changes nothing, and is not called a full disk."""
    database = Database(tmp_path / "mailbox.sqlite")
    database.prepare()
    database.open()
    await database.write(lambda db: posts.add(db, [ONE], 1.0))
    with pytest.raises(NoSuchMove, match="'here'"):
        await database.write(lambda db: db.execute("UPDATE messages SET error = 'x', stage = 'elsewhere'"))
    assert await database.read(lambda db: db.execute("SELECT stage, error FROM messages").fetchall()) == [("here", "")]
    await database.close()


def test_the_document_shows_the_table() -> None:
    """docs/programs.md carries stages and diagram as generated; copy the expected text if the table was changed on purpose."""
    document = Path(__file__).parents[4].joinpath("docs/programs.md").read_text("utf-8")
    assert f"{STAGES.meanings()}\n\n```mermaid\n{STAGES.diagram()}\n```" in document
