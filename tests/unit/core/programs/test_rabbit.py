"""RabbitMQ as values: addresses and names are checked, failures have words, and a password shows nowhere."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs import rabbit
from app.core.programs.rabbit import Access, ConnectionStatus

GOOD = BrokerSettings(id="broker", address="ws://localhost:15674/ws", user="nightshift", queue="intake")
TROUBLES = [
    "unreachable",
    "relay",
    "lost",
    "bad_login",
    "no_password",
    "policy",
    "bad_address",
    "missing",
    "denied",
    "differs",
    "unsaid",
    "unstored",
    "broker",
]


def test_settings_as_the_plugin_s_guide_has_them_can_be_used() -> None:
    """The plugin's default address, a user and a queue are enough."""
    assert rabbit.faults(GOOD) == {}
    assert rabbit.faults(replace(GOOD, address="wss://mq.example.org/ws")) == {}
    assert rabbit.faults(replace(GOOD, exchange="amq.topic", routing_key="requests.#")) == {}
    assert rabbit.faults(BrokerSettings(id="broker", transport="amqp", queue="intake")) == {}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "begins with ws://"),
        ("http://localhost:15674/ws", "begins with ws://"),
        ("amqp://localhost", "begins with ws://"),
        ("ws://user:secret@localhost/ws", "out of the address"),
        ("ws:///ws", "needs a host"),
        ("ws://[::1]:15674/ws", "needs a host"),
        ("ws://host:0/ws", "needs a host"),
        ("ws://host:99999/ws", "not a web address"),
        ("ws://ho;st/ws", "needs a host"),
        ("ws://host/ws?x=1", "no question mark"),
        ("ws://host/ws#x", "no question mark"),
    ],
)
def test_an_address_that_cannot_be_called_is_named(address: str, said: str) -> None:
    """Each fault has its own sentence, and no origin for the page's policy comes of it."""
    settings = replace(GOOD, address=address)
    assert said in rabbit.faults(settings)["address"]
    assert rabbit.origin(settings) == ""
    assert rabbit.host(settings) == "the broker"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vhost": ""}, "vhost"),
        ({"user": ""}, "user"),
        ({"queue": " "}, "queue"),
        ({"queue": "ü" * 128}, "queue"),
        ({"queue": "a\nb"}, "queue"),
        ({"routing_key": "k"}, "exchange"),
        ({"prefetch": 0}, "prefetch"),
        ({"prefetch": 1_001}, "prefetch"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(changes: dict[str, object], field: str) -> None:
    """Names fit AMQP's short strings, and what is needed is there."""
    assert list(rabbit.faults(replace(GOOD, **changes))) == [field]


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("ws://LocalHost:15674/ws", "ws://localhost:15674"),
        ("wss://mq.example.org/ws", "wss://mq.example.org"),
        ("wss://mq.example.org:443/ws", "wss://mq.example.org"),
        ("ws://10.0.0.7:80/ws", "ws://10.0.0.7"),
    ],
)
def test_the_policy_gets_the_origin(address: str, origin: str) -> None:
    """As static/js/policy.js takes it: a scheme of web sockets, no default port."""
    assert rabbit.origin(replace(GOOD, address=address)) == origin


def test_the_relay_is_on_the_page_s_own_origin() -> None:
    """An address left over from the other transport is not called, and needs no leave."""
    assert rabbit.origin(replace(GOOD, transport="amqp")) == ""


def test_a_password_is_kept_for_the_broker_and_user_that_it_was_entered_for() -> None:
    """Another address, user or virtual host has another drawer: imported settings cannot have the password sent elsewhere."""
    others = [
        GOOD,
        replace(GOOD, address="ws://evil.example:15674/ws"),
        replace(GOOD, user="other"),
        replace(GOOD, vhost="v"),
        replace(GOOD, transport="amqp"),
    ]
    assert len({rabbit.secret_name(one) for one in others}) == len(others)
    assert rabbit.secret_name(replace(GOOD, queue="elsewhere", address="ws://LOCALHOST:15674/ws")) == rabbit.secret_name(GOOD)


def test_a_password_shows_nowhere() -> None:
    """Not in a representation, and not in the record that is stored."""
    access = Access(GOOD, "rabbit-secret")
    assert "rabbit-secret" not in repr(access)
    assert "password" not in BrokerSettings.__struct_fields__
    assert b"rabbit-secret" not in msgspec.json.encode(access.settings)


def test_what_leaves_the_machine_in_the_clear_is_known() -> None:
    """ws:// is safe on this machine only."""
    away = replace(GOOD, address="ws://mq.example.org:15674/ws")
    assert not rabbit.in_the_clear(GOOD)
    assert rabbit.in_the_clear(away)
    assert not rabbit.in_the_clear(replace(away, address="wss://mq.example.org/ws"))


@pytest.mark.parametrize("code", TROUBLES)
def test_every_trouble_is_said_in_words(code: str) -> None:
    """What happened, what it means and what to do; the host's name keeps its letters."""
    problem = rabbit.explain(ConnectionStatus("waiting", "localhost:15674", code, "the broker's words"))
    assert problem is not None
    assert problem.code == f"broker_{code}"
    assert problem.what
    assert problem.means
    assert problem.do
    assert "Localhost" not in problem.what
    assert problem.detail == "the broker's words"


def test_1006_names_every_possible_reason() -> None:
    """The browser says «1006» for a wrong host, a bad certificate and its own local-network permission alike, so all of them are named."""
    problem = rabbit.explain(ConnectionStatus("waiting", "mq:15674", "unreachable", "1006"))
    assert problem is not None
    for reason in ("host and port", "rabbitmq_web_stomp", "certificate", "local network"):
        assert reason in problem.do


def test_a_password_that_the_server_knows_is_corrected_at_the_server() -> None:
    """The page has no field for it: RABBITMQ_URL is named, also in the beginning of a sentence."""
    problem = rabbit.explain(ConnectionStatus("stopped", rabbit.host(replace(GOOD, transport="amqp")), "bad_login", "ACCESS_REFUSED"))
    assert problem is not None
    assert problem.what == "The broker of this page's server does not accept the user, the password or the virtual host of RABBITMQ_URL."
    assert "RABBITMQ_URL" in problem.do
    assert not problem.retry


def test_a_light_without_trouble_has_no_words() -> None:
    """A sentence begins with a capital also where no host is named."""
    assert rabbit.explain(ConnectionStatus("on", "mq")) is None
    problem = rabbit.explain(ConnectionStatus("waiting", "", "denied"))
    assert problem is not None
    assert problem.what.startswith("The broker does not let")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("results", "results"),
        ("/reply-queue/results", "results"),
        ("/queue/a%2Fb", "/queue/a%2Fb"),
        ("/topic/news", "/topic/news"),
        ("amq.rabbitmq.reply-to.g1h2", "amq.rabbitmq.reply-to.g1h2"),
        ("", ""),
    ],
)
def test_a_plain_reply_queue_loses_what_the_broker_put_before_it(address: str, name: str) -> None:
    """RabbitMQ puts a prefix before what an AMQP program asked for; what a STOMP program named stays as it is."""
    assert rabbit.reply_name(address) == name


@given(st.text(max_size=60))
def test_no_text_breaks_the_checks(text: str) -> None:
    """Whatever is typed gets sentences, never an error; and what is named an origin is one that the policy takes."""
    settings = BrokerSettings(id="broker", address=text, vhost=text, user=text, queue=text, exchange=text, routing_key=text)
    rabbit.faults(settings)
    rabbit.host(settings)
    rabbit.secret_name(settings)
    origin = rabbit.origin(settings)
    assert not origin or rabbit.faults(settings).get("address") is None
