"""Submitting: what is in the queue goes into batches, each request into one, in order, within the provider's limits."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.base import ids
from app.core.batches.durations import BatchTiming, History
from app.core.batches.rows import from_bytes
from app.core.bodies import requests, tokens
from app.core.model import keys
from app.core.model.batches import Batch, Foreseen, Tally
from app.core.model.datasets import Dataset
from app.core.model.lanes import Lane
from app.core.model.sendings import QueuedRows
from app.core.model.threads import Thread
from app.core.queue.lanes import Sums
from app.core.threads.sending import request_of
from app.ports import Conflict, Restore
from app.services.batches.delete_batch import Tidy
from app.services.provider.limits import LimitBook
from app.services.queue.lane import Provenance
from app.services.queue.queue import CREATED
from app.services.queue.spending import Allowed, SpendBook
from app.services.runtime.records import put
from tests.kit.world import LANE, RESPONSES, Tab, World, numbered, pair, pairs


def held(world: World, batch: Batch) -> list[str]:
    """The ids in a batch, in order."""
    return [id for one in world.segments(f"batch:{batch.id}") for id in one.ids]


def put_back(world: World, batch: Batch) -> None:
    """A batch that is here since an earlier visit, in whatever state."""
    given = put(batch, 1)
    change = Restore(given.table, given.id, 1, given.doc, given.owner, given.state, given.order)
    world._setter._apply(change, world.disk.records, world.disk.bytes)


async def setup(world: World, **limits: int) -> Tab:
    """A tab without an engine, so that batches stay as they were planned."""
    world.provider(**limits)
    return await world.tab(engine=False)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    deleted=st.sets(st.integers(0, 100)),
    chosen=st.none() | st.sets(st.integers(0, 100), min_size=1),
    max_requests=st.integers(1, 20),
    max_lines=st.integers(1, 30),
)
def test_a_submission_is_a_partition(
    sizes: list[int], deleted: set[int], chosen: set[int] | None, max_requests: int, max_lines: int
) -> None:
    """Whatever is queued, deleted and chosen: each chosen request goes into one batch, in order, within the limits; the rest stays."""

    async def run() -> None:
        world = World()
        line = len(pair("r000")[1])
        tab = await setup(world, max_requests=max_requests, max_bytes=max_lines * line)
        ids: list[str] = []
        for size in sizes:
            new = [f"r{len(ids) + n:03}" for n in range(size)]
            await tab.queue.add(LANE, pairs(new))
            ids += new
        dead = {ids[n] for n in deleted if n < len(ids)}
        await tab.queue.delete(LANE, dead)
        wanted = None if chosen is None else {ids[n] for n in chosen if n < len(ids)}
        going = [id for id in ids if id not in dead and (wanted is None or id in wanted)]
        made = await tab.submitter.submit(LANE, tab.profiles.known["openai"], wanted)
        assert [id for batch in made.batches for id in held(world, batch)] == going
        assert [batch.requests for batch in made.batches] == [len(held(world, batch)) for batch in made.batches]
        assert all(batch.requests <= max_requests and batch.size <= max_lines * line for batch in made.batches)
        assert world.queued() == [id for id in ids if id not in dead and id not in going]
        assert await tab.queue.restore(LANE) == len(dead)
        world.check_stored()
        world.check_failures()
        await world.close()

    asyncio.run(run())


async def test_deleted_requests_never_go(world: World) -> None:
    """What was deleted is not sent, whichever other requests of its segment are."""
    tab = await world.tab()
    await tab.add(4)
    await tab.queue.delete(LANE, {"r1"})
    await tab.submit()
    await world.ended()
    assert await world.paid() == ["r0", "r2", "r3"]
    assert world.queued() == []
    assert await tab.queue.restore(LANE) == 1


async def test_a_double_submit_makes_one_batch(world: World) -> None:
    """Two submissions at once from one tab: every request goes once."""
    tab = await world.tab()
    await tab.add(5)
    first, second = await asyncio.gather(tab.submit(), tab.submit())
    assert len(first.batches) + len(second.batches) == 1
    await world.ended()
    assert sorted(await world.paid()) == numbered(5)


async def test_two_tabs_submitting_at_once_make_one_batch(world: World) -> None:
    """Two tabs press the button in the same moment: every request goes once."""
    first, second = await world.tab(), await world.tab()
    await first.add(5)
    made = await world.result(asyncio.gather(first.submit(), second.submit()))
    assert sum(len(one.batches) for one in made) == 1
    await world.ended()
    assert sorted(await world.paid()) == numbered(5)


@pytest.mark.parametrize("tabs", [1, 2])
async def test_many_submitters_at_once_share_the_queue(world: World, tabs: int) -> None:
    """Several submissions with small batches, from one tab or two, take each request once."""
    world.provider(max_requests=3)
    open_tabs = [await world.tab() for _ in range(tabs)]
    await open_tabs[0].add(20)
    await world.result(asyncio.gather(*(open_tabs[n % tabs].submit() for n in range(4))))
    assert sum(batch.requests for batch in world.batches()) == 20
    await world.ended()
    assert sorted(await world.paid()) == sorted(numbered(20))


async def test_adding_while_submitting_loses_and_doubles_nothing(world: World) -> None:
    """Requests that are added during a submission go with it or wait; none is lost, none goes twice, and the submission is not beaten."""
    tab = await world.tab()
    await tab.add(50)

    async def add() -> None:
        for number in range(100):
            await tab.queue.add(LANE, [pair(f"x{number}")])

    await world.result(asyncio.gather(add(), tab.submit(), tab.submit()))
    await world.ended()
    assert sorted([*world.queued(), *await world.paid()]) == sorted([*numbered(50), *numbered(100, "x")])
    world.check_stored()


async def test_a_request_that_comes_later_waits(world: World) -> None:
    """Only what is queued when the submission begins is sent: a submission ends although somebody keeps adding."""
    tab = await setup(world, max_requests=2)
    await tab.add(4)
    real = tab.submitter._move

    async def move(*args: object) -> Batch:
        batch = await real(*args)  # type: ignore[arg-type]
        later.append(asyncio.ensure_future(tab.queue.add(LANE, [pair(f"late{len(later)}")])))
        return batch

    later: list[asyncio.Future[None]] = []
    tab.submitter._move = move  # type: ignore[method-assign,assignment]
    made = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    await asyncio.gather(*later)
    assert [batch.requests for batch in made.batches] == [2, 2]
    assert world.queued() == ["late0", "late1"]


async def test_a_line_that_no_batch_can_hold_is_named(world: World) -> None:
    """A request larger than a batch file stays in the queue and is named with its size; the others go."""
    tab = await setup(world, max_bytes=1_000)
    await tab.queue.add(LANE, [pair("small"), pair("huge", "x" * 2_000), pair("other")])
    made = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    assert [held(world, batch) for batch in made.batches] == [["small", "other"]]
    assert [one.custom_id for one in made.refused] == ["huge"]
    assert "“huge”" in made.refused[0].sentence
    assert world.queued() == ["huge"]
    again = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    assert (again.batches, len(again.refused)) == ((), 1)


def pictured(id: str) -> tuple[str, bytes]:
    """A request with an image, whose bytes are no tokens."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 8_000}}
    return id, requests.line(id, LANE.endpoint, {"model": LANE.model, "messages": [{"role": "user", "content": [image]}]})


async def test_estimated_tokens_follow_the_lines(world: World) -> None:
    """However a segment is rewritten (added to, edited, thinned out, split at a batch's edge), its figures are those of its lines
    (checked by check_stored), and the batch has their sum."""
    tab = await setup(world, max_requests=3)
    await tab.queue.add(LANE, [pair("r0"), pictured("r1")])
    await tab.queue.add(LANE, [pair("r2"), pictured("r3"), pair("r4"), pictured("r5")])
    world.check_stored()
    await tab.queue.edit(LANE, "r3", '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Without."}]}')
    await tab.queue.delete(LANE, {"r2"})
    world.check_stored()
    made = await tab.submit(chosen={"r0", "r1", "r4"})
    world.check_stored()
    (batch,) = made.batches
    assert tokens.IMAGE_4O_MINI < batch.tokens < tokens.IMAGE_4O_MINI + 200
    await tab.queue.forget(LANE)
    world.check_stored()
    queue = await tab.queue.lane(LANE)
    assert (queue.requests, queue.sums.tokens // tokens.IMAGE_4O_MINI) == (2, 1)


async def test_embeddings_are_cut_by_their_inputs(world: World) -> None:
    """50,000 inputs a batch, over all its requests (OpenAI batch guide)."""
    lane = Lane("openai", "/v1/embeddings", "text-embedding-3-small")
    tab = await setup(world)
    body = {"model": lane.model, "input": ["a"] * 20_000}
    await tab.queue.add(lane, [(id, requests.line(id, lane.endpoint, body)) for id in numbered(5)])
    made = await tab.submit(lane)
    assert [batch.requests for batch in made.batches] == [2, 2, 1]
    world.check_stored()


async def test_only_full_batches_can_be_asked_for(world: World) -> None:
    """What does not fill a batch stays in the queue."""
    tab = await setup(world, max_requests=4)
    await tab.add(9)
    made = await tab.submitter.submit(LANE, tab.profiles.known["openai"], full=True, note="4 requests were here")
    assert [batch.requests for batch in made.batches] == [4, 4]
    assert [batch.timeline[0].note for batch in made.batches] == ["4 requests were here"] * 2
    assert world.queued() == ["r8"]
    assert (await tab.submitter.submit(LANE, tab.profiles.known["openai"], full=True)).batches == ()


async def queue_created(tab: Tab, count: int, metadata: dict[str, str], prefix: str) -> None:
    """Lines of a batch that a program created, queued."""
    past = CREATED._replace(metadata=tuple(metadata.items()))
    for run in requests.make_segments(pairs(numbered(count, prefix))):
        await tab.records.commit(tab.queue.fresh(keys.queue_owner(LANE), tab.clock.now(), run, past=past))


async def test_each_batch_has_the_metadata_of_its_lines(world: World) -> None:
    """Lines of two batches that a program created go into batches of their own, and what cannot go to the provider is said in the timeline.
    What was sent again keeps what its program gave."""
    tab = await setup(world)
    await queue_created(tab, 3, {"run": "1", "nightshift": "mine"}, "a")
    await queue_created(tab, 2, {"run": "2"}, "b")
    made = await tab.submitter.submit(LANE, tab.profiles.known["openai"], note="sent at once")
    assert [(batch.requests, batch.metadata["run"]) for batch in made.batches] == [(3, "1"), (2, "2")]
    notes = [batch.timeline[0].note for batch in made.batches]
    assert notes == ["sent at once; metadata that was not passed on: “nightshift” (that key is Nightshift's own)", "sent at once"]
    (segment,) = world.segments(f"batch:{made.batches[1].id}")
    assert Provenance.of(segment).after(made.batches[1].id, submitted_by_person=True).metadata == (("run", "2"),)


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        (("mails",), "mails"),
        (("mails", "mails"), "mails"),
        (("mails", "orders"), ""),
        (("mails", ""), ""),
        (("",), ""),
        (("asks.jsonl",), "asks.jsonl"),
    ],
)
async def test_a_batch_of_one_table_or_file_is_called_by_it(world: World, sources: tuple[str, ...], name: str) -> None:
    """Whoever sent a table looks for its name; what comes of several, or is written by hand, is called by its first words."""
    tab = await setup(world)
    for n, source in enumerate(sources):
        file = source if source.endswith(".jsonl") else ""
        if source and not file:
            await tab.records.save(Dataset(id=f"d-{source}", name=source))
        if source:
            await tab.records.save(QueuedRows(id=f"q-{n}", dataset="" if file else f"d-{source}", dataset_version=1, file=file), 0)
        past = Provenance(addition=f"q-{n}" if source else "")
        for run in requests.make_segments(pairs(numbered(2, f"s{n}-"))):
            await tab.records.commit(tab.queue.fresh(keys.queue_owner(LANE), tab.clock.now(), run, past=past))
    (batch,) = (await tab.submit()).batches
    assert batch.name == (name or f"Say s0-0 + {2 * len(sources) - 1} more")


@pytest.mark.parametrize(
    ("name", "others", "called"), [("Classify mail", False, "Classify mail"), ("", False, ""), ("Classify mail", True, "")]
)
async def test_a_batch_of_one_named_prompt_is_called_by_it(world: World, name: str, others: bool, called: str) -> None:
    """A prompt without a name, or requests of anything else among them: the first words."""
    tab = await setup(world)
    thread = Thread(id=ids.new_id("t", 1.0, "one"), name=name)
    await tab.records.save(thread)
    made = [request_of(thread.id, ids.new_id("r", float(n), "x")) for n in range(2)] + ["other"] * others
    for run in requests.make_segments([pair(id, f"Say {id}") for id in made]):
        await tab.records.commit(tab.queue.fresh(keys.queue_owner(LANE), tab.clock.now(), run))
    (batch,) = (await tab.submit()).batches
    assert batch.prompts == (thread.id,)
    assert batch.name == called or (not called and batch.name.startswith("Say p-"))


async def test_batches_of_two_tables_are_called_by_their_own(world: World) -> None:
    """The rows behind those that fill a batch are looked at, too: they do not count for its name."""
    tab = await setup(world, max_requests=2)
    for n, source in enumerate(("mails", "orders")):
        await tab.records.save(Dataset(id=f"d-{n}", name=source))
        await tab.records.save(QueuedRows(id=f"q-{n}", dataset=f"d-{n}", dataset_version=1), 0)
        for run in requests.make_segments(pairs(numbered(2, f"s{n}-"))):
            past = Provenance(addition=f"q-{n}")
            await tab.records.commit(tab.queue.fresh(keys.queue_owner(LANE), tab.clock.now(), run, past=past))
    assert [batch.name for batch in (await tab.submit()).batches] == ["mails", "orders"]


async def test_a_full_batch_goes_although_others_before_it_are_not(world: World) -> None:
    """Lines of another metadata that came first do not fill a batch: they wait, and hold up nobody."""
    tab = await setup(world, max_requests=4)
    await queue_created(tab, 2, {"run": "1"}, "a")
    await queue_created(tab, 5, {"run": "2"}, "b")
    made = await tab.submitter.submit(LANE, tab.profiles.known["openai"], full=True)
    assert [(batch.requests, batch.metadata) for batch in made.batches] == [(4, {"run": "2"})]
    assert world.queued() == ["a0", "a1", "b4"]


async def test_an_empty_queue_makes_no_batch(world: World) -> None:
    """Nothing is queued, or nothing of what was chosen: no batch."""
    tab = await setup(world)
    assert (await tab.submit()).batches == ()
    await tab.add(2)
    assert (await tab.submit(chosen={"unknown"})).batches == ()
    assert world.queued() == ["r0", "r1"]


async def test_whole_segments_move_without_a_copy(world: World) -> None:
    """A segment that goes whole keeps its bytes: nothing is parsed or written anew. The batch's ids are kept beside."""
    tab = await setup(world)
    await tab.add(2_000)
    before = dict(world.disk.bytes)
    await tab.submit()
    kept = world.disk.bytes.pop(keys.rows_id(world.batch().id))
    assert len(from_bytes(kept) or ()) == 2_000
    assert world.disk.bytes == before


async def test_a_conflict_that_never_ends_is_told(world: World) -> None:
    """If another tab is always faster, the submission fails as a conflict and the queue is as it was."""
    tab = await setup(world)
    await tab.add(2)

    async def lost(changes: object) -> None:
        raise Conflict("segments", "s", 1, 2)

    real, tab.inner.commit = tab.inner.commit, lost  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await world.result(tab.submitter.submit(LANE, tab.profiles.known["openai"]))
    tab.inner.commit = real  # type: ignore[method-assign]
    assert world.queued() == ["r0", "r1"]


async def test_the_upload_is_the_lines_in_order(world: World) -> None:
    """The provider gets the lines of the batch's segments, byte for byte, in the order of the queue."""
    tab = await world.tab()
    await tab.add(1_500)
    lines = world.queue_lines()
    await tab.submit()
    await world.until(lambda: bool(world.remote()))
    (record,) = world.remote()
    data = b"".join([chunk async for chunk in world.brain.disk.read(record.input_file_id)])
    assert data == b"".join(lines)
    assert requests.decode(data.splitlines()[0]).custom_id == "r0"


async def test_a_budget_keeps_the_rest_in_the_queue(world: World) -> None:
    """What fits goes, the batch that would exceed it stays; raised, it goes."""
    tab = await setup(world, max_requests=2)
    await tab.queue.add(LANE, pairs(numbered(6)))
    # two requests: about 30 tokens each at $0.075 a million, and 300 of answer at $0.30: below $0.0002
    await LimitBook(tab.records).set_budget("openai", "day", 450_000_000)
    done = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    assert [one.requests for one in done.batches] == [2, 2]
    assert done.stopped is not None
    assert (done.stopped.stop, done.stopped.requests) == ("day", 2)
    assert world.queued() == ["r4", "r5"]
    again = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    assert (again.batches, again.stopped) == ((), done.stopped)
    await LimitBook(tab.records).set_budget("openai", "day", None)
    last = await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    assert [one.requests for one in last.batches] == [2]
    assert last.stopped is None
    world.check_stored()


async def test_two_tabs_do_not_both_pass_a_budget(world: World) -> None:
    """What one of them spends is seen by the other, also where both decide at the same moment."""
    world.provider(max_requests=1)
    first, second = await world.tab(engine=False), await world.tab(engine=False)
    other = Lane("openai", RESPONSES, LANE.model)
    await first.queue.add(LANE, pairs(numbered(6)))
    await second.queue.add(other, pairs(numbered(6, "s"), other))
    one = await SpendBook(first.records, world.clock).ask(first.profiles.known["openai"], None, other, Sums(1, 90, 30, 1))
    assert isinstance(one, Allowed)
    assert one.foreseen.cost is not None
    await LimitBook(first.records).set_budget("openai", "month", 7 * one.foreseen.cost // 2)
    done = await asyncio.gather(
        first.submitter.submit(LANE, first.profiles.known["openai"]), second.submitter.submit(other, second.profiles.known["openai"])
    )
    assert [one.stopped.stop if one.stopped else "" for one in done] == ["month", "month"]
    assert len([batch for one in done for batch in one.batches]) == 3
    world.check_stored()


async def test_a_budget_reads_all_batches_once(world: World) -> None:
    """However many batches and lanes follow each other."""
    tab = await setup(world, max_requests=1)
    await LimitBook(tab.records).set_budget("openai", "day", 10**12)
    models = [Lane("openai", LANE.endpoint, f"gpt-4o-{name}") for name in ("mini", "mini-2024-07-18")]
    read: list[type] = []
    everything = tab.records.all

    async def counted(kind: type, owner: str | None = None) -> Any:
        read.append(kind)
        return await everything(kind, owner)

    tab.submitter._records.all = counted  # type: ignore[method-assign]  # what it reads is what this is about
    for lane in models:
        await tab.queue.add(lane, pairs(numbered(4, lane.model), lane))
        done = await tab.submitter.submit(lane, tab.profiles.known["openai"])
        assert len(done.batches) == 4
    assert read.count(Batch) == 1


async def test_what_a_deleted_batch_cost_stays_spent(world: World) -> None:
    """A budget of the month is not free again because its batches were tidied away."""
    tab = await setup(world)
    price = 1_000 * 75_000 + 10 * 300_000
    ended = Batch(
        id="b-1", state="done", lane=LANE, requests=1, created=world.clock.now(), tally=Tally(1, input_tokens=1_000, output_tokens=10)
    )
    withdrawn = msgspec.structs.replace(ended, id="b-2", state="withdrawn")
    put_back(world, ended)
    put_back(world, withdrawn)
    await LimitBook(tab.records).set_budget("openai", "month", price)
    await tab.add(1)
    before = (await tab.submit()).stopped
    for id in ("b-1", "b-2"):
        await Tidy(tab.records).forget(id)
    after = (await tab.submit()).stopped
    assert before == after
    assert before is not None
    assert (before.stop, before.used) == ("month", price)


async def test_a_lanes_answers_say_what_the_next_batch_will_cost(world: World) -> None:
    """What was expected is kept with the batch."""
    tab = await setup(world)
    runs = tuple(BatchTiming(f"b{n}", 1.0, 9, "done", 5.0, {}, 10, 70) for n in range(3))
    await tab.records.save(History(id=LANE.key, runs=runs), 0)
    await tab.add(2)
    (batch,) = (await tab.submit()).batches
    assert batch.foreseen is not None
    assert (batch.foreseen.output_tokens, batch.foreseen.learnt) == (14, True)
    assert batch.foreseen.input_tokens == batch.tokens


async def test_what_a_plan_knew_of_answers_counts_before_the_lanes_history(world: World) -> None:
    """Tries of the very prompt say more than answers to others."""
    tab = await setup(world)
    known = QueuedRows(id="r-1", dataset="d", dataset_version=1, requests=10, foreseen=Foreseen(100, 420, learnt=True))
    await tab.records.save(known, 0)
    await tab.records.save(History(id=LANE.key, runs=(BatchTiming("b", 1.0, 9, "done", 5.0, {}, 10, 70),)), 0)
    book, profile = SpendBook(tab.records, world.clock), tab.profiles.known["openai"]
    for addition, output in (("r-1", 84), ("", 14), ("r-2", 14)):
        allowed = await book.ask(profile, None, LANE, Sums(2, 90, 30, 2), addition)
        assert isinstance(allowed, Allowed)
        assert (allowed.foreseen.output_tokens, allowed.foreseen.learnt) == (output, True)
