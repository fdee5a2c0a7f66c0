"""The practice provider over HTTP (app.gateway), an account for each case, and a fault at one of its calls: refused, cut off or held.

It runs in a thread of this process, so the checks ask its brains directly.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
import uvicorn

from app.gateway.http.connections import Connections
from app.gateway.http.guard import RequestGuard
from app.gateway.practice.practice import Practice, practice_routes
from app.practice.bodies import Refusal
from app.practice.traps import Scenario
from tests.faults.check import Made
from tests.faults.points import call_of
from tests.faults.trial import Ticking, made_by

T = TypeVar("T")
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
HEADERS = [
    (b"content-type", b"application/json"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"X-Request-ID"),
]
REFUSALS = 3
"""How many calls a wrong key is refused for, until the person has put it right."""
_ERRORS = {
    "500": Refusal("The server had an error while processing your request.", "server_error", None, "server_error", 500),
    "429": Refusal("Rate limit reached for requests.", "requests", None, "rate_limit_exceeded", 429),
    "wrong key": Refusal("Incorrect API key provided: it was revoked.", code="invalid_api_key", status=401),
}


class Fault(msgspec.Struct, frozen=True):
    """At the ``nth`` call of a name (0: at the next call of any name after :meth:`Account.arm`)."""

    kind: str
    call: str
    nth: int
    when: str


class Account:
    """One case's provider: a brain of its own. ``reached`` is set when the fault has begun; a held call goes on with ``resume``."""

    def __init__(self, connections: Connections, scenario: Scenario, fault: Fault | None) -> None:
        self.ticking = Ticking()
        self.practice = Practice(connections, self.ticking)
        self.practice.brain.set_scenario(scenario)
        self.reached = False
        self.resume = asyncio.Event()
        self.at_once = scenario.durations.validating == 0
        """Its batches begin at once, so a twin could not be cancelled in time: what the browser repeats by itself is not let through."""
        self._unanswered = ""
        self._fault, self._armed, self._refusals = fault, False, 0
        self._seen: Counter[str] = Counter()

    def arm(self) -> None:
        """The next call gets the fault."""
        self._armed = True

    def refused(self) -> bool:
        """Whether the key is wrong at this call."""
        self._refusals -= self._refusals > 0
        return self._refusals > 0

    def repeated(self, call: str) -> bool:
        """Whether the browser repeats a call: it follows one of its kind that was not answered, and the engine would have looked first."""
        repeats = self.at_once and call == self._unanswered and call in ("create", "upload")
        self._unanswered = call
        return repeats

    def answers(self) -> None:
        """The call is answered."""
        self._unanswered = ""

    def due(self, call: str) -> Fault | None:
        """The fault of this call. It counts."""
        self._seen[call] += 1
        fault = self._fault
        if fault is None or self.reached:
            return None
        if not (self._armed if fault.nth == 0 else (fault.call, fault.nth) == (call, self._seen[call])):
            return None
        self.reached = True
        if fault.kind == "wrong key":
            self._refusals = REFUSALS
        return fault


class Accounts:
    """The ASGI application: ``/<case>/practice/v1/…`` is that case's provider, ``/<case>/arm`` lets its next call fail."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.open: dict[str, Account] = {}
        handlers = practice_routes(self)  # type: ignore[arg-type]  # it exchanges as one Practice does
        self._app = RequestGuard(handlers, local_only=True, request_max_body_size=None, logging_config=None)

    async def exchange(self, request: Any) -> Any:
        return await self.open[request.scope["account"]].practice.exchange(request)

    async def add(self, name: str, scenario: Scenario, fault: Fault | None) -> None:
        self.open[name] = Account(self._connections, scenario, fault)

    async def made(self, name: str) -> list[Made]:
        """What a case's provider has."""
        one = self.open[name]
        return await made_by(one.practice.brain, 1_700_000_000.0 + one.ticking.calls + 1_000)

    async def remove(self, name: str) -> None:
        await self.open.pop(name).practice.close()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # type: ignore[arg-type]
            return
        name, _, rest = scope["path"].lstrip("/").partition("/")
        account = self.open.get(name)
        if account is None or rest == "arm":
            if account is not None:
                account.arm()
            await _answer(send, 200, b"{}")
            return
        inner = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode(), "account": name}
        call = call_of(scope["method"], rest)

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start" and tuple(scope["client"]) in self._connections._open:
                account.answers()
            await send(message)

        if scope["method"] == "OPTIONS" or not call:
            await self._app(inner, receive, send)  # type: ignore[arg-type]
            return
        if account.repeated(call):
            self._connections.close(tuple(scope["client"]))
            return
        await self._call(account, account.due(call), inner, receive, said)

    async def _call(self, account: Account, fault: Fault | None, scope: Any, receive: Receive, send: Send) -> None:
        if account.refused() or (fault and fault.kind == "wrong key"):
            await _refuse(send, "wrong key")
            return

        async def app(receive: Receive, send: Send) -> None:
            await self._app(scope, receive, send)  # type: ignore[arg-type]

        async def strike() -> bool:
            """Let the fault happen; whether the exchange goes on afterwards."""
            assert fault is not None
            if fault.kind == "two tabs":
                await account.resume.wait()
                return True
            if fault.kind == "connection dropped":
                self._connections.close(tuple(scope["client"]))
            await _gone(receive)
            return False

        if fault is None:
            await app(receive, send)
        elif fault.kind in ("500", "429") and fault.when == "before":
            await _refuse(send, fault.kind)
        elif fault.when == "before":
            if await strike():
                await app(receive, send)
        elif fault.when == "middle" and fault.call == "upload":
            await self._half_up(app, receive, send, strike)
        elif fault.when == "middle":
            await self._half_down(app, receive, send, strike)
        else:
            said = await _answered(app, receive)  # it takes effect, whatever the caller hears
            if fault.kind in ("500", "429"):
                await _refuse(send, fault.kind)
            elif await strike():
                for message in said:
                    await send(message)

    async def _half_up(self, app: Any, receive: Receive, send: Send, strike: Callable[[], Awaitable[bool]]) -> None:
        """The fault comes when a part of the upload is here."""
        first = await receive()
        if not await strike():
            return
        told = [first]

        async def again() -> Message:
            return told.pop() if told else await receive()

        await app(again, send)

    async def _half_down(self, app: Any, receive: Receive, send: Send, strike: Callable[[], Awaitable[bool]]) -> None:
        """The fault comes when half of the answer has left."""
        struck = cut_off = False

        async def halve(message: Message) -> None:
            nonlocal struck, cut_off
            if cut_off:
                return  # nobody hears it
            body = message.get("body", b"")
            if message["type"] == "http.response.body" and len(body) > 1 and not struck:
                struck = True
                half = len(body) // 2
                await send({**message, "body": body[:half], "more_body": True})
                cut_off = not await strike()
                if cut_off:
                    return
                message = {**message, "body": body[half:]}
            await send(message)

        await app(receive, halve)


async def _answered(app: Any, receive: Receive) -> list[Message]:
    """The whole answer to a call, kept back. What waits for the caller to go away once it has answered is told that he has."""
    said: list[Message] = []
    read, answered = False, asyncio.Event()

    async def hear() -> Message:
        nonlocal read
        if not read:
            message = await receive()
            read = not message.get("more_body", False)
            return message
        await answered.wait()
        return {"type": "http.disconnect"}

    async def keep(message: Message) -> None:
        said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    await app(hear, keep)
    return said


async def _refuse(send: Send, kind: str) -> None:
    refusal = _ERRORS[kind]
    await _answer(send, refusal.status, msgspec.json.encode(refusal.envelope()))


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*HEADERS, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Server:
    """The accounts as the test sees them, from another thread."""

    def __init__(self, origin: str, accounts: Accounts, loop: asyncio.AbstractEventLoop) -> None:
        self.origin, self._accounts, self._loop = origin, accounts, loop

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def add(self, name: str, scenario: Scenario, fault: Fault | None) -> None:
        """A fresh account."""
        self._do(self._accounts.add(name, scenario, fault))

    def reached(self, name: str) -> bool:
        """Whether the fault has happened, or a call is held."""
        return self._accounts.open[name].reached

    def resume(self, name: str) -> None:
        """Let a held call go on."""
        self._loop.call_soon_threadsafe(self._accounts.open[name].resume.set)

    def made(self, name: str) -> list[Made]:
        return self._do(self._accounts.made(name))

    def remove(self, name: str) -> None:
        self._do(self._accounts.remove(name))


@contextmanager
def serving() -> Iterator[Server]:
    """Run the accounts on a free port of this machine."""
    connections = Connections()
    accounts = Accounts(connections)
    ready: list[tuple[str, asyncio.AbstractEventLoop]] = []
    up = threading.Event()

    class Told(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            port = self.servers[0].sockets[0].getsockname()[1]
            ready.append((f"http://127.0.0.1:{port}", asyncio.get_running_loop()))
            up.set()

    config = uvicorn.Config(
        accounts, host="127.0.0.1", port=0, http=connections.protocol(), ws="none", lifespan="off", log_level="critical", access_log=False
    )
    server = Told(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert up.wait(20), "the provider does not start"
        yield Server(ready[0][0], accounts, ready[0][1])
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
