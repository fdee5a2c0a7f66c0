"""Models: reading a provider's list, which endpoint takes which, and searching.

Which OpenAI model belongs to which endpoint is told by its name alone (``GET /models`` says nothing else); the families are those of
OpenAI's model pages. A name that follows none of them, another provider's say, is taken to fit everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from app.core.records import Endpoint

_CHAT, _RESPONSES, _COMPLETIONS = "/v1/chat/completions", "/v1/responses", "/v1/completions"
_EMBEDDINGS, _MODERATIONS = "/v1/embeddings", "/v1/moderations"
_IMAGES = ("/v1/images/generations", "/v1/images/edits")
_TEXT = (_CHAT, _RESPONSES)

# the first pattern that is found in the base name decides
_FAMILIES: tuple[tuple[re.Pattern[str], tuple[Endpoint, ...]], ...] = tuple(
    (re.compile(pattern), endpoints)
    for pattern, endpoints in (
        (r"^text-embedding|embedding|(^|-)embed(-|$)", (_EMBEDDINGS,)),
        (r"moderation", (_MODERATIONS,)),
        (r"^(dall-e|gpt-image|chatgpt-image)", _IMAGES),
        (r"^sora", ("/v1/videos",)),
        (r"^(whisper|tts)|-(tts|transcribe|realtime|audio|live|translate)(-|$)|^gpt-(realtime|audio|live)", ()),
        (r"^(davinci|babbage)-002|-instruct(-|$)", (_COMPLETIONS,)),
        (r"^computer-use|deep-research|codex|^(o\d+|gpt-\d+(\.\d+)?)-pro(-|$)", (_RESPONSES,)),
        (r"-search-(preview|api)", (_CHAT,)),
    )
)
_OPENAI = re.compile(r"^(gpt-|chatgpt-|o\d|text-|whisper|tts|dall-e|sora|davinci|babbage|computer-use|omni-moderation|codex)")


def base_name(model_id: str) -> str:
    """The family's name in lower case: ``ft:gpt-4o-mini:acme::x1`` -> ``gpt-4o-mini``, ``openai/gpt-5`` -> ``gpt-5``."""
    name = model_id.strip().lower()
    if name.startswith("ft:"):
        name = name.split(":")[1]
    return name.removeprefix("openai/")


def fits(model_id: str, endpoint: Endpoint) -> bool:
    """Whether the endpoint takes this model, as far as its name tells. Fine-tuned models follow their base; unknown names fit."""
    name = base_name(model_id)
    for pattern, endpoints in _FAMILIES:
        if pattern.search(name) and (_OPENAI.match(name) or endpoints in ((_EMBEDDINGS,), (_MODERATIONS,))):
            return endpoint in endpoints
    return endpoint in _TEXT if _OPENAI.match(name) else True


def read_models(body: bytes) -> tuple[str, ...]:
    """The ids of a ``GET /models`` answer, newest first where ``created`` is known, then by name; each once.

    Takes ``{data: […]}``, ``{models: […]}`` or a bare list, of objects with ``id`` or ``name``, or of texts; odd entries are left out.
    ValueError with a sentence when there is no list at all.
    """
    try:
        answer: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError("The answer to the question for models isn't JSON. Is the base URL right?") from None
    entries = answer
    if isinstance(answer, dict):
        entries = next((answer[key] for key in ("data", "models") if isinstance(answer.get(key), list)), None)
    if not isinstance(entries, list):
        raise ValueError("The answer to the question for models holds no list. Is the base URL right?")
    found: dict[str, float] = {}
    for entry in entries:
        id: Any = entry
        created: Any = 0
        if isinstance(entry, dict):
            id = entry.get("id") or entry.get("name")
            created = entry.get("created")
        if isinstance(id, str) and id.strip():
            known = isinstance(created, int | float) and not isinstance(created, bool)
            found.setdefault(id.strip(), float(created) if known else 0.0)
    return tuple(sorted(found, key=lambda id: (-found[id], id)))


def search(models: Iterable[str], query: str) -> tuple[str, ...]:
    """Models that hold every word of the query: the exact name first, then those that begin with it, then those with words that begin
    so, then the rest; within each in the order given."""
    words = query.casefold().split()
    given = tuple(models)
    if not words:
        return given
    whole = " ".join(words)

    def rank(id: str) -> int:
        name = id.casefold()
        if not all(word in name for word in words):
            return 4
        if name == whole:
            return 0
        if name.startswith(words[0]):
            return 1
        parts = re.split(r"[-_/:.\s]+", name)
        return 2 if all(any(part.startswith(word) for part in parts) for word in words) else 3

    return tuple(sorted((id for id in given if rank(id) < 4), key=rank))
