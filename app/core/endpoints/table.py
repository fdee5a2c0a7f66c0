"""The one table of endpoints."""

from __future__ import annotations

from typing import Final

from app.core.endpoints import chat, completions, embeddings, images, moderations, responses
from app.core.endpoints.spec import EndpointSpec
from app.core.model.lanes import Endpoint

ENDPOINTS: Final[dict[Endpoint, EndpointSpec]] = {
    module.SPEC.path: module.SPEC for module in (chat, responses, embeddings, moderations, completions, images)
}
"""All endpoints by their paths, in the order in which they are offered."""
FOR_PROGRAMS: Final[tuple[Endpoint, ...]] = tuple(path for path, spec in ENDPOINTS.items() if spec.programs)
"""Endpoints of requests that programs may hand in."""
