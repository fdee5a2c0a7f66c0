"""Fields of the forms in which templates state an endpoint's parameters, those that several endpoints have among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.core.endpoints.spec import EFFORTS, UNBOUNDED, VERBOSITIES, FormField, FormFieldKind


class Numbers:
    """Makes fields of numbers with the bounds that ``ranges`` of an EndpointSpec says."""

    def __init__(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        self._ranges = ranges

    def __call__(self, name: str, label: str, help: str = "", kind: FormFieldKind = "number", *, advanced: bool = True) -> FormField:
        least, most = self._ranges[name]
        return FormField(name, label, kind, (name,), help, (), least, most if most < UNBOUNDED else None, advanced)


def choice(name: str, label: str, choices: tuple[str, ...], help: str = "", *, advanced: bool = False) -> FormField:
    """One of several texts, at the top of the body."""
    return FormField(name, label, "choice", (name,), help, choices, advanced=advanced)


def limit(path: str, least: int = 1) -> FormField:
    """The most tokens of an answer, under the name that the endpoint has for it."""
    return FormField("max_output_tokens", "Max output tokens", "integer", (path,), "Includes reasoning.", (), least)


def effort(*path: str) -> FormField:
    """How long a model reasons."""
    return FormField("reasoning_effort", "Reasoning effort", "choice", path, "", EFFORTS)


def verbosity(*path: str) -> FormField:
    """How long an answer is."""
    return FormField("verbosity", "Verbosity", "choice", path, "", VERBOSITIES)


MODEL: Final = FormField("model", "Model", "model", ("model",))
TEMPERATURE: Final = FormField(
    "temperature", "Temperature", "number", ("temperature",), "0 to 2. Reasoning models accept only 1.", (), 0, 2
)
STOP: Final = FormField("stop", "Stop sequences", "list", ("stop",), "One a line, 4 at most.", advanced=True)
SEED: Final = FormField("seed", "Seed", "integer", ("seed",), advanced=True)
USER: Final = FormField("user", "User", "text", ("user",), advanced=True)
COMMON: Final = (
    FormField("tools", "Tools", "json", ("tools",), "A JSON list.", advanced=True),
    FormField("tool_choice", "Tool choice", "json", ("tool_choice",), 'As JSON: "auto", "none", "required", or an object.', advanced=True),
    choice("service_tier", "Service tier", ("auto", "default", "flex", "priority"), advanced=True),
    FormField(
        "prompt_cache_key", "Prompt cache key", "text", ("prompt_cache_key",), "Requests that share it share a cache.", advanced=True
    ),
    FormField("safety_identifier", "Safety identifier", "text", ("safety_identifier",), "Identifies the end user.", advanced=True),
)
"""What both endpoints of conversations have."""
