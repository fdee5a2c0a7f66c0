"""``/health``, the settings for the page, its session, and maintenance."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.handlers import HTTPRouteHandler

from app.core.json import jsonread
from app.core.programs.protocol import SESSION_PATH, SETTINGS_PATH
from app.gateway.http import bodies, session
from app.gateway.http.budget import Budget
from app.gateway.http.connections import Connections
from app.gateway.http.errors import HttpProblem
from app.gateway.http.routing import JSON_TYPE, Access, rule
from app.gateway.http.settings import Settings
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.pages import HELLO_WITHIN, MAX_STRANGERS, Pages
from app.gateway.mailbox.requests import iso


class PageHealth(msgspec.Struct, frozen=True):
    """``connected`` pages; ``nobody_since`` (ISO 8601) is since when no page takes messages, null while one does; ``unreadable``: how many
    frames between pages and the server were put aside since it began, because they could not be read."""

    connected: int
    nobody_since: str | None
    unreadable: int


class MessageHealth(msgspec.Struct, frozen=True):
    """Messages that no page has taken yet and since when the oldest waits; that a connected page works on; that lie with a page that is
    not connected."""

    waiting: int
    oldest_waiting_since: str | None
    working: int
    elsewhere: int


class LimitUse(msgspec.Struct, frozen=True):
    """``now`` of ``most``."""

    now: int
    most: int


class LimitsHealth(msgspec.Struct, frozen=True):
    """What is taken at a time at most: connections, WebSockets that have not said who they are, bytes of bodies in memory; and seconds: for
    a request's headers, for a thousand bytes a second of a body to come, for some of an answer to be taken, for a WebSocket's first
    word."""

    connections: LimitUse
    strangers: LimitUse
    body_bytes: LimitUse
    headers_within: float
    body_within: float
    taken_within: float
    hello_within: float


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """``status`` is ok as long as the server answers and can read its database. The rest is for callers that may use the mailbox."""

    status: str
    page: PageHealth | None = None
    messages: MessageHealth | None = None
    maintenance: bool | None = None
    limits: LimitsHealth | None = None


class Maintenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether intake is paused: new messages get 503 ``maintenance_mode``."""

    enabled: bool


def status_routes(settings: Settings, mailbox: Mailbox, pages: Pages, connections: Connections, budget: Budget) -> list[HTTPRouteHandler]:
    """The route handlers."""

    def may_know(request: Request[Any, Any, Any]) -> bool:
        return not settings.token or session.knows_token(request.scope["headers"], settings.token)

    def limits() -> LimitsHealth:
        return LimitsHealth(
            connections=LimitUse(connections.count, connections.most),
            strangers=LimitUse(pages.strangers, MAX_STRANGERS),
            body_bytes=LimitUse(budget.held, budget.most),
            headers_within=connections.head_within,
            body_within=connections.body_within,
            taken_within=connections.take_within,
            hello_within=HELLO_WITHIN,
        )

    @get("/health", include_in_schema=False, opt=rule(Access.OURS))
    async def health(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = await mailbox.counts()
        if not may_know(request):
            return bodies.as_json(Health("ok"))
        here = set(pages.ids())
        working = sum(count for page, count in found.held.items() if page in here)
        messages_health = MessageHealth(
            found.waiting, iso(found.oldest) if found.oldest is not None else None, working, sum(found.held.values()) - working
        )
        since = pages.nobody_since
        page = PageHealth(len(here), iso(since) if since is not None else None, pages.unreadable)
        return bodies.as_json(Health("ok", page, messages_health, mailbox.maintenance, limits()))

    @get(SETTINGS_PATH, include_in_schema=False, opt=rule(Access.TOKEN))
    async def for_page() -> Response[bytes]:
        return bodies.as_json(settings.for_page())

    @post(SESSION_PATH, include_in_schema=False, status_code=204, opt=rule(Access.OURS))
    async def begin(request: Request[Any, Any, Any]) -> Response[None]:
        if not settings.token:
            return Response(None, status_code=204)
        if not session.shows_token(request.scope["headers"], settings.token):
            raise HttpProblem(401, "unauthorized", "Unauthorized", "Send the header Authorization: Bearer NIGHTSHIFT_TOKEN.")
        value = session.cookie_for(settings.token)
        cookie = f"{session.COOKIE}={value}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        return Response(None, status_code=204, headers={"Set-Cookie": cookie})

    @get("/api/maintenance", include_in_schema=False, opt=rule(Access.TOKEN))
    async def paused() -> Response[bytes]:
        return bodies.as_json(Maintenance(mailbox.maintenance))

    @put("/api/maintenance", include_in_schema=False, opt=rule(Access.TOKEN, JSON_TYPE))
    async def pause(request: Request[Any, Any, Any]) -> Response[bytes]:
        try:
            wanted = jsonread.typed(await bodies.whole(request, 1_000), Maintenance)
        except jsonread.Unreadable as error:
            raise HttpProblem(422, "invalid_request", "Invalid value", f'Send {{"enabled": true}} or false: {error}.') from error
        await mailbox.set_maintenance(wanted.enabled)
        return bodies.as_json(wanted)

    return [health, for_page, begin, paused, pause]
