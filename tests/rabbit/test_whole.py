"""The whole program between a producer and a consumer in pika, while broker and page are killed: nothing is lost, nothing counted twice."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pika
import pika.exceptions
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.rabbit import INTAKE, PAGE, PAGE_PASSWORD, POISON, RESULTS, Rabbit
from tests.kit.site import serving
from tests.rabbit.conftest import Programs, until
from tools import dist

MESSAGES = 3_000
COUNT = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('nightshift');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const counting = db.transaction('handed').objectStore('handed').count();
    counting.onsuccess = () => { db.close(); resolve(counting.result); };
  };
})"""


def message(number: int) -> bytes:
    """As a program of OpenAI Batch Manager writes it."""
    return json.dumps(
        {
            "custom_id": f"job-{number}",
            "url": "/v1/chat/completions",
            "method": "POST",
            "body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Say {number}"}]},
            "delivery_config": {"type": "rabbitmq", "rabbitmq_queue": RESULTS},
        }
    ).encode()


class Producer(threading.Thread):
    """Hands every message in until the broker has confirmed it, whatever happens to the broker."""

    def __init__(self, rabbit: Rabbit) -> None:
        super().__init__(daemon=True)
        self.rabbit = rabbit
        self.done = 0
        self.fault: BaseException | None = None

    def run(self) -> None:
        while self.done < MESSAGES:
            try:
                self._produce()
            except pika.exceptions.AMQPError:
                time.sleep(0.2)
            except BaseException as error:
                self.fault = error
                raise

    def _produce(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self.rabbit.url))
        channel = connection.channel()
        channel.confirm_delivery()
        while self.done < MESSAGES:
            told = pika.BasicProperties(delivery_mode=2, message_id=f"message-{self.done}", correlation_id=f"c-{self.done}")
            channel.basic_publish("", INTAKE, message(self.done), told, mandatory=True)
            self.done += 1
        connection.close()


class Person:
    """Has the page open, and opens it again when it is gone."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.journey = self.opened()

    def opened(self) -> Journey:
        self.journey = Journey(self.context.new_page(), self.address).open("#/settings")
        return self.journey

    @property
    def page(self) -> Page:
        return self.journey.page

    def crash(self) -> None:
        """The tab's process dies in the middle of whatever it does."""
        with pytest.raises(Error, match="crash"):
            self.page.goto("chrome://crash")
        self.page.close()
        self.opened()

    def stored(self) -> int:
        """Messages that the page has in its database."""
        return int(self.page.evaluate(COUNT))


@pytest.fixture
def person(chromium: Browser, built_site: str, rabbit: Rabbit, programs: Programs) -> Iterator[Person]:
    """A person who practises, and has connected the broker in the settings."""
    watch = Watch({urlsplit(built_site).netloc, f"127.0.0.1:{rabbit.web_port}"})
    watch.expect("WebSocket connection to|WebSocket is closed")
    context = chromium.new_context()
    watch.attach(context)
    one = Person(context, f"{built_site}/")
    journey = one.journey
    journey.practise(AT_ONCE)
    journey.go("Settings")
    card = journey.main.get_by_role("region", name="RabbitMQ")
    journey.press("Connect a broker", within=card)
    card.get_by_label("Address").fill(rabbit.address)
    card.get_by_label("User").fill(PAGE)
    card.get_by_label("Password").fill(PAGE_PASSWORD)
    card.get_by_label("Remember on this machine").check()
    card.get_by_label("Queue that messages are taken from").fill(INTAKE)
    journey.press("Save", within=card)
    journey.toasts.filter(has_text="The settings of RabbitMQ are saved.").wait_for()
    journey.reload()
    journey.press("Test the connection", within=card)
    card.get_by_text("The connection works.").wait_for()
    journey.press("Take messages", within=card)
    card.locator(".pill", has_text="connected").wait_for()
    yield one
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_three_thousand_messages_through_restart_crash_and_kill(person: Person, programs: Programs, rabbit: Rabbit) -> None:
    """3,000 messages in and 3,000 results out, with the broker restarted and killed and the page killed on the way in and on the way out.
    What comes twice has the same message id."""
    programs.close()
    producer = Producer(rabbit)
    producer.start()
    until(lambda: person.stored() > 300, within=120)
    rabbit.stop()
    rabbit.start()
    until(lambda: person.stored() > 900, person.stored, within=120)
    person.crash()
    until(lambda: person.stored() > 1_500, person.stored, within=120)
    rabbit.kill()
    rabbit.start()
    until(lambda: person.stored() == MESSAGES, lambda: (person.stored(), producer.done, producer.fault), within=180)
    until(lambda: programs.depth(INTAKE) == 0)
    assert person.stored() == MESSAGES

    journey = person.journey
    journey.go("Queue")
    journey.waiting(MESSAGES)
    journey.submit_lane()
    until(lambda: programs.depth(RESULTS) > 300, within=120)
    person.crash()
    until(lambda: programs.depth(RESULTS) > 1_200, within=120)
    programs.close()
    rabbit.kill()
    rabbit.start()
    found: dict[str, list[str | None]] = defaultdict(list)

    def collected() -> bool:
        for properties, body in programs.drain(RESULTS):
            line = json.loads(body)
            assert line["response"]["status_code"] == 200
            found[line["custom_id"]].append(properties.message_id)
        return len(found) == MESSAGES

    until(collected, lambda: len(found), within=300)
    assert set(found) == {f"job-{number}" for number in range(MESSAGES)}
    assert not [id for id, messages in found.items() if len(set(messages)) > 1]
    print(f"{sum(map(len, found.values())) - MESSAGES} of {MESSAGES} results came twice, with the same message id")


def test_a_server_that_was_told_its_broker_asks_for_nothing_more(
    chromium: Browser, vendored: None, rabbit: Rabbit, programs: Programs, tmp_path: Path
) -> None:
    """Started with the environment of OpenAI Batch Manager, the page finds the fields filled in, without a password in them: saved, it
    takes messages over the relay and sends results that are known to have arrived."""
    told = {
        "RABBITMQ_URL": f"amqp://{PAGE}:{PAGE_PASSWORD}@127.0.0.1:{rabbit.amqp_port}/%2F",
        "RABBITMQ_INPUT_QUEUE": INTAKE,
        "NIGHTSHIFT_DATA": str(tmp_path),
    }
    with serving(dist.site(), **told) as address:
        watch = Watch({urlsplit(address).netloc})
        context = chromium.new_context()
        watch.attach(context)
        journey = Journey(context.new_page(), f"{address}/").open("#/programs")
        journey.practise(AT_ONCE)
        journey.go("Programs")
        journey.main.get_by_text("Mailbox open").wait_for()
        journey.go("Settings")
        card = journey.main.get_by_role("region", name="RabbitMQ")
        journey.press("Connect a broker", within=card)
        card.get_by_text("The server was told its broker").wait_for()
        journey.press("Save", within=card)
        card.locator(".pill", has_text="connected").wait_for()
        programs.hand_in(message(1), "no message")
        journey.waiting(1)
        journey.submit_lane()
        until(lambda: programs.depth(RESULTS) == 1)
        ((properties, body),) = programs.drain(RESULTS)
        assert json.loads(body)["custom_id"] == "job-1"
        assert properties.delivery_mode == 2
        assert [body for _, body in programs.drain(POISON)] == [b"no message"]
        assert PAGE_PASSWORD not in journey.page.content()
        context.close()
        assert not watch.unexpected(), "\n".join(watch.unexpected())
