"""What an answer line says, for files: its texts one by one. The usual lines by one typed decode; any other as core.results.answers reads
it.

Shapes: OpenAI API reference (chat completions, responses).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.results.answers import Answer, answer_of

MOST_SAMPLES: Final = 128
"""Answers to one request that are distinguished (OpenAI API reference, ``n``)."""


class AnswerText(msgspec.Struct, frozen=True, gc=False):
    """One answer to a request. A request with ``n`` has several."""

    text: str = ""
    finish: str = ""
    """The provider's word (``stop``, ``length``, …)."""


class AnswerFacts(msgspec.Struct, frozen=True, gc=False):
    """What came for a request."""

    samples: tuple[AnswerText, ...] = ()
    """Empty: there is no answer."""
    model: str = ""
    request_id: str = ""
    """The provider's, for its support."""
    error: str = ""
    """Why there is no answer, in the provider's words."""


class _Message(msgspec.Struct, gc=False):
    content: str
    refusal: str | None = None
    tool_calls: None = None


class _Choice(msgspec.Struct, gc=False):
    message: _Message
    finish_reason: str | None = None


class _ChatBody(msgspec.Struct, gc=False):
    choices: list[_Choice]
    model: str = ""
    error: None = None


class _Response(msgspec.Struct, gc=False):
    body: _ChatBody
    request_id: str | None = None


class _ChatLine(msgspec.Struct, gc=False):
    response: _Response


_chat: Final = jsonread.Decoder[_ChatLine](_ChatLine, depth=jsonread.SKIP_DEPTH)


def facts_of(endpoint: str, line: bytes) -> AnswerFacts:
    """What a line says that answers a request. Never raises."""
    found = _chat.decoded(line)
    if found is not None and found.response.body.choices:
        body = found.response.body
        if len(body.choices) == 1 and not (one := body.choices[0]).message.refusal:  # the usual line
            return AnswerFacts((AnswerText(one.message.content, one.finish_reason or ""),), body.model, found.response.request_id or "")
        if not any(one.message.refusal for one in body.choices):
            return AnswerFacts(
                tuple(AnswerText(one.message.content, one.finish_reason or "") for one in body.choices[:MOST_SAMPLES]),
                body.model,
                found.response.request_id or "",
            )
    return _of(answer_of(endpoint, line), line)


def _of(answer: Answer, line: bytes) -> AnswerFacts:
    said = answer.text or answer.refusal or _calls(answer)
    if answer.format == "raw":
        return AnswerFacts((), answer.model, answer.request_id, answer.error or answer.notice)
    if not said and answer.error_code:
        return AnswerFacts((), answer.model, answer.request_id, answer.error or answer.error_code)
    several = _choices(line)
    texts = tuple(AnswerText(text, finish) for text, finish in several) if len(several) > 1 else (AnswerText(said, answer.finish),)
    return AnswerFacts(texts[:MOST_SAMPLES], answer.model, answer.request_id, answer.error)


def _calls(answer: Answer) -> str:
    """The functions that the model wants called, as JSON."""
    calls = [{"name": one.name, "arguments": one.arguments} for one in answer.tools]
    return msgspec.json.encode(calls).decode() if calls else ""


def _choices(line: bytes) -> list[tuple[str, str]]:
    """The texts of several choices of one answer, where it has several and all are plain."""
    try:
        body: Any = jsonread.value(line)["response"]["body"]
        choices = body["choices"]
        return [
            (str(one["message"].get("content") or one["message"].get("refusal") or ""), str(one.get("finish_reason") or ""))
            for one in choices
        ]
    except (Unreadable, KeyError, TypeError, AttributeError):
        return []
