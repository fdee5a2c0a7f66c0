"""What became of one request: one line of an output or error file, read leniently and fast.

One typed decode a line: only the fields that decide are built, the body's text is skipped. A line of another shape than the usual is
read again, slowly; a line that is not JSON is damaged, which is reported and not fatal. Shapes: OpenAI batch guide, and public reports of
real runs (error null with a status from 400 on; 200 with an error in the body; status 0; unfinished rows in the error file; an answer
without its envelope, or without ``body``; a body that is JSON written as text).

A line that does not say clearly that its request failed, and does not hold an answer either, is :attr:`Outcome.UNFOUND`: it may be paid.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.model.quoting import QUOTE, quote, said_in
from app.core.openai import flaws
from app.core.openai.advice import IMAGE_TIMEOUT
from app.core.openai.envelopes import Envelope, decode, opened, tokens

FileKind = Literal["output", "error"]


class Outcome(IntEnum):
    """What became of a request. The numbers are stored."""

    UNREAD = 0
    ANSWERED = 1
    FAILED = 2
    EXPIRED = 3
    CANCELLED = 4
    MISSING = 5
    UNFOUND = 6
    """It may have been answered, and its answer was not found (core.batches.doubts says why)."""
    FLAWED = 7
    """It was answered, and the answer is no good one (core.openai.flaws says why)."""


ANSWERS: Final = (Outcome.ANSWERED, Outcome.FLAWED)
NO_RESPONSE: Final = "no_response"
UNKNOWN_SHAPE: Final = "unknown_line"
CONTRADICTION: Final = "failure_with_answer"
COUNTED: Final = "unrun_with_tokens"
"""A line says that its request did not run, and counts tokens of it."""
KEY_TWICE: Final = "field_twice"
"""A field that decides is in the line twice, with different values."""
_ID_KEY: Final = b'"custom_id"'
_STATUS_KEY: Final = b'"status_code"'
_KEYS: Final = (_ID_KEY, _STATUS_KEY, b'"response"', b'"error"', b'"body"')
_LINE: Final = ("custom_id", "response", "error", "status_code", "body")
_RESPONSE: Final = ("status_code", "body", "error")
_BODY: Final = ("error",)
_UNRUN: Final = (Outcome.EXPIRED, Outcome.CANCELLED)


class Read(msgspec.Struct, gc=False, omit_defaults=True):
    """One line, understood. ``damaged`` is a sentence if it could not be; then ``custom_id`` is a guess or empty.

    ``status`` is the request's own HTTP status, 0 if there is none. ``code`` is never empty for a failure: ``status_NNN`` stands for a
    status without a code. ``message`` is shortened. Tokens are 0 where the provider does not say. ``vectors`` counts the embeddings.
    """

    custom_id: str
    outcome: Outcome
    status: int = 0
    code: str = ""
    message: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    damaged: str = ""
    vectors: int = 0


BY_CODE: Final[dict[str, Outcome]] = {
    "batch_expired": Outcome.EXPIRED,
    "batch_cancelled": Outcome.CANCELLED,
    "batch_canceled": Outcome.CANCELLED,
}


class _Cached(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _Reasoning(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens_details: _Cached | None = None
    prompt_tokens_details: _Cached | None = None
    output_tokens_details: _Reasoning | None = None
    completion_tokens_details: _Reasoning | None = None


_made: Final[list[Any]] = []
"""Every object of these types that the decode of one line made: one that another of the same name replaced is among them."""


class _Error(msgspec.Struct, gc=False):
    __post_init__ = _made.append  # type: ignore[misc]  # msgspec calls it with the object, as a method would be
    code: str | None = None
    type: str | None = None
    message: str | None = None


class _Body(msgspec.Struct, gc=False):
    __post_init__ = _made.append  # type: ignore[misc]  # msgspec calls it with the object, as a method would be
    usage: _Usage | None = None
    error: _Error | None = None
    choices: list[flaws.Choice] | None = None
    output: list[flaws.Item] | None = None
    data: list[flaws.Vector] | None = None
    status: str | None = None


class _Response(msgspec.Struct, gc=False):
    __post_init__ = _made.append  # type: ignore[misc]  # msgspec calls it with the object, as a method would be
    status_code: int
    body: _Body | None = None


class _GoodResponse(msgspec.Struct, gc=False):
    """A status that is no good one is refused although another one behind it wins: so it needs no look for a second."""

    __post_init__ = _made.append  # type: ignore[misc]  # msgspec calls it with the object, as a method would be
    status_code: Annotated[int, msgspec.Meta(ge=200, le=299)]
    body: _Body | None = None


class _Line(msgspec.Struct, gc=False):
    """The usual lines: an answer, or an error with a code. Anything else fails to decode, or is odd, and takes the slow way."""

    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


class _GoodLine(msgspec.Struct, gc=False):
    """An answer."""

    custom_id: str
    response: _GoodResponse
    error: _Error | None = None


_usual: Final = jsonread.Decoder[_Line](_Line, depth=jsonread.SKIP_DEPTH)
_good: Final = jsonread.Decoder[_GoodLine](_GoodLine, depth=jsonread.SKIP_DEPTH)


def read_line(line: bytes, file: FileKind) -> Read:
    """Understand one line without its newline. Never raises."""
    found: _GoodLine | _Line | None = None
    if file == "output":
        del _made[:]
        found = _good.decoded(line)
    if found is None:
        del _made[:]
        try:
            found = _usual.decode(line)
        except Unreadable:
            return _read_slowly(line, file)
        if line.find(_STATUS_KEY) != line.rfind(_STATUS_KEY):
            return _read_slowly(line, file)
    response = found.response
    body = response.body if response else None
    status = response.status_code if response else 0
    inner = body.error if body else None
    error = found.error or inner
    kept = 2 if body else 1 if response else 0
    if error:
        kept += 1 if found.error is None or inner is None else 2
    if len(_made) != kept or line.find(_ID_KEY) != line.rfind(_ID_KEY):  # one was replaced; in a text its quotes would be escaped
        return _read_slowly(line, file)
    if not found.custom_id or status < 0 or (error is None and (body is None or not 200 <= status < 300)):
        return _read_slowly(line, file)
    outcome, code, message = Outcome.ANSWERED, "", ""
    if error is None:
        if body is not None and not flaws.is_plain(body.choices, body.output, body.data, body.status):
            return _read_slowly(line, file)
    else:
        if body is not None and (body.choices is not None or body.output is not None or body.data is not None):
            return _read_slowly(line, file)
        code = error.code or error.type or ""
        if not code:
            return _read_slowly(line, file)
        code = _passing_image(code, error.message or "")
        outcome, code, message = BY_CODE.get(code, Outcome.FAILED), code[:80], _quoted((error.message or "")[: QUOTE * 20])
    usage = body.usage if body else None
    vectors = len(body.data) if body is not None and body.data else 0
    if usage is None:
        return Read(found.custom_id, outcome, status, code, message, vectors=vectors)
    if outcome in _UNRUN:
        return _read_slowly(line, file)
    cached = usage.input_tokens_details or usage.prompt_tokens_details
    reasoning = usage.output_tokens_details or usage.completion_tokens_details
    counts = (
        usage.input_tokens or usage.prompt_tokens or 0,
        (cached.cached_tokens or 0) if cached else 0,
        usage.output_tokens or usage.completion_tokens or 0,
        (reasoning.reasoning_tokens or 0) if reasoning else 0,
    )
    if min(counts) < 0:
        return _read_slowly(line, file)
    return Read(found.custom_id, outcome, status, code, message, *counts, vectors=vectors)


class _Twice(dict[str, Any]):
    """An object in which the fields ``names`` stand more than once, with different values. null is no value, but after one."""

    names: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _Twice(pairs)
    if len(found) != len(pairs):
        values: dict[str, Any] = {}
        twice: list[str] = []
        for name, value in pairs:
            if name in values and values[name] is not None and values[name] != value:
                twice.append(name)
            values[name] = value
        found.names = tuple(twice)
    return found


def _contradicting(line: bytes) -> str:
    """The first field of a line, of its response or of its body's error that is there with two different values; nothing where none
    does. The last one would win silently, and an error or another status would be lost."""
    if not any(line.find(key) != line.rfind(key) for key in _KEYS):
        return ""
    try:
        found = jsonread.loads(line.decode("utf-8", "replace").removeprefix("\ufeff"), object_pairs_hook=_pairs)
    except Unreadable:
        return ""
    response = found.get("response") if isinstance(found, _Twice) else None
    body = response.get("body") if isinstance(response, _Twice) else None
    for place, names in ((found, _LINE), (response, _RESPONSE), (body, _BODY)):
        if isinstance(place, _Twice) and (twice := next((name for name in names if name in place.names), "")):
            return twice
    return ""


def _passing_image(code: str, message: str) -> str:
    """The code of a failure. An image that the provider waited for too long comes with the codes of a bad request, but passes."""
    return IMAGE_TIMEOUT if "imeout while downloading" in message[: QUOTE * 2] else code


@lru_cache(maxsize=64)
def _quoted(message: str) -> str:
    """Thousands of lines of one batch fail with the same words."""
    return quote(message)


def _read_slowly(line: bytes, file: FileKind) -> Read:
    try:
        found = decode(line)
    except Unreadable as error:
        if error.kind in ("too_deep", "too_large"):
            return damaged(line, f"The line is kept as it came and is not read: {error}.")
        return damaged(line, f"The line is not valid JSON: {error}.")
    if not isinstance(found, dict):
        return damaged(line, "The line is JSON, but not an object.")
    custom_id = _clean(found.get("custom_id"))
    if isinstance(custom_id, int) and not isinstance(custom_id, bool):
        custom_id = str(custom_id)
    if not isinstance(custom_id, str) or not custom_id:
        return damaged(line, "The line names no request (custom_id).")
    if twice := _contradicting(line):
        if twice == "custom_id":
            return damaged(line, "The line names two requests: its custom_id occurs twice.")
        said = f"The line has “{twice}” twice, with different values."
        return Read(custom_id, Outcome.UNFOUND, 0, KEY_TWICE, said, *tokens(opened(found).body))
    envelope = opened(found)
    body, status = envelope.body, envelope.status
    answer = flaws.is_answer(body)
    outcome, code, message = _failure(found.get("error"), envelope, file)
    if outcome is not None:
        if answer and outcome is not Outcome.UNFOUND:
            outcome, code = Outcome.UNFOUND, CONTRADICTION
        counted = tokens(body)
        if outcome in _UNRUN and any(counted):
            outcome, code = Outcome.UNFOUND, COUNTED
        return Read(custom_id, outcome, status, _clean(code[:80]), _clean(quote(message)), *counted)
    flaw = flaws.flaw_of(body)
    outcome = Outcome.FLAWED if flaw else Outcome.ANSWERED
    return Read(custom_id, outcome, status, flaw, "", *tokens(body), vectors=flaws.vectors_of(body))


def _failure(error: Any, envelope: Envelope, file: FileKind) -> tuple[Outcome | None, str, str]:
    """What a line says of a failure, with code and message; no outcome: it is an answer."""
    response, body, status = envelope.response, envelope.body, envelope.status
    inner = body.get("error") if isinstance(body, dict) else None
    for place in (error, inner, response.get("error") if isinstance(response, dict) else None):
        if place:
            code, message = said_in(place)
            code = _passing_image(code or (f"status_{status}" if status >= 400 else "error"), message)
            return BY_CODE.get(code, Outcome.FAILED), code, message
    if response is None:
        return Outcome.UNFOUND, NO_RESPONSE, "The line holds neither an answer nor an error."
    if not isinstance(response, dict):
        return Outcome.UNFOUND, UNKNOWN_SHAPE, "The line holds something that is neither an answer nor an error."
    if status >= 300 or 0 < status < 200:
        code, message = said_in(body)
        return Outcome.FAILED, (code if code and code != "error" else f"status_{status}"), message
    answer = flaws.is_answer(body)
    if envelope.zero and not answer:
        code, message = said_in(body)
        return Outcome.FAILED, code or "status_0", message
    if body is None or body == "":
        return Outcome.UNFOUND, NO_RESPONSE, "The line holds no answer."
    if status == 0 and file == "error" and not answer:
        code, message = said_in(body)
        return (Outcome.FAILED, code, message) if code else (Outcome.UNFOUND, UNKNOWN_SHAPE, message)
    return None, "", ""


def _clean(text: Any) -> Any:
    """Text without lone surrogates, which could be neither stored nor shown; anything else as it is."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


# --- damage ------------------------------------------------------------------------------------------------------------------------

_ID: Final = pattern(rb'"custom_id"\s*:\s*"((?:[^"\\\x00-\x1f]|\\["\\/bfnrtu])+)"')


def damaged(line: bytes, sentence: str) -> Read:
    """A line that is not read, with why, and the id that its text seems to name."""
    match = _ID.search(line)
    guess = ""
    if match and line.count(b'"custom_id"') == 1:  # several lines in one: it is not known which of them is damaged
        try:
            guess = jsonread.typed(b'"' + match[1] + b'"', str)
        except Unreadable:
            guess = ""
    return Read(custom_id=guess, outcome=Outcome.UNREAD, damaged=sentence)
