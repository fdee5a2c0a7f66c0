"""Problems of a body before it is sent: errors block queueing, advice does not.

Rules and ranges are those of OpenAI's API reference. Where another provider may well differ (a model's habits, an unknown level), the form
reports an error, since its choices are OpenAI's, and a body typed by hand gets advice, so that it can always be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from app.core.base import text
from app.core.base.findings import Finding, Severity
from app.core.base.patterns import pattern
from app.core.bodies import schema
from app.core.bodies.bodybuild import number_of
from app.core.endpoints.responses import MIN_TOKENS
from app.core.endpoints.spec import EFFORTS, VERBOSITIES
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsontext
from app.core.model.lanes import CHAT, EDITOR_ENDPOINTS, RESPONSES, Endpoint
from app.core.model.threads import STORED, Image, Options, Thread
from app.core.openai import kinds, models

MAX_FINDINGS = 200

_REASONING = pattern(r"^(o\d|gpt-([5-9]|\d\d)(?!.*chat)|codex-)")
_TEMPERED = pattern(r"^gpt-(5\.[1-9]|[6-9]|\d\d)")  # takes a temperature while its effort is none
_NOT_REASONING = pattern(r"^(gpt-3|gpt-4|chatgpt-)")
_DATA_IMAGE = pattern(r"data:image/(png|jpeg|jpg|webp|gif);base64,.")
_SURROGATE = pattern("[\ud800-\udfff]")
_SURROGATE_TEXT = "holds half a character (a lone surrogate), often left by cutting an emoji."


def is_reasoning(model: str) -> bool:
    """Whether an OpenAI model of this name thinks before it answers (o-series, gpt-5 and later, not its chat variants)."""
    return bool(_REASONING.match(models.base_name(model)))


def problems(thread: Thread) -> tuple[Finding, ...]:
    """What stands against sending a thread, by field. A body typed by hand is checked instead of the form."""
    if thread.raw is not None:
        return _raw_problems(thread.raw, thread.options.endpoint)
    return tuple(_form_problems(thread))


# --- the form --------------------------------------------------------------------------------------------------------------------


def _form_problems(thread: Thread) -> Iterator[Finding]:
    options = thread.options
    if options.endpoint not in EDITOR_ENDPOINTS:
        yield Finding("endpoint", f"The form can't write requests for {options.endpoint}.", "Choose another endpoint, or use the raw JSON.")
        return
    yield from _model(options.model, options.endpoint)
    yield from _messages(thread)
    values = {name: _typed(getattr(options, name)) for name in ENDPOINTS[options.endpoint].places}
    for fault in _values(options.model, options.endpoint, values):
        yield Finding(fault.field, fault.sentence, fault.remedy, fault.severity)
    if options.schema_on:
        yield from _schema(options)


def _typed(text: str) -> Any:
    number = number_of(text)
    return (text.strip() or None) if number is None else number


def _model(model: str, endpoint: Endpoint) -> Iterator[Finding]:
    if not model.strip():
        yield Finding("model", "No model is chosen.", "Choose one, or type its name.")
    elif _halved(model):
        yield Finding("model", f"The model's name {_SURROGATE_TEXT}", "Type it again.")
    elif not models.fits(model, endpoint):
        yield Finding("model", f"{model.strip()} doesn't seem to be a model for {endpoint}.", "Check the model or the endpoint.", "advice")


def _messages(thread: Thread) -> Iterator[Finding]:
    if not thread.messages:
        yield Finding("messages", "There is no message yet.", "Add one.")
        return
    for number, message in enumerate(thread.messages, 1):
        who = f"Message {number} ({message.role})"
        if not message.text.strip() and not message.images:
            yield Finding("messages", f"{who} is empty.", "Write something, or delete it.", item=message.id)
        if _halved(message.text):
            yield Finding("messages", f"{who} {_SURROGATE_TEXT}", "Remove it.", item=message.id)
        if "\ufffd" in message.text:
            where = message.text.index("\ufffd") + 1
            sentence = (
                f"{who} holds “�” at character {text.number(where)}: a character that was lost when the text was copied, cut or decoded."
            )
            yield Finding("messages", sentence, "Type it again, or remove it; it would be sent as it is.", "advice", item=message.id)
        if message.images and message.role != "user":
            yield Finding(
                "messages", f"{who} contains an image; only user messages can.", "Move the image into a user message.", item=message.id
            )
        for image in message.images:
            if fault := image_fault(image):
                yield Finding("messages", f"{who}: {fault}", "Replace the image or its address.", item=message.id)
    if thread.messages[-1].role == "assistant":
        sentence = "The last message is the assistant's: the model would answer itself."
        yield Finding("messages", sentence, "End with a user message.", "advice", item=thread.messages[-1].id)
    elif all(message.role != "user" for message in thread.messages):
        yield Finding("messages", "There is no user message.", "Add one with what you want to know.", "advice")


def _halved(text: str) -> bool:
    """Whether a text holds a lone surrogate. Image files are megabytes of ASCII, which is known at once."""
    return not text.isascii() and bool(_SURROGATE.search(text))


def image_fault(image: Image) -> str:
    """A sentence when no provider can read the image; empty when it looks right."""
    url = image.url.strip()
    if not url:
        return "an image has no address."
    if _halved(url):
        return f"an image's address {_SURROGATE_TEXT}"
    if url.startswith(STORED):
        return ""  # kept apart by services.threads.images; it takes its place when the request is made
    if url[:5].lower() == "data:":
        return "" if _DATA_IMAGE.match(url) else "an image file isn't PNG, JPEG, WEBP or GIF in base64."
    if not re.match(r"https://[^\s/]+", url, re.IGNORECASE) or re.search(r"\s", url):
        return f"the image's address “{url[:60]}” doesn't begin with https://, or isn't an address."
    return ""


def _schema(options: Options) -> Iterator[Finding]:
    if named := schema.check_name(options.schema_name):
        yield named
    if not options.schema_text.strip():
        yield Finding("schema_text", "Structured output is on, but there is no schema.", "Write a schema, or turn it off.")
        return
    yield from schema.check(options.schema_text, strict=options.schema_strict).findings


# --- values, of the form and of a body -------------------------------------------------------------------------------------------


class _Fault(NamedTuple):
    """A value at fault. ``habit``: it depends on the model or provider, not on the API's definition."""

    field: str
    sentence: str
    remedy: str = ""
    severity: Severity = "error"
    habit: bool = False


def _values(model: str, endpoint: Endpoint, values: Mapping[str, Any]) -> Iterator[_Fault]:
    effort, verbosity = values.get("reasoning_effort"), values.get("verbosity")
    if (limit := values.get("max_output_tokens")) is not None:
        yield from _limit(endpoint, limit)
    if (temperature := values.get("temperature")) is not None:
        yield from _temperature(model, temperature, effort)
    name = models.base_name(model)
    if effort is not None and effort not in EFFORTS:
        yield _Fault(
            "reasoning_effort", f"There is no reasoning effort “{_shown(effort)}”.", f"Use one of {', '.join(EFFORTS)}.", habit=True
        )
    elif effort is not None and _NOT_REASONING.match(name):
        yield _Fault("reasoning_effort", f"{model.strip()} doesn't reason and refuses an effort.", "Leave it empty.", "advice")
    if verbosity is not None and verbosity not in VERBOSITIES:
        yield _Fault("verbosity", f"There is no verbosity “{_shown(verbosity)}”.", f"Use one of {', '.join(VERBOSITIES)}.", habit=True)
    elif verbosity not in (None, "medium") and (_NOT_REASONING.match(name) or re.match(r"o\d", name)):
        yield _Fault("verbosity", f"{model.strip()} accepts only verbosity medium.", "Leave it empty.", "advice")


def _shown(value: Any) -> str:
    return str(value)[:40]


def _limit(endpoint: Endpoint, limit: Any) -> Iterator[_Fault]:
    field = "max_output_tokens"
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        yield _Fault(field, f"“{_shown(limit)}” isn't a number of tokens.", "Write digits only, such as 1000, or leave it empty.")
    elif limit != int(limit):
        yield _Fault(field, f"The most tokens of an answer is a whole number, not {_shown(limit)}.", "Write a whole number.")
    elif not isinstance(limit, int):
        yield _Fault(field, f"The most tokens of an answer is written with digits only, not {_shown(limit)}.", f"Write {int(limit)}.")
    elif limit < 1:
        yield _Fault(field, f"An answer can't have {limit} tokens.", "Write 1 or more, or leave it empty.")
    elif endpoint == RESPONSES and limit < MIN_TOKENS:
        yield _Fault(field, f"{RESPONSES} takes {MIN_TOKENS} tokens or more, not {limit}.", f"Write {MIN_TOKENS} or more.")


def _temperature(model: str, value: Any, effort: Any) -> Iterator[_Fault]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield _Fault("temperature", f"The temperature “{_shown(value)}” isn't a number.", "Write a number from 0 to 2, with a point.")
    elif not 0 <= value <= 2:
        yield _Fault("temperature", f"The temperature {_shown(value)} isn't between 0 and 2.", "Write a number from 0 to 2.")
    elif value != 1 and is_reasoning(model):
        tempered = _TEMPERED.match(models.base_name(model))
        if not tempered or effort not in (None, "none"):
            yield _Fault(
                "temperature", f"{model.strip()} is a reasoning model and accepts only temperature 1.", "Leave it empty.", habit=True
            )
        elif effort is None:
            remedy = "Leave it empty, or set the reasoning effort to none."
            yield _Fault("temperature", f"{model.strip()} takes a temperature only while its reasoning effort is none.", remedy, "advice")


# --- a body ----------------------------------------------------------------------------------------------------------------------


def _raw_problems(raw: str, endpoint: Endpoint) -> tuple[Finding, ...]:
    parsed = jsontext.parse(raw)
    if parsed.fault:
        return (Finding("raw", parsed.fault.sentence, line=parsed.fault.line, column=parsed.fault.column),)
    twice = tuple(Finding("raw", one.sentence, "", "advice", line=one.line, column=one.column) for one in parsed.warnings)
    if not isinstance(parsed.value, dict):
        return (*twice, Finding("raw", "A request's body is a JSON object.", "Begin with { and end with }.", line=1, column=1))
    return twice + body_problems(endpoint, parsed.value, raw)


def body_problems(endpoint: Endpoint, body: Mapping[str, Any], text: str = "") -> tuple[Finding, ...]:
    """What stands against sending a body as it is (field ``raw``). With the ``text`` that it was read from, findings have their place."""
    endpoint = kinds.canonical(endpoint)
    shape = _shape(body)
    parameters = _parameters(endpoint, body) if shape is None else _known_parameters(endpoint, shape)
    found = tuple(islice(chain(parameters, _contents(endpoint, body)), MAX_FINDINGS))
    return schema.placed(text, found) if text else found


_CONTENTS: Final = frozenset({"messages", "input", "prompt"})
_PLAIN: Final = frozenset({int, float, bool, str, type(None)})
_SHORT: Final = 100
"""Characters of a value, and names of a body, that are remembered: what is larger would be held in memory."""
_Shape = tuple[tuple[str, type, Any], ...]


def _shape(body: Mapping[str, Any]) -> _Shape | None:
    """What a body says besides its contents, of which only counts whether there are any; None: it is not plain. Types are part of it: 1,
    1.0 and True are equal and not the same."""
    if len(body) > _SHORT:
        return None
    found: list[tuple[str, type, Any]] = []
    for name, value in body.items():
        kind = type(value)
        if name in _CONTENTS:
            found.append((name, bool, value not in (None, "", [])))
        elif kind not in _PLAIN or len(name) > _SHORT or (kind is str and len(value) > _SHORT):
            return None
        else:
            found.append((name, kind, value))
    return tuple(found)


@lru_cache(maxsize=256)
def _known_parameters(endpoint: Endpoint, shape: _Shape) -> tuple[Finding, ...]:
    """The lines of a file say few things besides their contents: each is looked at once."""
    body = {name: ("x" if value else None) if name in _CONTENTS else value for name, _, value in shape}
    return tuple(_parameters(endpoint, body))


def _raw(path: tuple[str | int, ...], sentence: str, remedy: str = "", severity: Severity = "error") -> Finding:
    return Finding("raw", sentence, remedy, severity, path=jsontext.pointer(path))


def _parameters(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[Finding]:
    """What can be said without looking into the contents."""
    model = body.get("model")
    name = model if isinstance(model, str) else ""
    if not name.strip():
        yield _raw(("model",), "The body names no model; a batch needs one.", 'Add "model": "…".')
    elif not models.fits(name, endpoint):
        yield _raw(("model",), f"{name} doesn't seem to be a model for {endpoint}.", "Check the model or the endpoint.", "advice")
    if body.get("stream"):
        yield _raw(("stream",), "A batch can't stream: the answers come as a file.", "Take stream out.")
    spec = ENDPOINTS.get(endpoint)
    needs = spec.needed if spec else ()
    if needs and all(body.get(key) in (None, "", []) for key in needs):
        yield _raw((needs[0],), f"The body has no {needs[0]}, which {endpoint} needs.", f"Add {needs[0]}.")
    for key, instead in (spec.instead if spec else {}).items():
        if key in body:
            yield _raw((key,), f"{key} isn't a parameter of {endpoint}.", f"Use {instead}.", "advice")
    places = spec.places if spec else {}
    values = {field: _dig(body, path) for field, path in places.items()}
    for fault in _values(name, endpoint, values):
        yield _raw(places[fault.field], fault.sentence, fault.remedy, "advice" if fault.habit else fault.severity)
    if endpoint == CHAT and body.get("max_tokens") is not None:
        yield from _max_tokens(name, body)


def _contents(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[Finding]:
    if endpoint in EDITOR_ENDPOINTS:
        yield from _entries("messages" if endpoint == CHAT else "input", body)
        yield from _format(endpoint, body)


def _dig(body: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _max_tokens(model: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    remedy = "Use max_completion_tokens."
    if body.get("max_completion_tokens") is not None:
        yield _raw(("max_tokens",), "max_tokens and max_completion_tokens can't be used together.", remedy)
    elif is_reasoning(model):
        yield _raw(("max_tokens",), f"{model} refuses max_tokens.", remedy, "advice")
    for fault in _limit(CHAT, body["max_tokens"]):
        yield _raw(("max_tokens",), fault.sentence, fault.remedy)


def _entries(key: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    entries = body.get(key)
    if key == "messages" and entries is not None and not isinstance(entries, list):
        yield _raw((key,), "messages is a list.", "Begin it with [ and end it with ].")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            yield _raw((key, index), "A message is a JSON object.", 'Write {"role": "user", "content": "…"}.')
            continue
        if not isinstance(entry.get("role"), str) and (key == "messages" or "content" in entry):
            yield _raw((key, index), "This message has no role.", 'Add "role": "user".')
        parts = entry.get("content")
        for at, part in enumerate(parts if isinstance(parts, list) else ()):
            url = _dig(part, ("image_url", "url") if key == "messages" else ("image_url",))
            if isinstance(url, str) and (fault := image_fault(Image(url))):
                yield _raw((key, index, "content", at), fault[0].upper() + fault[1:], "Replace the image or its address.")
    if isinstance(entries, list) and entries and _dig(entries[-1], ("role",)) == "assistant":
        sentence = "The last message is the assistant's: the model would answer itself."
        yield _raw((key, len(entries) - 1), sentence, "End with a user message.", "advice")


def _format(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[Finding]:
    path: tuple[str, ...] = ("response_format", "json_schema") if endpoint == CHAT else ("text", "format")
    holder = _dig(body, path)
    if not isinstance(holder, dict) or (endpoint == RESPONSES and holder.get("type") != "json_schema"):
        return
    name = holder.get("name")
    if named := schema.check_name(name if isinstance(name, str) else ""):
        yield _raw((*path, "name"), named.sentence, named.remedy)
    if holder.get("strict") is True and isinstance(holder.get("schema"), dict):
        for one in schema.check_value(holder["schema"]):
            yield replace(one, field="raw", path=jsontext.pointer((*path, "schema")) + one.path)
