"""Bodies of requests: what a thread sends (:mod:`.bodybuild`), and the problems that prevent sending it (:mod:`.bodycheck`)."""

from __future__ import annotations

from app.core.bodies.bodybuild import body_of, build, number_of, raw_text, schema_of
from app.core.bodies.bodycheck import body_problems, is_reasoning, problems

__all__ = [
    "body_of",
    "body_problems",
    "build",
    "is_reasoning",
    "number_of",
    "problems",
    "raw_text",
    "schema_of",
]
