"""Models: which endpoint takes which.

Which OpenAI model belongs to which endpoint is told by its name alone (``GET /models`` says nothing else); the families are those of
OpenAI's model pages. A name that follows none of them, another provider's say, is taken to fit everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from app.core.base.patterns import pattern
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODERATIONS, RESPONSES, Endpoint

_IMAGES = (IMAGES, "/v1/images/edits")
_TEXT = (CHAT, RESPONSES)

# the first pattern that is found in the base name decides
_FAMILIES: tuple[tuple[re.Pattern[str], tuple[Endpoint, ...]], ...] = tuple(
    (pattern(names), endpoints)
    for names, endpoints in (
        (r"^text-embedding|embedding|(^|-)embed(-|$)", (EMBEDDINGS,)),
        (r"moderation", (MODERATIONS,)),
        (r"^(dall-e|gpt-image|chatgpt-image)", _IMAGES),
        (r"^sora", ("/v1/videos",)),
        (r"^(whisper|tts)|-(tts|transcribe|realtime|audio|live|translate)(-|$)|^gpt-(realtime|audio|live)", ()),
        (r"^(davinci|babbage)-002|-instruct(-|$)", (COMPLETIONS,)),
        (r"^computer-use|deep-research|codex|^(o\d+|gpt-\d+(\.\d+)?)-pro(-|$)", (RESPONSES,)),
        (r"-search-(preview|api)", (CHAT,)),
    )
)
_REMEMBERED: Final = 100
"""Characters of a name that is remembered: what is longer is nobody's model, and would be held in memory."""
_OPENAI = pattern(r"^(gpt-|chatgpt-|o\d|text-|whisper|tts|dall-e|sora|davinci|babbage|computer-use|omni-moderation|codex)")


def base_name(model_id: str) -> str:
    """The family's name in lower case: ``ft:gpt-4o-mini:acme::x1`` -> ``gpt-4o-mini``, ``openai/gpt-5`` -> ``gpt-5``."""
    name = model_id.strip().lower()
    if name.startswith("ft:"):
        name = name.split(":")[1]
    return name.removeprefix("openai/")


def fits(model_id: str, endpoint: Endpoint) -> bool:
    """Whether the endpoint takes this model, as far as its name tells. Fine-tuned models follow their base; unknown names fit."""
    return _fits(model_id, endpoint) if len(model_id) <= _REMEMBERED else _fits.__wrapped__(model_id, endpoint)


@lru_cache(maxsize=256)
def _fits(model_id: str, endpoint: Endpoint) -> bool:
    """Lines of a file name few models: each is looked at once."""
    name = base_name(model_id)
    for names, endpoints in _FAMILIES:
        if names.search(name) and (_OPENAI.match(name) or endpoints in ((EMBEDDINGS,), (MODERATIONS,))):
            return endpoint in endpoints
    return endpoint in _TEXT if _OPENAI.match(name) else True
