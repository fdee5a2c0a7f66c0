"""Where the answer of an output line is: in ``response.body``, in its place, beside ``custom_id``, or in JSON written as text."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.openai import flaws


def decode(line: bytes) -> Any:
    """One JSON value, also with what msgspec refuses and other writers produce: lone surrogates, NaN, a BOM. Raises Unreadable."""
    return jsonread.lenient(line)


class Envelope(msgspec.Struct, frozen=True):
    """What a line wraps: ``response`` as it arrived, the answer's ``body`` and its ``status`` (0: none is given, or it is 0 as ``zero``
    says)."""

    response: Any
    body: Any
    status: int
    zero: bool = False


_OUTER: Final = frozenset({"id", "custom_id", "error", "response", "status_code", "request_id"})


def opened(line: dict[str, Any]) -> Envelope:
    """Find the answer in a line: ``response.body``, a body that is JSON written as text, the answer in place of ``response``, or beside
    ``custom_id`` without any envelope."""
    response = line.get("response")
    response = _inner_json(response) if isinstance(response, str) else response
    beside = line.get("body") if response is None else None
    beside = _inner_json(beside) if isinstance(beside, str) else beside
    if flaws.is_answer(beside):
        response = {"status_code": line.get("status_code"), "request_id": line.get("request_id"), "body": beside}
    elif response is None and flaws.is_answer(line):
        bare = {name: value for name, value in line.items() if name not in _OUTER}
        response = {"status_code": line.get("status_code"), "request_id": line.get("request_id"), "body": bare}
    elif isinstance(response, dict) and "body" not in response and flaws.is_answer(response):
        response = {"status_code": response.get("status_code"), "request_id": response.get("request_id"), "body": response}
    if not isinstance(response, dict):
        return Envelope(response, None, 0)
    body = response.get("body")
    if isinstance(body, str):
        body = _inner_json(body)
    said = response.get("status_code")
    return Envelope(response, body, _whole(said), said is not None and said is not False and said in (0, "0"))


class _RawResponse(msgspec.Struct, gc=False):
    body: msgspec.Raw = msgspec.Raw(b"")


class _RawLine(msgspec.Struct, gc=False):
    response: _RawResponse | None = None


_bodies: Final = jsonread.Decoder[_RawLine](_RawLine, depth=jsonread.SKIP_DEPTH)


def body_of(line: bytes) -> bytes:
    """The answer's body as it is in a line; the whole line where it has another shape."""
    try:
        found = _bodies.decode(line)
    except Unreadable:
        return line
    return bytes(found.response.body) if found.response is not None and found.response.body else line


def _inner_json(text: str) -> Any:
    """The object that a text is in JSON; any other text as it is."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        found = jsonread.value(text)
    except Unreadable:
        return text
    return found if isinstance(found, dict) else text


def tokens(body: Any) -> tuple[int, int, int, int]:
    """Input, cached, output and reasoning tokens of a decoded body; 0 for what is missing or odd."""
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return 0, 0, 0, 0

    def detail(name: str, *places: str) -> int:
        inner = (usage.get(place) for place in places)
        return next((_whole(each.get(name)) for each in inner if isinstance(each, dict)), 0)

    return (
        _whole(usage.get("input_tokens")) or _whole(usage.get("prompt_tokens")),
        detail("cached_tokens", "input_tokens_details", "prompt_tokens_details"),
        _whole(usage.get("output_tokens")) or _whole(usage.get("completion_tokens")),
        detail("reasoning_tokens", "output_tokens_details", "completion_tokens_details"),
    )


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        return 0
    return int(value)
