"""Calling a webhook: from the page itself where it may and the receiver answers pages (CORS), else through the local server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

import msgspec

from app.core.base import urls
from app.core.base.lru import Lru
from app.core.json import jsonread
from app.core.model import quoting
from app.core.openai.wire import NetworkError, Request, Response
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage, Programs
from app.core.programs.protocol import ServerSettings, TryOutcome
from app.core.programs.relay import FORWARDS, FORWARDS_BYTES, FORWARDS_FOR, FORWARDS_PARALLEL, RELAY_PATH, Forward, Forwarded, Forwards
from app.ports import Calls, Clock, GroupedHttp, Http, Keys, KeysLocked
from app.services.programs.single_calls import SingleCalls

_KINDS: Final[dict[str, TryOutcome]] = {
    "offline": "connection_error",
    "blocked": "cors_refused",
    "policy": "not_configured",
    "unreachable": "connection_error",
    "broken": "connection_error",
    "timeout": "timeout",
}
_ADDRESSES: Final = 1_000
"""Addresses of which it is remembered that they answer."""
UNSIGNED_FOR: Final = 1.0
"""Seconds for which no secret is looked for again where a host had none: that takes four readings of the database, and there may be many
groups of calls in a second. A secret itself is never kept."""
AHEAD: Final = 16
"""Calls that are handed over, for each that is made at a time: the next ones begin while Python records those that ended, and draws."""
PRIVATE: Final = "The address is on this machine or in a private network. Allow such addresses under Integrations."
NOT_ALLOWED: Final = "This page may not call {host} yet. Allow it under Integrations, or open the page with make run."


class WebhookResult(msgspec.Struct, frozen=True):
    """How a call ended. ``error`` is a sentence; ``transport`` is how it went."""

    outcome: TryOutcome
    status: int = 0
    error: str = ""
    transport: Literal["", "page", "server"] = ""


class Asked(msgspec.Struct, frozen=True):
    """A call that is being made for a result of ``origin``. ``forward``: what the local server is asked to send, where it goes that way,
    a :class:`Forward` as JSON."""

    request: Request
    origin: str
    forward: msgspec.Raw | None = None


Answers = list[tuple[WebhookResult | None, float]]
"""How each webhook of a request to the local server ended, in their order (None: it was not begun), and the seconds it took."""


class Called(msgspec.Struct, frozen=True):
    """A call that ended: for which custom_id, how, and how many seconds it took."""

    id: str
    done: WebhookResult
    seconds: float = 0.0


class Webhooks:
    """``server`` gives what the local server said of itself; None where there is none."""

    def __init__(self, http: Http, keys: Keys, clock: Clock, server: Callable[[], ServerSettings | None]) -> None:
        self._http, self._keys, self._clock, self._server = http, keys, clock, server
        self._refusing: set[str] = set()
        self._answering: set[str] = set()
        self._unsigned: Lru[str, float] = Lru(_ADDRESSES)
        """When it was last seen of a host that it has no secret."""
        self._prompt: Lru[str, bool] = Lru(_ADDRESSES)
        """Addresses that answered without delay when they were called last."""

    def calls(self, host: str, chosen: Programs) -> WebhookCalls:
        """Calls to one host (an origin), none yet."""
        http = self._http
        return WebhookCalls(self, http.calls() if isinstance(http, GroupedHttp) else SingleCalls(http, self._clock), host, chosen)

    async def secret(self, host: str) -> str:
        """What results for a host are signed with; nothing where they are not. Raises KeysLocked: nothing goes out unsigned because its
        secret is locked."""
        now, seen = self._clock.now(), self._unsigned.get(host)
        if seen is not None and 0 <= now - seen < UNSIGNED_FOR:
            return ""
        name = delivery.secret_name(host)
        found = await self._keys.get(name)
        if found is None and name in await self._keys.locked():
            raise KeysLocked
        if not found:
            self._unsigned.put(host, now)
        return found or ""

    async def locked(self) -> frozenset[str]:
        """The names of secrets that are to be had when the passphrase was entered."""
        return frozenset(await self._keys.locked())

    def answers(self, host: str) -> bool:
        """Whether a host has answered a call of this page."""
        return host in self._answering

    def is_prompt(self, asked: Asked) -> bool:
        """Whether the address answered without delay when it was called last. Only such calls go together: how one of them ended is heard
        when all have."""
        return asked.request.url in self._prompt

    def prepared(self, one: ProgramMessage, body: bytes, secret: str, chosen: Programs) -> Asked | WebhookResult:
        """The call for a result; or how its try ends without one."""
        url = one.where
        if delivery.is_private(url) and not chosen.private:
            return WebhookResult("not_configured", error=PRIVATE)
        try:
            headers = delivery.headers(one, body, secret, self._clock.now())
        except ValueError:
            return WebhookResult("not_configured", error="The secret of this webhook is not valid: enter it again under Integrations.")
        origin = urls.origin(url)
        asked = Asked(Request("POST", url, headers, body, timeout=delivery.TIMEOUT), origin)
        if origin in chosen.hosts and origin not in self._refusing:
            return asked
        return self._relayed(asked, chosen) or WebhookResult("not_configured", error=NOT_ALLOWED.format(host=origin))

    def instead(self, asked: Asked, done: WebhookResult, chosen: Programs) -> Asked | None:
        """The call to make instead of one that ended, in the same try: through the server, where the receiver answers no page."""
        if asked.forward is not None or done.outcome != "cors_refused" or (relayed := self._relayed(asked, chosen)) is None:
            return None
        self._refusing.add(asked.origin)  # for as long as this page lives: it is asked again after a reload
        return relayed

    def _relayed(self, asked: Asked, chosen: Programs) -> Asked | None:
        if self._server() is None:
            return None
        one = asked.request
        forward = Forward(one.url, one.headers, (one.body or b"").decode(), delivery.TIMEOUT, private=chosen.private)
        return Asked(one, asked.origin, msgspec.Raw(msgspec.json.encode(forward)))

    def heard(self, asked: Asked, result: Response | Exception) -> WebhookResult:
        """How a call of the page itself ended."""
        if isinstance(result, Response):
            self._answering.add(asked.origin)
        elif not isinstance(result, NetworkError):
            return failed(result)
        return _straight(asked.request.url, result)

    def heard_through(self, some: Sequence[Asked], result: Response | Exception, seconds: float) -> Answers:
        """How the calls ended that the local server was asked for in one request."""
        found = failed(result) if isinstance(result, Exception) and not isinstance(result, NetworkError) else _through(result)
        if isinstance(found, WebhookResult) or len(found) != len(some):
            return [(found if isinstance(found, WebhookResult) else UNREAD, seconds)] * len(some)
        for asked, one in zip(some, found, strict=True):
            if one is None:
                continue
            if one.status:
                self._answering.add(asked.origin)
            if one.status and one.seconds < FORWARDS_FOR:
                self._prompt.put(asked.request.url, True)
            else:
                self._prompt.drop(asked.request.url)
        return [(None if one is None else _told(one), one.seconds if one else 0.0) for one in found]


class WebhookCalls:
    """Calls to one host that are handed over and heard of in groups. What fails within one is the end of its own try."""

    def __init__(self, webhooks: Webhooks, calls: Calls, host: str, chosen: Programs) -> None:
        self._webhooks, self._calls, self._host, self._chosen = webhooks, calls, host, chosen
        self._parallel = 0
        self._asked: dict[str, tuple[Asked, float]] = {}
        self._under: dict[str, tuple[str, ...]] = {}
        """The custom_ids of each call that the platform makes, by the name it has there."""
        self._n = 0
        self._ended: list[Called] = []

    def room(self, parallel: int) -> int:
        """How many more can be given, where so many are made at a time. Some wait beside these, so that the next call begins when one
        ends; none do as long as the host has answered none: a host that refuses pages may get what it refuses, and gets it again."""
        ahead = AHEAD if self._webhooks.answers(self._host) else 1
        return parallel * ahead - len(self._asked) - len(self._ended)

    async def put(self, some: Sequence[tuple[ProgramMessage, bytes]], parallel: int) -> None:
        """Make these too, at most ``parallel`` at a time from now on."""
        if not some and parallel == self._parallel:
            return
        self._parallel = parallel
        try:
            secret = await self._webhooks.secret(self._host) if some else ""
        except KeysLocked:  # it was locked a moment ago
            self._ended += [Called(one.id, LOCKED) for one, _ in some]
            return
        except Exception as error:  # the boundary of these calls: each is a try that failed
            self._ended += [Called(one.id, failed(error)) for one, _ in some]
            return
        given: list[str] = []
        for one, body in some:
            try:
                asked = self._webhooks.prepared(one, body, secret, self._chosen)
            except Exception as error:  # the boundary of one call
                asked = failed(error)
            if isinstance(asked, WebhookResult):
                self._ended.append(Called(one.id, asked))
            else:
                self._asked[one.id] = asked, 0.0
                given.append(one.id)
        self._hand_over(given)

    def _hand_over(self, some: Sequence[str]) -> None:
        """Make the calls for these: each by itself, or through the local server in groups."""
        requests: list[tuple[str, Request]] = []
        together: list[tuple[str, msgspec.Raw]] = []
        alone: list[tuple[str, msgspec.Raw]] = []
        for id in some:
            asked, _ = self._asked[id]
            if asked.forward is None:
                requests.append((self._named((id,)), asked.request))
            else:
                (together if self._webhooks.is_prompt(asked) else alone).append((id, asked.forward))
        parallel = max(1, self._parallel)
        within = min(parallel, FORWARDS_PARALLEL)
        if any(asked.forward is not None for asked, _ in self._asked.values()):
            parallel //= within
        for group in [*_groups(together, -(-len(self._asked) // parallel)), *([one] for one in alone)]:
            requests.append((self._named(tuple(id for id, _ in group)), _request([one for _, one in group], within)))
        self._calls.put(requests, parallel)

    def _named(self, ids: tuple[str, ...]) -> str:
        self._n += 1
        self._under[str(self._n)] = ids
        return str(self._n)

    async def ended(self) -> list[Called]:
        """Those that ended since the last time, at least one; none where none was given."""
        while self._asked and not self._ended:
            found = await self._calls.ended()
            if not found:
                raise RuntimeError("the browser knows nothing of these calls")
            again: list[str] = []
            for call in found:
                again += self._heard(self._under.pop(call.name), call.result, call.seconds)
            if again:
                self._hand_over(again)
        ended, self._ended = self._ended, []
        return ended

    def _heard(self, ids: tuple[str, ...], result: Response | Exception, seconds: float) -> list[str]:
        """What a request made of the calls under it; those that are to be made now."""
        some = [self._asked[id][0] for id in ids]
        if some[0].forward is not None:
            answers = self._webhooks.heard_through(some, result, seconds)
            if all(done is None for done, _ in answers):
                answers = [(UNBEGUN, 0.0)] * len(some)
        else:
            answers = [(self._webhooks.heard(some[0], result), seconds)]
        again: list[str] = []
        for id, asked, (done, took) in zip(ids, some, answers, strict=True):
            if done is None:
                again.append(id)
                continue
            _, before = self._asked.pop(id)
            try:
                instead = self._webhooks.instead(asked, done, self._chosen)
            except Exception as error:  # the boundary of one call
                instead, done = None, failed(error)
            if instead is not None:
                self._asked[id] = instead, before + took
                again.append(id)
            else:
                self._ended.append(Called(id, done, before + took))
        return again

    def close(self) -> None:
        """Give up what has not ended."""
        self._calls.close()


def failed(error: Exception) -> WebhookResult:
    """How a try ends that failed within Nightshift: a try like any other."""
    return WebhookResult("other", error=quoting.quote(f"Nightshift itself failed at this call ({type(error).__name__}: {error})."))


def _straight(url: str, result: Response | NetworkError) -> WebhookResult:
    if isinstance(result, Response):
        return WebhookResult(delivery.status_outcome(result.status), result.status, _quoted(result), "page")
    if result.kind == "redirected":
        return WebhookResult("http_status_not_2xx", error="It answered with a redirect, which is not followed.", transport="page")
    if result.kind == "policy":
        return WebhookResult(_KINDS[result.kind], error=NOT_ALLOWED.format(host=urls.origin(url)))
    return WebhookResult(_KINDS[result.kind], error=_SAID[result.kind], transport="page")


def _through(result: Response | NetworkError) -> WebhookResult | list[Forwarded | None]:
    if isinstance(result, NetworkError):
        return WebhookResult("connection_error", error=f"The local server did not answer ({result.kind}).", transport="server")
    if result.status != 200:
        return WebhookResult("connection_error", result.status, f"The local server did not send it (status {result.status}).", "server")
    try:
        return jsonread.typed(result.body, list[Forwarded | None])
    except jsonread.Unreadable:
        return UNREAD


def _told(found: Forwarded) -> WebhookResult:
    return WebhookResult(found.outcome, found.status, found.error[:300], "server")


UNREAD: Final = WebhookResult("other", error="The local server's answer cannot be read.", transport="server")
LOCKED: Final = WebhookResult("not_configured", error="The secret of this webhook was locked. It is sent after the passphrase is entered.")
UNBEGUN: Final = WebhookResult("connection_error", error="The local server did not begin to send it.", transport="server")


def _groups(relayed: Sequence[tuple[str, msgspec.Raw]], size: int) -> Iterator[list[tuple[str, msgspec.Raw]]]:
    """In their order, so many in one request at most, as far as the relay takes them."""
    group: list[tuple[str, msgspec.Raw]] = []
    length = 0
    for id, one in relayed:
        if group and (len(group) >= min(size, FORWARDS) or length + memoryview(one).nbytes > FORWARDS_BYTES):
            yield group
            group, length = [], 0
        group.append((id, one))
        length += memoryview(one).nbytes
    if group:
        yield group


def _request(some: Sequence[msgspec.Raw], parallel: int) -> Request:
    """What asks the local server to send these."""
    body = msgspec.json.encode(Forwards(list(some), parallel))
    return Request("POST", RELAY_PATH, {"Content-Type": "application/json"}, body, timeout=FORWARDS_FOR + delivery.TIMEOUT + 10)


_SAID: Final = {
    "offline": "The machine has no network.",
    "blocked": "The receiver does not let pages read its answers (CORS). It may have received the result anyway.",
    "unreachable": "Nobody answers there.",
    "broken": "The connection was lost. It may have received the result anyway.",
    "timeout": f"No answer within {delivery.TIMEOUT:.0f} seconds. It may have received the result anyway.",
}


def _quoted(answer: Response) -> str:
    """The beginning of what a receiver said when it did not accept; never anything of ours."""
    if delivery.status_outcome(answer.status) == "success":
        return ""
    return quoting.quote(answer.body[:1_000].decode("utf-8", "replace"))
