"""``POST /api/requests``: one message, an array of messages, or JSONL that is stored as it arrives."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler

from app.core.json import jsonelements, jsonread
from app.core.programs import intake
from app.core.programs.intake import Message, MessageRefusal
from app.gateway.http import bodies
from app.gateway.http.errors import HttpProblem, answered
from app.gateway.http.routing import JSON_TYPE, JSONL_TYPES, Access, rule
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New, new
from app.gateway.mailbox.quick_posts import quick_posts

GROUP: Final = 500
"""Messages of one body that are stored in one transaction."""
SHOWN: Final = 1_000
"""Refused messages that a response names; the others are only counted."""
_PAUSED: Final = "Intake is paused. Accepted messages are kept; send this again later."


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message of many that was not taken. ``index`` counts from 0; of JSONL it is the line, from 1."""

    index: int
    custom_id: str
    errors: list[dict[str, Any]]


class Summary(msgspec.Struct, frozen=True):
    """What became of many messages. ``refused`` has the first 1,000 of ``refused_count``."""

    accepted: int
    duplicates: int
    refused_count: int
    refused: list[Refusal]


class _Taker:
    """Stores messages in groups and counts the outcomes."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._group: list[tuple[int, New]] = []
        self.accepted = self.duplicates = self.refused_count = 0
        self.refused: list[Refusal] = []

    async def take(self, index: int, data: bytes) -> None:
        found = check(data)
        if isinstance(found, MessageRefusal):
            self._refuse(index, found)
            return
        self._group.append((index, new(data, found)))
        if len(self._group) >= GROUP:
            await self.flush()

    async def flush(self) -> None:
        group, self._group = self._group, []
        for position in await self._mailbox.take_in([one for _, one in group]) if group else ():
            self.duplicates += 1
            self.accepted -= 1
            self._refuse(group[position][0], duplicate(group[position][1].custom_id))
        self.accepted += len(group)

    def _refuse(self, index: int, refused: MessageRefusal) -> None:
        self.refused_count += 1
        if len(self.refused) < SHOWN:
            self.refused.append(Refusal(index, refused.custom_id, [refused.error()]))

    def answer(self) -> Response[bytes]:
        """202 when anything was taken or there was nothing; 409 when all were there already; else 422."""
        status = 202 if self.accepted or not self.refused_count else 409 if self.duplicates == self.refused_count else 422
        self.refused.sort(key=lambda one: one.index)
        summary = Summary(self.accepted, self.duplicates, self.refused_count, self.refused)
        errors = [error for refusal in self.refused for error in refusal.errors]
        content = msgspec.to_builtins(summary) | ({} if status == 202 else {"errors": errors})
        return bodies.as_json(content, status)


def check(data: bytes) -> Message | MessageRefusal:
    """A message that can be stored, or why not."""
    if len(data) > bodies.MAX_MESSAGE:
        limit = bodies.MAX_MESSAGE
        return MessageRefusal("too_large", "Too large", f"The message is larger than {limit} bytes, the maximum.", "", "")
    return intake.decode(data)


def duplicate(custom_id: str) -> MessageRefusal:
    """The contract's refusal of a custom_id that is in use."""
    detail = f"A request with this custom_id already exists: {custom_id!r}."
    return MessageRefusal("duplicate_custom_id", "Custom ID already exists", detail, "/custom_id", custom_id)


async def take_one(mailbox: Mailbox, data: bytes) -> Response[bytes]:
    """One message: 202, 409 or 422 (413 when it is too large)."""
    found = check(data)
    if isinstance(found, MessageRefusal):
        return answered(413 if found.code == "too_large" else 422, [found])
    if await mailbox.take_in([new(data, found)]):
        return answered(409, [duplicate(found.custom_id)])
    return bodies.as_json({"custom_id": found.custom_id}, 202)


async def take_all(mailbox: Mailbox, data: bytes) -> Response[bytes]:
    """An array of messages, each taken or refused by itself."""
    taker = _Taker(mailbox)
    try:
        given = jsonread.typed(data, list[msgspec.Raw], depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable as error:
        found = await _parts(data)
        if found is None:
            return answered(422, [MessageRefusal("invalid_json", "Invalid JSON", f"The body isn't JSON: {error}.")])
        for index, (start, stop) in enumerate(found):
            await taker.take(index, data[start:stop])
    else:
        for index, one in enumerate(given):
            await taker.take(index, bytes(one))
    await taker.flush()
    return taker.answer()


async def _parts(data: bytes) -> list[tuple[int, int]] | None:
    """Where the elements of an array stand in which one cannot be read; None where it is no whole array. Others are served meanwhile."""
    found: list[tuple[int, int]] = []
    try:
        for part in jsonelements.elements(data):
            if part is None:
                await asyncio.sleep(0)
            else:
                found.append(part)
    except ValueError:
        return None
    return found


async def take_lines(mailbox: Mailbox, request: Request[Any, Any, Any]) -> Response[bytes]:
    """JSONL, one message a line; messages before a fault stay stored."""
    taker = _Taker(mailbox)
    try:
        async for group in bodies.lines(request, bodies.MAX_MESSAGE):
            for number, line in group:
                await taker.take(number, line)
    finally:  # also when the sender has gone, or a line has no end
        await taker.flush()
    return taker.answer()


def intake_route(mailbox: Mailbox) -> HTTPRouteHandler:
    """The route handler."""

    @route(
        "/api/requests",
        http_method=HttpMethod.POST,
        include_in_schema=False,
        status_code=202,
        opt=rule(Access.TOKEN, JSON_TYPE, *JSONL_TYPES, quick=quick_posts(mailbox, check)),
    )
    async def post_requests(request: Request[Any, Any, Any]) -> Response[bytes]:
        if mailbox.maintenance:
            raise HttpProblem(503, "maintenance_mode", "Paused", _PAUSED)
        if bodies.content_type(request) in JSONL_TYPES:
            return await take_lines(mailbox, request)
        data = await bodies.whole(request, bodies.MAX_BODY)
        return await (take_all if data.lstrip()[:1] == b"[" else take_one)(mailbox, data)

    return post_requests
