"""Lanes: what requests must have in common to share a batch."""

from __future__ import annotations

from typing import Final

import msgspec

Endpoint = str  # a path as below, or another that a provider has; those that the editor can build are in EDITOR_ENDPOINTS

CHAT: Final[Endpoint] = "/v1/chat/completions"
RESPONSES: Final[Endpoint] = "/v1/responses"
COMPLETIONS: Final[Endpoint] = "/v1/completions"
EMBEDDINGS: Final[Endpoint] = "/v1/embeddings"
MODERATIONS: Final[Endpoint] = "/v1/moderations"
IMAGES: Final[Endpoint] = "/v1/images/generations"

EDITOR_ENDPOINTS: tuple[Endpoint, ...] = (CHAT, RESPONSES)


class Lane(msgspec.Struct, frozen=True, order=True):
    """What must be equal for requests to share a batch: the provider's profile, the endpoint and the model."""

    profile: str
    endpoint: Endpoint
    model: str

    @property
    def key(self) -> str:
        """The lane as one text, as segments of its queue name their owner (``queue:`` + key)."""
        return f"{self.profile}|{self.endpoint}|{self.model}"
