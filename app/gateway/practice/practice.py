"""The practice provider over HTTP, with the CORS answers of the real one, under ``/practice/v1``; ``/practice/control`` steers it.

CORS as at OpenAI: any origin, only Authorization and Content-Type, only X-Request-ID exposed. Control answers no other origin.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, get, post, put, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from app.core.json import jsonread
from app.gateway.http.budget import announced, in_time, share
from app.gateway.http.connections import Connections, gone
from app.gateway.http.forms import BadForm, read_form
from app.gateway.http.routing import JSON_TYPE, Access, parameters, rule
from app.gateway.practice.disk import FolderDisk, Full
from app.practice.ask import Ask, Fault, Reply, refuse
from app.practice.bodies import UNREADABLE, Refusal
from app.practice.brain import Brain, Seen, right_key
from app.practice.inproc import bearer
from app.practice.traps import Scenario

BASE_PATH = "/practice"
ALLOWED_HEADERS = frozenset({"authorization", "content-type"})
MAX_BODY = 64 * 1024 * 1024
"""Bytes in a JSON body. Batches go up as files, so this is for synchronous calls with images."""


_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Request-ID"}
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
}

Asked = Request[Any, Any, Any]
Answered = Response[Any]


class Report(msgspec.Struct):
    """What ``GET /practice/control`` says: how the provider behaves and what it has seen, newest call last."""

    scenario: Scenario
    scenarios: dict[str, Scenario]
    calls: dict[str, int]
    uploads: int
    batches: int
    log: list[Seen]


class Command(msgspec.Struct):
    """What ``POST /practice/control`` takes: forget everything; let so many seconds pass at once."""

    reset: bool = False
    advance: float = 0.0


class Practice:
    """The practice provider of one server. ``clock`` gives unix seconds. ``token``: the server's, which is a right key here. ``quota``:
    bytes of uploaded files that it keeps at most."""

    def __init__(
        self, connections: Connections, clock: Callable[[], float] = time.time, *, token: str = "", quota: int = 1_000_000_000
    ) -> None:
        self._disk = FolderDisk(quota)
        self._token = token
        self._connections, self._clock = connections, clock
        self._ahead = 0.0
        self.brain = Brain(self._disk, _breathe)

    async def close(self) -> None:
        """Remove what was uploaded."""
        self._disk.close()

    # --- the provider

    async def exchange(self, request: Asked) -> Answered:
        """One call of the provider."""
        now = self._clock() + self._ahead
        form: tuple[dict[str, str], Any] = ({}, None)
        body = b""
        key = bearer(request.headers.get("authorization"))
        if self._token and key == self._token:
            key = "practice"
        try:
            if not right_key(key):
                pass  # nothing of it is stored, not even briefly: a caller without a key cannot fill the disk
            elif request.headers.get("content-type", "").startswith("multipart/form-data"):
                form = await read_form(request, self.brain)
            else:
                body = await _body(request)
        except BadForm as error:
            return Response(refuse(Refusal(str(error))).body, status_code=400, headers=_CORS, media_type="application/json")
        except Full as error:
            said = Refusal(f"{error} Delete some, or set NIGHTSHIFT_PRACTICE_QUOTA.", code="storage_quota_exceeded")
            return Response(refuse(said).body, status_code=400, headers=_CORS, media_type="application/json")
        ask = Ask(
            method=request.method,
            path=_provider_path(request),
            key=key,
            query={name: value for name, value in request.query_params.items() if isinstance(value, str)},
            body=body,
            fields=form[0],
            upload=form[1],
        )
        return await self._send(request, await self.brain.handle(ask, now), ask.key)

    async def _send(self, request: Asked, reply: Reply, key: str | None) -> Answered:
        headers = {"X-Request-ID": reply.request_id, **({} if reply.fault is Fault.CORS else _CORS)}
        if reply.fault is Fault.TIMEOUT:
            await gone(request, self.brain.scenario(key).hold)
        if reply.fault in (Fault.BROKEN, Fault.TIMEOUT):
            await self._connections.hang_up(request)
        if isinstance(reply.body, bytes):
            return Response(reply.body, status_code=reply.status, headers=headers, media_type=reply.type)
        chunks = self._then_break(request, reply.body) if reply.fault is Fault.MIDWAY else reply.body
        return Stream(chunks, status_code=reply.status, headers=headers, media_type=reply.type)

    async def _then_break(self, request: Asked, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
        await self._connections.hang_up(request)

    # --- control

    def report(self) -> Report:
        """How the provider behaves and what it has seen."""
        state = self.brain.state
        calls = {str(call): count for call, count in self.brain.calls.items()}
        return Report(state.scenario, state.scenarios, calls, len(state.files), len(state.batches), list(self.brain.log))

    async def obey(self, command: Command) -> None:
        """Carry out a command."""
        if command.reset:
            self._ahead = 0.0
            await self.brain.reset()
        self._ahead += command.advance


def practice_routes(practice: Practice) -> list[HTTPRouteHandler]:
    """Route handlers for the provider and its control."""
    paths = [f"{BASE_PATH}/v1", f"{BASE_PATH}/v1/{{path:path}}"]
    control = f"{BASE_PATH}/control"

    @route(paths, http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE], include_in_schema=False, opt=rule(Access.PRACTICE))
    async def provider(request: Asked) -> Answered:
        return await practice.exchange(request)

    @route(paths, http_method=HttpMethod.OPTIONS, include_in_schema=False, opt=rule(Access.OPEN))  # a preflight carries no key
    async def before(request: Asked) -> Answered:
        return preflight(request)

    @get(control, include_in_schema=False, opt=rule(Access.TOKEN))
    async def report() -> Answered:
        return _json(practice.report())

    @put(control, include_in_schema=False, opt=rule(Access.TOKEN, JSON_TYPE))
    async def behave(request: Asked) -> Answered:
        try:
            scenario = jsonread.typed(await request.body(), Scenario)
        except UNREADABLE as error:
            return Response(f"This is not a scenario: {error}\n", status_code=400, media_type="text/plain")
        practice.brain.set_scenario(scenario, request.query_params.get("key"))
        return _json(practice.report())

    @post(control, status_code=200, include_in_schema=False, opt=rule(Access.TOKEN, JSON_TYPE))
    async def obey(request: Asked) -> Answered:
        try:
            command = jsonread.typed(await request.body(), Command)
        except UNREADABLE as error:
            return Response(f"This is not a command: {error}\n", status_code=400, media_type="text/plain")
        await practice.obey(command)
        return _json(practice.report())

    return [provider, before, report, behave, obey]


def _provider_path(request: Asked) -> str:
    return f"/v1/{parameters(request).get('path', '')}".rstrip("/")


def preflight(request: Asked) -> Answered:
    """The answer to a browser that asks whether it may call: not with any other header than the two allowed ones."""
    asked = {name.strip().lower() for name in request.headers.get("access-control-request-headers", "").split(",")} - {""}
    if asked <= ALLOWED_HEADERS:
        return Response(b"", status_code=204, headers=_PREFLIGHT)
    return Response(f"Disallowed headers: {', '.join(sorted(asked - ALLOWED_HEADERS))}", status_code=400, media_type="text/plain")


def _json(found: object) -> Answered:
    return Response(msgspec.json.encode(found), media_type="application/json")


async def _body(request: Asked) -> bytes:
    held = bytearray()
    await share(request).grow(announced(request, MAX_BODY))
    async with in_time():
        async for chunk in request.stream():
            held += chunk
            if len(held) > MAX_BODY:
                raise BadForm(f"The body is above {MAX_BODY} bytes.")
    return bytes(held)


async def _breathe() -> None:
    await asyncio.sleep(0)
