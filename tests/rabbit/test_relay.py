"""The other transport: AMQP through the relay of the server that serves the page. What the port promises holds here, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access, OutgoingResult
from tests.kit.rabbit import INTAKE, PAGE, PAGE_PASSWORD, POISON, RESULTS, Rabbit
from tests.kit.room import Room
from tests.kit.site import ROOT, serving
from tests.kit.waiting import until
from tests.rabbit.conftest import Programs, Tab, listening, stops_while_storing

SETTINGS = BrokerSettings(id="broker", transport="amqp", queue=INTAKE)
ACCESS = Access(SETTINGS)


def url(rabbit: Rabbit, user: str = PAGE, password: str = PAGE_PASSWORD) -> str:
    """What the server is told."""
    return f"amqp://{user}:{password}@127.0.0.1:{rabbit.amqp_port}/%2F"


@pytest.fixture(scope="module")
def site(vendored: None, rabbit: Rabbit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sources that knows the broker, by the page's own user."""
    data = tmp_path_factory.mktemp("relay")
    with serving(ROOT, RABBITMQ_URL=url(rabbit), NIGHTSHIFT_DATA=str(data)) as address:
        yield address


@pytest.fixture
def tab(room: Room) -> Iterator[Tab]:
    """A page of that server."""
    room.watch.expect("WebSocket connection to|WebSocket is closed")
    found = listening(room, "https://api.openai.com")
    yield found
    found.stop()


def test_messages_come_through_the_relay(tab: Tab, programs: Programs) -> None:
    """The page knows no password; bodies, ids and reply-to are what the program gave."""
    programs.hand_in('{"n":0}', bytes(range(256)), reply_to="answers")
    tab.consume(ACCESS)
    until(lambda: len(tab.state.ids) == 2)
    state = tab.stop()
    assert state.ids == ["m0", "m1"]
    assert state.replies == ["answers", "answers"]
    assert programs.left(INTAKE) == 0
    assert [one.state for one in state.lights] == ["connecting", "on"]


def test_poison_messages_do_not_requeue_without_end(tab: Tab, programs: Programs) -> None:
    """A message that cannot be used is rejected once, lands in the dead-letter queue, and holds up no other."""
    programs.hand_in("good", "not JSON", "good too")
    tab.consume(ACCESS, refuse=["not JSON"])
    until(lambda: len(tab.state.ids) == 2 and programs.depth(POISON) == 1)
    state = tab.stop()
    assert (state.ids, state.refused) == (["m0", "m2"], ["not JSON"])
    assert programs.left(INTAKE) == 0


def test_nothing_is_acknowledged_before_it_is_stored(tab: Tab, programs: Programs) -> None:
    """What could not be stored comes again, and in the end each message is there once."""
    programs.hand_in("one", "two")
    tab.consume(ACCESS, fail=1)
    until(lambda: sorted(tab.state.ids) == ["m0", "m1"])
    state = tab.stop()
    assert "unstored" in [one.trouble for one in state.lights]
    assert state.came > 2, "what was not acknowledged duplicates"
    assert programs.left(INTAKE) == 0


def test_what_is_being_stored_when_a_page_stops_is_acknowledged(tab: Tab, programs: Programs) -> None:
    """The acknowledgement reaches the broker before the end of the connection does."""
    stops_while_storing(tab, programs, ACCESS)


def test_large_messages_come_whole(tab: Tab, programs: Programs) -> None:
    """In many frames, which the relay's pieces cut anywhere."""
    bodies = [letter * 700_001 for letter in "abcdefgh"]
    programs.hand_in(*bodies)
    tab.consume(ACCESS)
    until(lambda: len(tab.state.ids) == len(bodies))
    assert tab.stop().bodies == bodies


def test_results_say_exactly_what_became_of_them(tab: Tab, programs: Programs) -> None:
    """Delivered, or «not found» by the broker's own word (basic.return 312), in one call, with no right to look."""
    messages = [OutgoingResult(f"m{n}", b"%d" % n, queue=RESULTS if n % 3 else "nowhere", correlation_id=f"c{n}") for n in range(600)]
    sent = tab.publish(ACCESS, *messages)
    assert [one.outcome for one in sent] == ["delivered" if n % 3 else "not_found" for n in range(600)]
    assert "NO_ROUTE" in sent[0].detail
    arrived = programs.drain(RESULTS)
    assert [properties.message_id for properties, _ in arrived] == [f"m{n}" for n in range(600) if n % 3]
    assert (arrived[0][0].delivery_mode, arrived[0][0].content_type, arrived[0][0].correlation_id) == (2, "application/json", "c1")


def test_a_result_goes_back_to_whoever_asked(tab: Tab, programs: Programs) -> None:
    """By ``reply-to``, also where the message itself had come by STOMP; a caller who has gone is «not found»."""
    sent = tab.publish(
        ACCESS,
        OutgoingResult("a", b"1", reply_to=RESULTS),
        OutgoingResult("b", b"2", reply_to=f"/reply-queue/{RESULTS}"),
        OutgoingResult("c", b"3", reply_to="amq.gen-gone"),
        OutgoingResult("d", b"4", reply_to="/topic/news"),
    )
    assert [one.outcome for one in sent] == ["delivered", "delivered", "not_found", "not_found"]


def test_a_missing_queue_and_a_missing_right_are_told_apart(tab: Tab, programs: Programs) -> None:
    """AMQP gives its reasons."""
    programs.channel.queue_declare("private", durable=True)
    assert tab.test(Access(replace(SETTINGS, queue="nowhere"))).trouble in ("missing", "denied")
    light = tab.test(Access(replace(SETTINGS, queue="private")))
    assert (light.state, light.trouble) == ("stopped", "denied")
    assert tab.test(ACCESS).state == "on"
    programs.channel.queue_delete("private")


def test_a_restart_is_survived(tab: Tab, programs: Programs, rabbit: Rabbit) -> None:
    """Both ways connect again by themselves."""
    tab.publish(ACCESS, OutgoingResult("before", b"1", queue=RESULTS))
    tab.consume(ACCESS)
    tab.lit("on")
    programs.close()
    rabbit.kill()
    until(lambda: tab.light.state != "on")
    rabbit.start()
    programs.hand_in("after")
    until(lambda: tab.state.bodies == ["after"])
    (sent,) = tab.publish(ACCESS, OutgoingResult("after", b"2", queue=RESULTS))
    assert sent.outcome == "delivered"
    assert tab.light.reconnects == 1
