"""How many messages a second a page takes from a real RabbitMQ, and how many results it sends. Run by ``python -m tests.rabbit``.

Messages and results are of 1.2 kB and persistent. «In» counts from the first portion that Python has to the last, each acknowledged before
the next one is asked for; nothing is stored. «Out» counts from the call to the broker's last confirmation, 500 results a call.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median

import pytest

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access
from tests.kit.rabbit import INTAKE, PAGE, PAGE_PASSWORD, RESULTS, Rabbit
from tests.kit.room import Room
from tests.kit.site import ROOT, serving
from tests.kit.waiting import until
from tests.rabbit.command_supplies import Command
from tests.rabbit.conftest import Programs, Tab, listening

MESSAGES = 6_000
SIZE = 1_200
RUNS = 3


@pytest.fixture(scope="module")
def site(vendored: None, rabbit: Rabbit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sources with the relay."""
    url = f"amqp://{PAGE}:{PAGE_PASSWORD}@127.0.0.1:{rabbit.amqp_port}/%2F"
    with serving(ROOT, RABBITMQ_URL=url, NIGHTSHIFT_DATA=str(tmp_path_factory.mktemp("measure"))) as address:
        yield address


@pytest.fixture
def tab(room: Room, rabbit: Rabbit) -> Tab:
    return listening(room, f"ws://127.0.0.1:{rabbit.web_port}")


def taken_in(tab: Tab, programs: Programs, access: Access) -> float:
    """Messages a second."""
    programs.hand_in(*["x" * SIZE] * MESSAGES)
    tab.consume(access)
    until(lambda: len(tab.state.ids) == MESSAGES, within=120)
    state = tab.stop()
    return MESSAGES / (state.last - state.first) * 1000


def sent_out(tab: Tab, programs: Programs, access: Access) -> float:
    """Results a second."""
    found = json.loads(tab.obey(Command("flood", access, count=MESSAGES, size=SIZE - 8)))
    assert programs.depth(RESULTS) == MESSAGES
    programs.channel.queue_purge(RESULTS)
    return MESSAGES / float(found["seconds"])


@pytest.mark.parametrize("transport", ["stomp", "amqp"])
def test_throughput(transport: str, tab: Tab, programs: Programs, rabbit: Rabbit) -> None:
    """A line of the table."""
    stomp = BrokerSettings(id="broker", address=rabbit.address, user=PAGE, queue=INTAKE)
    relay = BrokerSettings(id="broker", transport="amqp", queue=INTAKE)
    access = Access(stomp if transport == "stomp" else relay, PAGE_PASSWORD)
    came = median(taken_in(tab, programs, access) for _ in range(RUNS))
    went = median(sent_out(tab, programs, access) for _ in range(RUNS))
    print(f"\n{transport}: {came:,.0f} messages/s in, {went:,.0f} results/s out", flush=True)
