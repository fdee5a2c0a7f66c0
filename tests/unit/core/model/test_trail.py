"""The trail: what is being read can be told from memory alone, and what stopped Python is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.ledger import DAMAGED_LINE, Ledger
from app.core.model import trail
from app.core.model.trail import HALF, Stop
from app.core.openai.outcomes import Outcome


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """No test leaves a suspect behind."""
    yield
    trail.avoid(())
    assert (left(0), left(HALF)) == ("", "")


def left(at: int) -> str:
    """What static/js/life.mjs reads from the dead interpreter's memory."""
    return trail.buffer[at + 1 : at + 1 + trail.buffer[at]].decode()


@given(st.text(max_size=400))
def test_the_trail_says_what_is_read(name: str) -> None:
    """Any name fits, cut at a whole character; the one outside comes back when the one inside is left, also by a failure."""

    def fails() -> None:
        with trail.at(name):
            said = left(HALF)
            assert name.encode("utf-8", "replace").decode().startswith(said)
            assert said or not name
            raise RuntimeError

    with trail.at("line:outside:0"):
        with pytest.raises(RuntimeError):
            fails()
        assert left(HALF) == "line:outside:0"
    assert left(HALF) == ""


async def test_each_step_of_a_task_is_on_the_trail() -> None:
    """Whatever task runs, its own name stands there; between two steps, none. What it returns and raises comes through."""
    seen: list[str] = []
    gate = asyncio.Event()

    async def work(fails: bool) -> str:
        seen.append(left(0))
        await gate.wait()
        seen.append(left(0))
        if fails:
            raise LookupError("told")
        return "done"

    async def traced(name: str, *, fails: bool) -> str:
        return str(await trail.Steps(name, work(fails)))

    one, two = asyncio.create_task(traced("batch a", fails=False)), asyncio.create_task(traced("route", fails=True))
    await asyncio.sleep(0)
    assert left(0) == ""
    gate.set()
    assert await one == "done"
    with pytest.raises(LookupError, match="told"):
        await two
    assert seen == ["batch a", "route", "batch a", "route"]


async def test_a_traced_task_can_be_cancelled() -> None:
    """Cancelling reaches the work where it waits, and its cleaning up is on the trail too."""
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(left(0))

    async def traced() -> None:
        await trail.Steps("batch a", work())

    task = asyncio.create_task(traced())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["batch a"]


@pytest.mark.parametrize("text", ["", "{", "null", '{"at":1}', '[{"at":"x"}]', "[" * 5_000, '[{"item":7}]'])
def test_damaged_notes_are_no_notes(text: str) -> None:
    """What the browser kept may be anything: the start goes on."""
    assert trail.stops(text) == ()


def test_what_was_being_read_is_the_suspect() -> None:
    """A line or a record is passed over; a batch where nothing nearer is known; any other task is only told."""
    stops = trail.stops('[{"at":1,"task":"batch b","item":"line:answer:b:output:0:17"},{"task":"batch c"},{"task":"route"},{}]')
    assert [one.suspect for one in stops] == ["line:answer:b:output:0:17", "task:batch c", "", ""]
    trail.avoid(stops)
    assert trail.suspected("line:answer:b:output:0:17")
    assert trail.suspected("task:batch c")
    assert not trail.suspected("task:route")
    assert not trail.suspected("line:answer:b:output:0:170")
    assert trail.suspected_offsets("answer:b:output:0") == {17}
    assert trail.suspected_offsets("answer:b:output:1") == frozenset()


def test_a_name_that_was_cut_is_found_again() -> None:
    """A long id is compared as the trail has it."""
    item = trail.record("segments", "é" * 300)
    with trail.at(item):
        trail.avoid([Stop(item=left(HALF))])
    assert trail.suspected(item)


def test_a_ledger_passes_over_a_line_that_stopped_python() -> None:
    """The line is entered as damaged and unread, its request as answered and not readable. All others are read."""
    lines = [msgspec.json.encode({"custom_id": f"r{n}", "response": {"status_code": 200, "body": {"n": n}}}) for n in range(5)]
    data = b"\n".join(lines) + b"\n"
    at = data.index(lines[3])
    trail.avoid([Stop(item=trail.line("answer:b:output:0", at))])
    ledger = Ledger([f"r{n}" for n in range(5)])
    for _ in ledger.read_segment(data, "output", 0, "answer:b:output:0"):
        assert left(HALF) == ""
    ledger.close("completed")
    assert [ledger.outcome_of(row) for row in range(5)] == [Outcome.ANSWERED] * 3 + [Outcome.MISSING, Outcome.ANSWERED]
    assert ledger.code_of(3) == DAMAGED_LINE
    assert [(one.place.offset, one.sentence, one.guess) for one in ledger.damaged] == [(at, trail.NOT_READ, "r3")]
