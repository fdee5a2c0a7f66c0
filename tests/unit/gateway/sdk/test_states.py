"""A batch of the official SDK moves along its table, and the database refuses every other move."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base.transitions import NoSuchMove
from app.gateway.mailbox.database import SCHEMA, Database
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.sdk import jobs
from app.gateway.sdk.job_worker import Jobs
from app.gateway.sdk.jobs import Job
from app.gateway.sdk.states import JOB_STATES, JobEvent, JobState

STATES: tuple[JobState, ...] = get_args(JobState)
EVENTS: tuple[JobEvent, ...] = get_args(JobEvent)
NEW = Job(id="batch_x", created_at=1.0, input_file_id="file-x", endpoint="/v1/responses", completion_window="24h")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty database."""
    with closing(empty()) as made:
        yield made


def empty() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.executescript(SCHEMA)
    return made


def lying(db: sqlite3.Connection, status: str) -> Job:
    """A batch that lies there in this state, however it came to it."""
    job = replace(NEW, status=status)
    db.execute("DELETE FROM jobs")
    jobs.put(db, NEW)
    db.execute("UPDATE jobs SET batch = REPLACE(batch, ?, ?), status = ?", ('"validating"', f'"{status}"', status))
    assert jobs.load(db, NEW.id) == (job, jobs.Progress())
    return job


def test_the_table_is_whole() -> None:
    """Every state and every event is in it, and no word that is neither."""
    assert set(JOB_STATES.states) == set(STATES)
    assert {event for one in JOB_STATES.states.values() for event in one.leads} == set(EVENTS)
    assert {to for one in JOB_STATES.states.values() for to in one.leads.values()} <= set(STATES)
    assert all(one.means for one in JOB_STATES.states.values())
    assert jobs.FINAL == ("completed", "failed", "cancelled")


def test_every_state_is_reached_and_all_but_the_endings_lead_on() -> None:
    """From each that is no ending one can be reached."""

    def reached(states: set[str]) -> set[str]:
        for _ in STATES:
            states |= {to for state in states for to in JOB_STATES.moves[state]}
        return states

    assert reached({JOB_STATES.first}) == set(STATES)
    for state in set(STATES) - set(jobs.FINAL):
        assert reached({state}) & set(jobs.FINAL)


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_whatever_happens_is_legal_or_changes_nothing(events: list[JobEvent]) -> None:
    """Any sequence of events, through the database: each makes a move of the table, or is refused and leaves the row as it was; an ending
    stays."""
    with closing(empty()) as db:
        jobs.put(db, NEW)
        for event in events:
            ((before, _),) = [jobs.load(db, NEW.id) or (NEW, None)]
            row = db.execute("SELECT * FROM jobs").fetchall()
            to = JOB_STATES.states[before.status].leads.get(event)  # type: ignore[index]
            if to is None:
                with pytest.raises(NoSuchMove):
                    jobs.change(db, NEW.id, lambda job, event=event: jobs.moved(job, event))  # type: ignore[misc]
                assert db.execute("SELECT * FROM jobs").fetchall() == row
            else:
                assert before.open
                after = jobs.change(db, NEW.id, lambda job, event=event: jobs.moved(job, event))  # type: ignore[misc]
                assert after == replace(before, status=to)
                assert db.execute("SELECT status FROM jobs").fetchall() == [(to,)]


@pytest.mark.parametrize("old", STATES)
def test_the_database_takes_no_other_move(db: sqlite3.Connection, old: JobState) -> None:
    """Whatever code asks for it, and not through the table of events."""
    job = lying(db, old)
    for new in (*STATES, "expired", ""):
        if new == old:
            assert jobs.change(db, job.id, lambda stored: replace(stored, total=7)) == replace(job, total=7)
            job = replace(job, total=7)
        elif new not in JOB_STATES.moves[old]:
            with pytest.raises(NoSuchMove, match=f"'{old}' would lead to '{new}'|'{old}' is not heard"):
                jobs.change(db, job.id, lambda stored, new=new: replace(stored, status=new))  # type: ignore[misc]
            assert jobs.load(db, job.id) == (job, jobs.Progress())


def test_a_new_batch_begins_at_the_beginning(db: sqlite3.Connection) -> None:
    """In no other state."""
    for state in STATES[1:]:
        with pytest.raises(NoSuchMove):
            jobs.put(db, replace(NEW, status=state))
    assert jobs.listed(db) == []


def test_a_row_that_says_otherwise_than_its_batch_is_not_moved(db: sqlite3.Connection) -> None:
    """A damaged row is refused as well, so that an ending is never left by way of it."""
    jobs.put(db, NEW)
    db.execute("UPDATE jobs SET status = 'completed'")
    with pytest.raises(NoSuchMove):
        jobs.change(db, NEW.id, lambda job: jobs.moved(job, "cancel_asked"))


async def test_a_cancel_that_comes_while_the_results_are_put_together_counts(tmp_path: Path) -> None:
    """A program was told «cancelling» after the last line had ended and before the batch said so: it ends as cancelled."""
    database = Database(tmp_path / "mailbox.sqlite")
    database.prepare()
    mailbox = Mailbox(database, keep_days=0, clock=lambda: 5.0)
    await mailbox.open()
    work = Jobs(mailbox, tmp_path)
    await database.write(lambda db: jobs.put(db, NEW))
    seen = await database.write(lambda db: jobs.change(db, NEW.id, lambda job: jobs.moved(job, "file_is_good", total=0)))
    assert seen is not None
    await database.write(lambda db: jobs.change(db, NEW.id, lambda job: jobs.moved(job, "cancel_asked", cancelling_at=4.0)))
    await work._finish(seen)
    found = await database.read(lambda db: jobs.load(db, NEW.id))
    assert found is not None
    assert (found[0].status, found[0].cancelling_at, found[0].cancelled_at, found[0].finalizing_at) == ("cancelled", 4.0, 5.0, None)
    await mailbox.close()


def test_the_document_shows_the_table() -> None:
    """docs/programs.md carries states and diagram as generated; copy the expected text if the table was changed on purpose."""
    document = Path(__file__).parents[4].joinpath("docs/programs.md").read_text("utf-8")
    assert f"{JOB_STATES.meanings()}\n\n```mermaid\n{JOB_STATES.diagram()}\n```" in document
