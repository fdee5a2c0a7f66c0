"""The whole program between a producer and a consumer in pika, while broker and page are killed: nothing is lost, nothing counted twice."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pika
import pika.exceptions
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page

from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.rabbit import ADMIN, ADMIN_PASSWORD, EXCHANGE, INTAKE, PAGE, PAGE_PASSWORD, POISON, RESULTS, Rabbit
from tests.kit.site import serving
from tests.kit.waiting import until
from tests.rabbit.conftest import Programs
from tools import dist

MESSAGES = 3_000
ASK = """(method) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('nightshift');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const asking = db.transaction('handed').objectStore('handed')[method]();
    asking.onsuccess = () => { db.close(); resolve(asking.result); };
  };
})"""
"""Asks the page's database about the messages that it holds."""


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
        return int(self.page.evaluate(ASK, "count"))

    def ids(self) -> set[str]:
        """The ``custom_id`` of each of them."""
        return set(self.page.evaluate(ASK, "getAllKeys"))

    @property
    def card(self) -> Locator:
        """RabbitMQ in the settings."""
        return self.journey.main.get_by_role("region", name="RabbitMQ")

    def submit(self) -> None:
        """Everything that waits, as one batch."""
        self.journey.go("Queue")
        self.journey.submit_lane()


@contextmanager
def connected(chromium: Browser, built_site: str, rabbit: Rabbit) -> Iterator[Person]:
    """Somebody with a browser profile of their own who practises, and has connected the broker in the settings."""
    watch = Watch({urlsplit(built_site).netloc, f"127.0.0.1:{rabbit.web_port}"})
    watch.expect("WebSocket connection to|WebSocket is closed")
    context = chromium.new_context()
    watch.attach(context)
    one = Person(context, f"{built_site}/")
    journey = one.journey
    journey.practise(AT_ONCE)
    journey.go("Settings")
    card = one.card
    journey.press("Connect a broker", within=card)
    card.get_by_label("Address").fill(rabbit.address)
    card.get_by_label("User").fill(PAGE)
    card.get_by_label("Password").fill(PAGE_PASSWORD)
    card.get_by_label("Remember on this machine").check()
    card.get_by_label("Queue to consume from").fill(INTAKE)
    journey.press("Save", within=card)
    journey.toasts.filter(has_text="The settings of RabbitMQ are saved.").wait_for()
    journey.reload()
    journey.press("Test the connection", within=card)
    card.get_by_text("The connection works.").wait_for()
    journey.press("Consume messages", within=card)
    card.locator(".pill", has_text="connected").wait_for()
    yield one
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def person(chromium: Browser, built_site: str, rabbit: Rabbit, programs: Programs) -> Iterator[Person]:
    """One of them."""
    with connected(chromium, built_site, rabbit) as one:
        yield one


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

    until(lambda: results(programs, found) >= MESSAGES, lambda: len(found), within=300)
    assert set(found) == {f"job-{number}" for number in range(MESSAGES)}
    assert not [id for id, messages in found.items() if len(set(messages)) > 1]
    print(f"{sum(map(len, found.values())) - MESSAGES} of {MESSAGES} results came twice, with the same message id")


def results(programs: Programs, found: dict[str, list[str | None]]) -> int:
    """Add what has arrived, message ids by ``custom_id``; how many different results there are now."""
    for properties, body in programs.drain(RESULTS):
        line = json.loads(body)
        assert line["response"]["status_code"] == 200
        found[line["custom_id"]].append(properties.message_id)
    return sum(len(set(keys)) for keys in found.values())


def test_several_pages_on_several_machines_share_one_queue(
    person: Person, chromium: Browser, built_site: str, programs: Programs, rabbit: Rabbit
) -> None:
    """Each message goes to one of two pages, and each result comes once, from the page that has the message. When a page dies, the other
    gets what it had not acknowledged; whatever is then in both is answered by both, and nothing is in neither."""
    with connected(chromium, built_site, rabbit) as other:
        both = (person, other)
        sent = 0

        def held() -> list[int]:
            return [one.stored() for one in both]

        def hand_in(count: int) -> None:
            nonlocal sent
            programs.hand_in(*(message(sent + n) for n in range(count)))
            sent += count

        def everything() -> bool:
            return len(person.ids() | other.ids()) == sent

        def both_take() -> None:
            """Until each has stored something new: whatever went to it before is stored by then."""
            before = held()
            while any(now <= then for now, then in zip(held(), before, strict=True)):
                assert sent < MESSAGES, held()
                hand_in(50)
                until(everything, held, within=60)

        for _ in range(5):
            both_take()
        lost = [one.card.inner_text() for one in both if one.card.get_by_text("connected again").count()]
        twice = person.ids() & other.ids()
        assert not twice or lost, f"{len(twice)} messages went to both pages although no connection was lost"

        hand_in(200)
        other.crash()
        until(everything, held, within=60)
        both_take()
        for one in both:
            one.submit()
        copies = sum(held())
        found: dict[str, list[str | None]] = defaultdict(list)
        until(lambda: results(programs, found) >= copies, lambda: (len(found), copies), within=120)
        for one in both:
            one.journey.main.get_by_role("region", name="Delivery").get_by_text(f"{one.stored():,} delivered").wait_for()
        results(programs, found)
        assert set(found) == {f"job-{number}" for number in range(sent)}
        stored = [one.ids() for one in both]
        assert not [id for id, keys in found.items() if len(set(keys)) != sum(id in ids for ids in stored)]
        print(f"{copies - sent} of {sent} messages were in both pages after one was killed")


@contextmanager
def told(chromium: Browser, rabbit: Rabbit, user: str, password: str, **intake: str) -> Iterator[tuple[Journey, Locator]]:
    """A server with the environment of OpenAI Batch Manager, and a person at its page who saves what the page has filled in; and the
    settings of RabbitMQ there."""
    url = f"amqp://{user}:{password}@127.0.0.1:{rabbit.amqp_port}/%2F"
    with serving(dist.site(), RABBITMQ_URL=url, **intake) as address:
        watch = Watch({urlsplit(address).netloc})
        context = chromium.new_context()
        watch.attach(context)
        journey = Journey(context.new_page(), f"{address}/").open("#/programs")
        journey.practise(AT_ONCE)
        journey.go("Integrations")
        journey.main.get_by_text("API online").wait_for()
        journey.go("Settings")
        card = journey.main.get_by_role("region", name="RabbitMQ")
        journey.press("Connect a broker", within=card)
        card.get_by_text("The server was told its broker").wait_for()
        journey.press("Save", within=card)
        yield journey, card
        assert password not in journey.page.content()
        context.close()
        assert not watch.unexpected(), "\n".join(watch.unexpected())


def answered(journey: Journey, programs: Programs, custom_id: str) -> None:
    """The one message that came is submitted, and its result arrives."""
    journey.waiting(1)
    journey.submit_lane()
    until(lambda: programs.depth(RESULTS) == 1)
    ((properties, body),) = programs.drain(RESULTS)
    assert json.loads(body)["custom_id"] == custom_id
    assert properties.delivery_mode == 2


def test_a_server_that_was_told_its_broker_asks_for_nothing_more(
    chromium: Browser, vendored: None, rabbit: Rabbit, programs: Programs
) -> None:
    """The page finds the fields filled in, without a password in them: saved, it takes messages over the relay and sends results that are
    known to have arrived."""
    with told(chromium, rabbit, PAGE, PAGE_PASSWORD, RABBITMQ_INPUT_QUEUE=INTAKE) as (journey, card):
        card.locator(".pill", has_text="connected").wait_for()
        programs.hand_in(message(1), "no message")
        answered(journey, programs, "job-1")
        assert [body for _, body in programs.drain(POISON)] == [b"no message"]


def test_a_server_that_was_told_an_exchange_and_a_key(chromium: Browser, vendored: None, rabbit: Rabbit, programs: Programs) -> None:
    """RABBITMQ_INPUT_EXCHANGE and RABBITMQ_INPUT_ROUTING_KEY: the queue is made, durable, and bound by the key; messages with it come over
    the relay, others do not. What comes while no page is open waits in the queue."""
    queue = "bound-by-the-page"
    intake = {"RABBITMQ_INPUT_QUEUE": queue, "RABBITMQ_INPUT_EXCHANGE": EXCHANGE, "RABBITMQ_INPUT_ROUTING_KEY": "job.*"}
    with told(chromium, rabbit, ADMIN, ADMIN_PASSWORD, **intake) as (journey, card):
        card.locator(".pill", has_text="connected").wait_for()
        card.get_by_text(f"exchange {EXCHANGE}").wait_for()
        programs.hand_in(message(7), exchange=EXCHANGE, key="job.text")
        with pytest.raises(pika.exceptions.UnroutableError):
            programs.hand_in(message(8), exchange=EXCHANGE, key="other.text")
        answered(journey, programs, "job-7")
    programs.hand_in(message(9), exchange=EXCHANGE, key="job.text")
    until(lambda: programs.depth(queue) == 1)
    programs.channel.queue_declare(queue, durable=True)  # as it is: another property would be an error
    programs.channel.queue_delete(queue)


def test_a_wrong_password_in_the_servers_environment_is_said(chromium: Browser, vendored: None, rabbit: Rabbit, programs: Programs) -> None:
    """In words, with the setting that is to be corrected; it stands in no word of the page and in none of the server (``serving``
    sees to the server's)."""
    with told(chromium, rabbit, PAGE, "not-the-right-one", RABBITMQ_INPUT_QUEUE=INTAKE) as (journey, card):
        card.locator(".pill", has_text="stopped").wait_for()
        assert "does not accept the user, the password or the virtual host of RABBITMQ_URL" in journey.told("broker_bad_login")
