"""The texts of a body whose tokens a provider counts as its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from app.core.bodies import tokens
from app.core.model.lanes import CHAT, RESPONSES, Endpoint
from app.core.openai import kinds

A_MESSAGE: Final = 4
"""Tokens around each message, its role among them (OpenAI cookbook, «How to count tokens with tiktoken»: 3 and the role's one)."""
AN_ANSWER: Final = 3
"""Tokens that begin the answer (the same page)."""
_ASKED: Final = ("messages", "input", "instructions", "prompt", "suffix")
_SHAPES: Final = ("tools", "functions", "response_format", "text")
"""Parameters that providers write into the prompt. How is not published: they count as their JSON."""
_NOT_TEXT: Final = frozenset({"type", "role", "detail", "image_url", "file_data", "file_id", "file_url", "filename", "data", "format"})

_encode: Final = msgspec.json.Encoder().encode


class PromptTexts(NamedTuple):
    """``text`` is all that is counted, in one piece; ``extra`` are tokens beside it: those around messages, and images."""

    text: str
    extra: int


def prompt_texts(endpoint: Endpoint, body: Mapping[str, Any]) -> PromptTexts:
    """What a body's prompt is made of. Of an image the most is taken that any model counts (core.bodies.tokens); files are not counted."""
    texts: list[str] = []
    images = 0
    for name in _ASKED:
        for one in strings(body.get(name)):
            if one is None:
                images += 1
            else:
                texts.append(one)
    texts += [_encode(body[name]).decode() for name in _SHAPES if isinstance(body.get(name), list | dict)]
    extra = 0
    if kinds.canonical(endpoint) in (CHAT, RESPONSES):
        asked = body.get("messages", body.get("input"))
        extra = A_MESSAGE * (len(asked) if isinstance(asked, list) else 1) + AN_ANSWER
    model = body.get("model")
    flat = tokens.IMAGE_4O_MINI if isinstance(model, str) and "gpt-4o-mini" in model else tokens.IMAGE
    return PromptTexts("\n".join(texts), extra + images * flat)


def strings(value: Any) -> Iterator[str | None]:
    """Every text below; None for an image."""
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from strings(one)
        case dict():
            if "image_url" in value:
                yield None
            for name, one in value.items():
                if name not in _NOT_TEXT:
                    yield from strings(one)
