"""The table of answers as a person uses it: opened from a batch, sorted, filtered, searched, and a request looked at beside it."""

from __future__ import annotations

import asyncio
import re

import pytest

from app.core.model import keys
from app.ports import DropBytes
from app.practice.traps import Trap
from app.ui.base.drawing import render
from app.ui.base.state import Route
from app.ui.results import addresses, table_showing, ticks
from app.ui.results.table_view import marked
from tests.kit.screen import Visit
from tests.unit.ui.submitting import ended, only


async def opened(visit: Visit, *traps: Trap, where: str = "Open in Results") -> None:
    """A batch of six that ended, its answers in the table."""
    await ended(visit, *traps)
    (link,) = [one for one in visit.dom.of("a") if one.text == where]
    await visit.go(link["href"])
    await settled(visit)


async def settled(visit: Visit) -> None:
    """Wait until nothing is read any more."""
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    await visit.rest()


def cells(visit: Visit, name: str) -> list[str]:
    """The cells of a column, as they stand."""
    head, *rows = visit.dom.classed("result-line")
    titles = [one.text.strip("▾ ↑↓") for one in head if one.get("role") == "columnheader"]
    at = next(n for n, title in enumerate(titles) if title.startswith(name))
    return [[one.text for one in row if one.get("role") == "cell"][at] for row in rows]


async def sort_by(visit: Visit, column: str) -> None:
    """Press the name of a column."""
    wanted = f'"SortResults","column":"{column}"'
    await visit.emit(next(one for one in visit.dom.of("button") if wanted in (one.get("data-click") or "")), "click")
    await settled(visit)


async def press(visit: Visit, name: str) -> None:
    await visit.click(name)
    await settled(visit)


@pytest.mark.slow
async def test_a_batch_is_opened_in_the_table(visit: Visit) -> None:
    """Its requests stand beside their answers, and each header says what is in its column."""
    await opened(visit, Trap.LINE_SERVER_ERROR)
    failed = only(visit).tally.failed
    assert visit.page.route == f"#/results/batch/{only(visit).id}"
    assert cells(visit, "Prompt") == ["one", "two", "three", "four", "five", "six"]
    assert sorted(cells(visit, "Outcome")) == ["✓answered"] * (6 - failed) + ["✕failed"] * failed
    assert visit.state.results.summaries["answer"].blank == failed
    assert f"{100 * max(failed, 6 - failed) / 6:.0f} %" in visit.text
    assert "6 rows" in visit.text


@pytest.mark.slow
async def test_sorted_by_pressing_a_header(visit: Visit) -> None:
    """Ascending, descending, and not at all; the address keeps it."""
    await opened(visit)
    answers = cells(visit, "Answer")
    await sort_by(visit, "answer")
    assert visit.page.route.endswith("?s=answer")
    assert cells(visit, "Answer") == sorted(answers, key=str.casefold)
    await sort_by(visit, "answer")
    assert cells(visit, "Answer") == sorted(answers, key=str.casefold, reverse=True)
    await sort_by(visit, "answer")
    assert visit.page.route == f"#/results/batch/{only(visit).id}"
    assert cells(visit, "Answer") == answers


@pytest.mark.slow
async def test_values_are_listed_and_let_through(visit: Visit) -> None:
    """A choice of its own for what failed; pressed, only those rows are there; the other way round, the others; then all again."""
    await opened(visit, Trap.LINE_SERVER_ERROR)
    failed = only(visit).tally.failed
    await press(visit, "Values of Answer")
    values = visit.dom.of("button", "value")
    assert values[0].text.startswith("(error)")
    await visit.emit(values[0], "click")
    await settled(visit)
    assert cells(visit, "Outcome") == ["✕failed"] * failed
    assert f"{failed} of 6 rows" in visit.text
    await press(visit, "Exclude these")
    assert cells(visit, "Outcome") == ["✓answered"] * (6 - failed)
    assert "f=answer.out.%21error" in visit.page.route or "f=answer.out.!error" in visit.page.route
    await press(visit, "Clear all")
    assert len(cells(visit, "Outcome")) == 6
    await press(visit, "Values of Output tokens")
    await press(visit, "Close the list of values")
    assert visit.dom.classed("facet") == []


@pytest.mark.slow
async def test_words_are_found_in_prompts_and_answers(visit: Visit) -> None:
    """As they are typed, whatever their case; the hits are marked, and what is not there is said."""
    await opened(visit)
    await visit.type("Search prompts and answers", "THREE")
    await visit.wait(1)
    await settled(visit)
    assert cells(visit, "Prompt") == ["three"]
    assert "three" in [one.text for one in visit.dom.of("mark")]
    await visit.type("Search prompts and answers", "custom_id")
    await visit.press(visit.field("Search prompts and answers"), "Enter")
    await settled(visit)
    assert "No rows match." in visit.text


@pytest.mark.slow
async def test_a_request_opens_beside_the_table(visit: Visit) -> None:
    """By the keys, at an address of its own; the next and the one before are a key away, and Escape closes it."""
    await opened(visit)
    batch = only(visit)
    (window,) = visit.dom.of("div", "window")
    for _ in range(2):
        await visit.press(window, "ArrowDown")
    assert visit.state.results.active == 1
    row = next(one for one in visit.dom.of("button", "cell") if one.get("data-autofocus"))
    await visit.emit(row, "click")
    await settled(visit)
    assert visit.page.route == f"#/results/batch/{batch.id}/at/{batch.id}/1"
    (peek,) = visit.dom.classed("peek")
    assert "two" in peek.text
    assert "Request 2" in peek.text
    await visit.press(peek, "Alt+ArrowDown")
    await settled(visit)
    assert visit.page.route.endswith(f"/at/{batch.id}/2")
    assert "three" in visit.dom.classed("peek")[0].text
    await visit.click("Copy the answer")
    assert visit.page.copied
    await visit.press(visit.dom.classed("peek")[0], "Escape")
    await settled(visit)
    assert visit.dom.classed("peek") == []
    assert visit.page.route == f"#/results/batch/{batch.id}"


@pytest.mark.slow
async def test_columns_are_chosen(visit: Visit) -> None:
    """The address keeps them; the usual ones come back."""
    await opened(visit)
    await visit.click("Columns")
    await visit.check("Finish reason", True)
    await settled(visit)
    assert set(cells(visit, "Finish reason")) == {"completed"} or set(cells(visit, "Finish reason")) == {"stop"}
    await visit.check("Id", False)
    await settled(visit)
    assert "c=prompt.answer.output_tokens.finish" in visit.page.route
    await press(visit, "Default columns")
    assert visit.page.route == f"#/results/batch/{only(visit).id}"


@pytest.mark.slow
async def test_failed_requests_are_queued_again_from_the_table(visit: Visit) -> None:
    """All that a filter lets through are chosen at once; what is answered stays."""
    await opened(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    failed = only(visit).tally.failed
    await visit.check("Select all rows", True)
    await settled(visit)
    assert "6 selected" in visit.text
    await visit.click(f"Send {failed} again …")
    await settled(visit)
    assert f"{6 - failed} have a good answer and stay." in visit.text or "1 has a good answer and stays." in visit.text
    assert "tokens in" in visit.text  # a price is said, or that none is known
    await visit.click(f"Queue {failed} again")
    await visit.rest()
    assert f"{failed} request" in visit.toasts[-1]
    assert visit.state.queue.lanes[0].requests == failed


@pytest.mark.slow
@pytest.mark.parametrize("way", ["batch", "standard"])
async def test_failed_requests_go_again_at_once(visit: Visit, way: str) -> None:
    """As a new batch or one by one, each with its price before; nothing else that waits in the queue goes along."""
    await opened(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    first = only(visit)
    failed = first.tally.failed
    route = visit.page.route
    await visit.queue("it waits")
    await visit.go(route)
    await settled(visit)
    await visit.check("Select all rows", True)
    await settled(visit)
    await visit.click(f"Send {failed} again …")
    await settled(visit)
    options = [one.text for one in visit.field("Send as").of("option")]
    assert options[0] == "Not automatically: it waits in the queue"
    assert all(": " in one for one in options[1:])  # with its price
    await visit.choose("Send as", way)
    await visit.click(f"Send {failed} again now")
    await visit.until(lambda: len(visit.state.batches.all) == 2)
    await visit.rest()
    second = next(one for one in visit.state.batches.all if one.id != first.id)
    assert (second.requests, second.live, second.previous_batches) == (failed, "" if way == "batch" else way, (first.id,))
    assert sum(one.requests for one in visit.state.queue.lanes) == 1
    assert f"{failed} request" in visit.toasts[-1]


@pytest.mark.slow
async def test_a_choice_that_is_taken_back_stays_taken_back(visit: Visit) -> None:
    """Also where all rows are still being looked for: what comes then chooses none."""
    await opened(visit)
    heading = visit.field("Select all rows")
    both = asyncio.gather(visit.emit(heading, "change", True), visit.emit(heading, "change", False))
    await both
    await settled(visit)
    assert visit.state.results.picking.rows == set()


@pytest.mark.slow
async def test_rows_are_ticked_still_after_another_room(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few and many, each table's its own; not where their batch was deleted meanwhile."""
    await opened(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    route, scope = visit.page.route, f"batch/{only(visit).id}"
    await visit.check("Select all rows", True)
    await settled(visit)
    ticked = {*visit.state.results.picking.rows}
    for few, form in ((10, set), (3, dict)):
        monkeypatch.setattr(ticks, "FEW", few)
        await visit.go("#/results")
        await settled(visit)
        assert not visit.state.results.picking.rows
        await visit.go("#/queue")
        await visit.until(lambda form=form: isinstance(visit.state.ticks.kept[scope], form))  # type: ignore[misc]
        await visit.go(route)
        await settled(visit)
        assert visit.state.results.picking.rows == ticked
        assert "6 selected" in visit.text
        assert "again …" in visit.text  # what they are was counted
    await visit.go(f"#/batches/{only(visit).id}")
    await visit.rest()
    await visit.click("Delete")
    await visit.click("Delete the batch")
    await visit.until(lambda: not visit.state.batches.all)
    await visit.go(route)
    await visit.rest()
    assert not visit.state.results.picking.rows


@pytest.mark.slow
async def test_a_header_shows_the_rows_that_it_counts_as_empty(visit: Visit) -> None:
    """Those without a good answer are among them; pressed again, all rows are there."""
    await opened(visit, Trap.LINE_SERVER_ERROR)
    failed = only(visit).tally.failed
    words = f"{100 * failed / 6:.0f} % empty"
    await visit.click(words, 0)  # of the answers; tokens have none for these either
    await settled(visit)
    assert cells(visit, "Outcome") == ["✕failed"] * failed
    assert "(no value)" in visit.text


@pytest.mark.slow
async def test_values_and_an_open_request_take_turns(visit: Visit) -> None:
    """Both stand beside the table: the one that was asked for last is in sight."""
    await opened(visit)
    batch = only(visit)
    await visit.go(f"#/results/batch/{batch.id}/at/{batch.id}/1")
    await settled(visit)
    await press(visit, "Values of Answer")
    assert visit.page.route == f"#/results/batch/{batch.id}"
    assert (len(visit.dom.classed("facet")), len(visit.dom.classed("peek"))) == (1, 0)
    await visit.click("Open row 2, answered")
    await settled(visit)
    assert (len(visit.dom.classed("facet")), len(visit.dom.classed("peek"))) == (0, 1)


@pytest.mark.slow
async def test_an_open_request_keeps_its_place_under_another_order(visit: Visit) -> None:
    """The way to the next one is there wherever the request stands now."""
    await opened(visit)
    batch = only(visit)
    await visit.go(f"#/results/batch/{batch.id}/at/{batch.id}/5")
    await settled(visit)
    assert visit.state.results.beside.place == 5
    await visit.go(f"#/results/batch/{batch.id}/at/{batch.id}/5?q=six")
    await settled(visit)
    assert (visit.state.results.beside.place, visit.state.results.window and visit.state.results.window.found) == (0, 1)


@pytest.mark.slow
async def test_what_cannot_be_read_is_named(visit: Visit) -> None:
    """The rows stand there without it, and it is said what to do."""
    await ended(visit)
    await visit.app.services.records.commit([DropBytes(keys.ledger_id(only(visit).id))])
    await visit.go(f"#/results/batch/{only(visit).id}")
    await settled(visit)
    assert len(cells(visit, "Prompt")) == 6
    assert "Not everything could be read." in visit.text
    assert "Its answers can be read again on the page of the batch." in visit.text


@pytest.mark.slow
async def test_what_is_left_is_not_read_again(visit: Visit) -> None:
    """A question that waited when the table was left is dropped: nobody sees it, and it would be about every batch there is."""
    await opened(visit)
    table_showing.refresh(visit.app)
    table_showing.refresh(visit.app)
    await visit.go("#/queue")
    await visit.rest()
    assert visit.state.results.stamp == ""
    assert "results" not in visit.app.services.compute._here._kept  # type: ignore[attr-defined]  # in these tests the page itself is the worker


@pytest.mark.slow
async def test_everything_together(visit: Visit) -> None:
    """Several batches are one table, which says where each row came from."""
    await visit.go("#/results")
    assert "No answers yet" in visit.text
    await ended(visit)
    await visit.queue("seven")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(180)
    await visit.go("#/results")
    await settled(visit)
    assert len(cells(visit, "Prompt")) == 7
    assert len(set(cells(visit, "Batch"))) == 2


@pytest.mark.slow
async def test_what_is_not_there_is_said(visit: Visit) -> None:
    """A column that the answers do not have, a request that is gone; the way on is a press away."""
    await opened(visit)
    route = visit.page.route
    await visit.go(f"{route}?s=field%3Anothing")
    await visit.until(lambda: bool(visit.state.results.fault))
    await visit.rest()
    assert "no column “nothing”" in visit.text
    await visit.click("Remove filters")
    await settled(visit)
    assert len(cells(visit, "Prompt")) == 6
    for gone in ("b-nobody/3", f"{only(visit).id}/6"):
        await visit.go(f"{route}/at/{gone}")
        await visit.rest()
        assert "is no longer here" in visit.text
    assert visit.notes == []


@pytest.mark.slow
async def test_the_index_is_given_back(visit: Visit) -> None:
    """Another view is open: nothing is kept, and nothing is read."""
    await opened(visit)
    await visit.go("#/queue")
    assert visit.state.results.window is None
    assert "results" not in visit.app.services.compute._here._kept  # type: ignore[attr-defined]  # in these tests the page itself is the worker


@pytest.mark.parametrize(
    ("address", "route"),
    [
        ("#/results", Route("results")),
        ("#/results?q=a%2Fb", Route("results", query="q=a%2Fb")),
        ("#/results/batch/b-1", Route("results", "batch/b-1")),
        ("#/results/table/d-1/at/b-1/7?s=-cost", Route("results", "table/d-1/at/b-1/7", query="s=-cost")),
        ("#/results/batch/b-1?q=x?debug", Route("results", "batch/b-1", query="q=x")),
    ],
)
def test_addresses(address: str, route: Route) -> None:
    """What the page reads of them."""
    assert Route.parse(address) == route


def test_an_address_names_scope_and_request() -> None:
    """A request without a number, or a scope that is none, is everything."""
    assert addresses.read("batch/b-1/at/b-2/7", "")[:2] == ("batch/b-1", ("b-2", 7))
    assert addresses.read("at/b-2/7", "")[:2] == ("", ("b-2", 7))
    assert addresses.read("batch/b-1/at/b-2/x", "")[:2] == ("batch/b-1", None)
    assert addresses.named("batches/a.b") == ("batches", ("a", "b"))
    assert addresses.named(addresses.of_batches(("a", "b")).removeprefix("#/results/")) == ("batches", ("a", "b"))
    assert addresses.named("table/d-1") == ("table", ("d-1",))
    assert addresses.named("nothing") == ("all", ())


def test_hits_are_marked_in_their_own_letters() -> None:
    """As they stand there, also behind letters whose small form has another length; nothing is looked for where there are no words."""

    def hits(said: str, words: str) -> list[str]:
        return re.findall("<mark>(.*?)</mark>", render(marked(said, words)))

    assert hits("a Bb b", "b") == ["B", "b", "b"]
    assert hits("İstanbul (b)", "(B)") == ["(b)"]
    assert hits("x", " ") == []


@pytest.mark.slow
async def test_what_went_wrong_stands_in_kinds_with_remedies(visit: Visit) -> None:
    """The sum adds up above the table; a kind's rows are shown by a press, and go to another model under its own queue by another."""
    await opened(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    failed = only(visit).tally.failed
    report = visit.state.results.outcomes.report
    assert report is not None
    assert report.sums == {"answered": 6 - failed, "failed": failed}
    (group,) = report.groups
    assert f"6 requests = {6 - failed} answered + {failed} failed" in visit.text
    await press(visit, f"Show these rows: {group.code}")
    assert cells(visit, "Outcome") == ["✕failed"] * failed
    await visit.click(f"Other model … {group.code}")
    await settled(visit)
    await visit.type("Model", "gpt-4o")
    await visit.wait(1)
    await settled(visit)
    await visit.type("Max output tokens", "0")
    await visit.rest()
    assert "Enter a whole number from 1" in visit.text
    await visit.type("Max output tokens", "900")
    await visit.wait(1)
    await settled(visit)
    assert "at most about" in visit.text
    await visit.click(f"Queue {failed} again")
    await visit.rest()
    (lane,) = visit.state.queue.lanes
    assert (lane.lane.model, lane.requests) == ("gpt-4o", failed)


@pytest.mark.slow
async def test_rows_are_removed_and_come_back(visit: Visit) -> None:
    """At once by a press, or later all of them; the sum above keeps counting them."""
    await opened(visit)
    await visit.check("Select row 2", True)
    await visit.rest()
    await press(visit, "Remove")
    assert cells(visit, "Prompt") == ["one", "three", "four", "five", "six"]
    assert "1 row taken out." in visit.text
    assert "6 requests = 6 answered" in visit.text
    await press(visit, "Undo")
    assert len(cells(visit, "Prompt")) == 6
    await visit.check("Select all rows", True)
    await settled(visit)
    await press(visit, "Remove")
    assert "There are no answers yet." in visit.text or "6 rows taken out." in visit.text
    await press(visit, "Restore them")
    assert len(cells(visit, "Prompt")) == 6
