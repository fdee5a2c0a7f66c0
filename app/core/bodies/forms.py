"""The form of each endpoint (``core/endpoints``): which parameters it has, where each is in a body, and what it takes.

Names are the same in all endpoints, so what was typed stays when the endpoint is changed. Values are texts as typed; a blank one is not
sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from app.core.bodies.bodybuild import number_of
from app.core.endpoints.spec import Asked, FormField
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsontext
from app.core.model.lanes import Endpoint

_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class EndpointForm(msgspec.Struct, frozen=True):
    """What an endpoint is asked, and its parameters in the order of the form."""

    endpoint: Endpoint
    title: str
    about: str
    asked: Asked
    fields: tuple[FormField, ...]
    schema: bool = False
    """Answers may follow a JSON schema."""
    many: int = 1
    """Inputs that a request takes at most."""
    metadata: bool = False
    files: bool = False
    """Messages may hold images and files."""

    def field(self, name: str) -> FormField | None:
        """The parameter of this name."""
        return next((one for one in self.fields if one.name == name), None)


FORMS: Final[dict[Endpoint, EndpointForm]] = {
    path: EndpointForm(path, one.title, one.about, one.asked, one.fields(), one.schema, one.many, one.metadata, one.files)
    for path, one in ENDPOINTS.items()
}
"""All forms, in the order in which they are offered."""


class FieldFault(ValueError):
    """What was typed is not what the parameter takes; the text is a sentence, ``remedy`` says what to write."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.remedy = remedy


def value_of(field: FormField, text: str) -> Any:
    """The value of a parameter as it is in a body; None for a blank text. Raises FieldFault for a text that is no such value; ranges
    are for the body's check."""
    given = text.strip()
    if not given:
        return None
    match field.kind:
        case "integer" | "number":
            number = number_of(given)
            if number is None or (field.kind == "integer" and not isinstance(number, int)):
                what = "a whole number" if field.kind == "integer" else "a number"
                raise FieldFault(f"{field.label} takes {what}, not “{given[:40]}”.", "Write digits, with a point, or leave it empty.")
            return number
        case "boolean":
            if given.lower() not in _TRUTH:
                raise FieldFault(f"{field.label} takes true or false, not “{given[:40]}”.", "Write true or false, or leave it empty.")
            return _TRUTH[given.lower()]
        case "list":
            return [line for line in text.splitlines() if line]
        case "json":
            parsed = jsontext.parse(given)
            if parsed.fault:
                raise FieldFault(f"{field.label} isn't JSON: {parsed.fault}", "Write a JSON value, or leave it empty.")
            return parsed.value
        case "model" | "choice":
            return given
        case "text":
            return text


def put(body: dict[str, Any], path: Iterable[str], value: Any) -> None:
    """Put a value into a body, with the objects on the way."""
    *holders, last = path
    for step in holders:
        body = body.setdefault(step, {})
    body[last] = value
