"""Getting a result to the program that waits for it: what is sent, with which headers, when it is tried again, and what an outcome means.

Delivery is at least once: a try whose end nobody saw is made again, with the same idempotency key, so that the receiver can tell. The
signature is that of Standard Webhooks (standardwebhooks.com, specification 1.0.0): HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from msgspec.structs import replace

from app.core.base import retry, urls
from app.core.json import jsonread
from app.core.openai.outcomes import Outcome, read_line
from app.core.programs.message import MAX_ATTEMPTS, DeliveryAttempt, ProgramMessage, Programs
from app.core.programs.protocol import Result, TryOutcome
from app.core.programs.targets import Target
from app.core.programs.transitions import MESSAGE

GROWTH: Final = 4.0
"""Each wait is so many times the one before."""
TIMEOUT: Final = 30.0
"""Seconds that a receiver has to answer (OpenAI Batch Manager waits as long)."""
MAX_TRIES: Final = 20
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # how Standard Webhooks marks a secret, not one
DONE: Final[tuple[TryOutcome, ...]] = ("success", "unverified")
"""Outcomes after which a result counts as delivered: the broker took an unverified one, and would get it twice."""
_LOCAL: Final = (".localhost", ".local", ".internal", ".home.arpa", ".lan")

WORDS: Final[Mapping[TryOutcome, str]] = {
    "success": "delivered",
    "authorization_error": "not let in",
    "http_status_not_2xx": "another status than 2xx",
    "timeout": "no answer in time",
    "connection_error": "no connection",
    "cors_refused": "answers no page (CORS)",
    "queue_not_found": "no such queue",
    "exchange_not_found": "no such exchange",
    "not_configured": "not set up",
    "unverified": "accepted, but the queue was not confirmed",
    "other": "failed",
}
"""Each outcome of a try as people read it."""


# --- what is sent ----------------------------------------------------------------------------------------------------------------


class _Error(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Failure(msgspec.Struct, frozen=True):
    """What is sent for a request that no line of the provider tells of: the shape of a line of its error file."""

    id: str
    custom_id: str
    response: None
    error: _Error


_MADE: Final[dict[Result, tuple[str, str]]] = {
    "failed": ("batch_failed", "The batch failed, and the provider's files say nothing about this request."),
    "expired": ("batch_expired", "This request could not be executed before the completion window expired."),
    "cancelled": ("batch_cancelled", "The request was cancelled before it ran."),
    "missing": ("missing", "The provider's files say nothing about this request although the batch has ended."),
    "unfound": (
        "answer_not_found",
        "The provider answered this request, or may have, but its answer was not found in the provider's files. It may be billed: sent "
        "again, it may be paid for twice. If the answer is found later, it is delivered then.",
    ),
}


def result_of(outcome: Outcome) -> Result:
    """What became of a request, as programs are told; nothing while its line was not read."""
    if outcome is Outcome.FLAWED:
        return "answered"  # the line goes out as the provider wrote it, and says itself that it is cut off, empty or refused
    return "" if outcome is Outcome.UNREAD else outcome.name.lower()  # type: ignore[return-value]  # the names are those of Result


def content(one: ProgramMessage, line: bytes | None, said: str = "") -> bytes:
    """The body of a delivery: the provider's line as it arrived; for a failure with ``error`` set. Without a line one is made; ``said`` is
    what is known about why a batch failed as a whole, in words."""
    if line is not None and one.outcome == "answered":
        return _named(one, line)
    if line is not None and one.outcome != "unfound":
        read = read_line(line, "error")
        whole = _decoded(line)
        if not read.damaged and isinstance(whole, dict) and read.code:
            return _named(one, line if whole.get("error") else msgspec.json.encode({**whole, "error": _Error(read.code, read.message)}))
    code, message = _MADE.get(one.outcome, ("failed", "The request failed."))
    return msgspec.json.encode(_Failure(one.key, one.name, None, _Error(code, (said if one.outcome == "failed" else "") or message)))


def _named(one: ProgramMessage, line: bytes) -> bytes:
    """The line under the custom_id that its sender gave."""
    return renamed(line, one.caller_id) if one.caller_id else line


def renamed(line: bytes, custom_id: str) -> bytes:
    """A provider's line under this custom_id; every other byte of a value stays. A line that cannot be read stays whole."""
    try:
        return msgspec.json.encode({**jsonread.typed(line, dict[str, msgspec.Raw]), "custom_id": custom_id})
    except jsonread.Unreadable:
        return line


def _decoded(line: bytes) -> Any:
    try:
        return jsonread.value(line)
    except jsonread.Unreadable:
        return None


def headers(one: ProgramMessage, body: bytes, secret: str, now: float) -> dict[str, str]:
    """A webhook's headers. Signed with a ``secret`` (``whsec_…``, or any text); without one there is no signature."""
    found = {"content-type": "application/json", "idempotency-key": one.key, "x-custom-id": quote(one.name, safe=_VISIBLE)}
    if secret:
        stamp = str(int(now))
        found |= {"webhook-id": one.key, "webhook-timestamp": stamp, "webhook-signature": signature(secret, one.key, stamp, body)}
    return found


_VISIBLE: Final = "".join(chr(c) for c in range(33, 127) if chr(c) != "%")


def signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    """``v1,`` and the base64 of the HMAC-SHA256 of ``id.stamp.body``. ValueError where the secret is no base64 after its prefix."""
    import base64
    import hashlib
    import hmac

    digest = hmac.new(secret_bytes(secret), b".".join([id.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def secret_bytes(secret: str) -> bytes:
    """The key that a secret stands for: base64 behind ``whsec_``. ValueError for anything else."""
    import base64

    text = secret.strip().removeprefix(SECRET_PREFIX)
    if not (found := base64.b64decode(text, validate=True)):
        raise ValueError("empty")
    return found


def new_secret(token: bytes) -> str:
    """A secret of 24 to 64 random bytes, as Standard Webhooks asks for."""
    import base64

    return SECRET_PREFIX + base64.b64encode(token).decode()


BROKER: Final = "broker:"
"""How the name begins under which the broker's password is kept (the Keys port; core.programs.rabbit)."""
WEBHOOK: Final = "webhook:"
"""And those of the secrets of webhooks."""


def secret_name(url: str) -> str:
    """The name under which the secret of a webhook's host is kept (the Keys port)."""
    return f"{WEBHOOK}{urls.origin(url)}"


# --- where it goes ---------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def is_private(url: str) -> bool:
    """Whether an address names this machine or a private network, as far as it can be seen from it (RFC 1918, 4193, 6890). A name that
    only resolves to one is for whoever resolves it."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    if host == "localhost" or host.endswith(_LOCAL):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or _odd_number(host)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not mapped.is_global or mapped.is_multicast


def _odd_number(host: str) -> bool:
    """Whether browsers would read the last part as a number: then the whole is an IPv4 address in a strange spelling (WHATWG URL)."""
    last = host.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


# --- when ------------------------------------------------------------------------------------------------------------------------


def wait(tries: int, chosen: Programs, jitter: float) -> float | None:
    """Seconds after the ``tries``-th try in a row that failed (from 1); None: that was the last. The waits grow, and take ``chosen.over``
    together."""
    if tries >= chosen.tries:
        return None
    parts = sum(GROWTH**n for n in range(chosen.tries - 1))
    return retry.spread(chosen.over * GROWTH ** (tries - 1) / parts, jitter)


def ended(one: ProgramMessage, batch: str, row: int, outcome: Result, chosen: Programs, key: str, now: float) -> ProgramMessage | None:
    """The record after its request's outcome is known; None where that changes nothing. ``key`` is used where another result was
    delivered, or tried, before."""
    known = one.state != "waiting"
    if known and (one.batch, one.row, one.outcome) == (batch, row, outcome):
        return None
    found = replace(one, batch=batch, row=row, outcome=outcome, tries=0, by_hand=False, key=key if known else one.key)
    reported = outcome == "answered" or chosen.failures
    if one.dropped or not reported or not one.where:
        return replace(found, state=MESSAGE.after(one.state, "result_to_keep"), retry_at=0.0)
    place = now + row * 1e-6
    return replace(found, state=MESSAGE.after(one.state, "result_to_send"), retry_at=place, place=place)


def tried(one: ProgramMessage, attempt: DeliveryAttempt, chosen: Programs, jitter: float) -> ProgramMessage:
    """The record after a try at its delivery, which was due. Raises NoSuchMove where it was not."""
    after = _with(one, attempt)
    if attempt.outcome in DONE:
        return replace(after, state=MESSAGE.after(one.state, "delivered"), tries=one.tries + 1, retry_at=0.0, by_hand=False)
    seconds = wait(one.tries + 1, chosen, jitter)
    if seconds is None:
        return replace(after, state=MESSAGE.after(one.state, "tries_used_up"), tries=one.tries + 1, retry_at=0.0, by_hand=False)
    due = attempt.at + attempt.seconds + seconds
    return replace(after, state=MESSAGE.after(one.state, "try_failed"), tries=one.tries + 1, retry_at=due)


def noted(one: ProgramMessage, attempt: DeliveryAttempt) -> ProgramMessage:
    """The record after a try that was made for another result, target or state than it has by now: only recorded."""
    return replace(_with(one, attempt), state=MESSAGE.after(one.state, "late_try"))


def _with(one: ProgramMessage, attempt: DeliveryAttempt) -> ProgramMessage:
    return replace(one, attempts=(*one.attempts, attempt)[-MAX_ATTEMPTS:], made=one.made + 1)


def waits(one: ProgramMessage, now: float) -> bool:
    """Whether its next try lies ahead. A wait that was stored at a time that lies ahead is over: the clock was set back meanwhile,
    and how much of it is left nobody knows (pipeline.due has the same)."""
    stored = one.attempts[-1].at if one.tries and one.attempts else one.place
    return stored <= now < one.retry_at


def unreadable(body: bytes) -> str:
    """Why a body cannot be delivered as JSON text, as a sentence; nothing where it can. JSON between systems is UTF-8 (RFC 8259, 8.1)."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return (
            f"The provider's answer is not UTF-8 text (byte {error.start:,} of its line is {body[error.start]:#04x}), so a receiver "
            "could not read it as JSON. It is kept as it arrived: copy it from its batch, or send the request again."
        )
    return ""


def broken(one: ProgramMessage, attempt: DeliveryAttempt) -> ProgramMessage:
    """The record of a result that cannot be delivered as it is, however often it is tried: failed, with the reason."""
    state = MESSAGE.after(one.state, "unreadable")
    return replace(_with(one, attempt), state=state, tries=one.tries + 1, retry_at=0.0, by_hand=False)


def again(one: ProgramMessage, now: float, target: Target | None = None) -> ProgramMessage | None:
    """The record when its result shall be delivered again, perhaps to another target; None where there is no result or no place."""
    found = one if target is None else replace(one, target=target)
    if one.state == "waiting":
        return replace(found, state=MESSAGE.after(one.state, "changed")) if found != one else None
    if not found.where or not one.outcome:
        return None
    return replace(found, state=MESSAGE.after(one.state, "asked_again"), tries=0, retry_at=now, place=now, by_hand=True)


def dropped(one: ProgramMessage, dequeued: bool) -> ProgramMessage:
    """The record when nobody wants its result any more. ``dequeued``: its request was taken out of the queue, unsent."""
    found = replace(one, dropped=True)
    if dequeued:
        return replace(found, state=MESSAGE.after(one.state, "dequeued"), outcome="cancelled")
    return replace(found, state=MESSAGE.after(one.state, "dropped"), retry_at=0.0 if one.state == "due" else one.retry_at)


def status_outcome(status: int) -> TryOutcome:
    """What a receiver's status means: 2xx is success, a redirect is not followed."""
    if 200 <= status < 300:
        return "success"
    return "authorization_error" if status in (401, 403) else "http_status_not_2xx"
