"""RabbitMQ in the settings: how the connection stands, and the fields for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simple_html import code, div, h2, header, input_, p, section, span

from app.core.base import text
from app.core.model.settings import BrokerSettings
from app.ui.base.actions import AskEnd
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import Tone, act, checkbox, chosen, command, field, note, pill, problem_note, typed
from app.ui.base.state import State
from app.ui.programs.actions import (
    EditBroker,
    RememberBrokerPassword,
    SaveBroker,
    TakeMessages,
    TestBroker,
    TypeBroker,
    TypeBrokerPassword,
)

if TYPE_CHECKING:
    from app.core.programs.rabbit import ConnectionStatus

_LIGHTS: dict[str, tuple[Tone, str]] = {
    "off": ("wait", "off"),
    "connecting": ("info", "connecting"),
    "on": ("good", "connected"),
    "waiting": ("warn", "connects again"),
    "stopped": ("bad", "stopped"),
}
_WAYS = [("stomp", "from this page, through the Web STOMP plugin"), ("amqp", "through the server that serves this page")]


def card(state: State) -> Node:
    """Where programs hand requests in and get their results, without a server of ours."""
    broker = state.broker
    if broker.stored is None:
        return NOTHING
    configured = bool(broker.stored.queue)
    return section(
        at("card", aria_label="RabbitMQ"),
        header(
            {},
            h2({}, "RabbitMQ"),
            _connection(state, broker.stored) if configured else NOTHING,
            span(at("end"), act("Edit", EditBroker(on=True), "quiet small")) if configured and not broker.typed else NOTHING,
        ),
        div(
            at("pad stack"),
            p(at("dim"), "Programs send requests through a queue, and get each result in the queue that they name."),
            _form(state, broker.typed) if broker.typed else _summary(state, broker.stored) if configured else _begin(),
            _tested(broker.test),
        ),
    )


def _begin() -> Node:
    return div(at("row wrap"), act("Connect a broker", EditBroker(on=True), "small"))


def _connection(state: State, settings: BrokerSettings) -> Node:
    if not settings.on:
        return pill("wait", "off")
    if not state.engine.leads:
        return pill("info", "in another tab")
    connection = state.broker.connection
    tone, word = _LIGHTS[connection.state if connection else "off"]
    return pill(tone, f"{word} after {connection.pause:g} s" if connection and connection.pause else word)


def _summary(state: State, settings: BrokerSettings) -> Node:
    """What is configured, how it stands, and what can be done."""
    from app.core.programs import rabbit

    broker, connection = state.broker, state.broker.connection
    at_work = settings.on and state.engine.leads and connection is not None
    facts = [code({}, rabbit.host(settings)), f"queue {settings.queue}", f"exchange {settings.exchange}" if settings.exchange else NOTHING]
    if at_work and connection is not None and connection.state == "on":
        facts += [connection.server, f"connected again: {text.number(connection.reconnects)}" if connection.reconnects else NOTHING]
    problem = rabbit.explain(connection) if at_work and connection is not None else None
    if not settings.on:
        switch = act("Consume messages", TakeMessages(on=True), "primary small")
    else:
        switch = act("Stop consuming messages", TakeMessages(on=False), "small")
    return div(
        at("stack tight"),
        p({}, join(facts)),
        problem_note(problem, by="broker") if problem else NOTHING,
        div(
            at("row wrap"),
            switch,
            command(state, TestBroker(), "small"),
            act("Remove the password …", AskEnd("password"), "small danger") if broker.present else NOTHING,
        ),
        p(at("dim"), "Messages are consumed while this page is open; otherwise they wait in the queue.") if settings.on else NOTHING,
    )


def _form(state: State, settings: BrokerSettings) -> Node:
    broker = state.broker
    stomp = settings.transport == "stomp"
    return div(
        at("stack tight"),
        field("broker-way", "Connect", chosen("broker-way", settings.transport, _WAYS, TypeBroker("transport")))
        if state.browser.setting == "served"
        else NOTHING,
        _text(state, settings, "address", "Address", hint="For example ws://localhost:15674/ws, or wss:// for a host elsewhere.")
        if stomp
        else p(at("dim"), "The server was told its broker (RABBITMQ_URL) and logs in automatically."),
        div(at("pair"), _text(state, settings, "user", "User"), _text(state, settings, "vhost", "Virtual host")) if stomp else NOTHING,
        _password(state) if stomp else NOTHING,
        _text(state, settings, "queue", "Queue to consume from"),
        div(
            at("pair"),
            _text(state, settings, "exchange", "Exchange (optional)", hint="The queue is created and bound to it."),
            _text(state, settings, "routing_key", "Routing key"),
        ),
        note("warn", "Not saved.", broker.clash) if broker.clash else NOTHING,
        div(
            at("row wrap"),
            act("Save", SaveBroker(), "primary small"),
            command(state, TestBroker(), "small"),
            act("Discard changes", EditBroker(on=False), "quiet small") if broker.stored and broker.stored.queue else NOTHING,
        ),
    )


def _text(state: State, settings: BrokerSettings, name: str, title: str, hint: str = "") -> Node:
    broker = state.broker
    advice: list[str] = []
    if name == "address":
        from app.core.programs import rabbit

        if rabbit.in_the_clear(settings):
            advice = [
                "Over ws:// the password and the messages can be read on the way to this host. Use wss:// on networks that are not yours."
            ]
    return field(
        f"broker-{name}",
        title,
        typed(f"broker-{name}", str(getattr(settings, name)), TypeBroker(name)),
        hint=hint or NOTHING,
        faults=[broker.faults[name]] if broker.checked and name in broker.faults else [],
        advice=advice,
    )


def _password(state: State) -> Node:
    broker = state.broker
    kept = "It goes to this broker and nowhere else. It stays in this tab's memory; remembered, it is sealed before it is stored."
    file = "Other pages opened from files on this machine could read what is stored here: it is kept in memory unless you choose otherwise."
    return div(
        at("stack tight"),
        field(
            "broker-password",
            "Password",
            lambda **tied: input_(
                at(
                    id="broker-password",
                    type="password",
                    data_own=True,  # the password is in the field, never in markup
                    input=TypeBrokerPassword(),
                    autocomplete="off",
                    placeholder="as before" if broker.present else None,
                    **tied,
                )
            ),
            hint=file if state.browser.setting == "file" else kept,
        ),
        checkbox("Remember on this machine", broker.remember, RememberBrokerPassword()),
    )


def _tested(connection: ConnectionStatus | None) -> Node:
    if connection is None:
        return NOTHING
    if connection.state == "on":
        return note("good", "The connection works.", f"{connection.server} at {connection.host} has the queue and lets this user read it.")
    from app.core.programs import rabbit

    problem = rabbit.explain(connection)
    return problem_note(problem, by="broker") if problem else NOTHING
