"""A table of answers that is open while what it is made of changes: in this tab's engine, or in another tab."""

from __future__ import annotations

import pytest

from app.core.model.datasets import Dataset
from app.core.model.judging import Expectation
from app.core.model.votes import BlindVotes
from app.core.openai.wire import BytesBlob
from app.ports import StorageFull
from app.practice.traps import Trap
from app.services.datasets.datasets import Source
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked
from tests.unit.ui.results.test_annotating import at, peek, pressed
from tests.unit.ui.results.test_comparing import compared
from tests.unit.ui.results.test_comparing import settled as compared_settled
from tests.unit.ui.results.test_judging import sent
from tests.unit.ui.results.test_table import cells, opened, press, settled
from tests.unit.ui.submitting import only


async def shows(visit: Visit, count: int) -> None:
    """Without a press: so many rows stand there."""
    await visit.until(lambda: visit.state.results.window is not None and visit.state.results.window.total == count)
    await settled(visit)


@pytest.mark.slow
async def test_what_another_tab_does_with_batches_is_shown(visit: Visit) -> None:
    """Rows that it takes out are gone; of a batch that it deletes nothing is listed, chosen or open any more."""
    await opened(visit)
    other = await visit.other_tab()
    await other.go(f"#/results/batch/{only(visit).id}")
    await settled(other)
    await other.check("Select row 2", True)
    await other.rest()
    await press(other, "Remove")
    await shows(visit, 5)
    assert cells(visit, "Prompt") == ["one", "three", "four", "five", "six"]
    await visit.check("Select row 1", True)
    await at(visit, 2)
    await other.go(f"#/batches/{only(visit).id}")
    await other.rest()
    await other.click("Delete")
    await other.click("Delete the batch")
    await visit.until(lambda: not visit.state.batches.all)
    await visit.until(lambda: visit.state.results.window is None)
    await visit.rest()
    assert visit.state.results.picking.rows == set()
    assert "is no longer here" in visit.state.results.beside.lost
    assert visit.notes == []


@pytest.mark.slow
async def test_a_table_that_another_tab_imports_anew_is_read_anew(tabs: Open) -> None:
    """Its rows stand there as they are now; so does what its answers are held against."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await sent(visit, id, 4)
    other = await visit.other_tab()
    datasets = other.app.services.datasets()
    stored = await other.app.services.records.get(Dataset, id)
    assert stored is not None
    source = Source(BytesBlob(b"id,review,heat\na,Fine,0\nd,Good,warm\n"), "again.csv")
    dialect = (await datasets.examine(source)).dialect
    await datasets.bring(source, dialect, into=id, key=stored.value.key)
    await visit.until(lambda: "2 requests are of rows that this table no longer has." in visit.text)
    await settled(visit)
    assert cells(visit, "review") == ["Fine", "Good"]
    await other.app.services.records.save(Expectation(id=id, column="heat"))
    await visit.until(lambda: "As expected" in visit.text)
    await settled(visit)
    assert set(cells(visit, "As expected")) == {"✕differs"}


@pytest.mark.slow
async def test_a_vote_that_cannot_be_stored_can_be_cast_again(tabs: Open) -> None:
    """The pair stays in sight, and its keys work."""
    visit = await compared(tabs)
    await visit.click("Vote blind")
    await visit.until(lambda: visit.state.results.comparing.blind is not None and visit.state.results.comparing.blind.left is not None)
    await visit.rest()
    blind = visit.state.results.comparing.blind
    assert blind is not None
    shown = blind.key
    visit.store.fail_next = StorageFull("full")
    await visit.press(visit.dom.classed("blind")[0], "1")
    await visit.rest()
    assert (blind.key, blind.votes.votes, blind.looking) == (shown, {}, False)
    await visit.press(visit.dom.classed("blind")[0], "1")
    await visit.until(lambda: not blind.looking)
    (stored,) = await visit.app.services.records.all(BlindVotes)
    assert list(stored.value.votes) == [shown]


@pytest.mark.slow
async def test_a_comparison_that_failed_is_asked_for_again(tabs: Open) -> None:
    """Where the worker breaks down, the button reads again what is compared; or the table is a press away."""
    visit = await compared(tabs)
    here = visit.state.results
    here.comparing.window, here.fault = None, "It broke down."
    visit.app.changed()
    await visit.rest()
    assert visit.has("As a table")
    await visit.click("Try again")
    await compared_settled(visit)
    assert here.fault == ""
    assert len(visit.dom.classed("compare-line")) == 8


@pytest.mark.slow
async def test_what_could_not_be_taken_back_can_be_taken_back_later(visit: Visit) -> None:
    """The storage gave way: the change is still there, and so is its undo."""
    await opened(visit)
    await at(visit, 0)
    await peek(visit, "g")
    visit.store.fail_next = StorageFull("full")
    await peek(visit, "u")
    assert pressed(visit) == ["✓ Good"]
    await peek(visit, "u")
    assert pressed(visit) == []


@pytest.mark.slow
async def test_what_is_typed_is_ahead_of_what_was_stored(visit: Visit) -> None:
    """A mark that is stored, or said in another tab, while a note is being typed takes nothing of the note away."""
    await opened(visit)
    await at(visit, 0)
    await peek(visit, "n")
    annotating = visit.state.results.annotating
    from app.core.results.annotating import AnnotationEdit

    annotating.unsaved[(only(visit).id, 0, "note")] = AnnotationEdit(note="half a sen")
    await visit.click("✓ Good")
    await settled(visit)
    assert annotating.said is not None
    assert (annotating.said.mark, annotating.said.note) == ("good", "half a sen")
    del annotating.unsaved[(only(visit).id, 0, "note")]


@pytest.mark.slow
async def test_a_price_that_cannot_be_found_is_said(visit: Visit) -> None:
    """In the dialog, in place of «Counting …» for ever; nothing goes."""
    await opened(visit)
    await visit.check("Select row 1", True)
    await settled(visit)
    from app.ports.compute import JobDied
    from app.ui.results.dialogs import RetryDialog
    from app.ui.results.selection_handlers import ask_retry

    async def dies(*_given: object, **_more: object) -> None:
        raise JobDied("The worker broke down.")

    compute = visit.app.services.compute
    runs, compute.run = compute.run, dies  # type: ignore[method-assign, assignment]
    try:
        await ask_retry(visit.app, None, None)  # type: ignore[arg-type]  # neither is looked at
    finally:
        compute.run = runs  # type: ignore[method-assign]
    await visit.rest()
    assert isinstance(visit.state.dialog, RetryDialog)
    assert "The worker broke down." in visit.reach.text


@pytest.mark.slow
async def test_what_was_sent_again_and_deleted_from_the_queue_goes_once_more(visit: Visit) -> None:
    """It is nowhere any more: the dialog says so, and lets it go; while it waits in the queue nothing goes twice."""
    await opened(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    failed = only(visit).tally.failed

    async def again() -> None:
        await visit.go(f"#/results/batch/{only(visit).id}?f=outcome.in.%3Dfailed")
        await settled(visit)
        await visit.check("Select all rows", True)
        await visit.until(lambda: visit.state.results.picking.facts is not None)
        await settled(visit)
        await visit.click(f"Send {failed} again …")
        await settled(visit)

    await again()
    await visit.click(f"Queue {failed} again")
    await visit.rest()
    for gone in (False, True):
        if gone:
            (lane,) = visit.state.queue.lanes
            queue, ids = visit.app.services.queue, {id for one in lane.segments for id in one.ids}
            await queue.delete(lane.lane, ids)
            await queue.forget(lane.lane, ids)
            await visit.app.refresh_queue()
        await again()
        assert "sent again already" in visit.reach.text
        await visit.click("Queue them again")
        await visit.rest()
        assert [one.requests for one in visit.state.queue.lanes] == [failed]
