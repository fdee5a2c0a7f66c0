"""The workspace's RabbitMQ: settings are kept, the password beside them, and the page may call it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access, Arrival, ConnectionStatus, OutgoingResult
from app.ports import Table
from app.services.programs.rabbit import Brokers
from tests.fakes.broker import MemoryBroker
from tests.fakes.platform import MemoryKeys, settle
from tests.kit.world import Tab, World

SETTINGS = BrokerSettings(id="broker", address="ws://mq.example.org:15674/ws", user="night", queue="intake")
PASSWORD = "a-rabbit's-secret"


def brokers(tab: Tab, port: MemoryBroker | None = None) -> Brokers:
    return Brokers(tab.records, tab.keys, tab.profiles, tab.runtime.log, lambda: port or MemoryBroker())


async def test_nothing_is_configured_at_first(world: World) -> None:
    """A person who has no broker is asked for nothing, and no host is allowed."""
    tab = await world.tab(engine=False)
    assert await brokers(tab).access() is None
    assert tab.profiles.allow_hosts()


async def test_the_password_is_never_in_a_record(world: World) -> None:
    """It lies in the drawer of the keys, sealed or not as the person chose, and comes back from there."""
    tab = await world.tab(engine=False)
    room = brokers(tab)
    await room.save(SETTINGS)
    await room.put_password(SETTINGS, PASSWORD, remember=False)
    assert not await room.remembered(SETTINGS)
    assert await room.access() == Access(SETTINGS, PASSWORD)
    for table in Table:
        assert all(PASSWORD not in row.doc for row in await tab.records.store.scan(table))
    await room.put_password(SETTINGS, PASSWORD, remember=True)
    assert await room.remembered(SETTINGS)
    await room.put_password(SETTINGS, "", remember=True)
    assert await room.access() == Access(SETTINGS, "")


async def test_a_broker_is_on_from_the_start_where_its_settings_say_so(world: World) -> None:
    """Where the server was told its broker, saving the form that was opened before anything was stored has messages taken; whether they
    are, as another tab has it, stays where only the fields were changed."""
    tab = await world.tab(engine=False)
    room = brokers(tab)
    fresh = await room.settings()
    await room.save(replace(SETTINGS, on=True), fresh)
    assert (await room.settings()).on
    seen = await room.settings()
    await room.switch(on=False)
    await room.save(replace(seen, queue="another"), seen)
    assert await room.settings() == replace(SETTINGS, queue="another", on=False)


async def test_another_address_does_not_get_the_password(world: World) -> None:
    """Settings that change the broker's address, by hand or by an import, find no password."""
    tab = await world.tab(engine=False)
    room = brokers(tab)
    await room.save(SETTINGS)
    await room.put_password(SETTINGS, PASSWORD, remember=True)
    elsewhere = replace(SETTINGS, address="wss://elsewhere.example/ws")
    await room.save(elsewhere)
    assert await room.access() == Access(elsewhere, "")
    await room.save(SETTINGS)
    assert await room.access() == Access(SETTINGS, "")
    assert isinstance(tab.keys, MemoryKeys)
    assert PASSWORD not in tab.keys.sealed.values()


async def test_the_page_s_policy_hears_of_the_broker(world: World) -> None:
    """A new broker needs a reload, as a new provider does; after it, it is known at once, also when providers change."""
    tab = await world.tab(engine=False)
    assert not await brokers(tab).save(SETTINGS)
    assert "ws://mq.example.org:15674" in tab.page.next_hosts
    again = await world.reload(tab)
    again.profiles.allow_hosts()
    assert "ws://mq.example.org:15674" in again.page.next_hosts


# --- the fake behaves as the port says


class Intake:
    """Takes messages down as a program would."""

    def __init__(self) -> None:
        self.portions: list[list[bytes]] = []
        self.lights: list[ConnectionStatus] = []
        self.fails = 0

    async def taken(self, portion: Sequence[Arrival]) -> frozenset[int]:
        await asyncio.sleep(0)
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.portions.append([one.body for one in portion])
        return frozenset(one.tag for one in portion if one.body == b"poison")


@pytest.fixture
def intake() -> Intake:
    return Intake()


async def consumed(port: MemoryBroker, intake: Intake, count: int) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(port.consume(Access(SETTINGS, PASSWORD), intake.taken, intake.lights.append))
        while len(port.acknowledged) + len(port.rejected) < count:
            await settle(1)
        task.cancel()


async def test_what_is_stored_is_acknowledged_and_poison_is_rejected_once(intake: Intake) -> None:
    """A message that cannot be used never comes again."""
    port = MemoryBroker()
    for body in (b"one", b"poison", b"two"):
        port.hand_in(body)
    await consumed(port, intake, 3)
    assert [one.body for one in port.acknowledged] == [b"one", b"two"]
    assert [one.body for one in port.rejected] == [b"poison"]
    assert intake.lights[-1].state == "on"


async def test_what_could_not_be_stored_comes_again(intake: Intake) -> None:
    """Nothing is acknowledged; the light says why; the same messages come once more."""
    port = MemoryBroker()
    port.hand_in(b"one")
    intake.fails = 1
    await consumed(port, intake, 1)
    assert [one.body for one in port.acknowledged] == [b"one"]
    assert "unstored" in [one.trouble for one in intake.lights]


async def test_a_broken_connection_repeats_what_was_not_acknowledged(intake: Intake) -> None:
    """At least once: stored twice under the same id is the receiver's to see."""
    port = MemoryBroker()
    port.hand_in(b"one", "id-1")
    port.drop()
    await consumed(port, intake, 1)
    assert intake.portions == [[b"one"], [b"one"]]
    assert port.acknowledged[0].message_id == "id-1"


async def test_a_wrong_password_ends_it(intake: Intake) -> None:
    """Nobody is locked out by trying again and again."""
    port = MemoryBroker()
    port.password = "right"
    await port.consume(Access(SETTINGS, "wrong"), intake.taken, intake.lights.append)
    assert intake.lights[-1] == ConnectionStatus("stopped", "mq.example.org:15674", "bad_login")
    assert (await port.test(Access(SETTINGS, "wrong"))).trouble == "bad_login"


async def test_results_go_where_they_are_sent() -> None:
    """To a queue by name or to whoever asked; a queue that is not there is said."""
    port = MemoryBroker("results")
    sent = await port.publish(
        Access(SETTINGS, PASSWORD),
        [
            OutgoingResult("m1", b"{}", queue="results"),
            OutgoingResult("m2", b"{}", reply_to="/reply-queue/results"),
            OutgoingResult("m3", b"{}", queue="nowhere"),
        ],
    )
    assert [one.outcome for one in sent] == ["delivered", "delivered", "not_found"]
    assert [one.message_id for one in port.queues["results"]] == ["m1", "m2"]
