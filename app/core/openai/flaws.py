"""What is wrong with an answer that came: nothing in it, cut off, refused, filtered, or with a gap. Such an answer is billed like any other
and is never counted as a good one.

Two readers that agree: :func:`is_plain` looks at the few fields that a typed decode built and says only that an answer is beyond doubt;
:func:`flaw_of` reads a decoded body of any shape. Shapes: OpenAI API reference; public reports of real runs (reasoning models with a low
limit answer with nothing and ``length``; a refusal as a part of the content; embeddings out of order).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

# The codes of answers that are no good ones.
CUT: Final = "cut_off"
FILTERED: Final = "filtered"
REFUSED: Final = "refused"
EMPTY: Final = "empty_answer"
GAP: Final = "embedding_gap"
SCHEMA: Final = "schema_ignored"

LENGTHS: Final = frozenset({"length", "max_output_tokens", "max_tokens", "MAX_TOKENS", "model_length"})
"""Providers' words for an answer that ended at the limit of tokens."""
_FILTERS: Final = frozenset({"content_filter", "safety", "SAFETY"})


class AnswerMessage(msgspec.Struct, gc=False):
    content: msgspec.Raw = msgspec.Raw(b"")
    refusal: msgspec.Raw = msgspec.Raw(b"")
    tool_calls: msgspec.Raw = msgspec.Raw(b"")


class Choice(msgspec.Struct, gc=False):
    finish_reason: str | None = None
    message: AnswerMessage | None = None


class Part(msgspec.Struct, gc=False):
    type: str = ""
    text: msgspec.Raw = msgspec.Raw(b"")


class Item(msgspec.Struct, gc=False):
    type: str = ""
    content: list[Part] | None = None


class Vector(msgspec.Struct, gc=False):
    index: int = -1


_NULLS: Final = (b"", b"null", b'""')


def is_plain(choices: list[Choice] | None, output: list[Item] | None, data: list[Vector] | None, status: str | None) -> bool:
    """Whether an answer with these parts is whole beyond doubt. False: read it wholly."""
    if choices is not None:
        return _speaks(choices[0]) if len(choices) == 1 else bool(choices) and all(_speaks(choice) for choice in choices)
    if output is not None:
        parts = [part for item in output if item.type == "message" for part in item.content or ()]
        said = _is_text(bytes(parts[-1].text)) if parts else any(item.type.endswith("_call") for item in output)
        return status in (None, "completed") and said and all(part.type == "output_text" for part in parts)
    return data is None or all(vector.index == n for n, vector in enumerate(data))


def _speaks(choice: Choice) -> bool:
    message = choice.message
    if message is None or bytes(message.refusal) not in _NULLS:
        return False
    if choice.finish_reason == "tool_calls":
        return bytes(message.tool_calls).startswith(b"[{")
    return choice.finish_reason == "stop" and _is_text(bytes(message.content))


def _is_text(raw: bytes) -> bool:
    """Whether this is a JSON text that begins with something visible."""
    return len(raw) > 2 and raw[0] == 0x22 and raw[1] not in b" \\"


def is_answer(body: Any) -> bool:
    """Whether a decoded object is what a model answers with, whatever it is wrapped in."""
    if not isinstance(body, dict):
        return False
    if any(isinstance(body.get(name), list) for name in ("choices", "output", "results")):
        return True
    items = body.get("data")
    made = isinstance(items, list) and any(
        isinstance(item, dict) and ("embedding" in item or "b64_json" in item or "url" in item) for item in items
    )
    return made or isinstance(body.get("output_text"), str)


def flaw_of(body: Any) -> str:
    """The code of what is wrong with an answer's body; nothing where it is good, or of a shape that is not known."""
    if not isinstance(body, dict):
        return ""
    if isinstance(body.get("choices"), list):
        return _of_choices(body["choices"])
    if isinstance(body.get("output"), list) or body.get("object") == "response":
        return _of_response(body)
    if isinstance(body.get("data"), list) and any(isinstance(item, dict) and "embedding" in item for item in body["data"]):
        return GAP if missing_places(body["data"]) else ""
    return ""


def _of_choices(choices: list[Any]) -> str:
    found = [_of_choice(choice) for choice in choices if isinstance(choice, dict)]
    for code in (REFUSED, FILTERED, CUT):
        if code in found:
            return code
    return EMPTY if not found or all(code == EMPTY for code in found) else ""


def _of_choice(choice: dict[str, Any]) -> str:
    message = choice.get("message")
    if message is None and "text" in choice:  # /v1/completions
        said, refused = _visible(choice["text"]), False
    else:
        message = message if isinstance(message, dict) else {}
        content = message.get("content")
        refused = _visible(message.get("refusal")) or _has_refusal(content)
        said = _visible(content) or any(message.get(name) for name in ("tool_calls", "function_call", "audio", "images"))
    finish = choice.get("finish_reason")
    if refused:
        return REFUSED
    if isinstance(finish, str) and finish in _FILTERS:
        return FILTERED
    if isinstance(finish, str) and finish in LENGTHS:
        return CUT
    return "" if said else EMPTY


def _of_response(body: dict[str, Any]) -> str:
    output = body.get("output")
    items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    if any(_has_refusal(item.get("content")) for item in items):
        return REFUSED
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    if body.get("status") == "incomplete" or reason:
        return FILTERED if isinstance(reason, str) and reason in _FILTERS else CUT
    said = _visible(body.get("output_text")) or any(_visible(item.get("content")) for item in items if item.get("type") == "message")
    made = any(isinstance(kind := item.get("type"), str) and kind not in ("message", "reasoning") for item in items)
    return "" if said or made else EMPTY


def _has_refusal(content: Any) -> bool:
    """Whether one of the parts of a content is a refusal."""
    return isinstance(content, list) and any(
        isinstance(part, dict) and (part.get("type") == "refusal" or _visible(part.get("refusal"))) for part in content
    )


def _visible(content: Any) -> bool:
    """Whether a content says anything: text, or parts of which one does. A part that is not text (an image, say) says something."""
    if isinstance(content, str):
        return bool(content.strip())
    if isinstance(content, list):
        return any(_visible(part.get("text")) if isinstance(part, dict) and "text" in part else bool(part) for part in content)
    return content is not None and content is not False and content != {}


def vectors_of(body: Any) -> int:
    """How many embeddings an answer's body holds; 0 where it holds none."""
    items = body.get("data") if isinstance(body, dict) else None
    return sum(isinstance(item, dict) and "embedding" in item for item in items) if isinstance(items, list) else 0


def missing_places(data: list[Any]) -> list[int]:
    """The places (from 0) that embeddings leave empty: each says by its ``index`` which input it is of. Without an index it stands where it
    stands."""
    found = {item.get("index", n) if isinstance(item, dict) else n for n, item in enumerate(data)}
    places = {n for n in found if isinstance(n, int) and not isinstance(n, bool)}
    size = max(len(data), *(n + 1 for n in places if n < 1_000_000)) if places else len(data)
    return [n for n in range(size) if n not in places][:1_000]
