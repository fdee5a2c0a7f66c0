"""The local server as one ASGI application: the page's files, the practice provider, the mailbox with the SDK's calls, the relays."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from litestar import Request, Response
from litestar.exceptions import InternalServerException

from app.gateway.docs.openapi import document_routes
from app.gateway.docs.status import status_routes
from app.gateway.http.budget import Budget
from app.gateway.http.connections import Connections
from app.gateway.http.errors import say
from app.gateway.http.guard import RequestGuard
from app.gateway.http.settings import Settings
from app.gateway.http.site import site
from app.gateway.mailbox.database import Database
from app.gateway.mailbox.intake import intake_route
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.pages import Pages
from app.gateway.mailbox.requests import request_routes
from app.gateway.mailbox.sockets import page_route
from app.gateway.practice.practice import Practice, practice_routes
from app.gateway.relay.amqp import amqp_route
from app.gateway.relay.webhooks import Relay, webhook_route
from app.gateway.sdk.job_worker import Jobs
from app.gateway.sdk.provider import Refused, provider_routes

DATABASE = "mailbox.sqlite"
FILES = "files"


def answer_to(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error as a response; an unforeseen one is also printed with its place in the code, but without anything that was sent."""
    answer = say(request, error)
    if answer.status_code == 500 and not _has_gone(error):
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        print(f"{request.method} failed: {type(error).__name__}\n{where}", file=sys.stderr, flush=True)
    return answer


def _has_gone(error: Exception) -> bool:
    """Whether the client disconnected in the middle of its request, as the framework reports it: no fault of the server."""
    return isinstance(error, InternalServerException) and "disconnected" in error.detail


def application(settings: Settings, connections: Connections) -> RequestGuard:
    """The whole server; the data folder is there and its database prepared. ``connections`` are its socket's."""
    practice = Practice(connections, token=settings.token, quota=settings.practice_quota)
    mailbox = Mailbox(Database(settings.data / DATABASE), settings.keep_days)
    connections.on_stop.append(mailbox.stop)
    pages = Pages(mailbox)
    work = Jobs(mailbox, settings.data / FILES)
    relay = Relay(settings.private)
    budget = Budget()
    handlers = [
        *document_routes(),
        site(settings.root),
        *practice_routes(practice),
        intake_route(mailbox),
        *request_routes(mailbox, pages, connections),
        *status_routes(settings, mailbox, pages, connections, budget),
        page_route(pages, connections),
        webhook_route(relay),
        amqp_route(settings.broker, connections),
        *provider_routes(mailbox, work, pages),
    ]
    return RequestGuard(
        handlers,
        local_only=settings.local_only,
        token=settings.token,
        origins=settings.practice_origins,
        budget=budget,
        on_startup=[mailbox.open, work.open],
        on_shutdown=[pages.close, relay.close, work.close, mailbox.close, practice.close],
        exception_handlers={Refused: lambda _, error: error.answer, Exception: answer_to},
        request_max_body_size=None,
        logging_config=None,
    )
