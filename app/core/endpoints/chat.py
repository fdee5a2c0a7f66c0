"""``/v1/chat/completions``: messages in, a message out."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import EndpointSpec, FormField
from app.core.model.lanes import CHAT

_RANGES: Final = {
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
}


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.chat import ChatBody

    return (ChatBody,)


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    number = fields.Numbers(_RANGES)
    return (
        fields.MODEL,
        fields.limit("max_completion_tokens"),
        fields.TEMPERATURE,
        fields.effort("reasoning_effort"),
        fields.verbosity("verbosity"),
        number("top_p", "Top P"),
        number("frequency_penalty", "Frequency penalty"),
        number("presence_penalty", "Presence penalty"),
        number("n", "Answers per request", "Each is billed.", "integer"),
        fields.STOP,
        fields.SEED,
        FormField("logprobs", "Log probabilities", "boolean", ("logprobs",), advanced=True),
        number("top_logprobs", "Likeliest tokens", "How many per position; needs log probabilities.", "integer"),
        FormField("logit_bias", "Logit bias", "json", ("logit_bias",), "A JSON object of tokens and biases.", advanced=True),
        *fields.COMMON,
    )


SPEC: Final = EndpointSpec(
    path=CHAT,
    name="chat",
    title="Chat completions",
    about="Messages in, a message out. Most providers support it.",
    asked="messages",
    needed=("messages",),
    content=("messages", "prediction"),
    smallest={"messages": [{"role": "user", "content": "x"}]},
    model="gpt-5-mini",
    types=_types,
    sdk=("openai.types.chat.completion_create_params", "CompletionCreateParamsNonStreaming"),
    fields=_fields,
    models=r"-search-(preview|api)",
    takes_text_models=True,
    ranges=_RANGES,
    places={
        "max_output_tokens": ("max_completion_tokens",),
        "temperature": ("temperature",),
        "reasoning_effort": ("reasoning_effort",),
        "verbosity": ("verbosity",),
    },
    instead={
        "max_output_tokens": "max_completion_tokens",
        "input": "messages",
        "instructions": "a system message",
        "reasoning": "reasoning_effort",
        "text": "verbosity and response_format",
    },
    renames={"max_output_tokens": "max_completion_tokens", "max_tokens": "max_completion_tokens", "input": "messages"},
    schema=True,
    metadata=True,
    files=True,
)
