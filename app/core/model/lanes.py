"""Lanes: what requests must have in common to share a batch."""

from __future__ import annotations

import msgspec

Endpoint = str  # a path such as "/v1/chat/completions"; those that the editor can build are in EDITOR_ENDPOINTS


EDITOR_ENDPOINTS: tuple[Endpoint, ...] = ("/v1/chat/completions", "/v1/responses")


class Lane(msgspec.Struct, frozen=True, order=True):
    """What must be equal for requests to share a batch: the provider's profile, the endpoint and the model."""

    profile: str
    endpoint: Endpoint
    model: str

    @property
    def key(self) -> str:
        """The lane as one text, as segments of its queue name their owner (``queue:`` + key)."""
        return f"{self.profile}|{self.endpoint}|{self.model}"
