"""The practice provider's models: well-known names, among them some that no batch endpoint takes."""

from __future__ import annotations

from functools import lru_cache

from app.core.base.patterns import pattern
from app.core.endpoints.table import ENDPOINTS
from app.core.openai.models import fits

MODELS: dict[str, int] = {
    "gpt-6-luna": 1_782_864_000,
    "gpt-5": 1_754_425_777,
    "gpt-5-mini": 1_754_425_928,
    "gpt-5-nano": 1_754_426_384,
    "gpt-4.1": 1_744_316_542,
    "gpt-4.1-mini": 1_744_318_173,
    "gpt-4.1-nano": 1_744_321_707,
    "gpt-4o": 1_715_367_049,
    "gpt-4o-mini": 1_721_172_741,
    "o3": 1_744_225_308,
    "o4-mini": 1_744_225_351,
    "gpt-3.5-turbo-instruct": 1_692_901_427,
    "text-embedding-3-small": 1_705_948_997,
    "text-embedding-3-large": 1_705_953_180,
    "omni-moderation-latest": 1_731_689_265,
    "whisper-1": 1_677_532_384,
    "tts-1": 1_681_940_951,
    "gpt-image-1": 1_745_517_030,
}
"""Model id to the unix second of its making; every endpoint has one at least."""
for _spec in ENDPOINTS.values():
    MODELS.setdefault(_spec.model, 1_764_547_200)

_SNAPSHOT = pattern(r"-\d{4}-\d{2}-\d{2}$")
_REASONING = pattern(r"^(o\d|gpt-[5-9])")


@lru_cache(maxsize=256)
def base_name(model: str) -> str:
    """The model of a dated snapshot (``gpt-4o-2024-08-06``) or of a fine-tuned model (``ft:gpt-4o:org::id``)."""
    if model.startswith("ft:"):
        model = model.split(":")[1]
    return _SNAPSHOT.sub("", model)


def known(model: str) -> bool:
    """Whether the provider has this model."""
    return base_name(model) in MODELS


@lru_cache(maxsize=256)
def reasons(model: str) -> bool:
    """Whether it is a reasoning model: it spends reasoning tokens and refuses ``max_tokens`` and a temperature other than 1."""
    return _REASONING.match(base_name(model)) is not None


@lru_cache(maxsize=256)
def takes(endpoint: str, model: str) -> bool:
    """Whether the endpoint takes the model."""
    return fits(base_name(model), endpoint)
