"""Calling a webhook: from the page itself where it may and the receiver answers pages (CORS), else through the local server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from app.core.base import urls
from app.core.json import jsonread
from app.core.openai.wire import NetworkError, Request, Response
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage, Programs
from app.core.programs.protocol import RELAY_PATH, Forward, Forwarded, ServerSettings, TryOutcome
from app.ports import Clock, Http, Keys

_KINDS: Final[dict[str, TryOutcome]] = {
    "offline": "connection_error",
    "blocked": "cors_refused",
    "policy": "not_configured",
    "unreachable": "connection_error",
    "broken": "connection_error",
    "timeout": "timeout",
}
PRIVATE: Final = "The address is on this machine or in a private network. Allow such addresses in the settings for programs."
NOT_ALLOWED: Final = "This page may not call {host} yet. Allow it in the settings for programs, or open the page with make run."


class WebhookResult(msgspec.Struct, frozen=True):
    """How a call ended. ``error`` is a sentence; ``transport`` is how it went."""

    outcome: TryOutcome
    status: int = 0
    error: str = ""
    transport: Literal["", "page", "server"] = ""


class Webhooks:
    """``server`` gives what the local server said of itself; None where there is none. Raises nothing but CancelledError."""

    def __init__(self, http: Http, keys: Keys, clock: Clock, server: Callable[[], ServerSettings | None]) -> None:
        self._http, self._keys, self._clock, self._server = http, keys, clock, server
        self._refusing: set[str] = set()

    async def send(self, one: ProgramMessage, url: str, body: bytes, chosen: Programs) -> WebhookResult:
        """Call once."""
        server = self._server()
        if delivery.is_private(url) and not chosen.private:
            return WebhookResult("not_configured", error=PRIVATE)
        secret = await self._keys.get(delivery.secret_name(url)) or ""
        try:
            headers = delivery.headers(one, body, secret, self._clock.now())
        except ValueError:
            return WebhookResult(
                "not_configured", error="The secret of this webhook is not one: enter it again in the settings for programs."
            )
        origin = urls.origin(url)
        if origin in chosen.hosts and origin not in self._refusing:
            done = await self._straight(url, headers, body)
            if done.outcome != "cors_refused" or server is None:
                return done
            self._refusing.add(origin)  # for as long as this page lives: it is asked again after a reload
        if server is None:
            return WebhookResult("not_configured", error=NOT_ALLOWED.format(host=origin))
        return await self._through(Forward(url, headers, body.decode(), delivery.TIMEOUT, private=chosen.private))

    async def _straight(self, url: str, headers: dict[str, str], body: bytes) -> WebhookResult:
        try:
            answer = await self._http.send(Request("POST", url, headers, body, timeout=delivery.TIMEOUT))
        except NetworkError as error:
            if error.kind == "redirected":
                return WebhookResult("http_status_not_2xx", error="It answered with a redirect, which is not followed.", transport="page")
            if error.kind == "policy":
                return WebhookResult(_KINDS[error.kind], error=NOT_ALLOWED.format(host=urls.origin(url)))
            return WebhookResult(_KINDS[error.kind], error=_SAID[error.kind], transport="page")
        return WebhookResult(delivery.status_outcome(answer.status), answer.status, _quoted(answer), "page")

    async def _through(self, forward: Forward) -> WebhookResult:
        try:
            answer = await self._http.send(
                Request(
                    "POST", RELAY_PATH, {"Content-Type": "application/json"}, msgspec.json.encode(forward), timeout=forward.timeout + 10
                )
            )
        except NetworkError as error:
            return WebhookResult("connection_error", error=f"The local server did not answer ({error.kind}).", transport="server")
        if answer.status != 200:
            return WebhookResult("connection_error", answer.status, f"The local server did not send it (status {answer.status}).", "server")
        try:
            found = jsonread.typed(answer.body, Forwarded)
        except jsonread.Unreadable:
            return WebhookResult("other", error="The local server's answer cannot be read.", transport="server")
        return WebhookResult(found.outcome, found.status, found.error[:300], "server")


_SAID: Final = {
    "offline": "The machine has no network.",
    "blocked": "The receiver does not let pages read its answers (CORS). It may have got the result all the same.",
    "unreachable": "Nobody answers there.",
    "broken": "The connection broke off. It may have got the result all the same.",
    "timeout": f"No answer within {delivery.TIMEOUT:.0f} seconds. It may have got the result all the same.",
}


def _quoted(answer: Response) -> str:
    """The beginning of what a receiver said when it did not accept; never anything of ours."""
    if delivery.status_outcome(answer.status) == "success":
        return ""
    from app.core.model.quoting import quote

    return quote(answer.body[:1_000].decode("utf-8", "replace"))
