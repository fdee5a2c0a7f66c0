"""Ranges and limits that types do not know, beside those of :mod:`.bodycheck`: OpenAI's API reference, November 2026.

A rule is about the parameters (:func:`of_parameters`), which are the same in all requests of a template, or about what differs from row to
row (:func:`of_content`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from app.core.base.patterns import pattern
from app.core.base.text import count, number
from app.core.bodies.bodyfindings import BodyFinding, cut, rule
from app.core.bodies.remedies import DropField
from app.core.endpoints.spec import MAX_INPUTS, UNBOUNDED
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsontext
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES, Endpoint
from app.core.openai import metadata

MAX_STOPS: Final = 4
MAX_TOOLS: Final = 128
IDENTIFIER: Final = 64
"""Characters of ``safety_identifier`` and ``prompt_cache_key``."""
_FUNCTION = pattern(r"[a-zA-Z0-9_-]{1,64}")

PER_ROW: Final = ("metadata", "user", "safety_identifier", "prompt_cache_key")
"""Parameters that usually differ from row to row."""


def of_parameters(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[BodyFinding]:
    """Rules about parameters. Values of another type than the API takes are skipped: they are found as such."""
    spec = ENDPOINTS.get(endpoint)
    for name, (least, most) in (spec.ranges if spec else {}).items():
        value = body.get(name)
        if _is_number(value) and not least <= value <= most:
            takes = f"{_said(least)} to {_said(most)}" if most < UNBOUNDED else f"{_said(least)} or more"
            yield rule((name,), f"{name} is {_said(value)}; it takes {takes}.", f"Write {takes}.", fix=DropField(f"/{name}"))
    stops = body.get("stop")
    if endpoint in (CHAT, COMPLETIONS) and isinstance(stops, list) and len(stops) > MAX_STOPS:
        yield rule(
            ("stop",), f"There are {len(stops)} stop sequences; the maximum is {MAX_STOPS}.", "Remove the others.", fix=DropField("/stop")
        )
    if endpoint == CHAT and body.get("top_logprobs") is not None and body.get("logprobs") is not True:
        yield rule(
            ("top_logprobs",), "top_logprobs needs logprobs to be true.", 'Add "logprobs": true.', "advice", DropField("/top_logprobs")
        )
    n, best = body.get("n"), body.get("best_of")
    if endpoint == COMPLETIONS and _is_number(n) and _is_number(best) and best < n:
        yield rule(("best_of",), "best_of must not be less than n.", "Raise it, or remove it.", fix=DropField("/best_of"))
    yield from _tools(endpoint, body)
    bias = body.get("logit_bias")
    for token, value in bias.items() if isinstance(bias, dict) else ():
        if _is_number(value) and not -100 <= value <= 100:
            yield rule(
                ("logit_bias", token), f"The bias {_said(value)} isn't between -100 and 100.", "Write a number between -100 and 100."
            )


def _tools(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[BodyFinding]:
    tools = body.get("tools")
    if not isinstance(tools, list) or endpoint not in (CHAT, RESPONSES):
        return
    if len(tools) > MAX_TOOLS:
        yield rule(("tools",), f"There are {count(len(tools), 'tool')}; the maximum is {MAX_TOOLS}.", "Leave some out.")
    for at, tool in enumerate(tools):
        inner = tool.get("function") if endpoint == CHAT and isinstance(tool, dict) else tool
        name = inner.get("name") if isinstance(inner, dict) and tool.get("type") == "function" else None
        if isinstance(name, str) and not _FUNCTION.fullmatch(name):
            where = ("tools", at, "function", "name") if endpoint == CHAT else ("tools", at, "name")
            yield rule(where, f"“{name[:70]}” can't be a function's name.", "Use 1 to 64 letters, digits, _ or -.")


def of_content(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[BodyFinding]:
    """Rules about what differs from row to row."""
    yield from _metadata(body.get("metadata"))
    for name in ("safety_identifier", "prompt_cache_key"):
        if isinstance(value := body.get(name), str) and len(value) > IDENTIFIER:
            yield cut((name,), f"{name} has {number(len(value))} characters; the maximum is {IDENTIFIER}.", IDENTIFIER)
    if endpoint == EMBEDDINGS:
        yield from _inputs(body.get("input"))
    spec, prompt = ENDPOINTS.get(endpoint), body.get("prompt")
    most = spec.prompt_length if spec else 0
    if isinstance(prompt, str) and 0 < most < len(prompt):
        yield cut(("prompt",), f"The prompt has {number(len(prompt))} characters; the maximum is {number(most)}.", most)


def _metadata(given: Any) -> Iterator[BodyFinding]:
    if not isinstance(given, dict):
        return
    if len(given) > metadata.MOST:
        yield rule(("metadata",), f"metadata has {len(given)} pairs; the maximum is {metadata.MOST}.", "Leave some out.")
    for key, value in given.items():
        if len(key) > metadata.KEY:
            sentence = f"The metadata key “{key[:30]}…” has {number(len(key))} characters; the maximum is {metadata.KEY}."
            yield rule(("metadata", key), sentence, "Use a shorter key.", fix=DropField(jsontext.pointer(("metadata", key))))
        if isinstance(value, str) and len(value) > metadata.VALUE:
            sentence = f"The metadata value of {key[:30]} has {number(len(value))} characters; the maximum is {metadata.VALUE}."
            yield cut(("metadata", key), sentence, metadata.VALUE)


def _inputs(given: Any) -> Iterator[BodyFinding]:
    if not isinstance(given, list):
        return
    if len(given) > MAX_INPUTS and isinstance(given[0], str | list):
        yield rule(
            ("input",), f"There are {number(len(given))} inputs; the maximum is {number(MAX_INPUTS)}.", "Put fewer rows into one request."
        )
    for at, one in enumerate(given):
        if one == "":
            yield rule(("input", at), "An input is an empty text.", "Leave the row out, or give the cell a default.")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(value: float) -> str:
    return f"{value:g}"[:20]
