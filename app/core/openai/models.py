"""Models: which endpoint takes which.

Which OpenAI model belongs to which endpoint is told by its name alone (``GET /models`` says nothing else); the families are those of
OpenAI's model pages. A name that follows none of them, another provider's say, is taken to fit everywhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from app.core.base.patterns import pattern
from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import Endpoint

# OpenAI's models for endpoints outside of the table, or for none that batches have
_ELSEWHERE: Final = (
    (pattern(r"^sora"), ("/v1/videos",)),
    (pattern(r"^(whisper|tts)|-(tts|transcribe|realtime|audio|live|translate)(-|$)|^gpt-(realtime|audio|live)"), ()),
)
_FAMILIES: Final = tuple((pattern(spec.models), spec) for spec in ENDPOINTS.values() if spec.models)
_REMEMBERED: Final = 100
"""Characters of a name that is remembered: what is longer is nobody's model, and would be held in memory."""
_LONGEST: Final = 1_000
"""Characters of a name that is looked at: searching a megabyte takes as long as drawing a view."""
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


def only_for(model_id: str) -> tuple[Endpoint, ...]:
    """The endpoints that alone take a model of this name; nothing where the name does not tell."""
    return _family(base_name(model_id)) or ()


@lru_cache(maxsize=256)
def _fits(model_id: str, endpoint: Endpoint) -> bool:
    """Lines of a file name few models: each is looked at once."""
    name = base_name(model_id)
    family = _family(name)
    if family is not None:
        return endpoint in family
    spec = ENDPOINTS.get(endpoint)
    return bool(spec and spec.takes_text_models) if _OPENAI.match(name) else True


def _family(base: str) -> tuple[Endpoint, ...] | None:
    """The endpoints that alone take models of this name; None for a name that tells nothing, as one that is too long for a name does."""
    if len(base) > _LONGEST:
        return None
    ours = bool(_OPENAI.match(base))
    for names, spec in _FAMILIES:
        if (ours or spec.models_anywhere) and names.search(base):
            return (spec.path, *spec.models_also)
    return next((endpoints for names, endpoints in _ELSEWHERE if ours and names.search(base)), None)
