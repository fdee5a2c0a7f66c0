"""A page with the browser's broker in it, and programs that speak AMQP to the same RabbitMQ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access, ConnectionStatus, OutgoingResult, Sent
from tests.kit.browser import wait_ready
from tests.kit.rabbit import INTAKE, PAGE, PAGE_PASSWORD, POISON, RESULTS, Rabbit
from tests.kit.room import Room
from tests.kit.waiting import until
from tests.rabbit.command_supplies import Command, State


@pytest.fixture(scope="session")
def site(sources: str) -> str:
    """Address of the source tree: a test asks for one module by itself."""
    return sources


@pytest.fixture
def settings(rabbit: Rabbit) -> BrokerSettings:
    """The page's own user at the intake queue, by Web STOMP."""
    return BrokerSettings(id="broker", address=rabbit.address, user=PAGE, queue=INTAKE)


@pytest.fixture
def access(settings: BrokerSettings) -> Access:
    return Access(settings, PAGE_PASSWORD)


class Programs:
    """What the programs around the page do, by AMQP."""

    def __init__(self, rabbit: Rabbit) -> None:
        self.rabbit = rabbit
        self.connection: pika.BlockingConnection | None = None

    @property
    def channel(self) -> BlockingChannel:
        """A channel with confirmations, made anew when the broker has ended the last one."""
        if self.connection is None or self.connection.is_closed:
            self.connection = pika.BlockingConnection(pika.URLParameters(self.rabbit.url))
            self._channel = self.connection.channel()
            self._channel.confirm_delivery()
        if self._channel.is_closed:
            self._channel = self.connection.channel()
            self._channel.confirm_delivery()
        return self._channel

    def hand_in(self, *bodies: str | bytes, exchange: str = "", key: str = INTAKE, **properties: Any) -> None:
        """Publish these; message ids are ``m0``, ``m1`` … unless one is given."""
        for number, body in enumerate(bodies):
            told = pika.BasicProperties(delivery_mode=2, **{"message_id": f"m{number}", **properties})
            self.channel.basic_publish(exchange, key, body.encode() if isinstance(body, str) else body, told, mandatory=True)

    def depth(self, queue: str) -> int:
        """Messages in a queue that no consumer has."""
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def left(self, queue: str) -> int:
        """Messages in a queue once the broker has let every consumer go: only then does it hold all that was not acknowledged. A page that
        has stopped may still be a consumer for the broker, which then has its prefetch, and gives it more for each acknowledgement."""
        told = self.channel.queue_declare(queue, passive=True).method

        def alone() -> bool:
            nonlocal told
            told = self.channel.queue_declare(queue, passive=True).method
            return not told.consumer_count

        until(alone, lambda: told)
        return int(told.message_count)

    def drain(self, queue: str) -> list[tuple[pika.BasicProperties, bytes]]:
        """Everything in a queue, acknowledged."""
        found: list[tuple[pika.BasicProperties, bytes]] = []
        while True:
            method, properties, body = self.channel.basic_get(queue, auto_ack=True)
            if method is None:
                return found
            found.append((properties, body))

    def close(self) -> None:
        if self.connection is not None and self.connection.is_open:
            self.connection.close()


@pytest.fixture
def programs(rabbit: Rabbit) -> Iterator[Programs]:
    """The programs; every queue is empty before and after."""
    found = Programs(rabbit)
    for queue in (INTAKE, RESULTS, POISON):
        found.channel.queue_purge(queue)
    yield found
    for queue in (INTAKE, RESULTS, POISON):
        found.channel.queue_purge(queue)
    found.close()


class Tab:
    """The page's broker, commanded from outside."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def obey(self, command: Command) -> str:
        return str(self.room.page.evaluate("(text) => globalThis.rabbit(text)", msgspec.json.encode(command).decode()))

    def consume(self, access: Access, **more: Any) -> None:
        self.obey(Command("consume", access, **more))

    def stop(self) -> State:
        self.obey(Command("stop"))
        return self.state

    @property
    def state(self) -> State:
        return msgspec.json.decode(self.obey(Command("state")), type=State)

    @property
    def light(self) -> ConnectionStatus:
        """The last one."""
        lights = self.state.lights
        return lights[-1] if lights else ConnectionStatus()

    def lit(self, state: str, trouble: str = "") -> ConnectionStatus:
        """Wait for this light."""
        until(lambda: (self.light.state, self.light.trouble) == (state, trouble), lambda: self.state.lights)
        return self.light

    def publish(self, access: Access, *messages: OutgoingResult) -> list[Sent]:
        return msgspec.json.decode(self.obey(Command("publish", access, messages=list(messages))), type=list[Sent])

    def test(self, access: Access) -> ConnectionStatus:
        return msgspec.json.decode(self.obey(Command("test", access)), type=ConnectionStatus)


ALLOWED = """(hosts) => {
  const were = localStorage.getItem('nightshift:hosts');
  localStorage.setItem('nightshift:hosts', hosts);
  return were === hosts && Boolean(globalThis.rabbit);
}"""


def listening(room: Room, *origins: str) -> Tab:
    """The room's page under command. It is opened anew unless it may call these origins already."""
    if not room.page.evaluate(ALLOWED, json.dumps(origins)):
        room.page.context.grant_permissions(["local-network-access"])
        room.page.reload()
        wait_ready(room.page)
        room.run("tests.rabbit.page_supplies", "tests.rabbit.page_supplies", "case_listen")
    return Tab(room)


@pytest.fixture
def tab(room: Room, rabbit: Rabbit) -> Iterator[Tab]:
    """A page that may call the broker; it takes nothing before it is told to."""
    room.watch.expect("WebSocket connection to|WebSocket is closed")  # the browser itself complains of each connection that fails
    found = listening(room, f"ws://127.0.0.1:{rabbit.web_port}")
    yield found
    found.obey(Command("stop"))


def stops_while_storing(tab: Tab, programs: Programs, access: Access) -> None:
    """A page is told to stop while it stores a portion: that is acknowledged, and all else stands in the queue again."""
    programs.hand_in(*(f"{n}" for n in range(150)))
    tab.consume(access, slow=True)
    until(lambda: tab.state.begun == 1)
    stored = tab.stop().ids
    assert 0 < len(stored) <= 100
    assert programs.left(INTAKE) == 150 - len(stored)
    rest = [properties.message_id for properties, _ in programs.drain(INTAKE)]
    assert sorted([*stored, *map(str, rest)]) == sorted(f"m{n}" for n in range(150))
