"""What an answer is made of, part by part: texts with their citations and token probabilities, calls of tools, pictures, vectors, scores.

Everything is read leniently and bounded: what is of another shape is skipped here and is in the answer as it arrived. Never raises.
Shapes: OpenAI API reference (chat completions, responses, completions, embeddings, moderations, images).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, Literal

import msgspec

from app.core.json.jsonread import Unreadable
from app.core.openai.envelopes import decode, opened

MOST_PARTS: Final = 200
"""Parts of one answer."""
MOST_TOKENS: Final = 2_000
"""Tokens whose probabilities are kept."""
_ALTERNATIVES: Final = 5
_CITATIONS: Final = 100
_SCORES: Final = 100
_FIRST: Final = 8

PartKind = Literal["text", "refusal", "reasoning", "call", "image", "audio", "embedding", "moderation"]


class Citation(msgspec.Struct, frozen=True):
    """A source that a text names."""

    address: str
    title: str = ""


class TokenChance(msgspec.Struct, frozen=True):
    """A token, how probable the model found it (0 to 1), and others that stood there as well."""

    token: str
    chance: float
    others: tuple[tuple[str, float], ...] = ()


class CategoryScore(msgspec.Struct, frozen=True):
    """What a moderation says of one category; None where it gives no score."""

    name: str
    flagged: bool
    score: float | None = None


class VectorFacts(msgspec.Struct, frozen=True):
    """What can be said of an embedding. ``length``: its Euclidean norm, or characters of one that is in base64."""

    dimensions: int
    first: tuple[float, ...]
    length: float


class AnswerPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part. ``choice`` counts from 1 where there are several answers, or several inputs that were answered; 0: there is one."""

    kind: PartKind
    choice: int = 0
    text: str = ""
    """Of a call its arguments as the model wrote them, of a picture the prompt as it was revised, of audio what was said."""
    name: str = ""
    """Of a call the tool; of a picture or a sound its media type."""
    citations: tuple[Citation, ...] = ()
    tokens: tuple[TokenChance, ...] = ()
    more_tokens: int = 0
    """Tokens beyond these."""
    data: str = ""
    """Of a picture its bytes in base64."""
    address: str = ""
    """Of a picture, where it lies at the provider."""
    scores: tuple[CategoryScore, ...] = ()
    vector: VectorFacts | None = None


def parts_of(line: bytes) -> tuple[AnswerPart, ...]:
    """The parts of an answer's line; none where it is a failure, or cannot be read."""
    try:
        found = decode(line)
    except Unreadable:
        return ()
    body = opened(found).body if isinstance(found, dict) else None
    if not isinstance(body, dict):
        return ()
    for name, reader in _READERS:
        if isinstance(body.get(name), list):
            return tuple(islice(reader(body), MOST_PARTS))
    return ()


# --- chat completions and completions


def _choices(body: dict[str, Any]) -> Iterator[AnswerPart]:
    choices = _dicts(body.get("choices"))
    for n, choice in enumerate(choices, 1):
        number = n if len(choices) > 1 else 0
        if "message" not in choice and "text" in choice:
            chances = _plain_chances(choice.get("logprobs"))
            yield from _text_part(choice.get("text"), number, chances=chances)
            continue
        yield from _message(_dict(choice.get("message")), number, _chances(_dict(choice.get("logprobs")).get("content")))


def _message(message: dict[str, Any], number: int, chances: _Chances) -> Iterator[AnswerPart]:
    reasoning = _text(message.get("reasoning_content") or message.get("reasoning"))
    if reasoning:
        yield AnswerPart("reasoning", number, reasoning)
    content = message.get("content")
    said = "".join(_text(part.get("text")) for part in _dicts(content)) if isinstance(content, list) else _text(content)
    yield from _text_part(said, number, _citations(message.get("annotations")), chances)
    for refusal in (message.get("refusal"), *(part.get("refusal") for part in _dicts(content))):
        if refusal:
            yield AnswerPart("refusal", number, _text(refusal))
    calls = [_dict(call.get("function") or call.get("custom")) for call in _dicts(message.get("tool_calls"))]
    for call in (*calls, _dict(message.get("function_call"))):
        if call:
            yield _call(call, "a tool without a name", number)
    audio = _dict(message.get("audio"))
    if audio:
        yield AnswerPart("audio", number, _text(audio.get("transcript")), "audio")
    for picture in _dicts(message.get("images")):
        yield _addressed(_text(_dict(picture.get("image_url")).get("url")), number)


def _text_part(said: Any, number: int, citations: tuple[Citation, ...] = (), chances: _Chances = ((), 0)) -> Iterator[AnswerPart]:
    text = _text(said)
    if text:
        yield AnswerPart("text", number, text, citations=citations, tokens=chances[0], more_tokens=chances[1])


def _call(call: dict[str, Any], otherwise: str, number: int = 0) -> AnswerPart:
    return AnswerPart("call", number, _text(call.get("arguments") or call.get("input")), _text(call.get("name")) or otherwise)


# --- responses


def _output(body: dict[str, Any]) -> Iterator[AnswerPart]:
    items = _dicts(body.get("output"))
    messages = sum(item.get("type") == "message" for item in items)
    at = 0
    for item in items:
        kind = _text(item.get("type"))
        if kind == "message":
            at += 1
            yield from _output_message(item, at if messages > 1 else 0)
        elif kind == "reasoning":
            said = [_text(part.get("text")) for part in (*_dicts(item.get("summary")), *_dicts(item.get("content")))]
            if any(said):
                yield AnswerPart("reasoning", 0, "\n\n".join(filter(None, said)))
        elif kind == "image_generation_call" and isinstance(item.get("result"), str):
            yield _picture(item["result"], _text(item.get("output_format")), _text(item.get("revised_prompt")))
        elif kind.endswith("_call"):
            yield from _tool(item, kind)


def _output_message(item: dict[str, Any], number: int) -> Iterator[AnswerPart]:
    for part in _dicts(item.get("content")):
        if part.get("type") == "refusal" or part.get("refusal"):
            yield AnswerPart("refusal", number, _text(part.get("refusal") or part.get("text")))
        else:
            yield from _text_part(part.get("text"), number, _citations(part.get("annotations")), _chances(part.get("logprobs")))


_KNOWN: Final = frozenset({"id", "type", "status", "call_id"})


def _tool(item: dict[str, Any], kind: str) -> Iterator[AnswerPart]:
    """A call of a function, or of a tool of the provider's own, which has what it did under names of its own."""
    if "arguments" in item or "input" in item:
        yield _call(item, kind.removesuffix("_call"))
    else:
        own = {name: value for name, value in item.items() if name not in _KNOWN}
        yield AnswerPart("call", 0, _text(own) if own else "", kind.removesuffix("_call"))


# --- pictures, vectors, scores


_PICTURES: Final = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"}
_BEGINNINGS: Final = (("iVBORw0KGgo", "image/png"), ("/9j/", "image/jpeg"), ("UklGR", "image/webp"), ("R0lGOD", "image/gif"))
"""Of the bytes of pictures in base64."""


def _data(body: dict[str, Any]) -> Iterator[AnswerPart]:
    items = _dicts(body.get("data"))
    for n, item in enumerate(items, 1):
        number = n if len(items) > 1 else 0
        if isinstance(item.get("b64_json"), str):
            yield _picture(item["b64_json"], _text(body.get("output_format")), _text(item.get("revised_prompt")), number)
        elif isinstance(item.get("url"), str):
            yield AnswerPart("image", number, _text(item.get("revised_prompt")), address=item["url"])
        elif "embedding" in item:
            yield from _vector(item["embedding"], number)


def _picture(data: str, format: str, revised: str, number: int = 0) -> AnswerPart:
    """What it is says its beginning; what begins in no known way is no picture, whatever the provider calls it."""
    media = next((media for begin, media in _BEGINNINGS if data.startswith(begin)), "")
    return AnswerPart("image", number, revised, media or f"not a picture ({format[:20] or 'no format'})", data=data if media else "")


def _addressed(address: str, number: int) -> AnswerPart:
    head, mark, data = address.partition(";base64,")
    if mark and head.startswith("data:image/"):
        return _picture(data, head.removeprefix("data:image/"), "", number)
    return AnswerPart("image", number, address=address)


def _vector(value: Any, number: int) -> Iterator[AnswerPart]:
    if isinstance(value, str):
        yield AnswerPart("embedding", number, "in base64", vector=VectorFacts(0, (), len(value)))
    elif isinstance(value, list):
        numbers = [float(one) for one in value if _is_number(one)]
        yield AnswerPart("embedding", number, vector=VectorFacts(len(value), tuple(numbers[:_FIRST]), math.hypot(*numbers)))


def _results(body: dict[str, Any]) -> Iterator[AnswerPart]:
    items = _dicts(body.get("results"))
    for n, item in enumerate(items, 1):
        scores, flags = _dict(item.get("category_scores")), _dict(item.get("categories"))
        names = sorted({*scores, *flags}, key=lambda name: (flags.get(name) is not True, -_number(scores.get(name)), name))[:_SCORES]
        found = tuple(
            CategoryScore(_text(name), flags.get(name) is True, _number(scores[name]) if _is_number(scores.get(name)) else None)
            for name in names
        )
        yield AnswerPart(
            "moderation", n if len(items) > 1 else 0, "flagged" if item.get("flagged") is True else "not flagged", scores=found
        )


# --- citations and probabilities


def _citations(annotations: Any) -> tuple[Citation, ...]:
    found: dict[Citation, None] = {}
    for one in _dicts(annotations)[: _CITATIONS * 4]:
        named = _dict(one.get("url_citation")) or one
        if named.get("url") or named.get("filename") or named.get("file_id"):
            title = _text(named.get("title")) or _text(named.get("filename")) or _text(named.get("file_id"))
            found[Citation(_text(named.get("url")), title)] = None
    return tuple(islice(found, _CITATIONS))


_Chances = tuple[tuple[TokenChance, ...], int]


def _chances(content: Any) -> _Chances:
    entries = content if isinstance(content, list) else []
    found = [
        TokenChance(_text(one.get("token")), _chance(one["logprob"]), _others(one))
        for one in _dicts(entries[:MOST_TOKENS])
        if _is_number(one.get("logprob"))
    ]
    return tuple(found), max(0, len(entries) - MOST_TOKENS)


def _others(entry: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    known = _dicts(entry.get("top_logprobs"))[: _ALTERNATIVES + 1]
    return tuple((_text(one.get("token")), _chance(one["logprob"])) for one in known if _is_number(one.get("logprob")))[:_ALTERNATIVES]


def _plain_chances(logprobs: Any) -> _Chances:
    """Of ``/v1/completions``: two lists side by side."""
    known = _dict(logprobs)
    tokens, values = known.get("tokens"), known.get("token_logprobs")
    if not isinstance(tokens, list) or not isinstance(values, list):
        return (), 0
    pairs = [(token, value) for token, value in zip(tokens[:MOST_TOKENS], values, strict=False) if _is_number(value)]
    return tuple(TokenChance(_text(token), _chance(value)) for token, value in pairs), max(0, len(tokens) - MOST_TOKENS)


def _chance(logprob: float) -> float:
    return math.exp(min(0.0, logprob))


# --- reading leniently


_READERS: Final[tuple[tuple[str, Callable[[dict[str, Any]], Iterator[AnswerPart]]], ...]] = (
    ("choices", _choices),
    ("output", _output),
    ("results", _results),
    ("data", _data),
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _number(value: Any) -> float:
    return float(value) if _is_number(value) else 0.0


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode()


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
