"""The form of each endpoint that batches take: which parameters it has, where each stands in a body, and what it takes.

Names are the same in all endpoints, so what was typed stays when the endpoint is changed. Values are texts as typed; a blank one is not
sent. Sources: OpenAI's API reference, November 2026; ranges are those of :mod:`.bodyrules` and :mod:`.bodycheck`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from app.core.bodies import bodyrules
from app.core.bodies.bodybuild import number_of
from app.core.bodies.bodycheck import EFFORTS, MIN_RESPONSES_TOKENS, VERBOSITIES
from app.core.json import jsontext
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODERATIONS, RESPONSES, Endpoint

FormFieldKind = Literal["model", "text", "integer", "number", "boolean", "choice", "list", "json"]
"""``list``: texts, one a line; ``json``: any JSON value; ``choice``: one of ``choices``, though others can be typed."""
Asked = Literal["messages", "input", "prompt"]
_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class FormField(msgspec.Struct, frozen=True):
    """One parameter. ``path`` is where it stands in a body; ``least`` and ``most`` bound a number."""

    name: str
    label: str
    kind: FormFieldKind
    path: tuple[str, ...]
    help: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    advanced: bool = False
    """Few need it: it is folded away."""


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


def _number(
    endpoint: Endpoint, name: str, label: str, help: str = "", kind: FormFieldKind = "number", *, advanced: bool = True
) -> FormField:
    least, most = bodyrules.RANGES[endpoint][name]
    return FormField(name, label, kind, (name,), help, (), least, most if most < 10**6 else None, advanced)


_MODEL: Final = FormField("model", "Model", "model", ("model",))
_TEMPERATURE: Final = FormField(
    "temperature", "Temperature", "number", ("temperature",), "0 to 2. Models that reason refuse any but 1.", (), 0, 2
)
_USER: Final = FormField(
    "safety_identifier", "Safety identifier", "text", ("safety_identifier",), "Says which user is behind it.", advanced=True
)
_TIER: Final = FormField(
    "service_tier", "Service tier", "choice", ("service_tier",), "", ("auto", "default", "flex", "priority"), advanced=True
)
_CACHE: Final = FormField(
    "prompt_cache_key", "Prompt cache key", "text", ("prompt_cache_key",), "Requests that share it share a cache.", advanced=True
)
_TOOLS: Final = FormField("tools", "Tools", "json", ("tools",), "A JSON list.", advanced=True)
_CHOICE: Final = FormField(
    "tool_choice", "Tool choice", "json", ("tool_choice",), 'As JSON: "auto", "none", "required", or an object.', advanced=True
)


def _limit(path: str, least: int = 1) -> FormField:
    return FormField("max_output_tokens", "Most tokens of an answer", "integer", (path,), "Reasoning counts as well.", (), least)


_FORMS: Final = (
    EndpointForm(
        CHAT,
        "Chat completions",
        "Messages in, a message out. Most providers take it.",
        "messages",
        (
            _MODEL,
            _limit("max_completion_tokens"),
            _TEMPERATURE,
            FormField("reasoning_effort", "Reasoning effort", "choice", ("reasoning_effort",), "", EFFORTS),
            FormField("verbosity", "Verbosity", "choice", ("verbosity",), "", VERBOSITIES),
            _number(CHAT, "top_p", "Top P"),
            _number(CHAT, "frequency_penalty", "Frequency penalty"),
            _number(CHAT, "presence_penalty", "Presence penalty"),
            _number(CHAT, "n", "Answers a request", "Each is billed.", "integer"),
            FormField("stop", "Stop sequences", "list", ("stop",), "One a line, 4 at most.", advanced=True),
            FormField("seed", "Seed", "integer", ("seed",), advanced=True),
            FormField("logprobs", "Log probabilities", "boolean", ("logprobs",), advanced=True),
            _number(CHAT, "top_logprobs", "Likeliest tokens", "How many at each place; needs log probabilities.", "integer"),
            FormField("logit_bias", "Logit bias", "json", ("logit_bias",), "A JSON object of tokens and biases.", advanced=True),
            _TOOLS,
            _CHOICE,
            _TIER,
            _CACHE,
            _USER,
        ),
        schema=True,
        metadata=True,
        files=True,
    ),
    EndpointForm(
        RESPONSES,
        "Responses",
        "OpenAI's newer endpoint: tools of its own, items in and out.",
        "messages",
        (
            _MODEL,
            _limit("max_output_tokens", MIN_RESPONSES_TOKENS),
            _TEMPERATURE,
            FormField("reasoning_effort", "Reasoning effort", "choice", ("reasoning", "effort"), "", EFFORTS),
            FormField("verbosity", "Verbosity", "choice", ("text", "verbosity"), "", VERBOSITIES),
            FormField("instructions", "Instructions", "text", ("instructions",), "Stand before all messages.", advanced=True),
            _number(RESPONSES, "top_p", "Top P"),
            _number(RESPONSES, "top_logprobs", "Likeliest tokens", "How many at each place.", "integer"),
            _number(RESPONSES, "max_tool_calls", "Most tool calls", "", "integer"),
            FormField(
                "truncation",
                "Truncation",
                "choice",
                ("truncation",),
                "What happens to an input that is too long.",
                ("auto", "disabled"),
                advanced=True,
            ),
            FormField("store", "Keep at the provider", "boolean", ("store",), advanced=True),
            _TOOLS,
            _CHOICE,
            _TIER,
            _CACHE,
            _USER,
        ),
        schema=True,
        metadata=True,
        files=True,
    ),
    EndpointForm(
        EMBEDDINGS,
        "Embeddings",
        "A text in, a vector out. Many rows can share a request; a batch takes 50,000 inputs.",
        "input",
        (
            _MODEL,
            _number(EMBEDDINGS, "dimensions", "Dimensions", "Numbers of a vector; fewer than the model's own.", "integer", advanced=False),
            FormField("encoding_format", "Written as", "choice", ("encoding_format",), "", ("float", "base64"), advanced=True),
            FormField("user", "User", "text", ("user",), advanced=True),
        ),
        many=bodyrules.MAX_INPUTS,
    ),
    EndpointForm(
        MODERATIONS,
        "Moderations",
        "A text or image in, what is harmful in it out.",
        "input",
        (_MODEL,),
        many=bodyrules.MAX_INPUTS,
    ),
    EndpointForm(
        COMPLETIONS,
        "Completions",
        "A text in, its continuation out. Only older models take it.",
        "prompt",
        (
            _MODEL,
            _number(COMPLETIONS, "max_tokens", "Most tokens of an answer", "16 where it is left empty.", "integer", advanced=False),
            _TEMPERATURE,
            _number(COMPLETIONS, "top_p", "Top P"),
            _number(COMPLETIONS, "frequency_penalty", "Frequency penalty"),
            _number(COMPLETIONS, "presence_penalty", "Presence penalty"),
            _number(COMPLETIONS, "n", "Answers a request", "Each is billed.", "integer"),
            _number(COMPLETIONS, "best_of", "Best of", "Made, of which the likeliest are returned. Each is billed.", "integer"),
            _number(COMPLETIONS, "logprobs", "Log probabilities", "", "integer"),
            FormField("stop", "Stop sequences", "list", ("stop",), "One a line, 4 at most.", advanced=True),
            FormField("seed", "Seed", "integer", ("seed",), advanced=True),
            FormField("echo", "Prompt before the answer", "boolean", ("echo",), advanced=True),
            FormField("suffix", "Suffix", "text", ("suffix",), "What comes after the answer.", advanced=True),
            FormField("user", "User", "text", ("user",), advanced=True),
        ),
    ),
    EndpointForm(
        IMAGES,
        "Image generations",
        "A description in, images out.",
        "prompt",
        (
            _MODEL,
            FormField("size", "Size", "choice", ("size",), "", ("auto", "1024x1024", "1536x1024", "1024x1536")),
            FormField("quality", "Quality", "choice", ("quality",), "", ("auto", "low", "medium", "high")),
            FormField("background", "Background", "choice", ("background",), "", ("auto", "transparent", "opaque")),
            _number(IMAGES, "n", "Images a request", "Each is billed.", "integer", advanced=False),
            FormField("output_format", "Format", "choice", ("output_format",), "", ("png", "jpeg", "webp")),
            _number(IMAGES, "output_compression", "Compression", "Percent, for JPEG and WebP.", "integer"),
            FormField("moderation", "Moderation", "choice", ("moderation",), "", ("auto", "low"), advanced=True),
            FormField("user", "User", "text", ("user",), advanced=True),
        ),
    ),
)
FORMS: Final[dict[Endpoint, EndpointForm]] = {form.endpoint: form for form in _FORMS}
"""All forms, in the order in which they are offered."""


class FieldFault(ValueError):
    """What was typed is not what the parameter takes; the text is a sentence, ``remedy`` says what to write."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.remedy = remedy


def value_of(field: FormField, text: str) -> Any:
    """The value of a parameter as it stands in a body; None for a blank text. Raises FieldFault for a text that is no such value; ranges
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
