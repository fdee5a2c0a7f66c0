"""Bodies of images requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class ImagesSvgReasoning(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType | None = UNSET


class ImagesSvg(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str
    reasoning: ImagesSvgReasoning | UnsetType | None = UNSET


class ImagesBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    prompt: str
    background: Literal["transparent", "opaque", "auto"] | UnsetType | None = UNSET
    complexity: Literal["low", "medium", "high"] | UnsetType | None = UNSET
    frame_count: int | UnsetType | None = UNSET
    frame_duration_ms: int | UnsetType | None = UNSET
    model: str | UnsetType | None = UNSET
    moderation: Literal["low", "auto"] | UnsetType | None = UNSET
    n: int | UnsetType | None = UNSET
    output_compression: int | UnsetType | None = UNSET
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | UnsetType | None = UNSET
    partial_images: int | UnsetType | None = UNSET
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto", "standard", "hd"] | UnsetType | None = UNSET
    response_format: Literal["url", "b64_json"] | UnsetType | None = UNSET
    safety_identifier: str | UnsetType | None = UNSET
    size: str | UnsetType | None = UNSET
    style: Literal["vivid", "natural"] | UnsetType | None = UNSET
    svg: ImagesSvg | UnsetType | None = UNSET
    user: str | UnsetType = UNSET
    stream: bool | UnsetType | None = UNSET
