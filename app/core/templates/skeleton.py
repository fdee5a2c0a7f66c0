"""The body that a template makes, before there is a row: what is the same in all rows as plain values, what comes from a row as leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from app.core.bodies import forms
from app.core.bodies.bodybuild import chat_message, responses_message
from app.core.bodies.forms import FieldFault
from app.core.endpoints.spec import FormField
from app.core.json import jsontext
from app.core.model.lanes import CHAT, RESPONSES
from app.core.model.templates import PromptContent, PromptFile, PromptMessage
from app.core.model.threads import Image, ThreadMessage
from app.core.templates import syntax
from app.core.templates.syntax import ParsedTemplate


class TextLeaf(NamedTuple):
    """A text of the row. ``wrap`` turns it into what is in the body (an address into the bytes that it names)."""

    template: ParsedTemplate
    wrap: Callable[[str], str] | None = None


class FieldLeaf(NamedTuple):
    """A parameter of the row; a row for which it is blank does not have it."""

    template: ParsedTemplate
    field: FormField


class OptionalPart(NamedTuple):
    """A part of a list, or a member of an object, that a row for which ``source`` is blank does not have."""

    source: ParsedTemplate
    value: Any


class InputsLeaf(NamedTuple):
    """The inputs of one request: each template over each of its rows. ``single``: one text instead of a list."""

    templates: tuple[ParsedTemplate, ...]
    single: bool


Resolve = Callable[[str], str]
"""What is in a body for an image's or file's source: the ``data:`` URL of a byte run of the dataset, anything else as it is."""


class TemplateUnusable(ValueError):
    """A template that has faults of its own: :func:`app.core.templates.content.checked` says which. The text is the first sentence."""


def parsed(text: str, *, raw: bool = False) -> ParsedTemplate:
    """A text without faults. Raises TemplateUnusable."""
    found = syntax.parse(text, raw=raw)
    if found.faults:
        raise TemplateUnusable(found.faults[0].sentence)
    return found


def skeleton(content: PromptContent, resolve: Resolve | None = None) -> dict[str, Any]:
    """The body that the form describes. Raises TemplateUnusable."""
    form = forms.FORMS.get(content.endpoint)
    if form is None:
        raise TemplateUnusable(f"The form can't write requests for {content.endpoint}.")
    body: dict[str, Any] = {"model": ""}
    if form.asked == "messages":
        name = "input" if content.endpoint == RESPONSES else "messages"
        body[name] = [_message(message, content.endpoint, resolve) for message in content.messages]
    else:
        templates = tuple(parsed(text) for text in content.inputs) or (parsed(""),)
        single = form.many == 1 or (len(templates) == 1 and content.rows_per_request <= 1)
        body[form.asked] = InputsLeaf(templates[:1] if form.many == 1 else templates, single)
    for field in form.fields:
        if (value := _value(field, content.fields.get(field.name, ""))) is not None:
            forms.put(body, field.path, value)
    if form.schema and content.schema_on:
        _put_schema(body, content)
    if form.metadata and content.metadata:
        body["metadata"] = {pair.key: _pair(pair.value) for pair in content.metadata if pair.value}
    return body


def _value(field: FormField, text: str) -> Any:
    if syntax.holds(text):
        return FieldLeaf(parsed(text), field)
    try:
        return forms.value_of(field, text)
    except FieldFault as fault:
        raise TemplateUnusable(str(fault)) from None


def _pair(text: str) -> Any:
    template = parsed(text)
    return text if not syntax.holds(text) else OptionalPart(template, TextLeaf(template))


def _put_schema(body: dict[str, Any], content: PromptContent) -> None:
    value = jsontext.parse(content.schema_text).value
    if not isinstance(value, dict):
        raise TemplateUnusable("Structured output is on, but there is no schema.")
    named = {"name": content.schema_name, "schema": value, "strict": content.schema_strict}
    if content.endpoint == CHAT:
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    else:
        forms.put(body, ("text", "format"), {"type": "json_schema"} | named)


# --- messages ----------------------------------------------------------------------------------------------------------------------


def _message(message: PromptMessage, endpoint: str, resolve: Resolve | None) -> dict[str, Any]:
    """A message as its endpoint takes it: what :mod:`app.core.bodies.bodybuild` makes, its texts as leaves."""
    build = responses_message if endpoint == RESPONSES else chat_message
    marked = ThreadMessage(message.id, message.role, message.text, message.images)
    made = build(marked)
    text = _leaf(message.text)
    content = made["content"]
    if isinstance(content, str):
        content = text if not message.files else [_text_part(text, endpoint)] * bool(message.text)
    else:
        sources = iter(message.images)
        content = [_part(part, text, sources, resolve) for part in content]
    if message.files:
        content = [*content, *(_file(file, endpoint, resolve) for file in message.files)]
    return made | {"content": content}


def _leaf(text: str) -> Any:
    return TextLeaf(parsed(text)) if syntax.holds(text) else text


def _text_part(text: Any, endpoint: str) -> dict[str, Any]:
    return {"type": "input_text" if endpoint == RESPONSES else "text", "text": text}


def _part(part: dict[str, Any], text: Any, images: Any, resolve: Resolve | None) -> Any:
    if "text" in part:
        return part | {"text": text}
    image: Image = next(images)
    template = parsed(image.url)
    address = TextLeaf(template, resolve)
    if part["type"] == "image_url":
        return OptionalPart(template, part | {"image_url": part["image_url"] | {"url": address}})
    return OptionalPart(template, part | {"image_url": address})


def _file(file: PromptFile, endpoint: str, resolve: Resolve | None) -> OptionalPart:
    """A file part. Whether it is bytes, an address or an id is known by its beginning, for each row again."""
    source = parsed(file.source)
    name = TextLeaf(parsed(file.name)) if file.name else None
    return OptionalPart(source, FileLeaf(source, name, endpoint == RESPONSES, resolve))


class FileLeaf(NamedTuple):
    """What says which file a part is: ``file_id``, ``file_url`` or ``file_data`` with its name."""

    source: ParsedTemplate
    name: TextLeaf | None
    responses: bool
    resolve: Resolve | None


def file_part(leaf: FileLeaf, source: str, name: str) -> dict[str, Any]:
    """The part for a row's source and name."""
    if leaf.resolve is not None:
        source = leaf.resolve(source)
    if source.startswith("file-"):
        held = {"file_id": source}
    elif source[:8].lower() == "https://":
        held = {"file_url": source}
    else:
        held = {"filename": name or "file", "file_data": source}
    return {"type": "input_file"} | held if leaf.responses else {"type": "file", "file": held}
