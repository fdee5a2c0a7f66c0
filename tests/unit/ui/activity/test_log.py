"""The log in the page, and what is said of time on a batch's page."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.batches.durations import BatchTiming, History
from app.core.model.batches import Batch, Moment, Sample
from app.core.model.remote import Remote
from app.practice.traps import Trap
from app.services.runtime.records import put
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.submitting import ended, only, submitted


def lines(visit: Visit) -> list[str]:
    """The sentences that are drawn, newest first."""
    return [one.of("button")[0].text.removeprefix("⚠ ") for one in visit.dom.classed("log-line")]


async def read(visit: Visit) -> None:
    await visit.until(lambda: visit.state.log.read)
    await visit.rest()


@pytest.mark.slow
async def test_everything_that_happened_newest_first(visit: Visit) -> None:
    """The whole app's log has its own view; each line leads to the log of its batch."""
    batch = await ended(visit)
    await visit.go("#/log")
    await read(visit)
    found = lines(visit)
    assert found[0] == "Done."
    assert "A tab took the lead: its engine runs the batches." in found
    assert "A key was entered." in found
    assert "Submitted: 6 requests" in " ".join(found)
    await visit.choose("Batch", batch.id)
    await read(visit)
    assert visit.page.route == f"#/log/{batch.id}"
    of_batch = lines(visit)
    assert 8 < len(of_batch) < len(found)
    assert "A key was entered." not in of_batch
    await visit.go(f"#/batches/{batch.id}")
    await read(visit)
    assert lines(visit) == of_batch


@pytest.mark.slow
async def test_only_problems(visit: Visit) -> None:
    """The filter leaves what went wrong; without any it says so. A line opens with all that is known of it."""
    await submitted(visit, "one")
    await visit.wait(60)
    await visit.click("Problems")
    assert lines(visit) == []
    assert "No problems." in visit.text
    visit.out.fault = "unreachable"
    await visit.queue("two")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(3)
    await visit.go("#/log")
    await read(visit)
    await visit.click("Problems")
    assert [one for one in lines(visit) if "OpenAI does not answer at all." in one]
    shown = visit.state.log.shown
    assert shown
    assert all(one.code for one in shown)
    await visit.emit(visit.dom.classed("log-line")[0].of("button")[0], "click", "")
    assert visit.dialog is not None
    assert "Error code" in visit.dialog.text
    assert "unreachable" in visit.dialog.text


@pytest.mark.slow
async def test_it_goes_on_while_it_is_looked_at(visit: Visit) -> None:
    """What happens meanwhile appears by itself, and elsewhere nothing of the log is kept in memory."""
    await visit.go("#/log")
    await read(visit)
    before = len(lines(visit))
    await submitted(visit, "one")
    await visit.go("#/log")
    await visit.wait(120)
    await read(visit)
    assert len(lines(visit)) > before
    assert lines(visit)[0] == "Done."
    await visit.go("#/queue")
    await visit.wait(5)
    assert visit.state.log.entries == ()


@pytest.mark.slow
async def test_the_file_holds_what_is_in_sight(visit: Visit) -> None:
    """Exporting a batch's problems gives those, oldest first, as JSON lines."""
    batch = await ended(visit, Trap.DOWNLOAD_502)
    await visit.go(f"#/log/{batch.id}")
    await read(visit)
    await visit.click("Problems")
    await visit.click("Export ↓")
    saved = visit.page.saved[-1]
    assert saved.name.startswith(f"nightshift-log-{batch.id}-2023-11-")
    assert saved.name.endswith(".jsonl")
    rows = [json.loads(one) for one in saved.content.splitlines()]
    assert [one["said"] for one in reversed(rows)] == lines(visit)
    assert {one["batch"] for one in rows} == {batch.id}


async def test_a_long_log_is_drawn_by_window(visit: Visit) -> None:
    """Of a thousand entries a screenful is in the page, wherever it is scrolled to."""
    log = visit.app.services.log
    await visit.store.commit(log.put(*(draft("setting", f"n{n}") for n in range(1_000))))
    await visit.go("#/log")
    await read(visit)
    assert len(lines(visit)) < 40
    scroller = visit.dom.by_id("window-log")
    await visit.emit(scroller, "scroll", scrollTop=36 * 500, clientHeight=360)
    assert len(lines(visit)) < 40
    assert "n499" in "".join(lines(visit)) or "n500" in "".join(lines(visit))
    assert visit.dom.of("div", "list")[0]["aria-rowcount"] == str(len(visit.state.log.shown))


@pytest.mark.slow
async def test_a_deleted_batch_is_still_told_of(visit: Visit) -> None:
    """Its log stays, and says that it was deleted."""
    batch = await ended(visit)
    await visit.click("Delete")
    await visit.click("Delete the batch")
    await visit.go(f"#/log/{batch.id}")
    await read(visit)
    assert lines(visit)[0] == "Deleted from this browser."
    assert len(lines(visit)) > 8


# --- time


def history(batch: Batch, *totals: float) -> History:
    runs = tuple(BatchTiming(f"b{n}", 1.0 + n, 6, "completed", total, {"in_progress": total}) for n, total in enumerate(totals))
    return History(id=batch.lane.key, runs=runs)


async def hanging(visit: Visit, hours: float, *totals: float) -> Batch:
    """A batch that the provider has been working on for so long, after others that took so many seconds."""
    batch = await submitted(visit, *("one", "two"))
    await visit.wait(3)
    batch = only(visit)
    begun = visit.clock.now() - 3_600 * hours
    old = replace(
        batch,
        state="in_progress",
        requests=100,
        remote=Remote(id="r", status="in_progress", total=100, completed=20),
        timeline=(Moment(begun - 60, "planned"), Moment(begun - 30, "validating"), Moment(begun, "in_progress")),
        samples=(Sample(begun + 60, 10), Sample(begun + 120, 20)),
        retry_at=visit.clock.now() + 10**6,
    )
    visit.state.batches.all = [old]
    visit.state.batches.histories = {batch.lane.key: history(batch, *totals)}
    await visit.wait(1)
    return old


async def test_the_timeline_says_how_long_each_state_lasted(visit: Visit) -> None:
    """What is over has its length, and what is going on counts."""
    await hanging(visit, 2)
    steps = [one.text for one in visit.dom.of("ol", "steps")[0].of("li")]
    assert any(one.startswith("validating") and one.endswith("30 s") for one in steps)
    assert any(one.startswith("in progress") and one.endswith("2 h so far") for one in steps)


async def test_an_estimate_says_by_what_it_was_judged(visit: Visit) -> None:
    """From one's own ended batches; without them nothing is said."""
    await hanging(visit, 1, 7_200, 9_000, 18_000, 10_800)
    assert "usually done within 2 h to 5 h, judged by 4 batches" in visit.text
    visit.state.batches.histories = {}
    await visit.wait(1)
    assert "usually" not in visit.text


@pytest.mark.slow
async def test_pace_and_what_is_left_of_it(visit: Visit) -> None:
    """Requests a minute as the provider's counts show it."""
    await hanging(visit, 0.05)
    assert "5 requests a minute" in visit.text
    assert "at this pace the rest takes" in visit.text


@pytest.mark.slow
async def test_trap_06_a_batch_that_hangs_is_named(visit: Visit) -> None:
    """Longer than usual in a state: what that means for money and data, and what can be done. It is no error."""
    await hanging(visit, 9, 7_200, 9_000, 10_800)
    assert "In progress for 9 h: longer than usual." in visit.text
    assert "The longest of 3 batches with this endpoint and model took 3 h." in visit.text
    assert "is not billed" in visit.text
    assert visit.has("Ask the provider now")
    assert visit.has("Cancel batch")
    assert visit.notes == []
    await visit.go("#/batches")
    assert "longer than usual" in visit.text


async def test_what_takes_its_time_is_not_named(visit: Visit) -> None:
    """Nine hours are nothing where others took eight."""
    await hanging(visit, 9, 28_800, 28_800, 28_800)
    assert "longer than usual" not in visit.text


@pytest.mark.slow
async def test_the_history_is_there_after_a_reload(tabs: Open) -> None:
    """And it outlives the batches that it was made of."""
    visit = await tabs()
    batch = await ended(visit)
    await visit.store.commit([put(history(batch, 5.0, 6.0, 7.0), -1)])
    later = await tabs(beside=visit)
    await later.rest()
    assert len(later.state.batches.histories[batch.lane.key].runs) == 3
