"""Room at the provider: batches wait for it, take it one after another, and are sent again when the provider had none."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.core.base import retry
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.openai.wire import Request
from app.practice.traps import Rule, Trap
from app.services.provider.limits import LimitBook
from tests.fakes.http import Answered
from tests.kit.world import KEY, LANE, PRACTICE_LANE, Tab, World, numbered, pair


async def one_each(world: World, count: int, text: str = "") -> Tab:
    """So many batches of one request each, submitted."""
    world.provider(max_requests=1)
    tab = await world.tab()
    await tab.queue.add(LANE, [pair(id, text) for id in numbered(count)])
    await tab.submit()
    return tab


def at_the_provider(world: World) -> list[Batch]:
    return [one for one in world.batches() if one.state in ("creating", "validating", "in_progress", "finalizing")]


def notes(batch: Batch) -> list[tuple[str, str]]:
    return [(one.state, one.note) for one in batch.timeline]


async def test_batches_wait_until_there_is_room_and_go_in_their_order() -> None:
    """With room for two, never more than two are at the provider, and the oldest go first."""
    world = World()
    world.room(80)
    most = 0
    tab = await one_each(world, 5)
    started: list[str] = []
    while not all(one.state in pipeline.FINAL for one in world.batches()):
        now = at_the_provider(world)
        most = max(most, len(now))
        started += [one.id for one in sorted(now, key=lambda one: one.created) if one.id not in started]
        await world.rest()
        await world.clock.advance(0.5)
    assert most == 2
    assert started == [one.id for one in sorted(world.batches(), key=lambda one: (one.created, one.id))]
    assert {one.state for one in world.batches()} == {"done"}
    assert tab.failures == []
    await world.close()


async def test_the_provider_never_sees_more_than_its_limit() -> None:
    """A provider that enforces the limit which is known here refuses nothing."""
    world = World(Trap.ENQUEUED_LIMIT, enqueued=80)
    world.room(80)
    await one_each(world, 6)
    await world.ended()
    assert {one.state for one in world.batches()} == {"done"}
    assert [one.problems for one in world.remote()] == [()] * 6
    await world.close()


async def test_token_limit_exceeded_teaches_the_limit_and_nothing_is_lost() -> None:
    """The provider's limit is not known: the first refusal names it, and from then on it is kept."""
    world = World(Trap.ENQUEUED_LIMIT, enqueued=1_200)
    await one_each(world, 4, "x" * 2_000)
    await world.ended()
    assert {one.state for one in world.batches()} == {"done"}
    assert world.limits().stated["gpt-4o-mini"].tokens == 1_200
    refused = [one for one in world.remote() if one.problems]
    assert 1 <= len(refused) <= 3, "those that were on their way when it was learned"
    assert sorted(await world.paid()) == ["r0", "r1", "r2", "r3"]
    await world.close()
    world.check_failures()


@pytest.mark.slow
async def test_the_backoff_counter_rises_and_then_the_person_is_asked() -> None:
    """5, 10, 20, 40, 80 minutes between the tries; then it waits for a word, and a word is enough."""
    world = World(Rule(Trap.TOKEN_LIMIT_EXCEEDED, times=6))
    tab = await one_each(world, 1)
    await world.until(lambda: world.batch().refusals == 6, within=20_000)
    at = [record.created_at for record in world.remote()]
    waits = [later - earlier for earlier, later in pairwise(at)]
    for wait, asked in zip(waits, retry.NO_ROOM, strict=True):
        assert asked <= wait <= asked + 30
    assert [one.refusals for one in tab.told if one.state == "waiting" and one.problem] == [1, 2, 3, 4, 5, 6]
    batch = world.batch()
    assert batch.problem is not None
    assert "refused it 6 times" in batch.problem.what
    assert "nothing is billed" in batch.problem.means
    await world.clock.advance(6_000)
    await world.rest()
    assert len(world.remote()) == 6, "nothing goes on by itself"
    await tab.engine.command(batch.id, pipeline.TryNow())
    await world.ended()
    assert (world.batch().state, len(world.remote()), world.http.calls["upload"]) == ("done", 7, 1)
    assert [one.id for one in world.batch().superseded] == [one.id for one in world.remote()[:6]]
    await world.close()


async def test_try_now_does_not_wait_for_the_backoff() -> None:
    """The counter stays where it is."""
    world = World(Rule(Trap.TOKEN_LIMIT_EXCEEDED, times=2))
    tab = await one_each(world, 1)
    await world.until(lambda: world.batch().refusals == 1)
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.until(lambda: world.batch().refusals == 2, within=60)
    assert world.batch().retry_at - world.clock.now() > retry.NO_ROOM[0]
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    assert world.batch().state == "withdrawn"
    assert world.queued() == ["r0"]
    await world.close()


async def test_the_input_file_is_uploaded_again_when_the_provider_no_longer_has_it() -> None:
    """It was deleted while the batch waited."""
    world = World(Rule(Trap.TOKEN_LIMIT_EXCEEDED, times=1))
    tab = await one_each(world, 1)
    await world.until(lambda: world.batch().refusals == 1)
    provider = await tab.profiles.provider("openai")
    address = f"{provider.profile.base_url}/files/{world.batch().input_file_id}"
    await world.http.send(Request(method="DELETE", url=address, headers={"Authorization": f"Bearer {KEY}"}))
    await world.ended()
    assert (world.batch().state, world.http.calls["upload"]) == ("done", 2)
    assert any("uploaded again" in note for _state, note in notes(world.batch()))
    assert await world.paid() == ["r0"]
    await world.close()


async def test_a_refusal_at_create_waits_too() -> None:
    """Some providers say it at once instead of letting the batch fail."""
    world = World()
    body = b'{"error":{"code":"token_limit_exceeded","message":"Enqueued token limit reached. Limit: 7,000 enqueued tokens."}}'
    world.http.fail("create", Answered(400, body), 1)
    await one_each(world, 1)
    await world.until(lambda: world.batch().refusals == 1)
    assert (world.batch().state, world.limits().stated["gpt-4o-mini"].tokens) == ("waiting", 7_000)
    await world.ended()
    assert (world.batch().state, len(world.remote())) == ("done", 1)
    await world.close()


async def test_submitting_cuts_batches_that_fit_into_the_limit() -> None:
    """None of them is larger than the whole limit, so none needs a person."""
    world = World(Trap.ENQUEUED_LIMIT, enqueued=100)
    world.room(100)
    tab = await world.tab()
    await tab.add(10)
    await tab.submit()
    await world.ended()
    assert len(world.batches()) > 3
    assert all(one.tokens <= 100 for one in world.batches())
    assert {one.state for one in world.batches()} == {"done"}
    await world.close()


async def too_large() -> tuple[World, Tab]:
    """A batch waits that is larger than the limit, which was lowered after it was planned."""
    world = World()
    tab = await world.tab(engine=False)
    await tab.add(3)
    await tab.submit()
    world.room(10)
    await tab.close()
    tab = await world.tab()
    await world.until(lambda: world.batch().state == "waiting")
    return world, tab


async def test_a_limit_that_is_lowered_leaves_a_batch_to_the_person_and_raising_it_lets_it_go() -> None:
    """It is larger than the whole limit: waiting would be for ever."""
    world, tab = await too_large()
    await world.clock.advance(4_000)
    await world.rest()
    assert world.batch().state == "waiting"
    await LimitBook(tab.records).set_own("openai", "gpt-4o-mini", 1_000)
    tab.engine.nudge()
    await world.ended()
    assert world.batch().state == "done"
    await world.close()


async def test_a_batch_is_sent_anyway_when_the_person_says_so() -> None:
    """Whatever is counted here: the provider decides."""
    world, tab = await too_large()
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.ended()
    assert (world.batch().state, world.batch().ignore_capacity) == ("done", False)
    await world.close()


@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
async def test_without_a_crowd_nobody_waits(lane: Lane) -> None:
    """The ordinary batch goes straight from uploaded to being made."""
    world = World()
    tab = await world.tab()
    await tab.add(3, lane)
    await tab.submit(lane)
    await world.ended()
    assert "waiting" not in [one.state for one in world.batch().timeline]
    await world.close()


async def test_an_own_limit_takes_back_what_the_provider_said_of_these_models() -> None:
    """The person knows better by now; what was said of others stays."""
    world = World(Trap.ENQUEUED_LIMIT, enqueued=1_200)
    tab = await one_each(world, 4, "x" * 2_000)
    await world.ended()
    book = LimitBook(tab.records)
    await book.set_own("openai", "o3", 5)
    assert "gpt-4o-mini" in world.limits().stated
    await book.set_own("openai", "gpt-4o", 500)
    assert world.limits().stated == {}
    await book.drop_own("openai", "o3")
    assert world.limits().own == {"gpt-4o": 500}
    await world.close()
