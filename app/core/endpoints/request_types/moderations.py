"""Bodies of moderations requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class ModerationsImageURL(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    url: str


class ModerationsModerationImageURLInput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image_url"):
    image_url: ModerationsImageURL


class ModerationsModerationTextInput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: str


class ModerationsBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: str | list[str | ModerationsModerationImageURLInput | ModerationsModerationTextInput]
    model: str | UnsetType = UNSET
