"""Results go from a real browser to queues of a real RabbitMQ, by Web STOMP."""

from __future__ import annotations

import pika.exceptions
import pytest
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access, OutgoingResult
from tests.kit.rabbit import ADMIN, ADMIN_PASSWORD, RESULTS, Rabbit
from tests.kit.waiting import until
from tests.rabbit.conftest import Programs, Tab

BODY = '{"id":"b","custom_id":"r1","response":{"status_code":200,"body":"Zwölf 😀"}}'.encode()


def test_a_result_arrives_as_the_contract_says(tab: Tab, programs: Programs, access: Access) -> None:
    """Persistent, JSON, with message id and correlation id; further headers travel with it."""
    sent = tab.publish(
        access, OutgoingResult("key-1", BODY, queue=RESULTS, correlation_id="c-1", headers={"custom-id": "r1", "x": "a:b\nc"})
    )
    assert [one.message_id for one in sent] == ["key-1"]
    assert sent[0].outcome in ("delivered", "unverified")
    ((properties, body),) = programs.drain(RESULTS)
    assert body == BODY
    assert properties.delivery_mode == 2
    assert properties.content_type == "application/json"
    assert properties.message_id == "key-1"
    assert properties.correlation_id == "c-1"
    assert properties.headers is not None
    assert properties.headers["custom-id"] == "r1"
    assert properties.headers["x"] == "a:b\nc"


def test_no_queue_is_made_by_sending(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """A result for a queue that is not there is no reason to make one, even for a user who could."""
    admin = Access(replace(settings, user=ADMIN), ADMIN_PASSWORD)
    (sent,) = tab.publish(admin, OutgoingResult("m", b"{}", queue="nowhere"))
    assert sent.outcome in ("not_found", "unverified")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="404"):
        programs.channel.queue_declare("nowhere", passive=True)


def test_a_result_goes_back_to_whoever_asked(tab: Tab, programs: Programs, access: Access) -> None:
    """The ``reply-to`` of an AMQP program is used as it came, RabbitMQ's direct reply-to among them."""
    channel = programs.channel
    mine = channel.queue_declare("", exclusive=True).method.queue
    direct: list[bytes] = []
    channel.basic_consume("amq.rabbitmq.reply-to", lambda _c, _m, _p, body: direct.append(body), auto_ack=True)
    programs.hand_in("{}", reply_to=mine)
    programs.hand_in("{}", reply_to="amq.rabbitmq.reply-to", message_id="direct")
    tab.consume(access)
    until(lambda: len(tab.state.replies) == 2)
    replies = tab.stop().replies
    assert replies[0] == mine
    tab.publish(access, OutgoingResult("r0", b"zero", reply_to=replies[0]), OutgoingResult("r1", b"one", reply_to=replies[1]))
    assert [(properties.message_id, body) for properties, body in programs.drain(mine)] == [("r0", b"zero")]
    assert programs.connection is not None
    connection = programs.connection
    until(lambda: connection.process_data_events(time_limit=0.1) is None and bool(direct))
    assert direct == [b"one"]


def test_a_user_who_may_not_write_is_told_so(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """Nothing is reported as delivered; where the broker says why, it is «denied»."""
    (sent,) = tab.publish(Access(replace(settings, user="mute"), "mute"), OutgoingResult("m", b"{}", queue=RESULTS))
    assert sent.outcome in ("denied", "unknown")
    assert programs.depth(RESULTS) == 0


def test_many_results_go_in_one_call(tab: Tab, programs: Programs, access: Access) -> None:
    """More than may be unconfirmed at once; each arrives once, in order."""
    sent = tab.publish(access, *(OutgoingResult(f"m{n}", b"%d" % n, queue=RESULTS) for n in range(350)))
    assert {one.outcome for one in sent} <= {"delivered", "unverified"}
    assert [properties.message_id for properties, _ in programs.drain(RESULTS)] == [f"m{n}" for n in range(350)]


def test_a_broker_that_restarts_between_two_results_gets_both(tab: Tab, programs: Programs, access: Access, rabbit: Rabbit) -> None:
    """The connection that was kept is gone; the next call makes another by itself."""
    tab.publish(access, OutgoingResult("one", b"1", queue=RESULTS))
    programs.close()
    rabbit.stop()
    rabbit.start()
    (sent,) = tab.publish(access, OutgoingResult("two", b"2", queue=RESULTS))
    assert sent.outcome in ("delivered", "unverified")
    assert [properties.message_id for properties, _ in programs.drain(RESULTS)] == ["one", "two"]


def test_a_broker_that_is_gone_leaves_the_result_here(tab: Tab, programs: Programs, access: Access, rabbit: Rabbit) -> None:
    """Unknown, with the reason: it goes again later, with the same message id."""
    programs.close()
    rabbit.stop()
    (sent,) = tab.publish(access, OutgoingResult("m", b"{}", queue=RESULTS))
    assert sent.outcome == "unknown"
    assert sent.detail.startswith("unreachable")
    rabbit.start()
