"""Webhooks are handed over in groups: a bad one ends by itself, a host holds up no other, and what is not recorded is called again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from app.core.openai.wire import NetworkError, Request, Response
from app.core.programs.protocol import ServerSettings
from app.core.programs.relay import FORWARDS, Forwarded
from app.ports import EndedCall, Stream, Table
from app.services.programs.single_calls import SingleCalls
from app.services.programs.webhook_lanes import PER_HOST
from app.services.programs.webhooks import AHEAD, UNBEGUN, UNREAD
from tests.kit.programs import HOST, Receiver, Rig, all_are, handed
from tests.kit.world import World
from tests.unit.services.programs.test_outbox import hand_in, message


class Group:
    """The Calls port of a platform that has groups. It answers what is on its way when it is asked what ended."""

    def __init__(self, http: Grouped) -> None:
        self._http = http
        self._waiting: list[tuple[str, Request]] = []
        self.closed = False
        http.groups.append(self)

    def put(self, calls: Sequence[tuple[str, Request]], parallel: int) -> None:
        self._http.crossings += 1
        self._waiting += calls
        self._http.ahead = max(self._http.ahead, len(self._waiting))
        self._http.parallel.append(parallel)

    async def ended(self) -> list[EndedCall]:
        self._http.crossings += 1
        some, self._waiting = self._waiting, []
        found: list[EndedCall] = []
        for name, request in some:
            try:
                found.append(EndedCall(name, 0.5, await self._http.receiver.send(request)))
            except NetworkError as error:
                found.append(EndedCall(name, 0.5, error))
        return found

    def close(self) -> None:
        self.closed = True


class Grouped:
    """An Http that makes calls in groups; ``receiver`` answers them."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.groups: list[Group] = []
        self.crossings = self.ahead = 0
        self.parallel: list[int] = []

    def calls(self) -> Group:
        return Group(self)

    async def send(self, request: Request, *, progress: object = None) -> Response:
        raise AssertionError("a platform that has groups is not asked for single calls")

    async def stream(self, request: Request) -> Stream:
        raise AssertionError("nobody reads a stream from a receiver")


async def grouped(world: World, server: ServerSettings | None = None, **chosen: object) -> tuple[Rig, Grouped]:
    """A tab on such a platform."""
    http = Grouped(Receiver())
    rig = Rig(await world.tab(), http.receiver, server=server)
    rig.webhooks._http = http
    await rig.choose(**chosen)
    return rig.start(), http


async def test_results_cross_to_the_platform_in_groups(world: World) -> None:
    """Far fewer times than there are results; each is called once, with a key of its own, and takes as long as its call did."""
    rig, http = await grouped(world)
    await hand_in(rig, *(message(f"m{n}") for n in range(200)))
    await world.until(all_are(world, "delivered"))
    assert len(http.receiver.got) == len({one.headers["idempotency-key"] for one in http.receiver.got}) == 200
    assert http.crossings < 50
    assert {one.attempts[0].seconds for one in handed(world).values()} == {0.5}
    assert all(group.closed for group in http.groups)


async def test_a_host_that_has_not_answered_yet_gets_no_more_than_it_is_called_at_a_time(world: World) -> None:
    """It may refuse pages, and may get what it refuses: then few results reach it twice. One that answers has some that wait ahead."""
    rig, http = await grouped(world)
    http.receiver.answers.extend(["unreachable"] * PER_HOST)
    await hand_in(rig, *(message(f"m{n}") for n in range(PER_HOST)))
    await world.until(lambda: all(one.made for one in handed(world).values()))
    assert http.ahead == PER_HOST
    await hand_in(rig, *(message(f"n{n}") for n in range(100)))
    await world.until(all_are(world, "delivered"))
    assert PER_HOST < http.ahead <= PER_HOST * AHEAD
    assert set(http.parallel) <= set(range(1, PER_HOST + 1))


async def test_a_group_that_answers_no_page_goes_through_the_server_in_the_same_try(world: World) -> None:
    """Each once; from then on the page does not ask that host itself."""
    rig, http = await grouped(world, ServerSettings())
    http.receiver.answers.extend(["blocked"] * PER_HOST)
    await hand_in(rig, *(message(f"m{n}") for n in range(50)))
    await world.until(all_are(world, "delivered"))
    assert sorted(json.loads(one.body)["custom_id"] for one in http.receiver.relayed) == sorted(handed(world))
    assert {(one.made, one.attempts[0].transport) for one in handed(world).values()} == {(1, "server")}
    assert max(one.attempts[0].seconds for one in handed(world).values()) == 0.6


async def test_what_goes_through_the_server_is_handed_to_it_in_groups(world: World) -> None:
    """Far fewer requests than webhooks, no more than it takes in one; each is recorded by itself."""
    rig, http = await grouped(world, ServerSettings())
    http.receiver.answers.extend(["blocked"] * PER_HOST)
    await hand_in(rig, *(message(f"m{n}") for n in range(200)))
    await world.until(all_are(world, "delivered"))
    assert len({one.headers["idempotency-key"] for one in http.receiver.relayed}) == len(http.receiver.relayed) == 200
    assert len(http.receiver.groups) < 40
    assert max(http.receiver.groups) == FORWARDS


async def test_an_address_that_keeps_others_waiting_goes_alone(world: World) -> None:
    """How a webhook ended is heard when all of its request have: so only addresses that answered without delay are in one with others."""
    rig, http = await grouped(world, ServerSettings())
    http.receiver.answers.extend(["blocked"] * PER_HOST)
    http.receiver.told = Forwarded("success", 200, seconds=30.0)
    await hand_in(rig, *(message(f"m{n}") for n in range(40)))
    await world.until(all_are(world, "delivered"))
    assert set(http.receiver.groups) == {1}


async def test_what_the_server_did_not_begin_is_handed_to_it_anew_in_the_same_try(world: World) -> None:
    """Each arrives once."""
    rig, http = await grouped(world, ServerSettings(), hosts=())
    http.receiver.begins = 1
    await hand_in(rig, *(message(f"m{n}") for n in range(30)))
    await world.until(all_are(world, "delivered"))
    assert len({one.headers["idempotency-key"] for one in http.receiver.relayed}) == len(http.receiver.relayed) == 30
    assert {one.made for one in handed(world).values()} == {1}


async def test_a_server_that_begins_nothing_is_a_try_of_each(world: World) -> None:
    """It is asked again after the usual waits, not for ever."""
    rig, http = await grouped(world, ServerSettings(), hosts=(), tries=1)
    http.receiver.told = None
    await hand_in(rig, *(message(f"m{n}") for n in range(8)))
    await world.until(all_are(world, "failed"))
    assert {one.attempts[0].error for one in handed(world).values()} == {UNBEGUN.error}


async def test_an_answer_of_the_server_that_is_none_is_a_try_of_each(world: World) -> None:
    """Whatever it says: which webhook arrived is not known."""
    rig, http = await grouped(world, ServerSettings(), hosts=(), tries=1)
    real = http.receiver.send

    async def send(request: Request, *, progress: object = None) -> Response:
        await real(request)
        return Response(200, {}, b"[]")

    http.receiver.send = send  # type: ignore[method-assign]
    await hand_in(rig, *(message(f"m{n}") for n in range(8)))
    await world.until(all_are(world, "failed"))
    assert {one.attempts[0].error for one in handed(world).values()} == {UNREAD.error}


@pytest.mark.slow
async def test_ends_of_calls_alone_read_nothing_that_is_due(world: World) -> None:
    """What the ends of 1,000 calls to one host cost the store does not grow with what waits behind them, nor with the batches that there
    are: these are looked at where one may have ended."""
    rig, _ = await grouped(world)
    pages = turns = 0
    real, turn = rig.tab.records.store.page, rig.dispatcher._scheduler.turn

    async def counted(chosen):
        nonlocal turns
        turns += 1
        await turn(chosen)

    async def page(table, **asked):
        nonlocal pages
        pages += table is Table.HANDED and asked.get("state") == "due"
        return await real(table, **asked)

    rig.tab.records.store.page = page  # type: ignore[method-assign]
    rig.dispatcher._scheduler.turn = counted  # type: ignore[method-assign]
    await hand_in(rig, *(message(f"m{n}") for n in range(1_000)))
    await world.until(all_are(world, "delivered"))
    assert pages < 60
    assert turns < 6


async def test_one_bad_result_of_a_group_ends_by_itself(world: World) -> None:
    """Its try says why; the others of its group are delivered at once."""
    rig, http = await grouped(world, tries=1)
    real = rig.webhooks.prepared

    def prepared(one, *rest):
        if one.id == "m7":
            raise ValueError("odd")
        return real(one, *rest)

    rig.webhooks.prepared = prepared  # type: ignore[method-assign]
    await hand_in(rig, *(message(f"m{n}") for n in range(20)))
    await world.until(all_are(world, "delivered", "failed"))
    failed = {id: one for id, one in handed(world).items() if one.state == "failed"}
    assert list(failed) == ["m7"]
    assert "odd" in failed["m7"].attempts[0].error
    assert len(http.receiver.got) == 19


async def test_a_group_of_which_nothing_is_known_is_a_try_of_each(world: World) -> None:
    """Nobody knows whether they arrived: they are called again, with the same keys, and those that wait are called all the same."""
    rig, http = await grouped(world)
    lost = True

    def calls() -> Group:
        group = Group(http)
        if lost:
            group.ended = nothing  # type: ignore[method-assign]
        return group

    async def nothing() -> list[EndedCall]:
        nonlocal lost
        lost = False
        return []

    http.calls = calls  # type: ignore[method-assign]
    await hand_in(rig, *(message(f"m{n}") for n in range(20)))
    await world.until(all_are(world, "delivered"))
    twice = [one for one in handed(world).values() if one.made == 2]
    assert len(twice) == PER_HOST
    assert all("Nightshift itself failed" in one.attempts[0].error for one in twice)
    keys = {one.headers["x-custom-id"]: one.headers["idempotency-key"] for one in http.receiver.got}
    assert keys == {id: one.key for id, one in handed(world).items()}


async def test_calls_whose_ends_were_not_recorded_are_made_again_with_their_keys(world: World) -> None:
    """The page died between a group's calls and the commit of their ends; what it had handed over and not called is called once."""
    rig, http = await grouped(world)
    real = rig.tab.inner.commit
    await hand_in(rig, *(message(f"m{n}") for n in range(30)))

    async def dies(changes):
        if http.receiver.got:
            rig.tab.life.dead = True
            await asyncio.Event().wait()
        await real(changes)

    rig.tab.inner.commit = dies  # type: ignore[method-assign]
    await world.until(lambda: rig.tab.life.dead)
    before = len(http.receiver.got)
    assert before
    assert {one.state for one in handed(world).values()} == {"due"}
    await rig.tab.close()
    again = Rig(await world.tab(), http.receiver)
    again.webhooks._http = http
    again.start()
    await world.until(all_are(world, "delivered"))
    keys: dict[str, set[str]] = {}
    for one in http.receiver.got:
        keys.setdefault(one.headers["x-custom-id"], set()).add(one.headers["idempotency-key"])
    assert keys == {id: {one.key} for id, one in handed(world).items()}
    assert len(http.receiver.got) == before + 30


async def test_single_calls_are_made_some_at_a_time_in_their_order(world: World) -> None:
    """Where the platform has no groups. What is given up is not made."""
    receiver = Receiver()
    receiver.by_host["slow.example.com"] = "stall"
    calls = SingleCalls(receiver, world.clock)
    slow = Request("POST", "https://slow.example.com/x", {}, b"")
    calls.put([("a", Request("POST", f"{HOST}/a", {}, b"")), ("s", slow), ("b", Request("POST", f"{HOST}/b", {}, b""))], 2)
    assert [one.name for one in await calls.ended()] == ["a"]
    assert [one.name for one in await calls.ended()] == ["b"]
    assert receiver.stalled == 1
    calls.put([("t", slow), ("u", slow)], 2)
    await asyncio.sleep(0)
    calls.close()
    with pytest.raises(asyncio.CancelledError):
        await calls.ended()
    assert receiver.stalled <= 2
