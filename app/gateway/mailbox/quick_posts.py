"""One small message that is taken: what programs send most, answered without the framework, which costs as much as all the rest.

Whatever is not quite that (many messages, a message that is refused or known, a body that comes late, no memory, a database that does not
write) goes to the framework and its handler, with the body as it arrived. The guard has judged the request before either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from app.core.programs.intake import Message, MessageRefusal
from app.gateway.http.budget import SHARE, Share
from app.gateway.http.routing import JSON_TYPE, Quick
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import new

if TYPE_CHECKING:
    from litestar.types import HTTPReceiveMessage, Receive, Scope, Send

SMALL: Final = 65_536
"""Bytes of a body at most: a sender that brings it slowly holds no more than that, and ends as its connection does (connections)."""


def quick_posts(mailbox: Mailbox, check: Callable[[bytes], Message | MessageRefusal]) -> Quick:
    """Takes one small message. ``check`` reads it."""

    async def quick(scope: Scope, receive: Receive, send: Send) -> Receive | None:
        size = _size(scope)
        if mailbox.maintenance or not 0 < size <= SMALL or not cast("Share", cast("dict[str, Any]", scope)[SHARE]).grow_now(size):
            return receive
        came: list[HTTPReceiveMessage] = []
        while not came or (came[-1]["type"] == "http.request" and came[-1]["more_body"]):
            came.append(cast("HTTPReceiveMessage", await receive()))
        if came[-1]["type"] == "http.request":
            data = b"".join(event["body"] for event in came if event["type"] == "http.request")
            id = await _taken(mailbox, check, data) if data.lstrip()[:1] == b"{" else None
            if id is not None:
                body = msgspec.json.encode({"custom_id": id})
                headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", b"%d" % len(body))]
                await send({"type": "http.response.start", "status": 202, "headers": headers})
                await send({"type": "http.response.body", "body": body, "more_body": False})
                return None
        return _again(came, receive)

    return quick


def _size(scope: Scope) -> int:
    """The bytes of a JSON body whose length was announced; 0 for any other."""
    found = {name: value for name, value in scope["headers"] if name in (b"content-type", b"content-length", b"transfer-encoding")}
    length = found.get(b"content-length", b"")
    plain = found.get(b"content-type", b"").partition(b";")[0].strip().lower() == JSON_TYPE.encode() and b"transfer-encoding" not in found
    return int(length) if plain and length.isdigit() and len(length) < 16 else 0


async def _taken(mailbox: Mailbox, check: Callable[[bytes], Message | MessageRefusal], data: bytes) -> str | None:
    """The custom_id of a message that was stored; None where nothing was, and the handler is to say why."""
    found = check(data)
    if isinstance(found, MessageRefusal):
        return None
    try:
        duplicates = await mailbox.take_in([new(data, found)])
    except sqlite3.Error:
        return None
    return None if duplicates else found.custom_id


def _again(came: list[HTTPReceiveMessage], receive: Receive) -> Receive:
    """Replay what was received, then go on receiving."""

    async def again() -> Any:
        return came.pop(0) if came else await receive()

    return again
