"""RabbitMQ's settings: typed, checked, tried and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.model.edits import Clash, fingerprint
from app.core.model.settings import BrokerSettings
from app.ui.programs.rabbit_actions import (
    EditBroker,
    ForgetBrokerPassword,
    RememberBrokerPassword,
    SaveBroker,
    TakeMessages,
    TestBroker,
    TypeBroker,
    TypeBrokerPassword,
)
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler

if TYPE_CHECKING:
    from app.core.programs.rabbit import ConnectionStatus

FIELDS = ("address", "vhost", "user", "queue", "exchange", "routing_key", "transport")


def lit(app: App, light: ConnectionStatus) -> None:
    """The connection's light changed."""
    app.state.broker.light = light
    app.changed()


async def arrive(app: App) -> None:
    """The settings come into sight: read what is stored."""
    one, brokers = app.state.broker, app.services.brokers
    one.stored = await brokers.settings()
    one.present = bool(await brokers.password(one.stored))
    one.remembered = await brokers.remembered(one.stored)
    if not one.typed:
        one.over = fingerprint(await brokers.password(one.stored))
    app.changed()


def _edited(app: App) -> BrokerSettings:
    one = app.state.broker
    return one.typed or one.stored or BrokerSettings(id="broker")


def _told(app: App) -> BrokerSettings | None:
    """The broker of the server that serves this page, and the queue that it was told (RABBITMQ_URL, RABBITMQ_INPUT_QUEUE …)."""
    server = app.services.post().postman.server
    if server is None or server.rabbitmq is None:
        return None
    told = server.rabbitmq
    return BrokerSettings(
        id="broker",
        transport="amqp",
        vhost=told.vhost,
        queue=told.input_queue,
        exchange=told.input_exchange,
        routing_key=told.input_routing_key,
        on=True,
    )


def edit(app: App, action: EditBroker, _event: Event) -> None:
    """Open the fields; the first time with what the server was told, if there is one."""
    one = app.state.broker
    fresh = one.stored is None or not one.stored.queue
    one.seen = one.stored or BrokerSettings(id="broker")
    one.typed = ((_told(app) if fresh else None) or _edited(app)) if action.on else None
    one.password, one.checked, one.test, one.clash = "", False, None, ""


def type_field(app: App, action: TypeBroker, event: Event) -> None:
    if action.name in FIELDS:
        value = event.text if action.name != "transport" or event.text in ("stomp", "amqp") else "stomp"
        app.state.broker.typed = replace(_edited(app), **{action.name: value})
        app.state.broker.checked = False
        app.state.broker.test, app.state.broker.clash = None, ""


def type_password(app: App, _action: TypeBrokerPassword, event: Event) -> None:
    app.state.broker.password = event.text
    app.state.broker.test, app.state.broker.clash = None, ""


def remember(app: App, _action: RememberBrokerPassword, event: Event) -> None:
    app.state.broker.remember = event.value is True


def _fit(app: App) -> BrokerSettings | None:
    """What is typed, if it can be used; else its faults show."""
    from app.core.programs import rabbit

    settings = _edited(app)
    tidy = {name: getattr(settings, name).strip() for name in ("address", "queue", "exchange")}
    settings = replace(settings, **tidy, routing_key=settings.routing_key if tidy["exchange"] else "")
    app.state.broker.checked = True
    app.state.broker.faults = rabbit.faults(settings)
    return None if app.state.broker.faults else settings


async def save(app: App, _action: SaveBroker, _event: Event) -> None:
    one, brokers = app.state.broker, app.services.brokers
    settings = _fit(app)
    if settings is None:
        return
    typed, password, remember = one.typed, one.password, one.remember
    there = await brokers.password(settings)
    if password and fingerprint(there) not in (0, one.over, fingerprint(password)):
        one.over = fingerprint(there)  # saved again, it is written over with open eyes
        one.clash = "Another tab saved another password for this broker since you opened it; nothing was saved. Save again to keep yours."
        return
    try:
        allowed = await brokers.save(settings, one.seen)
    except Clash as error:
        one.seen, one.typed, one.clash = error.theirs, error.mine, str(error)
        return
    if password:
        await brokers.put_password(await brokers.settings(), password, remember=remember)
    if (one.typed, one.password) == (typed, password):  # else something was typed while it was being saved
        one.typed, one.password, one.test = None, "", None
    one.seen = await brokers.settings()
    app.state.reload_needed = not allowed
    await arrive(app)
    app.services.consumer.nudge(again=True)
    app.toast("The settings of RabbitMQ are saved.")


async def take(app: App, action: TakeMessages, _event: Event) -> None:
    await app.services.brokers.switch(on=action.on)
    await arrive(app)
    app.services.consumer.nudge(again=action.on)


async def forget(app: App, _action: ForgetBrokerPassword, _event: Event) -> None:
    await app.services.brokers.put_password(await app.services.brokers.settings(), "", remember=False)
    await arrive(app)
    app.services.consumer.nudge(again=True)
    app.toast("The password was removed from this machine.")


async def try_it(app: App, _action: TestBroker, _event: Event) -> None:
    """Connect once with what is typed, or else with what is stored."""
    one = app.state.broker
    settings = _fit(app)
    if settings is None or "broker" in app.state.busy:
        return
    app.state.busy.add("broker")
    one.test = None
    app.changed()
    try:
        one.test = await app.services.brokers.test(settings, one.password)
    finally:
        app.state.busy.discard("broker")


HANDLERS: dict[type[Action], Handler] = {
    EditBroker: edit,
    TypeBroker: type_field,
    TypeBrokerPassword: type_password,
    RememberBrokerPassword: remember,
    SaveBroker: save,
    TestBroker: try_it,
    TakeMessages: take,
    ForgetBrokerPassword: forget,
}
