"""What a text answer will be, before it is written out: its text, its tokens, why it ends. Deterministic from seed and request."""

from __future__ import annotations

from typing import Any

import msgspec

from app.practice.bodies import Body, loosely
from app.practice.models import reasons
from app.practice.schema_sample import sample

CHARACTERS_A_TOKEN = 4
"""A rough rule for English text (OpenAI token guide); a practice answer needs no tokenizer."""

_OPENINGS = (
    "Here is a practice answer.",
    "This stands in for a real answer.",
    "No model was asked for this text.",
    "Practice mode made this up.",
)
_FILLERS = (
    "It is as long as a short answer would be.",
    "The words carry no meaning.",
    "Tokens and costs are simulated too.",
    "The same request gives the same text each time.",
    "Nothing was sent to anybody.",
    "A real model would have read the request.",
)


class Plan(msgspec.Struct, frozen=True):
    """A text answer in short. ``output_tokens`` include ``reasoning_tokens``; ``cut`` says that the token limit ended it."""

    text: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cut: bool


def tokens(size: int) -> int:
    """Tokens of a text of ``size`` characters or bytes, roughly."""
    return max(1, -(-size // CHARACTERS_A_TOKEN))


def prompt_size(body: Body) -> int:
    """Characters or bytes of all that the model is asked, from which the prompt's tokens are counted."""
    asked = body.messages or body.input or body.prompt
    return memoryview(asked).nbytes + (len(body.instructions) if isinstance(body.instructions, str) else 0)


def plan(body: Body, seed: int) -> Plan:
    """The answer that ``seed`` gives to a chat, response or completion request."""
    asked = body.messages or body.input or body.prompt
    input_tokens = tokens(prompt_size(body))
    cached = input_tokens // 256 * 128 if input_tokens >= 1024 and seed >> 40 & 1 else 0
    reasoning = 64 * (seed >> 44 & 3) if reasons(str(body.model)) and effort(body) not in ("none", "minimal") else 0
    text = _text(body, asked, seed)
    visible = tokens(len(text))
    limit = output_limit(body)
    if limit is not None and reasoning + visible > limit:
        reasoning = min(reasoning, limit)
        visible = limit - reasoning
        return Plan(text[: visible * CHARACTERS_A_TOKEN], input_tokens, cached, limit, reasoning, True)
    return Plan(text, input_tokens, cached, reasoning + visible, reasoning, False)


def output_limit(body: Body) -> int | None:
    """The most output tokens asked for, whichever field says it."""
    for limit in (body.max_completion_tokens, body.max_output_tokens, body.max_tokens):
        if isinstance(limit, int):
            return limit
    return None


def effort(body: Body) -> Any:
    """The reasoning effort asked for, in either endpoint's place."""
    return body.reasoning.get("effort") if isinstance(body.reasoning, dict) else body.reasoning_effort


def wanted_format(body: Body) -> tuple[str, Any]:
    """The kind of output asked for (``text``, ``json_object``, ``json_schema``) and the schema, in either endpoint's place."""
    place = body.text.get("format") if isinstance(body.text, dict) else body.response_format
    if not isinstance(place, dict):
        return "text", None
    inner = place.get("json_schema") if isinstance(place.get("json_schema"), dict) else place
    return str(place.get("type", "text")), inner.get("schema") if isinstance(inner, dict) else None


def _text(body: Body, asked: msgspec.Raw, seed: int) -> str:
    kind, schema = wanted_format(body)
    if kind == "json_schema":
        return msgspec.json.encode(sample(schema, seed)).decode()
    question = last_question(asked)
    words = len(question.split())
    if kind == "json_object":
        return msgspec.json.encode({"simulated": True, "words_asked": words, "asked": question[:200]}).decode()
    excerpt = " ".join(question[:120].split())
    parts = [f"[simulated] {_OPENINGS[seed % len(_OPENINGS)]} You asked in {words} words: “{excerpt}{'…' if len(question) > 120 else ''}”."]
    for turn in range(1 + (seed >> 8) % 4):
        parts.append(_FILLERS[(seed >> (12 + 4 * turn)) % len(_FILLERS)])
    return " ".join(parts)


def last_question(asked: msgspec.Raw) -> str:
    """The text of the last user message, or the whole text where it is plain."""
    found = loosely(asked)
    if isinstance(found, list):
        users = [one for one in found if isinstance(one, dict) and one.get("role") == "user"]
        found = users[-1].get("content", "") if users else (found[-1] if found else "")
        if isinstance(found, dict):
            found = found.get("content", "")
    if isinstance(found, list):
        found = " ".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in found)
    return found if isinstance(found, str) else ""
