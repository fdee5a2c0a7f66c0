"""``/api/requests/…``: what became of a message, its delivery again, its end; the list of all. And a batch's files.

The shapes are those of OpenAI Batch Manager, with additions: ``outcome``, ``answer``, ``source``, ``page``. ``batch_id`` is a text here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

import msgspec
from litestar import HttpMethod, Request, Response, delete, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from app.core.base import text
from app.core.programs.protocol import BatchFile, Try
from app.gateway.http import bodies
from app.gateway.http.connections import Connections
from app.gateway.http.errors import HttpProblem, not_found
from app.gateway.http.routing import Access, parameters, rule
from app.gateway.mailbox.mailbox import Mailbox, MessageWithResult
from app.gateway.mailbox.messages import STATES, Stored
from app.gateway.mailbox.pages import NoFile, Pages, PageUnavailable

MAX_WAIT: Final = 300.0
"""Seconds that ``?wait=`` may ask for."""
MAX_PAGE: Final = 1_000
_PREFIX: Final = "/api/requests/"
_AGAIN: Final = "/redeliver"


class Attempt(msgspec.Struct, frozen=True):
    """One try at a delivery. Times are ISO 8601 in UTC."""

    id: int
    outcome: str
    error_msg: str | None
    delivery_config: msgspec.Raw
    attempted_at: str
    target: str
    http_status: int | None
    seconds: float


class Shown(msgspec.Struct, frozen=True):
    """A request as a program sees it. ``state`` is one of messages.STATES."""

    id: int
    batch_id: str | None
    custom_id: str
    url: str
    model: str
    state: str
    delivery_config: msgspec.Raw
    error_msg: str | None
    created_at: str
    updated_at: str
    request_payload_size: int
    delivery_attempt_count: int
    delivery_attempts: list[Attempt]
    outcome: str | None
    source: str
    page: str | None


class Answered(Shown, frozen=True):
    """The same with the whole output line, null as long as there is none."""

    answer: msgspec.Raw


class Listed(msgspec.Struct, frozen=True):
    """One page of requests, oldest first; ``next`` goes into ``?after=`` for the next page, null at the end."""

    requests: list[Shown]
    next: int | None


class Redelivered(msgspec.Struct, frozen=True):
    """A delivery was ordered."""

    id: int
    custom_id: str
    state: str
    message: str = "Redelivery triggered"


class Removed(msgspec.Struct, frozen=True):
    """``removed``: it is gone. ``cancelling``: it is with the page; it ends as cancelled, or as answered if its batch runs already."""

    custom_id: str
    state: str


def iso(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, to the millisecond."""
    at = min(max(at, 0.0), 253_402_300_799.0)  # a page's clock may say anything; the last second of 9999 is the last that there is
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(stored: Stored) -> Shown:
    """A message as a program sees it."""
    return Shown(**_fields(stored))


def answered(found: MessageWithResult) -> Answered:
    """The same with its output line."""
    return Answered(**_fields(found.stored), answer=_raw(found.line))


def _raw(data: bytes | str | None) -> msgspec.Raw:
    return msgspec.Raw(data or b"null")


def _fields(stored: Stored) -> dict[str, Any]:
    config = _raw(stored.target)
    tries = stored.tries()
    attempts = [_attempt(len(tries) - i, found, config) for i, found in enumerate(reversed(tries))]
    return {
        "id": stored.seq,
        "batch_id": stored.batch or None,
        "custom_id": stored.custom_id,
        "url": stored.url,
        "model": stored.model,
        "state": stored.state,
        "delivery_config": config,
        "error_msg": stored.error or None,
        "created_at": iso(stored.at),
        "updated_at": iso(stored.changed),
        "request_payload_size": stored.size,
        "delivery_attempt_count": len(attempts),
        "delivery_attempts": attempts,
        "outcome": stored.outcome or None,
        "source": stored.source,
        "page": stored.page or None,
    }


def _attempt(id: int, found: Try, config: msgspec.Raw) -> Attempt:
    return Attempt(id, found.outcome, found.error or None, config, iso(found.at), found.target, found.status or None, found.seconds)


def path_id(request: Request[Any, Any, Any], ending: str = "") -> str:
    """The custom_id in the address, which may hold slashes, escaped or not."""
    return parameters(request)["custom_id"].removesuffix(ending)


def number(request: Request[Any, Any, Any], name: str, default: float, most: float) -> float:
    """A number from the query, 0 to ``most``. Raises HttpProblem (422)."""
    said = request.query_params.getall(name, [])
    try:
        value = float(said[-1]) if said else default
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise HttpProblem(422, "invalid_request", "Invalid value", f"{name} must be a number from 0 to {most:g}.", f"/{name}")
    return value


def whole_number(request: Request[Any, Any, Any], name: str, default: int, least: int, most: int) -> int:
    """A whole number from the query, ``least`` to ``most``. Raises HttpProblem (422)."""
    said = request.query_params.getall(name, [str(default)])[-1]
    value = text.whole_number(said, least, most)
    if value is None:
        raise HttpProblem(422, "invalid_request", "Invalid value", f"{name} must be a whole number from {least} to {most}.", f"/{name}")
    return value


async def the_one(mailbox: Mailbox, custom_id: str, wait: float = 0.0) -> MessageWithResult:
    """The message of this name. Raises HttpProblem: 404, or 409 when several of the SDK's have it."""
    found = await mailbox.find(custom_id, wait)
    if not found:
        raise not_found(f"No request found with custom_id={custom_id!r}.")
    if len(found) > 1:
        detail = f"Several requests from /v1 have the custom_id {custom_id!r}. Ask for their batch there."
        raise HttpProblem(409, "ambiguous_custom_id", "Multiple requests found", detail)
    return found[0]


def request_routes(mailbox: Mailbox, pages: Pages, connections: Connections) -> list[HTTPRouteHandler]:
    """The route handlers."""

    @get("/api/requests", include_in_schema=False, opt=rule(Access.TOKEN))
    async def listed(request: Request[Any, Any, Any]) -> Response[bytes]:
        state = str(request.query_params.get("state", ""))
        if state and state not in STATES:
            raise HttpProblem(422, "invalid_request", "Invalid value", f"state must be one of {', '.join(STATES)}.", "/state")
        count = whole_number(request, "limit", 100, 1, MAX_PAGE)
        found = await mailbox.page_of(state, whole_number(request, "after", 0, 0, 2**53), count + 1)
        more = len(found) > count
        return bodies.as_json(Listed([shown(stored) for stored in found[:count]], found[count - 1].seq if more else None))

    @get(_PREFIX + "{custom_id:path}", include_in_schema=False, opt=rule(Access.TOKEN, free=True))
    async def one(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = await the_one(mailbox, path_id(request), number(request, "wait", 0.0, MAX_WAIT))
        if found.stored.ended:
            await mailbox.seen(found.stored)
        return bodies.as_json(answered(found))

    @route(_PREFIX + "{custom_id:path}", http_method=HttpMethod.POST, include_in_schema=False, opt=rule(Access.TOKEN, free=True))
    async def again(request: Request[Any, Any, Any]) -> Response[bytes]:
        if not parameters(request)["custom_id"].endswith(_AGAIN):
            raise not_found("Only …/redeliver can be posted to here; a new message goes to /api/requests.")
        stored = (await the_one(mailbox, path_id(request, _AGAIN))).stored
        if not stored.ended:
            detail = f"The request has not ended (state {stored.state}), so there is nothing to deliver yet."
            raise HttpProblem(422, "invalid_batch_state", "Invalid batch state", detail)
        if stored.target is None or stored.stage != "taken":
            detail = "The request has no delivery target (delivery_config); read its result by GET."
            raise HttpProblem(422, "invalid_state", "Invalid request state", detail)
        await mailbox.redeliver(stored)
        return bodies.as_json(Redelivered(stored.seq, stored.custom_id, "delivering"), 202)

    @delete(_PREFIX + "{custom_id:path}", include_in_schema=False, status_code=200, opt=rule(Access.TOKEN, free=True))
    async def remove(request: Request[Any, Any, Any]) -> Response[bytes]:
        custom_id = path_id(request)
        came = await mailbox.remove(custom_id)
        if not came:
            raise not_found(f"No request found with custom_id={custom_id!r}.")
        return bodies.as_json(Removed(custom_id, came), 200 if came == "removed" else 202)

    @get("/batches/{batch:str}/files/{file:str}/download", include_in_schema=False, opt=rule(Access.TOKEN))
    async def download(request: Request[Any, Any, Any]) -> Stream:
        batch, file = parameters(request)["batch"], parameters(request)["file"]
        if file not in get_args(BatchFile):
            raise not_found("A batch has the files input, output and error.")
        try:
            found = pages.file(batch, cast("BatchFile", file))
            first = await anext(found)
        except NoFile as error:
            raise not_found(str(error)) from error
        except PageUnavailable as error:
            raise HttpProblem(503, "no_page", "No page", str(error)) from error

        async def all_pieces() -> Any:
            yield first
            try:
                async for piece in found:
                    yield piece
            except (PageUnavailable, NoFile):
                await connections.hang_up(request)  # so that the reader sees that it has not got the whole file

        name = "".join(c for c in batch if c.isalnum() or c in "-_")
        headers = {"Content-Disposition": f'attachment; filename="batch_{name}_{file}.jsonl"'}
        return Stream(all_pieces(), media_type="application/jsonl", headers=headers)

    return [listed, one, again, remove, download]
