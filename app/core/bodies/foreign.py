"""Request lines for another service, or almost right: what they are, and the same request in our format.

A line is recognised by the keys that its service documents: Anthropic Message Batches (``params``), Gemini batch files (``request`` with
``contents``), Amazon Bedrock batch inference (``modelInput``), Mistral batch files (``body`` without ``url``), OpenAI fine-tuning rows
(``messages`` alone). Almost ours are lines whose method is written small, whose url lacks its slash or names the whole address, whose id is
a number, or whose body is JSON inside a text. Only what means the same is converted: a line with anything that has no counterpart here is
named and left alone. Pure; never raises for a decoded JSON value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.model.lanes import CHAT, RESPONSES

_ENVELOPE: Final = frozenset({"custom_id", "method", "url", "body", "delivery_config"})
_MAX_ID: Final = 512
_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"


class Foreign(msgspec.Struct, frozen=True):
    """What a line is. ``name`` is the service or the slip, to come after «This line is written …». ``message`` is the same request as a
    line of ours, where there is one; ``lacks`` says why there is none, or what must be added (a model), as a sentence. ``notes``: what was
    changed."""

    name: str
    message: dict[str, Any] | None = None
    lacks: str = ""
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For people: what it is, and what keeps it from being converted."""
        return f"This line is written {self.name}. {self.lacks}".rstrip()


class _Unlike(Exception):
    """Something of the request has no counterpart here; the text names it."""


def recognised(value: Any) -> Foreign | None:
    """What a decoded line is, if it is not one of ours and is known; None for one of ours, and for what nobody knows."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("params"), dict) and isinstance(value["params"].get("messages"), list):
        return _made("for Anthropic's Message Batches (params)", _id(value, "custom_id"), value["params"], _anthropic)
    if isinstance(value.get("request"), dict) and isinstance(value["request"].get("contents"), list):
        return _made("for Google's Gemini (request, contents)", _id(value, "key"), value["request"], _gemini)
    if isinstance(value.get("modelInput"), dict):
        return _made("for Amazon Bedrock (recordId, modelInput)", _id(value, "recordId"), value["modelInput"], _bedrock)
    if isinstance(value.get("body"), dict) and "custom_id" in value and not value.keys() - {"custom_id", "body"}:
        return _made("without url and method, as for Mistral", _id(value, "custom_id"), value["body"], _same)
    if isinstance(value.get("messages"), list) and not value.keys() & _ENVELOPE:
        lacks = "It has no custom_id, so its answer could not be identified. Paste it into a new prompt to send it."
        return Foreign("as a row for fine-tuning or a bare body (messages)", None, lacks)
    return _almost(value)


class Conversion(NamedTuple):
    """A line as one of ours, and how it was written: ``name`` comes after «It is written …»."""

    line: bytes
    name: str


def conversion(line: bytes) -> Conversion | None:
    """The line as one of ours, if it is recognised and says the same; else None. A byte order mark before it and a comma behind it go.
    Never raises."""
    bare = line.strip(_BLANK).removeprefix(_BOM).rstrip(_BLANK + b",")
    try:
        value = jsonread.value(bare)
    except jsonread.Unreadable:
        return None
    found = recognised(value)
    if found is None and bare != line.strip(_BLANK):
        return Conversion(bare, "with a comma after it, or a byte order mark before it")  # nothing else is wrong with it that is known here
    if found is None or found.message is None or found.lacks:
        return None
    return Conversion(msgspec.json.encode(found.message), found.name)


def mended(line: bytes) -> bytes | None:
    """The line of its :func:`conversion`, if there is one."""
    found = conversion(line)
    return found.line if found is not None else None


def _id(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found if isinstance(found, str) and found.strip() and len(found) <= _MAX_ID else ""


def _made(name: str, id: str, given: dict[str, Any], convert: Any) -> Foreign:
    try:
        url, body = convert(given)
    except _Unlike as unlike:
        return Foreign(name, None, f"It holds {unlike}, which has no counterpart here: write that request again.")
    message = {"custom_id": id, "method": "POST", "url": url, "body": body}
    if not id:
        return Foreign(name, message, "It has no id, so its answer could not be identified: add one.")
    if not isinstance(body.get("model"), str) or not body["model"].strip():
        return Foreign(name, message, "It names no model: add one to its body, since a batch has one model.")
    return Foreign(name, message)


def _rest(given: Mapping[str, Any], known: frozenset[str], where: str = "") -> None:
    for key, value in given.items():
        if key not in known and value not in (None, [], {}):
            raise _Unlike(f"{where}{key[:60]}")


def _same(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if isinstance(given.get("messages"), list):
        return CHAT, given
    if "input" in given:
        return RESPONSES, given
    raise _Unlike("a body that is neither of chat nor of responses")


# --- Anthropic (docs.anthropic.com, Message Batches: params are those of POST /v1/messages)

_ANTHROPIC: Final = frozenset({"model", "max_tokens", "messages", "system", "temperature", "top_p", "stop_sequences", "stream"})


def _anthropic(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    _rest(given, _ANTHROPIC | {"anthropic_version", "metadata"})
    said = [{"role": "system", "content": _plain(given["system"])}] if given.get("system") else []
    said += [{"role": _role(message), "content": _parts(message.get("content"))} for message in _objects(given["messages"])]
    return CHAT, _body(given.get("model"), said, given, "max_tokens", "temperature", "top_p", "stop_sequences")


def _objects(values: Any) -> list[dict[str, Any]]:
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Unlike("messages that are no list of objects")
    return values


def _role(message: Mapping[str, Any]) -> str:
    role = {"model": "assistant", None: "user"}.get(message.get("role"), message.get("role"))
    if role not in ("user", "assistant", "system"):
        raise _Unlike(f"the role {str(role)[:40]}")
    return str(role)


def _plain(content: Any) -> str:
    """Text that may stand in blocks."""
    if isinstance(content, str):
        return content
    blocks = _objects(content)
    texts = [block["text"] for block in blocks if isinstance(block.get("text"), str)]
    if len(texts) < len(blocks):
        raise _Unlike("a system prompt that is not text")
    return "\n\n".join(texts)


def _parts(content: Any) -> Any:
    if isinstance(content, str):
        return content
    found = [_part(part) for part in _objects(content)]
    return found[0]["text"] if len(found) == 1 and found[0]["type"] == "text" else found


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    """A block of text or an image: Anthropic's, Gemini's or Bedrock's."""
    if isinstance(part.get("text"), str) and not part.keys() - {"text", "type", "cache_control"}:
        return {"type": "text", "text": part["text"]}
    source = part.get("source")
    inline = part.get("inlineData") or part.get("inline_data")
    if part.get("type") == "image" and isinstance(source, dict):
        if source.get("type") == "url" and isinstance(source.get("url"), str):
            return _image(source["url"])
        if isinstance(source.get("data"), str) and isinstance(source.get("media_type"), str):
            return _image(f"data:{source['media_type']};base64,{source['data']}")
    if isinstance(inline, dict) and isinstance(inline.get("data"), str):
        kind = inline.get("mimeType") or inline.get("mime_type")
        if isinstance(kind, str) and kind.startswith("image/"):
            return _image(f"data:{kind};base64,{inline['data']}")
    raise _Unlike(f"a part of the kind {str(part.get('type') or next(iter(part), 'empty'))[:40]}")


def _image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _body(model: Any, said: list[dict[str, Any]], given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A chat body; ``names`` are those of the most tokens, temperature, top_p and stop texts in the other's words."""
    body: dict[str, Any] = {"model": model} if model else {}
    body["messages"] = said
    for ours, name in zip(("max_completion_tokens", "temperature", "top_p", "stop"), names, strict=True):
        if given.get(name) is not None:
            body[ours] = given[name]
    return body


# --- Gemini (ai.google.dev, batch mode: a line is {key, request}, the request that of generateContent)


def _gemini(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    names = {"systemInstruction": "system_instruction", "generationConfig": "generation_config"}
    given = {names.get(key, key): value for key, value in given.items()}
    _rest(given, frozenset({"model", "contents", "system_instruction", "generation_config"}))
    config = given.get("generation_config") or {}
    if not isinstance(config, dict):
        raise _Unlike("a generationConfig that is not an object")
    spoken = {"max_output_tokens": "maxOutputTokens", "top_p": "topP", "stop_sequences": "stopSequences"}
    config = {spoken.get(key, key): value for key, value in config.items()}
    _rest(config, frozenset({"maxOutputTokens", "temperature", "topP", "stopSequences"}), "generationConfig.")
    system = given.get("system_instruction")
    said = [{"role": "system", "content": _plain(system.get("parts"))}] if isinstance(system, dict) else []
    said += [{"role": _role(message), "content": _parts(message.get("parts"))} for message in _objects(given["contents"])]
    model = given.get("model")
    name = model.removeprefix("models/") if isinstance(model, str) else None
    return CHAT, _body(name, said, config, "maxOutputTokens", "temperature", "topP", "stopSequences")


# --- Bedrock (docs.aws.amazon.com, batch inference: modelInput is the model's own body, or that of Converse)


def _bedrock(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if "anthropic_version" in given:
        return _anthropic(given)
    if not isinstance(given.get("messages"), list):
        raise _Unlike("a body of a model that does not speak in messages")
    _rest(given, frozenset({"messages", "system", "inferenceConfig", "modelId"}))
    config = given.get("inferenceConfig") or {}
    if not isinstance(config, dict):
        raise _Unlike("an inferenceConfig that is not an object")
    _rest(config, frozenset({"maxTokens", "temperature", "topP", "stopSequences"}), "inferenceConfig.")
    said = [{"role": "system", "content": _plain(given["system"])}] if given.get("system") else []
    said += [{"role": _role(message), "content": _parts(message.get("content"))} for message in _objects(given["messages"])]
    return CHAT, _body(None, said, config, "maxTokens", "temperature", "topP", "stopSequences")


# --- almost ours


def _almost(value: dict[str, Any]) -> Foreign | None:
    """A line of ours with a slip that leaves no doubt about what is meant."""
    if not {"custom_id", "body"} <= value.keys() or value.keys() - _ENVELOPE:
        return None
    made, slips = dict(value), list[str]()
    if isinstance(made["custom_id"], int) and not isinstance(made["custom_id"], bool):
        made["custom_id"] = str(made["custom_id"])
        slips.append("custom_id is a number instead of a text")
    if isinstance(made["body"], str):
        try:
            body = jsonread.value(made["body"].encode("utf-8", "replace"))
        except jsonread.Unreadable:
            return None
        if not isinstance(body, dict):
            return None
        made["body"] = body
        slips.append("body is text with JSON instead of an object")
    method, url = made.get("method", "POST"), made.get("url")
    if method != "POST" and isinstance(method, str) and method.strip().upper() == "POST":
        slips.append(f"method is “{method[:10]}” instead of POST")
    elif method != "POST":
        return None
    made["method"] = "POST"
    path = _path(url)
    if path is None:
        return None
    if path != url:
        made["url"] = path
        slips.append(f"url is “{str(url)[:80]}” instead of {path}")
    if not slips:
        return None
    return Foreign(f"with a slip: {'; '.join(slips)}", made, notes=tuple(slips))


def _path(url: Any) -> str | None:
    """The endpoint that a url means, if it is one of those that are known."""
    if not isinstance(url, str) or len(url) > 2_048:
        return None
    if url in FOR_PROGRAMS:
        return url
    try:
        path = urlsplit(url.strip()).path
    except ValueError:
        return None
    path = "/" + path.strip("/").lower()
    return next((known for known in FOR_PROGRAMS if path == known or path.endswith(known) or f"/v1{path}" == known), None)
