"""``/v1/responses``: OpenAI's newer endpoint, items in and out."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import UNBOUNDED, EndpointSpec, FormField
from app.core.model.lanes import RESPONSES

MIN_TOKENS: Final = 16
"""The least that ``max_output_tokens`` may be."""
_RANGES: Final = {"top_p": (0, 1), "top_logprobs": (0, 20), "max_tool_calls": (1, UNBOUNDED)}


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.responses import ResponsesBody, ResponsesEasyBody

    return ResponsesBody, ResponsesEasyBody


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    number = fields.Numbers(_RANGES)
    return (
        fields.MODEL,
        fields.limit("max_output_tokens", MIN_TOKENS),
        fields.TEMPERATURE,
        fields.effort("reasoning", "effort"),
        fields.verbosity("text", "verbosity"),
        FormField("instructions", "Instructions", "text", ("instructions",), "Placed before all messages.", advanced=True),
        number("top_p", "Top P"),
        number("top_logprobs", "Likeliest tokens", "How many per position.", "integer"),
        number("max_tool_calls", "Most tool calls", "", "integer"),
        fields.choice("truncation", "Truncation", ("auto", "disabled"), "What happens to an input that is too long.", advanced=True),
        FormField("store", "Keep at the provider", "boolean", ("store",), advanced=True),
        *fields.COMMON,
    )


SPEC: Final = EndpointSpec(
    path=RESPONSES,
    name="responses",
    title="Responses",
    about="OpenAI's newer endpoint: tools of its own, items in and out.",
    asked="messages",
    needed=("input", "prompt", "conversation", "previous_response_id"),
    content=("input", "instructions", "prompt", "conversation", "previous_response_id"),
    smallest={"input": "x"},
    model="gpt-5-mini",
    types=_types,
    sdk=("openai.types.responses.response_create_params", "ResponseCreateParamsNonStreaming"),
    fields=_fields,
    models=r"^computer-use|deep-research|codex|^(o\d+|gpt-\d+(\.\d+)?)-pro(-|$)",
    takes_text_models=True,
    ranges=_RANGES,
    places={
        "max_output_tokens": ("max_output_tokens",),
        "temperature": ("temperature",),
        "reasoning_effort": ("reasoning", "effort"),
        "verbosity": ("text", "verbosity"),
    },
    instead={
        "max_completion_tokens": "max_output_tokens",
        "max_tokens": "max_output_tokens",
        "messages": "input",
        "reasoning_effort": "reasoning.effort",
        "response_format": "text.format",
        "verbosity": "text.verbosity",
    },
    renames={
        "max_completion_tokens": "max_output_tokens",
        "max_tokens": "max_output_tokens",
        "messages": "input",
        "reasoning_effort": "reasoning.effort",
        "verbosity": "text.verbosity",
    },
    schema=True,
    metadata=True,
    files=True,
)
