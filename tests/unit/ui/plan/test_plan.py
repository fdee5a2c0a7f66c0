"""A table's way into the queue as a person goes it: checked, mended, priced, planned, added."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from app.core.model.batches import Batch, Tally
from app.core.model.lanes import CHAT, Lane
from app.core.model.templates import TemplateVersion
from app.ports import StorageFull
from app.ui.base.state import State
from app.ui.plan.paid_view import paid
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened

REVIEWS = b"id,review,heat\na,Fine,0\nb,write to ann@example.org,hot\nc,Too long,1\nd,Good,warm\n"
LANE = Lane("openai", CHAT, "gpt-4o-mini")


async def prompted(visit: Visit, **fields: str) -> str:
    """Bring a table, write a prompt for it, and open its check; the table's id."""
    id = await opened(visit, REVIEWS)
    await visit.type("Text of message 1", "Rate {{review}}")
    for name, value in {"Model": "gpt-4o-mini", **fields}.items():
        await visit.type(name, value)
    await visit.go(f"#/data/{id}/check")
    await visit.rest()
    return id


async def ended(visit: Visit) -> None:
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()


async def checked(visit: Visit, **fields: str) -> str:
    id = await prompted(visit, **fields)
    await visit.click("Check 4 rows")
    await ended(visit)
    return id


async def test_from_a_table_to_the_queue(tabs: Open) -> None:
    """What stands against rows, what it costs, how it is cut; then all good rows are in the queue."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit, Temperature="{{heat}}")
    assert "4 rows checked · 2 requests can be sent" in visit.text
    assert "2 rows left out" in visit.text
    assert "Temperature takes a number, not “hot”." in visit.text
    assert "2 rows: 3, 5" in visit.text
    assert "review seems to hold an e-mail address in 1 row." in visit.text
    # 0.075 dollars a million tokens in, 0.30 out, 300 assumed; counted by bytes here, as nothing else can
    assert "tokens counted" not in visit.text
    assert "estimated by bytes" in visit.text
    assert "in batches" in visit.text
    await visit.click("Add 2 requests to queue")
    await ended(visit)
    assert "Added 2 requests to the queue. Nothing was sent yet. 2 rows at fault were left out." in visit.text
    assert visit.has("Add 2 requests again")
    (lane,) = visit.state.queue.lanes
    assert (lane.lane, lane.requests) == (LANE, 2)
    (version,) = await visit.app.services.records.all(TemplateVersion)
    assert version.value.template == id
    await visit.go("#/queue")
    assert "Rate Fine" in visit.text


async def test_rows_at_fault_are_looked_at_one_by_one(tabs: Open) -> None:
    """By the numbers that they have in the table, the header counted; the column at fault and those that the prompt uses come first."""
    visit = await tabs()
    await checked(visit, Temperature="{{heat}}")
    await visit.click("Show rows", 0)
    await visit.until(lambda: visit.state.plan.row is not None)
    await visit.rest()
    assert "Row 3" in visit.text
    (facts,) = [one for one in visit.dom.of("dl") if "write to ann@example.org" in one.text]
    assert {one.text for one in facts.of("dt")[:2]} == {"review", "heat"}
    await visit.click("Next")
    await visit.rest()
    assert "Row 5" in visit.text
    assert "disabled" in visit.button("Next").attributes
    await visit.click("Hide rows")
    assert visit.state.plan.row is None


async def test_one_press_mends_all_rows_of_a_kind(tabs: Open) -> None:
    """In the prompt, with a way back; what was found is found anew."""
    visit = await tabs()
    await checked(visit, Temperature="3")
    assert visit.button("Add no requests to queue")["title"] == "No row can be sent as it is."
    await visit.click("Remove temperature")
    await ended(visit)
    assert content(visit).fields == {"model": "gpt-4o-mini"}
    assert "4 requests can be sent" in visit.text
    await visit.click("Undo")
    await visit.rest()
    assert content(visit).fields["temperature"] == "3"
    assert "The prompt was changed since." in visit.text


async def test_a_column_that_is_not_there_is_meant_otherwise(tabs: Open) -> None:
    """Before any row is looked at."""
    visit = await tabs()
    id = await opened(visit, REVIEWS)
    await visit.type("Text of message 1", "Rate {{reviews}}")
    await visit.type("Model", "gpt-4o-mini")
    await visit.go(f"#/data/{id}/check")
    await visit.rest()
    assert (
        visit.button("Check 4 rows").get(
            "disabled",
        )
        is None
        or visit.button("Check 4 rows")["title"]
    )
    assert "The table has no column “reviews”" in visit.text
    await visit.click("Use review")
    assert content(visit).messages[0].text == "Rate {{review}}"
    await visit.click("Check 4 rows")
    await ended(visit)
    assert "4 requests can be sent" in visit.text


async def test_the_price_follows_what_an_answer_is_assumed_to_have(tabs: Open) -> None:
    """And no batch price is invented."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    (line,) = [one for one in visit.dom.of("tr") if "gpt-4o-mini" in one.text]
    before = [one.text for one in line.of("td")]
    await visit.type("Tokens per answer", "1000000")
    (line,) = [one for one in visit.dom.of("tr") if "gpt-4o-mini" in one.text]
    after = [one.text for one in line.of("td")]
    # 4 answers of a million tokens: 0.30 dollars each in a batch, 0.60 at once; the prompts cost less than a cent
    assert (after[3], after[5], after[6]) == ("$1.20", "$2.40", "$1.20")
    assert before[3] != after[3]
    await visit.type("Tokens per answer", "many")
    assert "Write a whole number" in visit.text
    visit.state.plan.output = ""
    await visit.go(f"#/data/{visit.state.route.id}/prompt")
    await visit.type("Model", "gpt-4.5-preview")
    await visit.go(f"#/data/{visit.state.route.id}/check")
    await visit.click("Check 4 rows again")
    await ended(visit)
    assert "No batch price is known. For gpt-4.5-preview none is published" in visit.text


async def test_practice_costs_nothing(tabs: Open) -> None:
    """And says so, with what the same costs at OpenAI."""
    visit = await tabs()
    await checked(visit)
    assert "Free here; at OpenAI" in visit.text
    assert "The practice provider bills nothing." in visit.text
    assert "less than answered at once" in visit.text


async def test_a_dry_run_is_the_very_file(tabs: Open) -> None:
    """That would be uploaded."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await visit.click("Download the file of batch 1 of gpt-4o-mini")
    await ended(visit)
    file = visit.page.saved[-1]
    lines = [json.loads(one) for one in file.content.splitlines()]
    assert file.name == "gpt-4o-mini-1.jsonl"
    assert file.type == "application/jsonl"
    assert [one["body"]["messages"][0]["content"] for one in lines][:1] == ["Rate Fine"]
    assert visit.state.queue.lanes == []


async def test_what_fails_is_said_and_leaves_the_queue_as_it_was(tabs: Open) -> None:
    """A full disk; a stop. Then it can be tried again."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    commit, full = visit.app.services.store.commit, True

    async def failing(changes: object) -> None:
        if full and any("queueingrows" in str(getattr(one, "id", "")) for one in changes) and any(hasattr(one, "data") for one in changes):  # type: ignore[attr-defined]
            raise StorageFull("no room")
        await commit(changes)  # type: ignore[arg-type]

    visit.app.services.store.commit = failing  # type: ignore[method-assign]
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    assert "Nothing was added to the queue." in visit.text
    assert [one for one in await visit.app.services.queue.lanes() if one.requests] == []
    full = False
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    assert "Added 4 requests" in visit.text


async def test_added_again_it_is_said(tabs: Open) -> None:
    """The same rows asked twice are billed twice."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    again = await tabs(beside=visit)
    await again.go(f"#/data/{id}/check")
    await again.until(lambda: bool(again.state.plan.before))
    await again.rest()
    assert "4 requests of this table were added to the queue" in again.text
    assert "billed a second time" in again.text


@pytest.mark.slow
async def test_two_tabs_that_add_at_once_add_once(tabs: Open) -> None:
    """The second one is refused, and says why; pressed once more it is added on purpose. A tab that only looks on is told as well."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    other, looking = await tabs(beside=visit), await tabs(beside=visit)
    for one in (other, looking):
        await one.go(f"#/data/{id}/check")
        await one.rest()
    await other.click("Check 4 rows")
    await ended(other)
    await asyncio.gather(visit.click("Add 4 requests to queue"), other.click("Add 4 requests to queue"))
    await ended(visit)
    await ended(other)
    planning = visit.app.services.planning()
    assert len(await planning.queued(id)) == 1
    (late,) = [one for one in (visit, other) if one.state.plan.added is None]
    assert "Nothing was added to the queue. 4 requests of the same were added to the queue in another tab meanwhile." in late.text
    assert "4 requests of this table were added to the queue" in late.text
    await looking.until(lambda: len(looking.state.plan.before) == 1)
    await late.click("Add 4 requests to queue")
    await ended(late)
    assert len(await planning.queued(id)) == 2


async def test_it_can_be_stopped(tabs: Open) -> None:
    """Nothing is half."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    gate = asyncio.Event()
    compute = visit.app.services.compute
    run = compute.run

    async def held(*given: object, **more: object) -> object:
        await gate.wait()
        return await run(*given, **more)  # type: ignore[arg-type]

    compute.run = held  # type: ignore[method-assign, assignment]
    button = visit.button("Add 4 requests to queue")
    task = asyncio.ensure_future(visit.emit(button, "click"))
    await visit.until(lambda: visit.has("Stop"))
    await visit.click("Stop")
    gate.set()
    await task
    await ended(visit)
    assert "Stopped. Nothing was added to the queue." in visit.text
    assert await visit.app.services.planning().queued(visit.state.route.id) == []


async def test_a_price_of_ones_own_counts_everywhere(tabs: Open) -> None:
    """Where a plan is priced, and where what was tried and what is submitted is: said as one's own, and taken back by emptying it."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await visit.type("Tokens per answer", "1000000")
    assert "your price" not in visit.text
    await visit.emit(visit.field("Output in a batch"), "change", "$1")
    await visit.rest()
    (line,) = [one for one in visit.dom.of("tr") if "gpt-4o-mini your price" in one.text]
    # 4 answers of a million tokens for a dollar each; at once 0.60 as published
    assert [one.text for one in line.of("td")][3] == "$4.00"
    assert [one.text for one in line.of("td")][5] == "$2.40"
    await visit.emit(visit.field("Output in a batch"), "change", "")
    await visit.rest()
    assert "your price" not in visit.text
    assert visit.state.plan.prices[0].batch.cost is not None


async def test_what_was_expected_stands_beside_what_it_cost(tabs: Open) -> None:
    """Where rows were added before: what the plan said, and what their batches came to by the usage of their answers."""
    visit = await tabs()
    await visit.use_openai()
    await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    (run,) = visit.state.plan.before
    assert run.foreseen is not None
    assert run.foreseen.cost == visit.state.plan.prices[0].batch.cost
    services = visit.app.services
    (made,) = (await services.submitter.submit(LANE, services.profiles.known["openai"])).batches
    assert made.additions == (run.id,)
    done = replace(made, state="done", tally=Tally(answered=4, input_tokens=2_000_000, output_tokens=1_000_000))
    assert "were expected. 1 of 1 batch ended: $0.4500 by the usage of their answers, 2,000,000 tokens in and 1,000,000 out." in paid(
        seen(visit, done), run
    )
    assert "other requests are among them" in paid(seen(visit, replace(done, additions=(run.id, "r-2"))), run)
    assert paid(seen(visit, done), replace(run, id="r-3", foreseen=None)) == ""
    strange = replace(done, lane=replace(done.lane, model="llama-of-mine"))
    assert "ended: an unknown sum, because a price is missing, by the usage" in paid(seen(visit, strange), run)
    assert run.foreseen is not None
    assert paid(seen(visit, done), replace(run, foreseen=replace(run.foreseen, cost=1))).startswith("Less than $0.0001 were expected.")


def seen(visit: Visit, batch: Batch) -> State:
    visit.state.batches.all = [batch]
    return visit.state
