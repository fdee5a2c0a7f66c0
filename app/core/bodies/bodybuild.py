"""From a thread to the body of a request, for ``/v1/chat/completions`` and ``/v1/responses``.

Field names and limits are those of OpenAI's API reference. A number that is not one is left out of the body and reported by
:func:`app.core.bodies.bodies.problems`, which stands between every body and the queue.
"""

from __future__ import annotations

import math
from typing import Any

from app.core.base.patterns import pattern
from app.core.json import jsontext
from app.core.model.lanes import RESPONSES
from app.core.model.threads import Options, Thread, ThreadMessage

_INTEGER = pattern(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = pattern(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")


def number_of(text: str) -> int | float | None:
    """A number as typed, whole numbers as int; None for anything that isn't a JSON number (or is beyond reason)."""
    given = text.strip()
    if _INTEGER.fullmatch(given):
        return int(given)
    if _NUMBER.fullmatch(given):
        value = float(given)
        return value if math.isfinite(value) else None
    return None


def schema_of(options: Options) -> dict[str, Any] | None:
    """The structured output's schema, if it is on and its text is a JSON object."""
    if not options.schema_on:
        return None
    value = jsontext.parse(options.schema_text).value
    return value if isinstance(value, dict) else None


def build(thread: Thread) -> dict[str, Any]:
    """The body that the form describes (a body typed by hand is not looked at: see :func:`body_of`)."""
    responses = thread.options.endpoint == RESPONSES
    messages = [responses_message(one) if responses else chat_message(one) for one in thread.messages]
    body: dict[str, Any] = {"model": thread.options.model.strip(), "input" if responses else "messages": messages}
    return body | (_responses_options if responses else _chat_options)(thread.options)


def chat_message(message: ThreadMessage) -> dict[str, Any]:
    """A message as chat completions take it."""
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}] if message.text else []
    for image in message.images:
        detail = {} if image.detail == "auto" else {"detail": image.detail}
        parts.append({"type": "image_url", "image_url": {"url": image.url} | detail})
    return {"role": message.role, "content": parts}


def responses_message(message: ThreadMessage) -> dict[str, Any]:
    """A message as responses take it."""
    if message.role == "assistant":
        parts: list[dict[str, Any]] = [{"type": "output_text", "text": message.text}] if message.text or not message.images else []
    elif not message.images:
        return {"role": message.role, "content": message.text}
    else:
        parts = [{"type": "input_text", "text": message.text}] if message.text else []
    parts += [{"type": "input_image", "image_url": image.url, "detail": image.detail} for image in message.images]
    head = {"type": "message"} if message.role == "assistant" else {}
    return head | {"role": message.role, "content": parts}


def _chat_options(options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (limit := number_of(options.max_output_tokens)) is not None:
        found["max_completion_tokens"] = limit
    if (temperature := number_of(options.temperature)) is not None:
        found["temperature"] = temperature
    if effort := options.reasoning_effort.strip():
        found["reasoning_effort"] = effort
    if verbosity := options.verbosity.strip():
        found["verbosity"] = verbosity
    if (schema := schema_of(options)) is not None:
        named = {"name": options.schema_name, "schema": schema, "strict": options.schema_strict}
        found["response_format"] = {"type": "json_schema", "json_schema": named}
    return found


def _responses_options(options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (limit := number_of(options.max_output_tokens)) is not None:
        found["max_output_tokens"] = limit
    if (temperature := number_of(options.temperature)) is not None:
        found["temperature"] = temperature
    if effort := options.reasoning_effort.strip():
        found["reasoning"] = {"effort": effort}
    text: dict[str, Any] = {}
    if verbosity := options.verbosity.strip():
        text["verbosity"] = verbosity
    if (schema := schema_of(options)) is not None:
        text["format"] = {"type": "json_schema", "name": options.schema_name, "schema": schema, "strict": options.schema_strict}
    return found | ({"text": text} if text else {})


def raw_text(thread: Thread) -> str:
    """What the raw editor shows: the text typed there, or the form's body, indented."""
    return jsontext.dumps(build(thread)) if thread.raw is None else thread.raw


def body_of(thread: Thread) -> dict[str, Any]:
    """The body that is sent: the one typed by hand, if there is one, else the form's. ValueError with a sentence when it isn't one."""
    if thread.raw is None:
        return build(thread)
    parsed = jsontext.parse(thread.raw)
    if parsed.fault:
        raise ValueError(str(parsed.fault))
    if not isinstance(parsed.value, dict):
        raise ValueError("The body isn't a JSON object.")
    return parsed.value
