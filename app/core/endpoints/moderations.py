"""``/v1/moderations``: texts or images in, what is harmful in them out."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import MAX_INPUTS, EndpointSpec, FormField
from app.core.model.lanes import MODERATIONS


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.moderations import ModerationsBody

    return (ModerationsBody,)


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    return (fields.MODEL,)


SPEC: Final = EndpointSpec(
    path=MODERATIONS,
    name="moderations",
    title="Moderations",
    about="A text or image in, what is harmful in it out.",
    asked="input",
    needed=("input",),
    content=("input",),
    smallest={"input": "x"},
    model="omni-moderation-latest",
    types=_types,
    sdk=("openai.types.moderation_create_params", "ModerationCreateParams"),
    fields=_fields,
    models="moderation",
    models_anywhere=True,
    many=MAX_INPUTS,
)
