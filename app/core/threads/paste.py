"""Paste: whatever a person has at hand becomes a thread.

Bodies of both endpoints, bare lists of messages, batch lines, JSONL, and plain text with speakers. Nothing is lost: what the form can't
hold makes the thread keep the pasted body as raw JSON, with a sentence that says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.core.base import ids
from app.core.base.patterns import pattern
from app.core.base.text import count
from app.core.bodies import foreign
from app.core.bodies.bodyread import Reading, read_body
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsontext, jsonvalues
from app.core.json.jsontext import JsonFault
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, RESPONSES
from app.core.model.threads import Options, Role, Thread, ThreadMessage
from app.core.openai import models

_SPEAKERS: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "you": "user",
    "me": "user",
    "q": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "a": "assistant",
}
_TURN = pattern(r"^[ \t]*(?:[*#_>]+[ \t]*)?(" + "|".join(_SPEAKERS) + r")[ \t]*(?:said)?[*_]*[ \t]*[:：][*_]*[ \t]?", re.I | re.M)
_MESSAGE_PARTS = ("input_text", "input_image", "output_text", "refusal", "message")


class Pasted(msgspec.Struct, frozen=True):
    """The new thread, and in ``notes`` what a person should know of how it was read. ``custom_id`` is a batch line's own; ``lines`` is how
    many requests the text held (only the first was taken)."""

    thread: Thread
    notes: tuple[str, ...] = ()
    custom_id: str = ""
    lines: int = 1


def read(text: str, now: float, token: str, *, options: Options | None = None) -> Pasted | JsonFault:
    """Read a pasted conversation. ``options`` are the defaults for what the text does not say; ``token`` is random text for the ids.

    Returns the place and a sentence when nothing can be made of the text. Never raises for any text.
    """
    if not text.strip("\ufeff \t\r\n"):
        return jsontext.fault_at(text, 0, "There is nothing to paste: the text is empty.")
    parsed = jsontext.parse(text)
    if parsed.fault is None:
        notes = tuple(str(warning) for warning in parsed.warnings)
        return _from_value(parsed.value, text, now, token, options or Options(), notes)
    if text.lstrip("\ufeff \t\r\n")[0] in '{["':
        return _from_lines(text, now, token, options or Options()) or parsed.fault
    speech = _from_speech(text, now, token, options or Options())
    return speech or jsontext.fault_at(text, 0, "This is neither JSON nor a conversation with speakers (User: … Assistant: …).")


def _from_lines(text: str, now: float, token: str, options: Options) -> Pasted | JsonFault | None:
    """JSONL, or objects one after another over several lines: the first is taken."""
    if jsonvalues.shape_of(text.encode("utf-8", "replace")) == "values":
        return _from_objects(text, now, token, options)
    lines = [line for line in text.removeprefix("\ufeff").split("\n") if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
        return None
    first = jsontext.parse(lines[0])
    if not isinstance(first.value, dict):
        return None
    pasted = _from_value(first.value, lines[0], now, token, options, ())
    if isinstance(pasted, JsonFault):
        return pasted
    note = f"The text holds {count(len(lines), 'line')}; the first became this prompt."
    return msgspec.structs.replace(pasted, notes=(note, *pasted.notes), lines=len(lines))


def _from_objects(text: str, now: float, token: str, options: Options) -> Pasted | JsonFault | None:
    """Pretty-printed objects."""
    data = text.encode("utf-8", "surrogatepass")
    found = [value for _line, value in jsonvalues.Values("values", len(data)).feed(data, last=True) if value is not None]
    first = jsontext.parse(found[0].decode("utf-8", "surrogatepass")) if len(found) > 1 else None
    if first is None or not isinstance(first.value, dict):
        return None
    pasted = _from_value(first.value, found[0].decode("utf-8", "surrogatepass"), now, token, options, ())
    if isinstance(pasted, JsonFault):
        return pasted
    note = f"The text holds {count(len(found), 'object')}; the first became this prompt."
    return msgspec.structs.replace(pasted, notes=(note, *pasted.notes), lines=len(found))


def _from_value(value: Any, text: str, now: float, token: str, options: Options, notes: tuple[str, ...]) -> Pasted | JsonFault:
    known = foreign.recognised(value)
    if known is not None and known.message is not None:
        value, notes = known.message, (*notes, f"The text was written {known.name}; it was converted.")
    elif known is not None and "messages" not in value:
        return jsontext.fault_at(text, 0, known.sentence)
    if isinstance(value, dict) and isinstance(value.get("body"), dict):
        endpoint = value.get("url")
        custom_id = value.get("custom_id")
        extra = ", ".join(key for key in value if key not in ("custom_id", "method", "url", "body"))
        all_notes = (*notes, f"Next to the body was {extra}, which a request can't hold.") if extra else notes
        reading = read_body(value["body"], endpoint if isinstance(endpoint, str) and endpoint else endpoint_of(value["body"]), options)
        pasted = _thread(reading, value["body"], now, token, all_notes, None)
        return msgspec.structs.replace(pasted, custom_id=custom_id if isinstance(custom_id, str) else "")
    if isinstance(value, list):
        if not value or not all(isinstance(item, dict) for item in value):
            return jsontext.fault_at(text, 0, "A list of messages is expected: each an object with role and content.")
        if all(isinstance(item.get("body"), dict) for item in value):
            pasted_first = _from_value(value[0], text, now, token, options, notes)
            if isinstance(pasted_first, JsonFault) or len(value) == 1:
                return pasted_first
            note = f"The list holds {count(len(value), 'request')}; the first became this prompt."
            return msgspec.structs.replace(pasted_first, notes=(note, *pasted_first.notes), lines=len(value))
        endpoint = RESPONSES if _speaks_responses(value) else CHAT
        key = "input" if endpoint == RESPONSES else "messages"
        return _thread(read_body({key: value}, endpoint, options), {key: value}, now, token, notes, None)
    if isinstance(value, dict) and "role" in value and "content" in value:
        return _from_value([value], text, now, token, options, notes)
    if isinstance(value, dict) and value.keys() & {"messages", "input", "prompt", "instructions", "model"}:
        return _thread(read_body(value, endpoint_of(value), options), value, now, token, notes, text)
    return jsontext.fault_at(text, 0, "This JSON holds no messages: no list of messages, messages, input, or batch line.")


def endpoint_of(body: Mapping[str, Any]) -> str:
    """The endpoint that a bare body is written for, as its keys tell."""
    if "messages" in body:
        return CHAT
    given = body.get("input")
    texts = isinstance(given, str) or (
        isinstance(given, list) and bool(given) and all(isinstance(item, str | int | list) for item in given)
    )
    model = body.get("model")
    name = model if isinstance(model, str) else ""
    if texts and ("embed" in name or body.keys() & {"encoding_format", "dimensions"}):
        return EMBEDDINGS
    if texts and "moderation" in name:
        return MODERATIONS
    if isinstance(body.get("prompt"), str | list):
        return next((one for one in models.only_for(name) if one in ENDPOINTS and ENDPOINTS[one].asked == "prompt"), COMPLETIONS)
    return RESPONSES if body.keys() & {"input", "instructions", "prompt", "text", "max_output_tokens"} else CHAT


def _speaks_responses(items: list[dict[str, Any]]) -> bool:
    """Whether a bare list is written in the words of /v1/responses."""
    for item in items:
        parts = item.get("content")
        kinds = [part.get("type") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        if "role" not in item or item.get("type") == "message" or any(kind in _MESSAGE_PARTS and kind != "refusal" for kind in kinds):
            return True
    return False


def _thread(reading: Reading, body: Mapping[str, Any], now: float, token: str, notes: tuple[str, ...], text: str | None) -> Pasted:
    """The thread of a reading: ids given, and the body kept as raw where the form can't hold it."""
    first, *others = ids.series("m", now, token, len(reading.messages) + 1)
    messages = tuple(msgspec.structs.replace(message, id=id) for message, id in zip(reading.messages, others, strict=True))
    raw = None
    if reading.unheld:
        whole = body if "model" in body or not reading.options.model else {"model": reading.options.model, **body}
        raw = text if text is not None and whole is body else jsontext.dumps(whole)
        what = ", ".join(reading.unheld[:8]) + (f" and {len(reading.unheld) - 8} more" if len(reading.unheld) > 8 else "")
        notes = (*notes, f"The form can't hold {what}; the body is kept as raw JSON and sent as it is.")
    thread = Thread(id=first.replace("m-", "t-", 1), messages=messages, options=reading.options, raw=raw, created=now, updated=now)
    return Pasted(thread, notes + reading.notes)


def _from_speech(text: str, now: float, token: str, options: Options) -> Pasted | None:
    """Plain text with speakers: «User: … Assistant: …», each at the beginning of a line."""
    turns = list(_TURN.finditer(text))
    if all(_SPEAKERS[turn.group(1).lower()] != "user" for turn in turns):
        return None
    before = text[: turns[0].start()].strip("\ufeff \t\r\n")
    said: list[ThreadMessage] = [ThreadMessage("", "system", before)] if before else []
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        words = text[turn.end() : following.start() if following else len(text)].strip()
        said.append(ThreadMessage("", _SPEAKERS[turn.group(1).lower()], words))
    notes: tuple[str, ...] = (f"Plain text was read as {count(len(said), 'message')} by its speakers.",)
    if before:
        notes = (*notes, "The text before the first speaker became the system message.")
    return _thread(Reading(tuple(said), options), {}, now, token, notes, None)
