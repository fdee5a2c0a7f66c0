"""Messages from RabbitMQ: acknowledged when they are stored, never before; poison goes once; only the tab that leads takes them."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from app.core.model.providers import OPENAI
from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import ConnectionStatus
from app.ports import Table
from app.services.programs.intake import Intake
from app.services.programs.rabbit import Brokers
from app.services.programs.rabbit_consumer import Consumer
from tests.fakes.broker import MemoryBroker
from tests.kit.world import Tab, World
from tests.unit.services.programs.test_intake import message

SETTINGS = BrokerSettings(id="broker", address="ws://localhost:15674/ws", user="night", queue="intake", on=True)


class Office:
    """A tab that consumes from a broker in memory."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.port, self.lights = tab, MemoryBroker("intake"), [ConnectionStatus()]
        clock = tab.clock
        self.port.pause = lambda: clock.sleep(0.5)

        async def provider():
            return OPENAI

        taker = Intake(tab.runtime, tab.queue, provider, tab.auto_submitter.nudge)
        self.brokers = Brokers(tab.records, tab.keys, tab.profiles, tab.runtime.log, lambda: self.port)
        self.consumer = Consumer(self.brokers, lambda: taker, self.lights.append)
        self.task: asyncio.Task[None] | None = None

    async def open(self, settings: BrokerSettings = SETTINGS) -> None:
        await self.brokers.save(settings)
        await self.brokers.put_password(settings, "secret", remember=False)
        self.task = asyncio.create_task(self.consumer.run())

    async def until(self, acknowledged: int, rejected: int = 0) -> None:
        await self.tab.world.until(lambda: (len(self.port.acknowledged), len(self.port.rejected)) == (acknowledged, rejected))

    async def close(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait([self.task])


async def test_acknowledged_means_stored(world: World) -> None:
    """New messages are in the store when they are acknowledged; a duplicate is acknowledged like the first, and poison is rejected once."""
    office = Office(await world.tab(engine=False))
    await office.open()
    for body in (message("a"), b"{", message("b"), message("a")):
        office.port.hand_in(body, "m", "c", "answers")
    await office.until(3, 1)
    assert set(world.disk.records[Table.HANDED]) == {"a", "b"}
    assert '"reply_to":"answers"' in world.disk.records[Table.HANDED]["a"].doc
    await office.close()
    assert office.lights[-1].state == "off"


async def test_a_full_disk_acknowledges_nothing(world: World) -> None:
    """The broker keeps what the browser could not; when there is room again, it comes again."""
    tab = await world.tab(engine=False)
    office = Office(tab)
    await office.open()
    tab.inner.quota = 1
    office.port.hand_in(message("a"))
    await world.until(lambda: "unstored" in [one.trouble for one in office.lights])
    assert not office.port.acknowledged
    tab.inner.quota = 0
    await office.until(1)
    assert set(world.disk.records[Table.HANDED]) == {"a"}
    await office.close()


async def test_settings_are_followed(world: World) -> None:
    """Switched off nothing is taken; on again, it goes on; a note that changes nothing ends no connection."""
    office = Office(await world.tab(engine=False))
    await office.open(replace(SETTINGS, on=False))
    office.port.hand_in(message("a"))
    await world.clock.advance(1)
    assert not office.port.passwords
    await office.brokers.save(SETTINGS)
    office.consumer.nudge()
    await office.until(1)
    office.consumer.nudge()
    await world.clock.advance(1)
    assert len(office.port.passwords) == 1
    await office.close()


async def test_a_wrong_password_waits_for_the_person(world: World) -> None:
    """It is tried once, and again when something was entered."""
    office = Office(await world.tab(engine=False))
    office.port.password = "another"
    await office.open()
    await world.until(lambda: office.lights[-1].trouble == "bad_login")
    await world.clock.advance(3_600)
    assert len(office.port.passwords) == 1
    office.port.password = "secret"
    office.consumer.nudge(again=True)
    await world.until(lambda: office.lights[-1].state == "on")
    await office.close()


async def test_what_is_being_stored_when_taking_stops_is_acknowledged(world: World) -> None:
    """Left open it would go to another page on the same queue as well, and both would pay for it."""
    office = Office(await world.tab(engine=False))
    await office.open()
    office.port.hand_in(message("a"))
    assert office.task is not None
    await office.port.taking.wait()
    office.task.cancel()
    await world.until(office.task.done)
    assert set(world.disk.records[Table.HANDED]) == {"a"}
    assert len(office.port.acknowledged) == 1


async def test_while_the_password_is_locked_it_says_so_and_connects_when_it_is_not(world: World) -> None:
    """No broker is asked without its password; who locks ends the connection, and what came and was not stored goes back to the queue."""
    tab = await world.tab(engine=False)
    office = Office(tab)
    await office.brokers.save(SETTINGS)
    await office.brokers.put_password(SETTINGS, "secret", remember=True)
    await tab.profiles.set_passphrase("correct horse")
    await tab.profiles.lock()
    office.task = asyncio.create_task(office.consumer.run())
    await world.until(lambda: office.lights[-1].trouble == "locked")
    assert (office.port.passwords, office.lights[-1].host) == ([], "localhost:15674")
    assert (await office.brokers.test(SETTINGS, "")).trouble == "locked"
    await tab.profiles.unlock("correct horse")
    office.consumer.nudge()
    office.port.hand_in(message("a"))
    await office.until(1)
    assert office.port.passwords == ["secret"]
    await tab.profiles.lock()
    office.consumer.nudge()
    await world.until(lambda: office.lights[-1].trouble == "locked")
    await office.brokers.switch(on=False)
    office.consumer.nudge()
    await world.until(lambda: office.lights[-1].state == "off")
    await office.close()
