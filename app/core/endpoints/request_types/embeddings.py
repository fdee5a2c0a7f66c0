"""Bodies of embeddings requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class EmbeddingsBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: str | list[int | str | list[int]]
    model: str
    dimensions: int | UnsetType = UNSET
    encoding_format: Literal["float", "base64"] | UnsetType = UNSET
    user: str | UnsetType = UNSET
