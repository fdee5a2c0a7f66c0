"""Results reach the programs that wait for them: every one, at least once, whatever fails."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.message import ProgramMessage, Programs
from app.core.programs.protocol import ServerSettings
from app.core.programs.rabbit import secret_name
from app.core.programs.targets import Webhook
from app.ports import KeysLocked, Table
from app.practice.traps import Rule, Trap
from app.services.programs.intake import RawMessage
from app.services.programs.webhooks import UNSIGNED_FOR
from app.services.runtime.records import put
from tests.fakes.broker import MemoryBroker
from tests.fakes.memory_store import MemoryStore
from tests.kit.programs import HOST, Receiver, Rig, all_are, handed
from tests.kit.world import CHAT, LANE, Tab, World, body

HOOK = {"type": "webhook", "webhook_url": f"{HOST}/hook"}
QUEUE = {"type": "rabbitmq", "rabbitmq_queue": "results"}


def message(id: str, config: Any = HOOK) -> bytes:
    return json.dumps({"custom_id": id, "url": CHAT, "method": "POST", "body": body(f"Say {id}"), "delivery_config": config}).encode()


async def hand_in(rig: Rig, *data: bytes, **more: Any) -> None:
    """Take these and have them sent to the provider at once."""
    world = rig.tab.world
    await world.result(rig.taker.take([RawMessage(one, "http", **more) for one in data]))
    await rig.tab.submit()


async def rig_of(
    world: World, *, broker: MemoryBroker | None = None, server: ServerSettings | None = None, **chosen: Any
) -> tuple[Rig, Receiver]:
    receiver = Receiver()
    rig = Rig(await world.tab(), receiver, broker, server)
    await rig.choose(**chosen)
    return rig.start(), receiver


def states(world: World) -> dict[str, str]:
    return {id: one.state for id, one in handed(world).items()}


async def test_the_whole_line_is_delivered_as_it_came(world: World) -> None:
    """With the contract's headers; the attempt is on record."""
    rig, receiver = await rig_of(world)
    await hand_in(rig, message("a"), message("b", None))
    await world.until(all_are(world, "delivered", "kept"))
    assert states(world) == {"a": "delivered", "b": "kept"}
    (call,) = receiver.got
    line = json.loads(call.body or b"")
    assert (line["custom_id"], line["response"]["status_code"], line["error"]) == ("a", 200, None)
    assert call.headers == {"content-type": "application/json", "idempotency-key": handed(world)["a"].key, "x-custom-id": "a"}
    (attempt,) = handed(world)["a"].attempts
    assert (attempt.outcome, attempt.status, attempt.target, attempt.transport) == ("success", 200, f"{HOST}/hook", "page")
    batch = world.batch()
    assert (batch.delivery_cursor, batch.delivery_timeline_length) == (2, len(batch.timeline))


async def test_requests_of_people_are_delivered_to_nobody(world: World) -> None:
    """Beside those of programs in the same batch, with ids of their own."""
    rig, receiver = await rig_of(world)
    await rig.tab.add(2)
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "delivered"))
    assert [one["custom_id"] for one in receiver.bodies()] == ["a"]  # type: ignore[index]
    assert world.batch().requests == 3


async def test_messages_are_not_counted_again_for_each_delivery(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """That takes longer the more of them are stored."""
    counted: list[str | None] = []
    counts = MemoryStore.counts

    async def recorded(store: MemoryStore, table: Table, *, owner: str | None = None) -> dict[str, int]:
        counted.append(owner)
        return await counts(store, table, owner=owner)

    monkeypatch.setattr(MemoryStore, "counts", recorded)
    rig, _ = await rig_of(world)
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "delivered"))
    before = counted.count(None)
    assert before > 0
    await hand_in(rig, message("b"), message("c"))
    await world.until(all_are(world, "delivered"))
    assert counted.count(None) == before


async def test_500_then_200_is_one_delivery_with_one_key(world: World) -> None:
    """More than one try: again after growing waits, the same key each time."""
    rig, receiver = await rig_of(world)
    receiver.answers.extend([500, "timeout", "unreachable"])
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "delivered"))
    record = handed(world)["a"]
    assert [one.outcome for one in record.attempts] == ["http_status_not_2xx", "timeout", "connection_error", "success"]
    at = [one.at for one in record.attempts]
    waits = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert waits == sorted(waits)
    assert {one.headers["idempotency-key"] for one in receiver.got} == {record.key}


async def test_failures_are_delivered_so_that_no_caller_waits_for_ever() -> None:
    """Failed, expired and missing requests send a message in the same shape, with error set."""
    for trap in (Trap.LINE_200_BODY_ERROR, Trap.EXPIRED_IN_NEITHER, Trap.EXPIRED_IN_ERROR_FILE, Trap.MISSING_ROWS, Trap.LINE_STATUS_0):
        mine = World(trap, share=1.0)
        mine.provider(resend=0)
        rig, receiver = await rig_of(mine)
        await hand_in(rig, message("a"), message("b"))
        await mine.until(all_are(mine, "delivered"))
        assert sorted(one["custom_id"] for one in receiver.bodies()) == ["a", "b"]  # type: ignore[index]
        assert all(one["error"]["code"] for one in receiver.bodies())  # type: ignore[index]
        assert {one.outcome for one in handed(mine).values()} <= {"failed", "expired", "missing", "unfound"}
        await mine.close()


async def test_failures_stay_here_where_the_person_wants_it_so(world: World) -> None:
    """Switched off: they can be read, and are sent by hand."""
    world.brain.set_scenario(replace(world.brain.state.scenario, traps=(Rule(Trap.LINE_NO_CREDIT),), share=1.0))
    world.provider(resend=0)
    rig, receiver = await rig_of(world, failures=False)
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "kept"))
    assert receiver.got == []
    assert await world.result(rig.dispatcher.again(["a"])) == 1
    await world.until(all_are(world, "delivered"))


async def test_what_goes_again_by_rule_is_told_once_it_is_answered(world: World) -> None:
    """Expired rows are sent again and their program hears of the answer only."""
    world.brain.set_scenario(replace(world.brain.state.scenario, traps=(Rule(Trap.EXPIRED_IN_NEITHER, times=1),), share=1.0))
    rig, receiver = await rig_of(world)
    await rig.tab.rules.tell("openai")
    await rig.tab.rules.set_after("openai", 60.0, "programs")
    await hand_in(rig, message("a"), message("b"))
    await world.until(all_are(world, "delivered"), 200_000)
    assert all(one["error"] is None for one in receiver.bodies())  # type: ignore[index]
    assert len(receiver.got) == 2
    assert len(world.batches()) == 2


async def test_a_cancelled_batch_tells_every_program(world: World) -> None:
    """Partial results are delivered as answers, the rest as cancelled."""
    from app.core.batches import pipeline

    world.brain.set_scenario(replace(world.brain.state.scenario, speed=0.001))
    rig, receiver = await rig_of(world)
    await hand_in(rig, message("a"), message("b"))
    await world.until(lambda: world.batch().remote is not None)
    await rig.tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.until(all_are(world, "delivered"), 200_000)
    assert len(receiver.got) == 2
    assert {one.outcome for one in handed(world).values()} <= {"answered", "cancelled"}


async def test_restart_repeats_delivered_rows_and_pays_twice() -> None:
    """Here what was answered neither runs nor is delivered again: what had expired runs once more, and its program gets the answer under
    another key than the failure that it was told before."""
    mine = World(Trap.EXPIRED_IN_ERROR_FILE, share=0.5)
    mine.provider(resend=0)
    rig, receiver = await rig_of(mine)
    await hand_in(rig, *(message(f"m{n}") for n in range(20)))
    await mine.until(all_are(mine, "delivered"))
    before = handed(mine)
    expired = {id for id, one in before.items() if one.outcome == "expired"}
    assert 0 < len(expired) < 20
    mine.brain.set_scenario(replace(mine.brain.state.scenario, traps=(), share=0.0))
    assert await mine.result(rig.tab.again.send(mine.batch().id)) == len(expired)
    await rig.tab.submit()
    await mine.until(lambda: all(one.outcome == "answered" and one.state == "delivered" for one in handed(mine).values()))
    again = [one["custom_id"] for one in receiver.bodies()[20:]]  # type: ignore[index]
    assert sorted(again) == sorted(expired)
    assert {id for id, one in handed(mine).items() if one.key != before[id].key} == expired
    assert sum(batch.tally.answered for batch in mine.batches()) == 20, "each was answered, and paid, once"
    await mine.close()


async def test_after_the_last_try_it_waits_for_the_person(world: World) -> None:
    """Then by hand: one, the failed ones, all; elsewhere, too. The key stays, since it is the same result."""
    rig, receiver = await rig_of(world, tries=2, over=60.0)
    receiver.by_host["hooks.example.com"] = 500
    await hand_in(rig, message("a"), message("b"), message("c", None))
    await world.until(all_are(world, "failed", "kept"))
    assert {one.made for one in handed(world).values()} == {0, 2}
    del receiver.by_host["hooks.example.com"]
    key = handed(world)["a"].key
    assert await world.result(rig.dispatcher.all_again(state="failed")) == 2
    await world.until(all_are(world, "delivered", "kept"))
    assert handed(world)["a"].key == key
    assert handed(world)["a"].attempts[-1].by_hand
    assert await world.result(rig.dispatcher.again(["c"], Webhook(f"{HOST}/other"))) == 1
    await world.until(all_are(world, "delivered"))
    assert receiver.got[-1].url == f"{HOST}/other"
    assert await world.result(rig.dispatcher.all_again(owner=world.batch().id)) == 3
    await world.until(lambda: len(receiver.got) >= 9 - 2 + 3 and all_are(world, "delivered")())


async def test_a_receiver_that_stalls_holds_up_no_other(world: World) -> None:
    """Calls to one host are few at a time; the others go on, also those behind many that wait."""
    rig, receiver = await rig_of(world, hosts=(HOST, "https://slow.example.com"))
    receiver.by_host["slow.example.com"] = "stall"
    slow = {"type": "webhook", "webhook_url": "https://slow.example.com/x"}
    await hand_in(rig, *(message(f"s{n:03}", slow) for n in range(300)), *(message(f"f{n}") for n in range(20)))
    await world.until(lambda: len(receiver.got) == 20)
    assert receiver.stalled == 6


async def test_in_order_per_target_when_asked(world: World) -> None:
    """While the first is tried again those behind it wait; another target's do not."""
    rig, receiver = await rig_of(world, ordered=True, hosts=(HOST, "https://other.example.com"))
    receiver.by_host["hooks.example.com"] = 500
    other = {"type": "webhook", "webhook_url": "https://other.example.com/x"}
    await hand_in(rig, *(message(f"a{n}") for n in range(4)), message("o", other))
    await world.until(lambda: states(world)["o"] == "delivered" and handed(world)["a0"].made == 2)
    assert [handed(world)[f"a{n}"].made for n in range(4)] == [2, 0, 0, 0]
    del receiver.by_host["hooks.example.com"]
    await world.until(all_are(world, "delivered"))
    got = [one.headers["x-custom-id"] for one in receiver.got if one.url.startswith(HOST)]
    assert got[-4:] == ["a0", "a1", "a2", "a3"]


async def test_a_host_that_is_not_allowed_is_not_called(world: World) -> None:
    """Nothing leaves the page for it, and the attempt says what to do; with a local server it goes through that."""
    rig, receiver = await rig_of(world, hosts=())
    await hand_in(rig, message("a"))
    await world.until(lambda: handed(world)["a"].made == 1)
    assert receiver.got == []
    assert handed(world)["a"].attempts[0].outcome == "not_configured"
    assert "may not call https://hooks.example.com" in handed(world)["a"].attempts[0].error
    rig.server = ServerSettings()
    await world.until(all_are(world, "delivered"))
    assert [one.url for one in receiver.relayed] == [f"{HOST}/hook"]
    assert handed(world)["a"].attempts[-1].transport == "server"


async def test_a_receiver_that_answers_no_page_is_called_through_the_server(world: World) -> None:
    """CORS refused: in the same try where there is a server, else the attempt says so."""
    rig, receiver = await rig_of(world)
    receiver.answers.append("blocked")
    await hand_in(rig, message("a"))
    await world.until(lambda: handed(world)["a"].made == 1)
    assert handed(world)["a"].attempts[0].outcome == "cors_refused"
    rig.server = ServerSettings()
    receiver.answers.append("blocked")
    await world.until(all_are(world, "delivered"))
    assert handed(world)["a"].attempts[-1].transport == "server"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "http://169.254.169.254/latest", "http://2130706433/"])
async def test_private_addresses_are_called_only_when_allowed(world: World, url: str) -> None:
    """A program cannot have this page or its server knock at a private door."""
    rig, receiver = await rig_of(
        world, hosts=("http://127.0.0.1:9000", "http://169.254.169.254", "http://2130706433"), server=ServerSettings(True)
    )
    await hand_in(rig, message("a", {"type": "webhook", "webhook_url": url}))
    await world.until(lambda: handed(world)["a"].made == 1)
    assert (receiver.got, receiver.relayed) == ([], [])
    assert "private network" in handed(world)["a"].attempts[0].error
    await rig.choose(private=True, hosts=())
    await world.until(all_are(world, "delivered"))
    assert receiver.relayed[0].private


async def test_no_webhook_signature(world: World) -> None:
    """Here a webhook is signed with the secret of its host, and with no other host's."""
    from standardwebhooks.webhooks import Webhook as StandardWebhook

    from app.core.programs import delivery

    rig, receiver = await rig_of(world)
    secret = delivery.new_secret(b"x" * 32)
    await rig.tab.keys.put(delivery.secret_name(f"{HOST}/any"), secret, remember=True)
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "delivered"))
    (call,) = receiver.got
    signer = StandardWebhook(secret)
    at = float(call.headers["webhook-timestamp"])
    from datetime import UTC, datetime

    assert (
        signer.sign(call.headers["webhook-id"], datetime.fromtimestamp(at, UTC), (call.body or b"").decode())
        == call.headers["webhook-signature"]
    )


async def test_a_host_without_a_secret_is_asked_for_one_once_a_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many groups of calls may go in a second. A secret itself is read for each, so that one that was locked or replaced signs no more."""
    from app.core.programs import delivery

    rig, _ = await rig_of(world)
    keys, asked = rig.tab.keys, list[str]()
    get = keys.get

    async def counted(name: str) -> str | None:
        asked.append(name)
        return await get(name)

    monkeypatch.setattr(keys, "get", counted)
    assert [await rig.webhooks.secret(HOST) for _ in range(3)] == ["", "", ""]
    assert len(asked) == 1
    await keys.put(delivery.secret_name(HOST), "whsec_b25l", remember=True)
    world.clock.set(world.clock.now() + UNSIGNED_FOR)
    assert await rig.webhooks.secret(HOST) == "whsec_b25l"
    await keys.put(delivery.secret_name(HOST), "whsec_dHdv", remember=True)
    assert await rig.webhooks.secret(HOST) == "whsec_dHdv"
    assert len(asked) == 3


async def test_what_a_locked_secret_signs_waits_for_the_passphrase(world: World) -> None:
    """Nothing goes out unsigned because its secret cannot be had now, no try is spent, and what needs no secret is held up by none."""
    from app.core.programs import delivery

    broker = MemoryBroker("results")
    rig, receiver = await rig_of(world, broker=broker, hosts=(HOST, "https://open.example.org"))
    settings = BrokerSettings(id="broker", address="wss://mq.example.com/ws", user="u", queue="in")
    await rig.tab.records.commit([put(settings, -1)])
    await rig.tab.keys.put(secret_name(settings), "a password", remember=True)
    await rig.tab.keys.put(delivery.secret_name(HOST), delivery.new_secret(b"x" * 32), remember=True)
    await rig.tab.keys.put(LANE.profile, await rig.tab.keys.get(LANE.profile) or "", remember=False)  # in memory: the batch goes
    await rig.tab.profiles.set_passphrase("correct horse")
    await rig.tab.profiles.lock()
    open_hook = {"type": "webhook", "webhook_url": "https://open.example.org/hook"}
    await world.result(rig.taker.take([RawMessage(one, "http") for one in (message("a"), message("b", open_hook), message("c", QUEUE))]))
    await rig.tab.submit()
    await world.until(lambda: states(world)["b"] == "delivered")
    later = world.clock.now() + 300
    await world.until(lambda: world.clock.now() > later)
    assert [call.url for call in receiver.got] == ["https://open.example.org/hook"]
    assert (handed(world)["a"].made, handed(world)["c"].made, states(world)["a"], states(world)["c"]) == (0, 0, "due", "due")
    with pytest.raises(KeysLocked):
        await rig.webhooks.secret(HOST)
    await rig.tab.profiles.unlock("correct horse")
    rig.dispatcher.nudge()
    await world.until(all_are(world, "delivered"))
    assert "webhook-signature" in receiver.got[-1].headers
    assert [json.loads(one.body)["custom_id"] for one in broker.queues["results"]] == ["c"]


async def test_results_go_to_the_queue_that_the_message_names(world: World) -> None:
    """Persistent to the queue, or to reply-to; the message id is the idempotency key, the correlation id comes back."""
    broker = MemoryBroker("results", "replies")
    rig, _ = await rig_of(world, broker=broker)
    settings = BrokerSettings(id="broker", address="wss://mq.example.com/ws", user="u", queue="in")
    await rig.tab.records.commit([put(settings, -1)])
    await rig.tab.keys.put(secret_name(settings), "a password", remember=True)
    await hand_in(
        rig,
        message("a", QUEUE),
        message("b", None),
        message("c", {"type": "rabbitmq", "rabbitmq_queue": "lost"}),
        reply_to="replies",
        correlation_id="c-1",
    )
    await world.until(lambda: states(world)["a"] == states(world)["b"] == "delivered" and handed(world)["c"].made == 1)
    assert [json.loads(one.body)["custom_id"] for one in broker.queues["results"]] == ["a"]
    (reply,) = broker.queues["replies"]
    assert (reply.message_id, reply.correlation_id) == (handed(world)["b"].key, "c-1")
    assert handed(world)["c"].attempts[0].outcome == "queue_not_found"


async def test_without_a_broker_it_says_so(world: World) -> None:
    """Nothing is lost: it can be sent again once there is one."""
    rig, _ = await rig_of(world)
    await hand_in(rig, message("a", QUEUE))
    await world.until(lambda: handed(world)["a"].made == 1)
    assert handed(world)["a"].attempts[0].outcome == "not_configured"


async def test_a_batch_that_failed_as_a_whole_tells_every_program(world: World) -> None:
    """Nothing ran and there are no files: each of its programs hears that."""
    world.brain.set_scenario(replace(world.brain.state.scenario, traps=(Rule(Trap.BATCH_FILE_NOT_FOUND),)))
    rig, receiver = await rig_of(world)
    await hand_in(rig, message("a"))
    await world.until(all_are(world, "delivered"), 200_000)
    assert world.batch().state == "failed"
    assert receiver.bodies()[0]["error"]["code"] == "batch_failed"  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_a_crash_at_any_step_loses_no_delivery(seed: int) -> None:
    """Whoever opens the page next goes on: every program hears at least once, repetitions carry the same key, nobody is told of a state
    that was never stored."""
    quiet = World()
    await _journey(quiet, None)
    steps = len(quiet.steps)
    assert steps > 30
    await quiet.close()
    for at in range(seed, steps, 3):
        world = World()
        world.crash_at = at
        receiver = Receiver()
        receiver.answers.extend([500, 200, "timeout"])
        await _journey(world, receiver)
        keys: dict[str, set[str]] = {}
        for one in receiver.got:
            keys.setdefault(one.headers["x-custom-id"], set()).add(one.headers["idempotency-key"])
        assert set(keys) == {f"m{n}" for n in range(4)}, world.steps[at]
        assert all(len(one) == 1 for one in keys.values()), world.steps[at]
        await world.close()


async def _journey(world: World, receiver: Receiver | None) -> None:
    """Four messages from intake to delivery, over as many lives as it takes."""
    receiver = receiver or Receiver()
    world._put(Programs(id="programs", hosts=(HOST,)))
    tab: Tab = await world.tab()
    rig = Rig(tab, receiver).start()
    data = [RawMessage(message(f"m{n}"), "http") for n in range(4)]
    while not all_are(world, "delivered")() or not handed(world):
        if tab.life.dead:
            await tab.close()
            tab = await world.tab()
            rig = Rig(tab, receiver).start()
            world.crash_at = None
        try:
            if len(handed(world)) < 4:
                await world.result(rig.taker.take(data))
            if world.queued():
                await world.result(_submitted(tab))
        except BaseException as error:
            if not tab.life.dead:
                raise error
            continue
        await world.until(lambda tab=tab: tab.life.dead or all_are(world, "delivered")(), 200_000)  # type: ignore[misc]
    tab.failures.clear()


async def _submitted(tab: Tab) -> None:
    await tab.submit()


async def test_a_request_that_a_person_deletes_is_told_as_cancelled(world: World) -> None:
    """Once it is deleted for good: until then it can be restored."""
    rig, receiver = await rig_of(world)
    await world.result(rig.taker.take([RawMessage(message(id), "http") for id in ("a", "b")]))
    await world.result(rig.tab.queue.delete(LANE, {"a"}))
    await world.clock.advance(120)
    assert receiver.got == []
    await world.result(rig.tab.queue.forget(LANE))
    await world.until(lambda: states(world)["a"] == "delivered")
    assert receiver.bodies()[0]["error"]["code"] == "batch_cancelled"  # type: ignore[index]
    assert (states(world)["b"], world.queued()) == ("waiting", ["b"])


def test_records_of_handed_are_small() -> None:
    """A message costs a few hundred bytes beside its request."""
    import msgspec

    one = ProgramMessage(
        id="a" * 36, source="http", at=1.0, lane="openai|/v1/responses|gpt", target=Webhook(f"{HOST}/hook"), key="d-000000000-aaaa"
    )
    assert len(msgspec.json.encode(one)) < 300
