"""Request lines and bodies as the provider reads them, and the checks it makes when a request is executed."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.core.model.lanes import CHAT, RESPONSES
from app.practice.models import known, reasons, takes

NONE = msgspec.Raw(b"")

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON: its own errors, and two of Python's for bad UTF-8 and for deep nesting."""


class Body(msgspec.Struct):
    """The fields of a request body that change the answer. Long ones stay raw until the answer is made."""

    model: Any = None
    stream: Any = None
    stream_options: Any = None
    messages: msgspec.Raw = NONE
    input: msgspec.Raw = NONE
    prompt: msgspec.Raw = NONE
    instructions: Any = None
    temperature: Any = None
    top_p: Any = None
    max_tokens: Any = None
    max_completion_tokens: Any = None
    max_output_tokens: Any = None
    reasoning_effort: Any = None
    reasoning: Any = None
    response_format: Any = None
    text: Any = None
    dimensions: Any = None
    encoding_format: Any = None
    metadata: Any = None
    n: Any = None


class Line(msgspec.Struct):
    """One line of a batch input file."""

    custom_id: str
    method: str
    url: str
    body: Body


class Refusal(msgspec.Struct, frozen=True):
    """An error as the provider words it."""

    message: str
    type: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None
    status: int = 400

    def envelope(self) -> dict[str, Any]:
        """The error envelope of every answer that is not a success."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


read_line = jsonread.Decoder[Line](Line, depth=jsonread.OWN_DEPTH).decode
read_body = jsonread.Decoder[Body](Body).decode


def loosely(raw: msgspec.Raw) -> Any:
    """The value of a part that was kept raw, or None when it cannot be read (only its outline was checked before)."""
    try:
        return jsonread.value(raw)
    except UNREADABLE:
        return None


_OUTPUT_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def check(endpoint: str, body: Body) -> Refusal | None:
    """What the endpoint refuses about a body, or None. A batch line that is refused here fails alone (status 400)."""
    needed = ENDPOINTS[endpoint].needed[0]
    if not getattr(body, needed):
        return Refusal(f"Missing required parameter: '{needed}'.", param=needed, code="missing_required_parameter")
    if not isinstance(body.model, str) or not body.model:
        return Refusal("you must provide a model parameter")
    if not known(body.model):
        return model_not_found(body.model)
    if not takes(endpoint, body.model):
        return Refusal(f"The model `{body.model}` cannot be used with {endpoint}.", param="model", code="unsupported_model")
    if endpoint == CHAT and bytes(body.messages).strip()[:1] != b"[":
        return Refusal("Invalid type for 'messages': expected an array of objects.", param="messages", code="invalid_type")
    for name in _OUTPUT_LIMITS:
        limit = getattr(body, name)
        least = 16 if name == "max_output_tokens" else 1
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
            return Refusal(f"Invalid type for '{name}': expected an integer.", param=name, code="invalid_type")
        if limit is not None and limit < least:
            text = f"Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got {limit} instead."
            return Refusal(text, param=name, code="integer_below_min_value")
    return _check_temperature(body) if not reasons(body.model) else _check_reasoning(endpoint, body)


def model_not_found(model: str) -> Refusal:
    """The error for a model that the provider does not have (404 when asked synchronously)."""
    text = f"The model `{model}` does not exist or you do not have access to it."
    return Refusal(text, code="model_not_found", status=404)


def _check_temperature(body: Body) -> Refusal | None:
    value = body.temperature
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2):
        return None
    return Refusal("Invalid 'temperature': expected a number between 0 and 2.", param="temperature", code="invalid_value")


def _check_reasoning(endpoint: str, body: Body) -> Refusal | None:
    if endpoint == CHAT and body.max_tokens is not None:
        text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return Refusal(text, param="max_tokens", code="unsupported_parameter")
    if body.temperature is not None and body.temperature != 1:
        if endpoint == RESPONSES:
            text = "Unsupported parameter: 'temperature' is not supported with this model."
            return Refusal(text, param="temperature", code="unsupported_parameter")
        text = f"Unsupported value: 'temperature' does not support {body.temperature} with this model. Only the default (1) is supported."
        return Refusal(text, param="temperature", code="unsupported_value")
    return None
