"""Messages come from a real RabbitMQ into a real browser, by Web STOMP."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access
from tests.kit.rabbit import ADMIN, ADMIN_PASSWORD, EXCHANGE, INTAKE, POISON, Rabbit
from tests.kit.waiting import until
from tests.rabbit.conftest import Programs, Tab, stops_while_storing


def test_messages_come_from_a_queue(tab: Tab, programs: Programs, access: Access) -> None:
    """Body, message id and reply-to as the program gave them; the queue is empty afterwards, and nothing comes twice."""
    programs.hand_in('{"n":0}', '{"n":1}', "Zwölf 😀 \u2028", reply_to="answers")
    tab.consume(access)
    until(lambda: len(tab.state.ids) == 3)
    state = tab.stop()
    assert state.ids == ["m0", "m1", "m2"]
    assert state.bodies == ['{"n":0}', '{"n":1}', "Zwölf 😀 \u2028"]
    assert set(state.replies) == {"answers"}
    assert state.came == 3
    assert programs.left(INTAKE) == 0


def test_the_light_says_where_and_what(tab: Tab, programs: Programs, access: Access, rabbit: Rabbit) -> None:
    """Connecting, then on, with host and the broker's own name."""
    tab.consume(access)
    light = tab.lit("on")
    assert [one.state for one in tab.state.lights] == ["connecting", "on"]
    assert light.host == f"127.0.0.1:{rabbit.web_port}"
    assert light.server.startswith("RabbitMQ ")
    assert light.reconnects == 0


def test_messages_come_from_an_exchange_by_key(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """The queue is made, durable, and bound; it stays when the page goes, so that nothing is missed meanwhile."""
    bound = Access(replace(settings, user=ADMIN, queue="from-exchange", exchange=EXCHANGE, routing_key="job.*"), ADMIN_PASSWORD)
    tab.consume(bound)
    tab.lit("on")
    programs.hand_in("one", exchange=EXCHANGE, key="job.text")
    until(lambda: tab.state.bodies == ["one"])
    tab.stop()
    assert programs.left("from-exchange") == 0
    programs.hand_in("two", exchange=EXCHANGE, key="job.text")
    assert programs.depth("from-exchange") == 1
    tab.consume(bound)
    until(lambda: tab.state.bodies == ["two"])
    tab.stop()
    programs.channel.queue_delete("from-exchange")


def test_nothing_is_acknowledged_before_it_is_stored(tab: Tab, programs: Programs, access: Access) -> None:
    """What could not be stored comes again, the light says why, and in the end each message is there once."""
    programs.hand_in("one", "two")
    tab.consume(access, fail=2)
    until(lambda: sorted(tab.state.ids) == ["m0", "m1"])
    state = tab.stop()
    assert [one.trouble for one in state.lights if one.state == "waiting"] == ["unstored", "unstored"]
    assert state.lights[-1].reconnects == 2
    assert state.came > 2, "what was not acknowledged duplicates"
    assert programs.left(INTAKE) == 0


def test_what_is_being_stored_when_a_page_stops_is_acknowledged(tab: Tab, programs: Programs, access: Access) -> None:
    """Left open it would go to another page on the same queue as well, and both would pay for it. What had not begun goes back."""
    stops_while_storing(tab, programs, access)


def test_poison_messages_do_not_requeue_without_end(tab: Tab, programs: Programs, access: Access) -> None:
    """Peers, B: a message that cannot be used is rejected once, lands in the dead-letter queue, and holds up no other."""
    programs.hand_in("good", "not JSON", b"\xff\xfe no UTF-8", "good too")
    tab.consume(access, refuse=["not JSON", "\\xff\\xfe no UTF-8"])
    until(lambda: programs.depth(POISON) == 2)
    state = tab.stop()
    assert state.refused == ["not JSON", "\\xff\\xfe no UTF-8"]
    assert state.ids == ["m0", "m3"]
    assert programs.left(INTAKE) == 0
    assert [body for _, body in programs.drain(POISON)] == [b"not JSON", b"\xff\xfe no UTF-8"]


def test_a_body_that_is_no_text_harms_no_connection(tab: Tab, programs: Programs, access: Access) -> None:
    """As text, one such body would have the browser drop the connection for ever."""
    programs.hand_in(bytes(range(256)))
    tab.consume(access)
    until(lambda: len(tab.state.ids) == 1)
    assert tab.light.reconnects == 0


def test_a_large_message_comes_whole(tab: Tab, programs: Programs, access: Access) -> None:
    """Larger than a portion, in many frames."""
    programs.hand_in("x" * 3_000_000, "y")
    tab.consume(access)
    until(lambda: len(tab.state.ids) == 2)
    assert [len(one) for one in tab.state.bodies] == [3_000_000, 1]


def test_the_page_holds_no_more_than_its_prefetch(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """The rest stays with the broker, for other pages on the same queue."""
    programs.hand_in(*(f"{n}" for n in range(50)))
    tab.consume(Access(replace(settings, prefetch=5), "page-secret-Pa55"))
    until(lambda: len(tab.state.ids) == 50)
    state = tab.stop()
    assert state.portions >= 10
    assert state.ids == [f"m{n}" for n in range(50)]
