"""An answer line as text for people. Reads what it knows of each endpoint and shows everything else as JSON; never raises.

Shapes: OpenAI API reference (chat completions, responses, completions, embeddings, moderations, images).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from app.core.base import text
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.model.quoting import mask
from app.core.openai import flaws
from app.core.openai.advice import explain
from app.core.openai.envelopes import decode, opened
from app.core.openai.outcomes import Outcome, Read, read_line

FINISHES: Final[dict[str, str]] = {
    "length": "The answer was cut off at the max output tokens.",
    "max_output_tokens": "The answer was cut off at the max output tokens.",
    "content_filter": "The answer was cut off by the provider's content filter.",
}
"""Ways to finish that a person should know about, as sentences."""


class ToolCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function that the model wants called. ``arguments`` is JSON as the model wrote it."""

    name: str
    arguments: str = ""


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens; 0 where the provider does not say. ``cached`` are among ``input``, ``reasoning`` among ``output``."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an output line says."""

    custom_id: str = ""
    outcome: Outcome = Outcome.UNREAD
    text: str = ""
    """May be there beside an error."""
    format: Literal["text", "json", "raw"] = "text"
    """``text`` is prose, ``json`` a structured answer as the model wrote it or a body of unknown shape indented, ``raw`` the line as it
    came because it cannot be read."""
    refusal: str = ""
    reasoning: str = ""
    tools: tuple[ToolCall, ...] = ()
    finish: str = ""
    """The provider's word (``stop``, ``length``, …)."""
    notice: str = ""
    """A sentence if the finish reason matters."""
    model: str = ""
    usage: Usage = Usage()
    request_id: str = ""
    status: int = 0
    error_code: str = ""
    error: str = ""
    """With ``error_code``: set for a failure."""


def answer_of(endpoint: str, line: bytes | memoryview) -> Answer:
    """Read one line of an output or error file for people. ``endpoint`` is a path such as ``/v1/responses``."""
    line = bytes(line)
    read = read_line(line, "output")
    if read.damaged:
        text = line.decode("utf-8", "replace")
        return Answer(custom_id=read.custom_id, text=text, format="raw", error_code="damaged", error=read.damaged)
    try:
        found = decode(line)
    except Unreadable as unread:  # it was understood without reading all of it
        notice = f"The answer is shown as it arrived: {unread}."
        text = line.decode("utf-8", "replace")
        return Answer(read.custom_id, read.outcome, text, "raw", notice=notice, usage=_usage(read), status=read.status)
    envelope = opened(found)
    response, body = _dict(envelope.response), envelope.body
    error = _message(found.get("error")) or _message(_dict(body).get("error")) or read.message
    endpoint = _speaks(_dict(body)) or endpoint
    reader = _BY_ENDPOINT.get(_family(endpoint))
    fields: dict[str, Any] = reader(_dict(body)) if reader else {}
    says_something = any(fields.get(name) for name in ("text", "refusal", "tools", "reasoning"))
    if not says_something and body and not error and not _is_known(endpoint, body):
        fields = {**fields, **_other(body)}
    if read.outcome is Outcome.FLAWED:
        fields["notice"] = " ".join(filter(None, (fields.get("notice"), explain(read.code).sentence)))
        error = ""
    fields.setdefault("notice", FINISHES.get(fields.get("finish", ""), ""))
    return Answer(
        custom_id=read.custom_id,
        outcome=read.outcome,
        model=_text(_dict(body).get("model")),
        usage=_usage(read),
        request_id=_text(response.get("request_id")),
        status=read.status,
        error_code="" if read.outcome is Outcome.FLAWED else read.code,
        error=mask(error),
        **fields,
    )


def _usage(read: Read) -> Usage:
    return Usage(read.input_tokens, read.cached_tokens, read.output_tokens, read.reasoning_tokens)


_OBJECTS: Final = {"response": "responses", "chat.completion": "chat/completions", "text_completion": "completions"}


def _speaks(body: dict[str, Any]) -> str:
    """The endpoint whose shape an answer has, as it says itself: a batch made for one may answer with objects of another (Azure)."""
    return _OBJECTS.get(_text(body.get("object"))[:40], "")


def _family(endpoint: str) -> str:
    return endpoint.strip("/").removeprefix("v1/")


# --- chat completions and completions ------------------------------------------------------------------------------------------------


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in _list(body.get("choices")) if isinstance(choice, dict)]
    messages = [_dict(choice.get("message")) for choice in choices]
    texts = [_content(message.get("content")) for message in messages]
    return {
        "text": _several(texts),
        "refusal": _several([_text(message.get("refusal")) or _refusal(message.get("content")) for message in messages]),
        "reasoning": _several([_text(message.get("reasoning_content") or message.get("reasoning")) for message in messages]),
        "tools": tuple(call for message in messages for call in _chat_tools(message)),
        "finish": _first(choice.get("finish_reason") for choice in choices),
        "format": _format(texts),
    }


def _chat_tools(message: dict[str, Any]) -> list[ToolCall]:
    calls = [_dict(call) for call in _list(message.get("tool_calls"))]
    calls = [_dict(call.get("function") or call.get("custom")) for call in calls]
    if isinstance(message.get("function_call"), dict):
        calls.append(message["function_call"])
    return [
        ToolCall(_text(call.get("name")) or "a tool without a name", _text(call.get("arguments") or call.get("input")))
        for call in calls
        if call
    ]


def _completions(body: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in _list(body.get("choices")) if isinstance(choice, dict)]
    texts = [_text(choice.get("text")) for choice in choices]
    return {"text": _several(texts), "finish": _first(choice.get("finish_reason") for choice in choices), "format": _format(texts)}


# --- responses -----------------------------------------------------------------------------------------------------------------------


def _responses(body: dict[str, Any]) -> dict[str, Any]:
    texts: list[str] = []
    refusals: list[str] = []
    reasons: list[str] = []
    tools: list[ToolCall] = []
    several: list[str] = []
    for item in _list(body.get("output")):
        kind = _text(_dict(item).get("type"))
        if kind == "message":
            said: list[str] = []
            for part in _list(item.get("content")):
                part = _dict(part)
                (refusals if part.get("type") == "refusal" else said).append(_text(part.get("refusal") or part.get("text")))
            texts += said
            several.append("".join(said))
        elif kind == "reasoning":
            reasons += [_text(_dict(part).get("text")) for part in _list(item.get("summary"))]
        elif kind.endswith("_call"):
            tools.append(ToolCall(_text(item.get("name")) or kind.removesuffix("_call"), _text(item.get("arguments") or item.get("input"))))
    status = _text(body.get("status"))
    finish = _text(_dict(body.get("incomplete_details")).get("reason")) or status
    texts = [text for text in texts if text] or [_text(body.get("output_text"))]
    whole = _whole_one([text for text in several if text])
    texts = [whole] if whole else texts
    return {
        **({"notice": _CHOSEN.format(len(several))} if whole else {}),
        "text": "\n\n".join(texts),
        "refusal": "\n\n".join(text for text in refusals if text),
        "reasoning": "\n\n".join(text for text in reasons if text),
        "tools": tuple(tools),
        "finish": finish,
        "format": _format(texts),
    }


_CHOSEN: Final = "The answer came in {} messages. The one that is complete JSON counts; the others are next to it."


def _whole_one(texts: list[str]) -> str:
    """Of several messages, of which at least one is JSON that breaks off, the last one that is whole; nothing where there is none such.
    Structured answers come like this now and then (public reports of real runs)."""
    begun = [text for text in texts if text.lstrip().startswith(("{", "["))]
    whole = [text for text in begun if _format([text]) == "json"]
    return whole[-1] if len(texts) > 1 and whole and len(whole) < len(begun) else ""


# --- embeddings, moderations, anything -----------------------------------------------------------------------------------------------


def _embeddings(body: dict[str, Any]) -> dict[str, Any]:
    data = [_dict(item) for item in _list(body.get("data"))]
    if len(data) > 1 or any("index" in item for item in data):
        numbered = dict(enumerate(data))  # one without an index stands where it is
        numbered.update({item["index"]: item for item in data if type(item.get("index")) is int and 0 <= item["index"] < 1_000_000})
    else:
        return {"text": "".join(_vector(item) for item in data)}
    gaps = flaws.missing_places(data)
    said = {place: _vector(item) for place, item in numbered.items() if place not in gaps}
    said |= dict.fromkeys(gaps, "missing: the provider's answer has no embedding for this input")
    lines = [(place, said[place]) for place in sorted(said) if said[place]]
    return {"text": "\n".join(f"{place + 1}. {line}" if len(said) > 1 else line for place, line in lines)}


def _vector(item: dict[str, Any]) -> str:
    vector = item.get("embedding")
    if isinstance(vector, list):
        first = ", ".join(f"{number:.6g}" if isinstance(number, float) else _text(number)[:20] for number in vector[:5])
        return f"{text.number(len(vector))} numbers: {first}{', …' if len(vector) > 5 else ''}"
    return f"An embedding in base64, {text.number(len(vector))} characters" if isinstance(vector, str) else ""


def _moderations(body: dict[str, Any]) -> dict[str, Any]:
    lines = []
    for item in _list(body.get("results")):
        item = _dict(item)
        named = sorted(name for name, flagged in _dict(item.get("categories")).items() if flagged is True)
        if named:
            lines.append("Flagged: " + ", ".join(named))
        elif "flagged" in item:
            lines.append("Flagged" if item["flagged"] is True else "Not flagged")
    return {"text": "\n".join(lines)}


def _other(body: Any) -> dict[str, Any]:
    if isinstance(body, str):
        return {"text": _text(body), "format": "text"}
    return {"text": _pretty(body), "format": "json"}


def _is_known(endpoint: str, body: Any) -> bool:
    """Whether the body has the endpoint's shape and simply says nothing."""
    place = {"chat/completions": "choices", "completions": "choices", "responses": "output"}.get(_family(endpoint))
    return place is not None and bool(_list(_dict(body).get(place)))


_BY_ENDPOINT: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "chat/completions": _chat,
    "responses": _responses,
    "completions": _completions,
    "embeddings": _embeddings,
    "moderations": _moderations,
}


# --- reading leniently ---------------------------------------------------------------------------------------------------------------


def _content(content: Any) -> str:
    """A message's content: text, or parts of which the texts count."""
    if isinstance(content, list):
        return "".join(_text(_dict(part).get("text")) for part in content)
    return _text(content)


def _refusal(content: Any) -> str:
    """The refusals among the parts of a content."""
    return "\n\n".join(filter(None, (_text(_dict(part).get("refusal")) for part in _list(content))))


def _several(texts: list[str]) -> str:
    """Several choices under one another, numbered if there are more than one."""
    texts = [text for text in texts if text]
    return texts[0] if len(texts) == 1 else "\n\n".join(f"[{number}] {text}" for number, text in enumerate(texts, 1))


def _format(texts: list[str]) -> Literal["text", "json"]:
    """``json`` if there is one text and it is a JSON object or list: a structured answer."""
    only = [text.strip() for text in texts if text]
    if len(only) != 1 or not only[0].startswith(("{", "[")):
        return "text"
    try:
        jsonread.value(only[0])
    except Unreadable:
        return "text"
    return "json"


def _pretty(value: Any) -> str:
    try:
        return _text(json.dumps(value, ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return _text(repr(type(value)))


def _message(error: Any) -> str:
    if isinstance(error, str):
        return _text(error)
    return _text(_dict(error).get("message"))


def _first(values: Any) -> str:
    return next((_text(value) for value in values if isinstance(value, str) and value), "")


def _text(value: Any) -> str:
    """Text that can be shown: without lone surrogates; numbers and structures as JSON; "" for null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return _pretty(value)
    return value.encode("utf-8", "replace").decode()


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
