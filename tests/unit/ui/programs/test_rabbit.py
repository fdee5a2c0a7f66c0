"""RabbitMQ in the settings, and messages that come from it through the whole program."""

from __future__ import annotations

import json

import pytest

from app.core.programs.rabbit import ConnectionStatus
from app.ui.base.drawing import render
from app.ui.programs import rabbit_view
from tests.fakes.broker import MemoryBroker
from tests.fakes.platform import FakePage
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open

ADDRESS, PASSWORD = "ws://localhost:15674/ws", "rabbit-page-secret"


def message(id: str, **changes: object) -> bytes:
    """A message as a program writes it."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Say {id}"}]}
    target = {"type": "rabbitmq", "rabbitmq_queue": "results"}
    whole = {"custom_id": id, "url": "/v1/chat/completions", "method": "POST", "body": body, "delivery_config": target}
    return json.dumps({**whole, **changes}).encode()


async def connect(visit: Visit, *, address: str = ADDRESS, queue: str = "intake", remember: bool | None = None) -> None:
    """Fill in the fields."""
    await visit.go("#/settings")
    await visit.click("Connect a broker")
    await visit.type("Address", address)
    await visit.type("User", "night")
    await visit.type("Password", PASSWORD)
    await visit.type("Queue to consume from", queue)
    if remember is not None:
        await visit.check("Remember on this machine", remember, -1)


@pytest.fixture
async def visit(tabs: Open) -> Visit:
    """A tab that may call the broker already."""
    return await tabs(
        broker=MemoryBroker("intake", "results"),
        page=FakePage(hosts=("https://api.openai.com", "ws://localhost:15674")),
    )


async def test_messages_come_once_the_person_wants_them(visit: Visit) -> None:
    """Saved, tested, switched on: requests appear in the queue, poison is rejected, the light says where."""
    await connect(visit)
    await visit.click("Test the connection")
    assert "The connection works." in visit.text
    await visit.click("Save")
    for body in (message("a"), b"no JSON", message("b"), message("a")):
        visit.broker.hand_in(body)
    await visit.rest()
    assert not visit.broker.acknowledged
    await visit.click("Consume messages")
    await visit.until(lambda: len(visit.broker.acknowledged) == 3)
    assert [one.body for one in visit.broker.rejected] == [b"no JSON"]
    assert "connected" in visit.text
    assert "localhost:15674" in visit.text
    await visit.go("#/queue")
    assert "2 requests" in visit.text
    await visit.go("#/settings")
    await visit.click("Stop consuming messages")
    visit.broker.hand_in(message("c"))
    await visit.rest()
    assert len(visit.broker.acknowledged) == 3


async def test_a_broken_connection_says_after_how_long_it_is_tried_again(visit: Visit) -> None:
    """The pauses grow; whoever looks sees that something is being done, and when."""
    await connect(visit)
    await visit.click("Save")
    await visit.click("Consume messages")
    visit.state.broker.connection = ConnectionStatus("waiting", "localhost:15674", "lost", pause=2.0)
    assert "connects again after 2 s" in render(rabbit_view.card(visit.state))
    visit.state.broker.connection = ConnectionStatus("waiting", "localhost:15674", "lost", pause=0.5)
    assert "connects again after 0.5 s" in render(rabbit_view.card(visit.state))


@pytest.mark.slow
async def test_what_cannot_be_used_is_said_at_its_field(visit: Visit) -> None:
    """Nothing is saved, and nothing is called."""
    await connect(visit, address="http://localhost:15672", queue="")
    await visit.click("Save")
    assert "The address begins with ws://" in visit.text
    assert "Name the queue that messages are taken from." in visit.text
    assert visit.broker.passwords == []
    await visit.type("Address", ADDRESS)
    assert "The address begins with ws://" not in visit.text


async def test_a_wrong_password_stops_and_says_so(visit: Visit) -> None:
    """The light is red, nothing is tried again by itself; a new password begins anew."""
    visit.broker.password = "another"
    await connect(visit)
    await visit.click("Save")
    await visit.click("Consume messages")
    assert "does not accept user, password or virtual host" in visit.text
    assert len(visit.broker.passwords) == 1
    visit.broker.password = PASSWORD
    await visit.click("Edit", -1)
    await visit.type("Password", PASSWORD)
    await visit.click("Save")
    assert "does not accept user, password or virtual host" not in visit.text
    assert "connected" in visit.text


@pytest.mark.slow
async def test_the_password_is_not_kept_unless_asked(visit: Visit) -> None:
    """In this tab's memory only; after a reload it is asked for."""
    await connect(visit, remember=False)
    await visit.click("Save")
    await visit.click("Consume messages")
    again = await visit.other_tab(page=FakePage(hosts=("https://api.openai.com", "ws://localhost:15674")), route="#/settings")
    assert PASSWORD not in visit.keys.sealed.values()
    await visit.close()
    await again.until(lambda: again.state.engine.leads)
    await again.until(lambda: "There is no password for localhost:15674" in again.text)
    await again.close()


async def test_the_password_shows_nowhere(visit: Visit) -> None:
    """Not in the page, not in the state once it was saved, not in a record."""
    await connect(visit, remember=True)
    await visit.click("Save")
    await visit.click("Consume messages")
    records = "".join(record.doc for rows in visit.store.disk.records.values() for record in rows.values())
    for place in (visit.page.html, repr(visit.state), records, visit.page.route):
        assert PASSWORD not in place
    assert PASSWORD in visit.keys.sealed.values()
    await visit.click("Remove the password …")
    await visit.click("Remove the password")
    assert PASSWORD not in visit.keys.sealed.values()


async def test_typed_and_left_is_forgotten(visit: Visit) -> None:
    """A password that was typed and not saved goes with the view."""
    await connect(visit)
    assert visit.state.broker.password == PASSWORD
    await visit.go("#/queue")
    assert visit.state.broker.password == ""


async def test_a_new_host_needs_a_reload(tabs: Open) -> None:
    """As a new provider does: the page says so."""
    visit = await tabs(broker=MemoryBroker("intake"))
    await connect(visit)
    await visit.click("Save")
    assert "A new host was added." in visit.text
    assert "ws://localhost:15674" in visit.page.next_hosts


async def test_a_broker_elsewhere_without_encryption_is_pointed_out(visit: Visit) -> None:
    """ws:// leaves the machine in the clear."""
    await connect(visit, address="ws://mq.example.org:15674/ws")
    assert "can be read on the way" in visit.text
    await visit.type("Address", "wss://mq.example.org/ws")
    assert "can be read on the way" not in visit.text
