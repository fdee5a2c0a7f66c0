"""What can be changed in the requests of a lane, and what was typed for it as a change."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from app.core.bodies.forms import FORMS, FieldFault, value_of
from app.core.endpoints.spec import FormField
from app.core.json import jsontext
from app.core.model.lanes import Endpoint
from app.core.model.queue_edits import RequestChange
from app.core.openai import metadata
from app.core.queue.changing import METADATA, contents_of

MODEL: Final = "model"
PAIR: Final = ":metadata"
"""A pair of a request's metadata, under a key that is typed."""
OTHER: Final = ":other"
"""A parameter whose name is typed, its value as JSON."""
_LONGEST: Final = 64
"""Characters of a name that is typed."""
_MOST: Final = 4_000
"""Characters of a value: each of a million requests has it then."""


def changeable(endpoint: Endpoint) -> tuple[FormField, ...]:
    """The parameters that the form of an endpoint has, the model first; of an endpoint without a form the model alone."""
    form = FORMS.get(endpoint)
    return form.fields if form is not None else (FormField(MODEL, "Model", "model", (MODEL,)),)


def has_metadata(endpoint: Endpoint) -> bool:
    """Whether its requests take metadata."""
    form = FORMS.get(endpoint)
    return form is not None and form.metadata


def field_of(endpoint: Endpoint, name: str) -> FormField | None:
    """The parameter of this name; None for what is typed by name."""
    return next((one for one in changeable(endpoint) if one.name == name), None)


def change_of(endpoint: Endpoint, name: str, key: str, text: str, *, removed: bool) -> RequestChange | None:
    """The change that was typed; None while something is missing. Raises FieldFault."""
    if len(text) > _MOST and not removed:
        raise FieldFault(f"A value for many requests has {_MOST:,} characters at most.", "Edit these requests one by one.")
    field = field_of(endpoint, name)
    if field is not None:
        return _of_field(field, text, removed=removed and name != MODEL)
    key = key.strip()
    if not key:
        return None
    if len(key) > _LONGEST:
        raise FieldFault(f"A name has {_LONGEST} characters at most.", "Write a shorter one.")
    if name == PAIR:
        if len(text) > metadata.VALUE:
            raise FieldFault(f"A value of metadata has {metadata.VALUE} characters at most.", "Write a shorter one.")
        return RequestChange((METADATA, key), None if removed else _json(text))
    if key in contents_of(endpoint):
        raise FieldFault(f"“{key}” is part of the prompt, not a parameter.", "Edit it in each request.")
    if key == MODEL:
        raise FieldFault("The model has its own entry in the list.", "Choose “Model” above.")
    if removed:
        return RequestChange((key,))
    if not text.strip():
        return None
    parsed = jsontext.parse(text)
    if parsed.fault:
        raise FieldFault(f"This isn't JSON: {parsed.fault}", 'Write a JSON value: 0.5, true, "text", [] or {}.')
    return RequestChange((key,), _json(parsed.value))


def _of_field(field: FormField, text: str, *, removed: bool) -> RequestChange | None:
    if removed:
        return RequestChange(field.path)
    value = value_of(field, text.strip() if field.kind == "model" else text)
    if value is None or value == []:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if field.least is not None and value < field.least:
            raise FieldFault(f"{field.label} is {field.least:g} or more.", "Write another number.")
        if field.most is not None and value > field.most:
            raise FieldFault(f"{field.label} is {field.most:g} or less.", "Write another number.")
    return RequestChange(field.path, _json(value))


def _json(value: Any) -> str:
    try:
        try:
            return msgspec.json.encode(value).decode()
        except OverflowError:  # msgspec stops at 64 bits, JSON doesn't
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode().decode()
    except UnicodeEncodeError:
        raise FieldFault("The text holds half a character (a lone surrogate).", "Remove it.") from None
