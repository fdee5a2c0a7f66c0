"""RabbitMQ's settings: typed, checked, tried and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.model.edits import Clash, fingerprint
from app.core.model.settings import BrokerSettings
from app.ports import KeysLocked
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.damage import handlers as damage
from app.ui.programs.actions import (
    EditBroker,
    ForgetBrokerPassword,
    RememberBrokerPassword,
    SaveBroker,
    TakeMessages,
    TestBroker,
    TypeBroker,
    TypeBrokerPassword,
)

if TYPE_CHECKING:
    from app.core.programs.rabbit import ConnectionStatus

_FASTER = "Another tab saved another password for this broker since you opened it;"
_LOCKED = (
    "Passwords on this machine are under your passphrase: the settings were saved, the password was not. "
    "Unlock it in the settings and save again, or keep the password in memory only."
)
FIELDS = ("address", "vhost", "user", "queue", "exchange", "routing_key", "transport")


def connection_changed(context: Context, connection: ConnectionStatus) -> None:
    """The connection's connection changed."""
    context.state.broker.connection = connection
    context.changed()


async def arrive(context: Context) -> None:
    """The settings come into sight: read what is stored."""
    broker, brokers = context.state.broker, context.services.brokers
    broker.stored = await brokers.settings()
    broker.present = bool(await brokers.password(broker.stored)) or await brokers.locked(broker.stored)
    broker.remembered = await brokers.remembered(broker.stored)
    await damage.kept(context)
    if not broker.typed:
        broker.over = fingerprint(await brokers.password(broker.stored))
    context.changed()


def _edited(context: Context) -> BrokerSettings:
    broker = context.state.broker
    return broker.typed or broker.stored or BrokerSettings(id="broker")


def _server_settings(context: Context) -> BrokerSettings | None:
    """The broker of the server that serves this page, and the queue that it was told (RABBITMQ_URL, RABBITMQ_INPUT_QUEUE …)."""
    server = context.services.post().mailbox_client.server
    if server is None or server.rabbitmq is None:
        return None
    server_settings = server.rabbitmq
    return BrokerSettings(
        id="broker",
        transport="amqp",
        vhost=server_settings.vhost,
        queue=server_settings.input_queue,
        exchange=server_settings.input_exchange,
        routing_key=server_settings.input_routing_key,
        on=True,
    )


def edit(context: Context, action: EditBroker, _event: Event) -> None:
    """Open the fields; the first time with what the server was told, if there is one."""
    broker = context.state.broker
    fresh = broker.stored is None or not broker.stored.queue
    broker.seen = broker.stored or BrokerSettings(id="broker")
    broker.typed = ((_server_settings(context) if fresh else None) or _edited(context)) if action.on else None
    broker.password, broker.checked, broker.test, broker.clash = "", False, None, ""


def type_field(context: Context, action: TypeBroker, event: Event) -> None:
    if action.name in FIELDS:
        value = event.text if action.name != "transport" or event.text in ("stomp", "amqp") else "stomp"
        context.state.broker.typed = replace(_edited(context), **{action.name: value})
        context.state.broker.checked = False
        context.state.broker.test, context.state.broker.clash = None, ""


def type_password(context: Context, _action: TypeBrokerPassword, event: Event) -> None:
    context.state.broker.password = event.text
    context.state.broker.test, context.state.broker.clash = None, ""


def remember(context: Context, _action: RememberBrokerPassword, event: Event) -> None:
    context.state.broker.remember = event.value is True


def _fit(context: Context) -> BrokerSettings | None:
    """What is typed, if it can be used; else its faults show."""
    from app.core.programs import rabbit

    settings = _edited(context)
    tidy = {name: getattr(settings, name).strip() for name in ("address", "queue", "exchange")}
    settings = replace(settings, **tidy, routing_key=settings.routing_key if tidy["exchange"] else "")
    context.state.broker.checked = True
    context.state.broker.faults = rabbit.faults(settings)
    return None if context.state.broker.faults else settings


async def _put_password(context: Context, password: str, seen: int, *, remember: bool) -> str | None:
    """Keep a password; where another tab saved one since (``seen`` is the fingerprint of what was there), return that, with nothing
    changed."""
    brokers = context.services.brokers
    settings = await brokers.settings()
    mark, there = await brokers.mark(settings), await brokers.password(settings)
    if fingerprint(there) in (0, seen, fingerprint(password)) and await brokers.put_password(
        settings, password, remember=remember, over=mark
    ):
        return None
    return await brokers.password(settings)


async def save(context: Context, _action: SaveBroker, _event: Event) -> None:
    broker, brokers = context.state.broker, context.services.brokers
    settings = _fit(context)
    if settings is None:
        return
    typed, password, remember = broker.typed, broker.password, broker.remember
    there = await brokers.password(settings)
    if password and fingerprint(there) not in (0, broker.over, fingerprint(password)):
        broker.over = fingerprint(there)  # saved again, it is written over with open eyes
        broker.clash = f"{_FASTER} nothing was saved. Save again to keep yours."
        return
    try:
        allowed = await brokers.save(settings, broker.seen)
    except Clash as error:
        broker.seen, broker.typed, broker.clash = error.theirs, error.mine, str(error)
        return
    broker.clash = ""
    try:
        other = await _put_password(context, password, fingerprint(there), remember=remember) if password else None
    except KeysLocked:
        broker.clash = _LOCKED
        broker.seen = await brokers.settings()
        return
    if other is not None:
        broker.over = fingerprint(other)
        broker.clash = f"{_FASTER} the settings were saved, your password was not. Save again to keep yours."
        broker.seen = await brokers.settings()
        return
    if (broker.typed, broker.password) == (typed, password):  # else something was typed while it was being saved
        broker.typed, broker.password, broker.test = None, "", None
    broker.seen = await brokers.settings()
    context.state.provider.reload_needed = not allowed
    await arrive(context)
    context.services.consumer.nudge(again=True)
    context.toast("The settings of RabbitMQ are saved.")


async def take(context: Context, action: TakeMessages, _event: Event) -> None:
    await context.services.brokers.switch(on=action.on)
    await arrive(context)
    context.services.consumer.nudge(again=action.on)


@once
async def forget(context: Context, _action: ForgetBrokerPassword, _event: Event) -> None:
    dialog = context.state.dialog
    await context.services.brokers.put_password(await context.services.brokers.settings(), "", remember=False)
    context.close(dialog)
    await arrive(context)
    context.services.consumer.nudge(again=True)
    context.toast("The password was removed from this machine.")


async def try_it(context: Context, _action: TestBroker, _event: Event) -> None:
    """Connect once with what is typed, or else with what is stored."""
    broker = context.state.broker
    settings = _fit(context)
    if settings is None or "broker" in context.state.busy:
        return
    context.state.busy.add("broker")
    broker.test = None
    context.changed()
    try:
        broker.test = await context.services.brokers.test(settings, broker.password)
    finally:
        context.state.busy.discard("broker")


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
