"""From a body back to the form: the inverse of :mod:`.bodybuild`, and honest about what the form can't hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from app.core.bodies.bodybuild import number_of
from app.core.json import jsontext
from app.core.model.lanes import CHAT, EDITOR_ENDPOINTS, RESPONSES, Endpoint
from app.core.model.threads import Image, Options, Role, ThreadMessage
from app.core.openai import kinds

_ROLES: dict[Any, Role] = {"system": "system", "developer": "developer", "user": "user", "assistant": "assistant"}
_DETAILS: dict[Any, Literal["auto", "low", "high"]] = {"auto": "auto", "low": "low", "high": "high"}


class Reading(msgspec.Struct, frozen=True):
    """What the form takes from a body (messages have no ids yet). ``unheld`` names what it can't; ``notes`` say what was reworded."""

    messages: tuple[ThreadMessage, ...]
    options: Options
    unheld: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Reader:
    """Takes a body apart key by key; what nobody takes is unheld."""

    def __init__(self, body: Mapping[str, Any], options: Options) -> None:
        self.rest = {key: value for key, value in body.items() if value is not None}  # null is what a missing key says
        self.options = options
        self.messages: list[ThreadMessage] = []
        self.unheld: list[str] = []
        self.notes: list[str] = []

    def lose(self, what: str) -> None:
        if what not in self.unheld:
            self.unheld.append(what)

    def take(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)

    def result(self) -> Reading:
        for key in self.rest:
            self.lose(key)
        return Reading(tuple(self.messages), self.options, tuple(self.unheld), tuple(self.notes))

    # --- values ------------------------------------------------------------------------------------------------------------------

    def number(self, key: str, field: str) -> None:
        """A number becomes the text that builds the same number."""
        value = self.rest.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = jsontext.dumps(value)
            if number_of(text) == value:
                self.take(**{field: text})
                del self.rest[key]

    def word(self, holder: dict[str, Any], key: str, field: str) -> None:
        value = holder.get(key)
        if isinstance(value, str) and value == value.strip() and value:
            self.take(**{field: value})
            del holder[key]

    def model(self) -> None:
        value = self.rest.get("model")
        if isinstance(value, str) and value == value.strip():
            self.take(model=value)
            del self.rest["model"]

    def schema(self, holder: Any, kind: str | None) -> bool:
        """``{name, schema, strict}``; True if the form holds all of it."""
        if not isinstance(holder, dict) or not isinstance(holder.get("schema"), dict) or not isinstance(holder.get("name"), str):
            return False
        strict = holder.get("strict")
        self.take(
            schema_on=True,
            schema_name=holder["name"],
            schema_text=jsontext.dumps(holder["schema"]),
            schema_strict=strict if isinstance(strict, bool) else False,
        )
        return not holder.keys() - {"name", "schema", "strict", *([kind] if kind else [])} and isinstance(strict, bool | None)

    # --- messages ----------------------------------------------------------------------------------------------------------------

    def message(self, item: Any, where: str) -> None:
        if not isinstance(item, dict):
            self.lose(where)
            return
        role = _ROLES.get(item.get("role")) if isinstance(item.get("role"), str) else None
        if role is None:
            self.lose(f"{where} ({item.get('role') or item.get('type') or 'without a role'})")
            return
        for key, value in item.items():
            if key in ("role", "content") or (key == "type" and value == "message"):
                continue
            # an answer's item, fed back: its id and status say nothing to the model
            if not (key in ("id", "status", "refusal", "annotations", "name") and not value):
                self.lose(f"{where}’s {key}")
        text, images = self.content(item.get("content"), where)
        self.messages.append(ThreadMessage("", role, text, images))

    def content(self, content: Any, where: str) -> tuple[str, tuple[Image, ...]]:
        if isinstance(content, str):
            return content, ()
        if not isinstance(content, list):
            self.lose(f"{where}’s content")
            return "", ()
        texts: list[str] = []
        images: list[Image] = []
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else None
            if kind in ("text", "input_text", "output_text") and isinstance(part.get("text"), str):
                if texts or images:
                    self.lose(f"{where}’s parts in their order")
                texts.append(part["text"])
                self.only(part, {"type", "text"}, where)
            elif kind in ("image_url", "input_image"):
                image = self.image(part, where)
                images += [image] if image else []
            elif kind == "refusal" and isinstance(part.get("refusal"), str):
                self.lose(f"{where}’s refusal")
                texts.append(part["refusal"])
            else:
                self.lose(f"{where}’s part {kind or 'without a type'}")
        return "\n\n".join(texts), tuple(images)

    def only(self, part: dict[str, Any], known: set[str], where: str) -> None:
        for key, value in part.items():
            if key not in known and value not in (None, [], {}):
                self.lose(f"{where}’s {key}")

    def image(self, part: dict[str, Any], where: str) -> Image | None:
        holder: Any = part
        if part["type"] == "image_url":
            self.only(part, {"type", "image_url"}, where)
            holder = part.get("image_url")
            url = holder.get("url") if isinstance(holder, dict) else None
        else:
            url = part.get("image_url")
        if not isinstance(url, str):
            self.lose(f"{where}’s image")
            return None
        self.only(holder, {"type", "image_url", "url", "detail"}, where)
        detail = holder.get("detail") or "auto"
        if not isinstance(detail, str) or detail not in _DETAILS:
            self.lose(f"{where}’s detail")
            detail = "auto"
        return Image(url, detail=_DETAILS[detail])


def read_body(body: Mapping[str, Any], endpoint: Endpoint, options: Options) -> Reading:
    """Read a body written for this endpoint. Options that the body does not name are those of ``options``, except that a body which names
    a model is taken as whole: then what it leaves out is left out."""
    endpoint = kinds.canonical(endpoint)
    base = Options(endpoint=endpoint) if "model" in body else replace(options, endpoint=endpoint)
    reader = _Reader(body, base)
    reader.model()
    if reader.rest.get("stream") is False:
        del reader.rest["stream"]  # what a batch does anyway
    if endpoint == CHAT:
        _read_chat(reader)
    elif endpoint == RESPONSES:
        _read_responses(reader)
    if endpoint not in EDITOR_ENDPOINTS:
        reader.lose(f"requests for {endpoint}")
    return reader.result()


def _read_chat(reader: _Reader) -> None:
    rest = reader.rest
    if isinstance(rest.get("messages"), list):
        for number, item in enumerate(rest.pop("messages"), 1):
            reader.message(item, f"message {number}")
    if "max_tokens" in rest and "max_completion_tokens" not in rest:
        reader.number("max_tokens", "max_output_tokens")
        if "max_tokens" not in rest:
            reader.notes.append("max_tokens is deprecated; max_completion_tokens is sent instead.")
    reader.number("max_completion_tokens", "max_output_tokens")
    reader.number("temperature", "temperature")
    reader.word(rest, "reasoning_effort", "reasoning_effort")
    reader.word(rest, "verbosity", "verbosity")
    given = rest.get("response_format")
    if isinstance(given, dict):
        named = given.get("type") == "json_schema" and given.keys() == {"type", "json_schema"}
        if given == {"type": "text"} or (named and reader.schema(given["json_schema"], None)):
            del rest["response_format"]


def _read_responses(reader: _Reader) -> None:
    rest = reader.rest
    if isinstance(rest.get("instructions"), str) and rest["instructions"]:
        reader.messages.append(ThreadMessage("", "developer", rest.pop("instructions")))
        reader.notes.append("instructions became a developer message at the beginning, which means the same to the model.")
    given = rest.get("input")
    if isinstance(given, str):
        reader.messages.append(ThreadMessage("", "user", rest.pop("input")))
    elif isinstance(given, list):
        for number, item in enumerate(rest.pop("input"), 1):
            reader.message(item, f"item {number}")
    reader.number("max_output_tokens", "max_output_tokens")
    reader.number("temperature", "temperature")
    for key in ("reasoning", "text"):
        if isinstance(rest.get(key), dict):
            _read_nested(reader, key, {name: value for name, value in rest.pop(key).items() if value is not None})


def _read_nested(reader: _Reader, key: str, holder: dict[str, Any]) -> None:
    reader.word(holder, *(("effort", "reasoning_effort") if key == "reasoning" else ("verbosity", "verbosity")))
    form = holder.get("format") if key == "text" else None
    if isinstance(form, dict):
        named = form.get("type") == "json_schema"
        if form == {"type": "text"} or (named and reader.schema(form, "type")):
            del holder["format"]
    for left in holder:
        reader.lose(f"{key}.{left}")
