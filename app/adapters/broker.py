"""The Broker port over static/js/broker.mjs: RabbitMQ by Web STOMP, or by AMQP through the relay of the page's server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from pyodide.ffi import JsException, to_js

from app.adapters.blobs import taken as bytes_of
from app.adapters.script import js_nightshift
from app.core.json import jsonread
from app.core.programs import rabbit
from app.core.programs.rabbit import Access, Arrival, ConnectionStatus, Outcome, OutgoingResult, Sent
from app.ports import StorageFull, StorageLost

_Index = list[tuple[int, str, str, str]]
_encoder = msgspec.json.Encoder()


class BrowserBroker:
    """Both transports; their module is fetched with the first call. Messages cross many at a time."""

    async def consume(
        self,
        access: Access,
        taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]],
        notify: Callable[[ConnectionStatus], None],
    ) -> None:
        """As the port says. Returns when cancelled, or when only a person can fix what is wrong."""
        where = rabbit.host(access.settings)
        if rabbit.lacks_password(access):
            notify(ConnectionStatus("stopped", where, "no_password"))
            return
        js_intake = (await _js()).consume(_text(access))
        try:
            while (event := await js_intake.next()) is not None:
                if hasattr(event, "light"):
                    notify(_status(event.light, where))
                    continue
                await self._portion(js_intake, _arrivals(event.index, bytes_of(event.bytes)), taken)
        finally:
            js_intake.close()

    @staticmethod
    async def _portion(js_intake: Any, portion: list[Arrival], taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]]) -> None:
        storing = asyncio.ensure_future(taken(portion))
        stopped: asyncio.CancelledError | None = None
        while not storing.done():
            try:
                await asyncio.wait([storing])
            except asyncio.CancelledError as error:
                stopped = error  # not before what is being stored is acknowledged: another page would be given it as well
        try:
            rejected = storing.result()
        except (StorageFull, StorageLost) as error:
            js_intake.giveUp(str(error))
        except Exception as error:
            js_intake.giveUp(type(error).__name__)  # its text may quote what came
        else:
            js_intake.settle(_encoder.encode(sorted(rejected)).decode())
        if stopped is not None:
            raise stopped

    async def publish(self, access: Access, messages: Sequence[OutgoingResult]) -> list[Sent]:
        if rabbit.lacks_password(access):
            return [Sent(message.message_id, "unknown", "no_password") for message in messages]
        index = [
            (len(message.body), message.message_id, message.queue, message.reply_to, message.correlation_id, message.headers)
            for message in messages
        ]
        try:
            js_module = await _js()
            answer = await js_module.publish(
                _text(access), _encoder.encode(index).decode(), to_js(b"".join(message.body for message in messages))
            )
        except JsException as error:
            return [Sent(message.message_id, "unknown", error.message) for message in messages]
        outcomes = jsonread.typed(answer, list[tuple[Outcome, str]])
        return [Sent(message.message_id, outcome, detail) for message, (outcome, detail) in zip(messages, outcomes, strict=True)]

    async def test(self, access: Access) -> ConnectionStatus:
        where = rabbit.host(access.settings)
        if rabbit.lacks_password(access):
            return ConnectionStatus("stopped", where, "no_password")
        return _status(await (await _js()).test(_text(access)), where)

    async def close(self) -> None:
        (await _js()).close()


async def _js() -> Any:
    """The module, fetched once by the browser."""
    return await js_nightshift.broker()


def _text(access: Access) -> str:
    return _encoder.encode(access).decode()


def _status(text: str, where: str) -> ConnectionStatus:
    return msgspec.structs.replace(jsonread.typed(text, ConnectionStatus), host=where)


def _arrivals(index: str, data: bytes) -> list[Arrival]:
    """The messages of a portion; each one's tag is its place in it."""
    arrivals: list[Arrival] = []
    at = 0
    for tag, (length, id, correlation, reply_to) in enumerate(jsonread.typed(index, _Index)):
        arrivals.append(Arrival(tag, data[at : at + length], id, correlation, rabbit.reply_name(reply_to)))
        at += length
    return arrivals
