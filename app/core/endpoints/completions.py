"""``/v1/completions``: a text in, its continuation out. Only older models take it."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import UNBOUNDED, EndpointSpec, FormField
from app.core.model.lanes import COMPLETIONS

_RANGES: Final = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "best_of": (1, 20),
    "logprobs": (0, 5),
    "max_tokens": (1, UNBOUNDED),
}


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.completions import CompletionsBody

    return (CompletionsBody,)


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    number = fields.Numbers(_RANGES)
    return (
        fields.MODEL,
        number("max_tokens", "Max output tokens", "16 where it is left empty.", "integer", advanced=False),
        fields.TEMPERATURE,
        number("top_p", "Top P"),
        number("frequency_penalty", "Frequency penalty"),
        number("presence_penalty", "Presence penalty"),
        number("n", "Answers per request", "Each is billed.", "integer"),
        number("best_of", "Best of", "Made, of which the likeliest are returned. Each is billed.", "integer"),
        number("logprobs", "Log probabilities", "", "integer"),
        fields.STOP,
        fields.SEED,
        FormField("echo", "Prompt before the answer", "boolean", ("echo",), advanced=True),
        FormField("suffix", "Suffix", "text", ("suffix",), "What comes after the answer.", advanced=True),
        fields.USER,
    )


SPEC: Final = EndpointSpec(
    path=COMPLETIONS,
    name="completions",
    title="Completions",
    about="A text in, its continuation out. Only older models support it.",
    asked="prompt",
    needed=("prompt",),
    content=("prompt", "suffix"),
    smallest={"prompt": "x"},
    model="gpt-3.5-turbo-instruct",
    types=_types,
    sdk=("openai.types.completion_create_params", "CompletionCreateParamsNonStreaming"),
    fields=_fields,
    models=r"^(davinci|babbage)-002|-instruct(-|$)",
    ranges=_RANGES,
)
