"""Answers as they are streamed: Server-Sent Events of a chat completion, a response or a completion (OpenAI API reference, streaming)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from app.core.model.lanes import CHAT, COMPLETIONS, RESPONSES
from app.practice.ask import Fault, Reply
from app.practice.bodies import Body, Refusal
from app.practice.traps import Trap

STREAMING = (CHAT, RESPONSES, COMPLETIONS)
"""The endpoints that can stream their answers."""
TRAPS = frozenset({Trap.STREAM_REFUSED, Trap.STREAM_BREAKS_HALFWAY, Trap.STREAM_ENDS_EARLY, Trap.STREAM_ERROR_EVENT})
TYPE = "text/event-stream"
_PIECE = 12
"""Characters of one delta: two or three words."""
_DONE = b"data: [DONE]\n\n"
_FAULT = {
    "message": "The server had an error while processing your request.",
    "type": "server_error",
    "param": None,
    "code": "server_error",
}


def refused(endpoint: str, body: Body, trap: Trap | None) -> Refusal | None:
    """Why this body can't be answered in a stream; None where it can, or need not be."""
    if not body.stream:
        return None
    if endpoint not in STREAMING:
        return Refusal("Unrecognized request argument supplied: stream", param="stream", code="unknown_parameter")
    if trap is Trap.STREAM_REFUSED:
        text = "Your organization must be verified to stream this model."
        return Refusal(text, param="stream", code="unsupported_value")
    return None


def reply(endpoint: str, body: Body, found: dict[str, Any], trap: Trap | None, breathe: Callable[[], Awaitable[None]]) -> Reply:
    """A whole answer as a stream. ``breathe`` is awaited between its events; ``trap`` breaks it in its middle."""
    made = _responses(found) if endpoint == RESPONSES else _chunks(endpoint, body, found)
    half = made[: len(made) // 2]
    match trap:
        case Trap.STREAM_BREAKS_HALFWAY:
            return Reply(200, _sent(half, breathe), TYPE, fault=Fault.MIDWAY)
        case Trap.STREAM_ENDS_EARLY:
            made = half
        case Trap.STREAM_ERROR_EVENT:
            made = [*half, _fault(endpoint, len(half))]
    return Reply(200, _sent(made, breathe), TYPE)


async def _sent(events: list[bytes], breathe: Callable[[], Awaitable[None]]) -> AsyncIterator[bytes]:
    for event in events:
        await breathe()
        yield event


def _fault(endpoint: str, number: int) -> bytes:
    if endpoint == RESPONSES:
        return _named({"type": "error", **{name: _FAULT[name] for name in ("code", "message", "param")}}, number)
    return _data({"error": _FAULT})


def _data(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"


def _named(event: dict[str, Any], number: int) -> bytes:
    return f"event: {event['type']}\n".encode() + _data({**event, "sequence_number": number})


def _pieces(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


# --- chat completions and completions ------------------------------------------------------------------------------------------------


def _chunks(endpoint: str, body: Body, found: dict[str, Any]) -> list[bytes]:
    """The chunks of an answer, its usage last where it was asked for, and the word that ends it."""
    usage = isinstance(body.stream_options, dict) and body.stream_options.get("include_usage") is True
    outer = {name: value for name, value in found.items() if name not in ("choices", "usage", "object")}
    outer["object"] = "chat.completion.chunk" if endpoint == CHAT else found["object"]

    def chunk(choices: list[dict[str, Any]], counted: Any = None) -> bytes:
        return _data({**outer, "choices": choices, **({"usage": counted} if usage and "usage" in found else {})})

    made = []
    for choice in found["choices"]:
        made += [chunk([part]) for part in (_chat(choice) if endpoint == CHAT else _completion(choice))]
    if usage:
        made.append(chunk([], found.get("usage")))
    return [*made, _DONE]


def _chat(choice: dict[str, Any]) -> list[dict[str, Any]]:
    message, index = choice["message"], choice["index"]
    name = "content" if message["content"] is not None else "refusal"
    deltas = [
        {"role": "assistant", "content": "" if name == "content" else None, "refusal": None},
        *({name: piece} for piece in _pieces(message[name] or "")),
    ]
    parts = [{"index": index, "delta": delta, "logprobs": None, "finish_reason": None} for delta in deltas]
    return [*parts, {"index": index, "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}]


def _completion(choice: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [{**choice, "text": piece, "finish_reason": None} for piece in _pieces(choice["text"])]
    return [*parts, {**choice, "text": ""}]


# --- responses -----------------------------------------------------------------------------------------------------------------------


def _responses(found: dict[str, Any]) -> list[bytes]:
    """The events of a response, numbered."""
    begun = {**found, "status": "in_progress", "output": [], "incomplete_details": None}
    begun.pop("usage", None)
    events: list[dict[str, Any]] = [{"type": f"response.{word}", "response": begun} for word in ("created", "in_progress")]
    for place, item in enumerate(found["output"]):
        events += _item(place, item)
    events.append({"type": f"response.{found['status']}", "response": found})
    return [_named(event, number) for number, event in enumerate(events)]


def _item(place: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    at = {"output_index": place}
    if item["type"] != "message":
        return [{"type": f"response.output_item.{word}", **at, "item": item} for word in ("added", "done")]
    within = {**at, "item_id": item["id"], "content_index": 0}
    (part,) = item["content"]
    kind = "refusal" if part["type"] == "refusal" else "output_text"
    name = "refusal" if kind == "refusal" else "text"
    more: dict[str, Any] = {} if kind == "refusal" else {"logprobs": []}
    return [
        {"type": "response.output_item.added", **at, "item": {**item, "status": "in_progress", "content": []}},
        {"type": "response.content_part.added", **within, "part": {**part, name: ""}},
        *({"type": f"response.{kind}.delta", **within, "delta": piece, **more} for piece in _pieces(part[name])),
        {"type": f"response.{kind}.done", **within, name: part[name], **more},
        {"type": "response.content_part.done", **within, "part": part},
        {"type": "response.output_item.done", **at, "item": item},
    ]
