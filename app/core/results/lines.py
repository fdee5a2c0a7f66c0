"""Lines of requests and answers read for a table of them: fast, the few fields that a column shows, of whatever shape a line has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from app.core.bodies import requests
from app.core.bodies.prompttexts import strings
from app.core.json import jsonread
from app.core.results.answers import answer_of
from app.core.results.columns import number_text
from app.core.results.fields import LONGEST_PATH

_HEAD: Final = 240
_SHORT_HEAD: Final = 60
_MANY: Final = 200_000
MOST_FIELDS: Final = 40
"""Fields of structured answers that become columns."""
_CELL: Final = 60
_ASKED: Final = ("messages", "input", "instructions", "prompt")


def head_length(rows: int) -> int:
    """How many characters of a text rows are sorted and counted by: of many rows fewer, since each different text is kept."""
    return _HEAD if rows <= _MANY else _SHORT_HEAD


class AnswerCells(msgspec.Struct, frozen=True, gc=False):
    """What the columns of an answer show of it. ``fields``: of a structured answer, its values by their names; those within objects by
    ``outer.inner``."""

    text: str
    finish: str = ""
    model: str = ""
    fields: dict[str, str] | None = None
    error: bool = False
    """Whether the text is not the model's but says why there is none."""


class _Said(msgspec.Struct, gc=False):
    content: str
    refusal: None = None
    tool_calls: None = None


class _ChatChoice(msgspec.Struct, gc=False):
    message: _Said
    finish_reason: str = ""


class _Plain(msgspec.Struct, gc=False):
    choices: tuple[_ChatChoice]
    model: str = ""


class _PlainResponse(msgspec.Struct, gc=False):
    status_code: int
    body: _Plain


class _PlainLine(msgspec.Struct, gc=False):
    response: _PlainResponse
    error: None = None


_plain: Final = jsonread.Decoder[_PlainLine](_PlainLine, depth=jsonread.SKIP_DEPTH)


def answer_cells(endpoint: str, line: bytes, *, fields: bool = True) -> AnswerCells:
    """An answer's line; without ``fields`` its text only. Never raises. The usual chat answer is read by one typed decode, the others as
    people are shown them."""
    found = _plain.decoded(line)
    if found is not None and 200 <= found.response.status_code < 300:
        body = found.response.body
        text = body.choices[0].message.content
        return AnswerCells(text, body.choices[0].finish_reason, body.model, fields_of(text) if fields else None)
    answer = answer_of(endpoint, line)
    text = answer.text or answer.refusal or " ".join(f"{call.name}({call.arguments})" for call in answer.tools)
    if not text:
        return AnswerCells(answer.error, answer.finish, answer.model, error=True)
    return AnswerCells(text, answer.finish, answer.model, fields_of(answer.text) if fields and answer.format == "json" else None)


def fields_of(text: str) -> dict[str, str] | None:
    """The fields of an answer that is a JSON object, one level of objects within it opened; None for any other text. Of two fields with one
    path the first stays; one with a longer path than columns have is left out."""
    if text.lstrip()[:1] != "{":
        return None
    try:
        value = jsonread.value(text)
    except jsonread.Unreadable:
        return None
    if not isinstance(value, dict):
        return None
    found: dict[str, str] = {}
    for path, leaf in _fields(value):
        if len(path) <= LONGEST_PATH and path not in found:
            found[path] = field_text(leaf)
    return found


def _fields(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, inner in list(value.items())[:MOST_FIELDS]:
        if isinstance(inner, dict) and inner:
            for deeper, leaf in list(inner.items())[:MOST_FIELDS]:
                yield f"{name}.{deeper}", leaf
        else:
            yield name, inner


def field_text(value: Any) -> str:
    """A value as a cell has it: a text as it is, cut, anything else as JSON; "" for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return whole(value[:_CELL])
    if isinstance(value, float):
        return number_text(value)
    try:
        return whole(json.dumps(value, ensure_ascii=False)[:_CELL])
    except (ValueError, RecursionError):
        return ""


def whole(text: str) -> str:
    """The text on one line, without halves of characters."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def prompt_text(line: bytes) -> str:
    """What a request asks: every text of its messages, one after another. Never raises; "" where the line cannot be read."""
    try:
        body = jsonread.value(requests.decode(line).body)
    except (requests.LineFault, jsonread.Unreadable):
        return ""
    if not isinstance(body, dict):
        return ""
    return "\n".join(said for name in _ASKED for said in strings(body.get(name)) if said)


def snippet(text: str, words: str, length: int) -> str:
    """The beginning of a text on one line; with ``words`` what stands around them, where they are in it."""
    at = text.lower().find(words.lower()) if words else -1
    if at > length // 3:
        start = max(0, at - length // 4)
        space = text.find(" ", start, at)
        return "… " + whole(text[space + 1 if space >= 0 else start : at + length])[:length]
    return whole(text[: length * 2])[:length]
