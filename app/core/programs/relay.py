"""Webhooks through the local server, for receivers that answer no page: what the page asks ``POST /api/relay/webhook``, and the answer."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from app.core.programs.protocol import TryOutcome

RELAY_PATH: Final = "/api/relay/webhook"
FORWARDS: Final = 12
"""Webhooks in one request to the relay at most: a request costs page and server several times what a webhook does."""
FORWARDS_BYTES: Final = 1_000_000
"""Bytes of these, from which on a request is sent; a single larger one goes alone."""
FORWARDS_FOR: Final = 2.0
"""Seconds after which the relay begins no further webhook of a request: a receiver that stalls keeps few ends from the page."""
FORWARDS_PARALLEL: Final = 2
"""Webhooks of one request that are sent at a time."""


class Forward(msgspec.Struct, frozen=True, omit_defaults=True):
    """One POST to ``url`` with these headers and this body. ``timeout`` in seconds, at most 60."""

    url: str
    headers: dict[str, str]
    body: str
    timeout: float = 15.0
    private: bool = False


class Forwards(msgspec.Struct, frozen=True):
    """What ``POST /api/relay/webhook`` takes: webhooks (a :class:`Forward` each) that are judged, sent and answered each by itself,
    ``parallel`` at a time, in their order. The answer is an array of :class:`Forwarded` in the same order, with null for each that was not
    begun (:data:`FORWARDS_FOR`): it can be handed in again."""

    forwards: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=FORWARDS)]
    parallel: Annotated[int, msgspec.Meta(ge=1, le=FORWARDS_PARALLEL)] = 1


class Forwarded(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of one. ``error`` is a sentence; a redirect is not followed and counts as ``http_status_not_2xx``."""

    outcome: TryOutcome
    status: int = 0
    error: str = ""
    seconds: float = 0.0
