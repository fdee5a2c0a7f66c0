"""Answer bodies in the provider's shapes (OpenAI OpenAPI document). The text is simulated and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODERATIONS, RESPONSES
from app.practice.bodies import Body
from app.practice.dice import mix, name
from app.practice.plans import Plan, plan
from app.practice.traps import Trap
from app.practice.vectors import embedding_tokens, embeddings, moderations

IMAGE_TOKENS = 272
"""Tokens of an image of low quality, 1024 by 1024 (OpenAI, image generation guide)."""
_IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
"""A picture of one point."""
REFUSAL_TEXT = "[simulated] I’m sorry, but I can’t assist with that request."


def cost(endpoint: str, body: Body, seed: int, trap: Trap | None = None) -> tuple[int, int, int, int]:
    """Tokens of the answer that :func:`answer` would give: input, cached input, output, reasoning."""
    if endpoint == MODERATIONS or (endpoint != EMBEDDINGS and endpoint not in _TEXT):
        return 0, 0, 0, 0
    if endpoint == EMBEDDINGS:
        return embedding_tokens(body), 0, 0, 0
    planned = _planned(body, seed, trap)
    if endpoint == IMAGES:
        return planned.input_tokens, 0, IMAGE_TOKENS * _count(body, 10), 0
    return planned.input_tokens, planned.cached_tokens, planned.output_tokens, planned.reasoning_tokens


def answer(endpoint: str, body: Body, seed: int, now: int, trap: Trap | None = None) -> dict[str, Any]:
    """The answer to a checked body. ``now`` is the unix second it is made; ``trap`` makes it odd."""
    if endpoint == EMBEDDINGS:
        found = embeddings(body, seed)
    elif endpoint == MODERATIONS:
        found = moderations(body, seed)
    elif endpoint not in _TEXT:
        found = {"id": f"sim_{name(seed)}", "created": now, "model": body.model, **ENDPOINTS[endpoint].sample}
    else:
        found = _TEXT[endpoint](body, _planned(body, seed, trap), seed, now, trap)
    if trap is Trap.NO_USAGE:
        found.pop("usage", None)
    if trap is Trap.NULL_MODEL:
        found.pop("model", None)
    if trap is Trap.UNKNOWN_FIELDS:
        found["shadow_tier"] = {"practice": ["a field that is in no document"]}
    return found


def _planned(body: Body, seed: int, trap: Trap | None) -> Plan:
    planned = plan(body, seed)
    if trap is Trap.REFUSAL:
        return msgspec.structs.replace(planned, text=REFUSAL_TEXT, output_tokens=planned.reasoning_tokens + 16, cut=False)
    return planned


def _usage(planned: Plan) -> dict[str, Any]:
    return {
        "prompt_tokens": planned.input_tokens,
        "completion_tokens": planned.output_tokens,
        "total_tokens": planned.input_tokens + planned.output_tokens,
        "prompt_tokens_details": {"cached_tokens": planned.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": planned.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _chat(body: Body, planned: Plan, seed: int, now: int, trap: Trap | None) -> dict[str, Any]:
    refused, filtered = trap is Trap.REFUSAL, trap is Trap.CONTENT_FILTER
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if refused else planned.text[: len(planned.text) // 2] if filtered else planned.text,
        "refusal": planned.text if refused else None,
        "annotations": [],
    }
    reason = "content_filter" if filtered else "length" if planned.cut else "stop"
    count = _count(body, 8)
    return {
        "id": f"chatcmpl-{name(seed)}",
        "object": "chat.completion",
        "created": now,
        "model": body.model,
        "choices": [{"index": index, "message": message, "logprobs": None, "finish_reason": reason} for index in range(count)],
        "usage": _usage(planned),
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }


def _completion(body: Body, planned: Plan, seed: int, now: int, trap: Trap | None) -> dict[str, Any]:
    reason = "content_filter" if trap is Trap.CONTENT_FILTER else "length" if planned.cut else "stop"
    return {
        "id": f"cmpl-{name(seed)}",
        "object": "text_completion",
        "created": now,
        "model": body.model,
        "choices": [{"index": 0, "text": planned.text, "logprobs": None, "finish_reason": reason}],
        "usage": _usage(planned),
    }


def _count(body: Body, most: int) -> int:
    """How many answers a request asks for."""
    return body.n if isinstance(body.n, int) and not isinstance(body.n, bool) and 1 <= body.n <= most else 1


def _images(body: Body, planned: Plan, seed: int, now: int, trap: Trap | None) -> dict[str, Any]:
    made = IMAGE_TOKENS * _count(body, 10)
    return {
        "created": now,
        "data": [{"b64_json": _IMAGE} for _ in range(_count(body, 10))],
        "background": "opaque",
        "output_format": "png",
        "quality": "low",
        "size": "1024x1024",
        "usage": {
            "input_tokens": planned.input_tokens,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": planned.input_tokens},
            "output_tokens": made,
            "total_tokens": planned.input_tokens + made,
        },
    }


def _response(body: Body, planned: Plan, seed: int, now: int, trap: Trap | None) -> dict[str, Any]:
    incomplete = "content_filter" if trap is Trap.CONTENT_FILTER else "max_output_tokens" if planned.cut else None
    status = "incomplete" if incomplete else "completed"
    if trap is Trap.REFUSAL:
        part: dict[str, Any] = {"type": "refusal", "refusal": planned.text}
    else:
        part = {"type": "output_text", "text": planned.text, "annotations": [], "logprobs": []}
    output: list[dict[str, Any]] = []
    if planned.reasoning_tokens:
        output.append({"id": f"rs_{name(seed ^ 1)}", "type": "reasoning", "summary": []})
    if planned.text:
        output.append({"id": f"msg_{name(seed ^ 2)}", "type": "message", "role": "assistant", "status": status, "content": [part]})
    reasoning = body.reasoning if isinstance(body.reasoning, dict) else {}
    return {
        "id": f"resp_{name(mix(seed))}",
        "object": "response",
        "created_at": now,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "instructions": body.instructions if isinstance(body.instructions, str) else None,
        "max_output_tokens": body.max_output_tokens,
        "metadata": body.metadata if isinstance(body.metadata, dict) else {},
        "model": body.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "service_tier": "default",
        "temperature": body.temperature if body.temperature is not None else 1.0,
        "text": body.text if isinstance(body.text, dict) else {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": body.top_p if body.top_p is not None else 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": planned.input_tokens,
            "input_tokens_details": {"cached_tokens": planned.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": planned.output_tokens,
            "output_tokens_details": {"reasoning_tokens": planned.reasoning_tokens},
            "total_tokens": planned.input_tokens + planned.output_tokens,
        },
    }


_TEXT: dict[str, Callable[[Body, Plan, int, int, Trap | None], dict[str, Any]]] = {
    CHAT: _chat,
    RESPONSES: _response,
    COMPLETIONS: _completion,
    IMAGES: _images,
}
