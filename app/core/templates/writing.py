"""A template as a person writes it: each thing that is typed, added, moved or removed, as a function from content to content.

What is not there any more changes nothing: another tab may have taken it away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.bodies import forms
from app.core.json import jsontext
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image
from app.core.templates import syntax
from app.core.templates.skeleton import FileLeaf, InputsLeaf, OptionalPart, TemplateUnusable, TextLeaf, file_part, skeleton

T = TypeVar("T")


def written(content: PromptContent, field: str, item: str, text: str) -> PromptContent:
    """The content with this text where ``field`` and ``item`` say (:class:`app.core.templates.content.TemplateText`)."""
    match field:
        case "messages":
            return message(content, item, text=text)
        case "images" | "files" | "filenames":
            return _part(content, field, item, text)
        case "inputs":
            return replace(content, inputs=_set(content.inputs or ("",), item, lambda _one: text))
        case "fields":
            rest = {name: value for name, value in content.fields.items() if name != item}
            return replace(content, fields={**rest, item: text} if text else rest)
        case "metadata":
            return replace(content, metadata=_set(content.metadata, item, lambda one: replace(one, value=text)))
        case "keys":
            return replace(content, metadata=_set(content.metadata, item, lambda one: replace(one, key=text)))
        case "custom_id" | "schema_name" | "schema_text" | "raw":
            return replace(content, **{field: text})
        case _:
            return content


def text_at(content: PromptContent, field: str, item: str) -> str:
    """The text that is there; nothing where there is no such place."""
    match field:
        case "messages":
            return next((one.text for one in content.messages if one.id == item), "")
        case "fields":
            return content.fields.get(item, "")
        case "inputs":
            return _get(content.inputs, item, "")
        case "metadata":
            return _get(content.metadata, item, PromptPair("")).value
        case "raw":
            return content.raw or ""
        case "custom_id":
            return content.custom_id
        case _:
            id, _, at = item.partition(":")
            one = next((one for one in content.messages if one.id == id), PromptMessage("", "user"))
            image, file = _get(one.images, at, Image("")), _get(one.files, at, PromptFile(""))
            return {"images": image.url, "files": file.source, "filenames": file.name}.get(field, "")


def _place(item: str, length: int) -> int | None:
    return int(item) if item.isdecimal() and len(item) < 7 and int(item) < length else None


def _get(items: Sequence[T], item: str, otherwise: T) -> T:
    at = _place(item, len(items))
    return otherwise if at is None else items[at]


def _set(items: Sequence[T], item: str, change: Any) -> tuple[T, ...]:
    at = _place(item, len(items))
    return tuple(items) if at is None else (*items[:at], change(items[at]), *items[at + 1 :])


def without(items: Sequence[T], at: int) -> tuple[T, ...]:
    """The items but the one at this place."""
    return (*items[:at], *items[at + 1 :]) if 0 <= at < len(items) else tuple(items)


# --- messages ----------------------------------------------------------------------------------------------------------------------


def message(content: PromptContent, id: str, **changes: Any) -> PromptContent:
    """The content with something else in one message."""
    return replace(content, messages=tuple(replace(one, **changes) if one.id == id else one for one in content.messages))


def message_added(content: PromptContent, id: str) -> PromptContent:
    """One more message: the assistant's behind a user's, else a user's."""
    last = content.messages[-1].role if content.messages else ""
    return replace(content, messages=(*content.messages, PromptMessage(id, "assistant" if last == "user" else "user")))


def message_removed(content: PromptContent, id: str) -> PromptContent:
    return replace(content, messages=tuple(one for one in content.messages if one.id != id))


def message_moved(content: PromptContent, id: str, by: int) -> PromptContent:
    """A message so many places further down; up with a negative number. It stays where it is at an end."""
    order = [*content.messages]
    at = next((n for n, one in enumerate(order) if one.id == id), None)
    if at is None or not 0 <= at + by < len(order):
        return content
    order.insert(at + by, order.pop(at))
    return replace(content, messages=tuple(order))


def _part(content: PromptContent, field: str, item: str, text: str) -> PromptContent:
    id, _, at = item.partition(":")
    one = next((one for one in content.messages if one.id == id), None)
    if one is None:
        return content
    match field:
        case "images":
            return message(content, id, images=_set(one.images, at, lambda image: replace(image, url=text)))
        case "files":
            return message(content, id, files=_set(one.files, at, lambda file: replace(file, source=text)))
        case _:
            return message(content, id, files=_set(one.files, at, lambda file: replace(file, name=text)))


# --- the raw body ------------------------------------------------------------------------------------------------------------------

_OPEN: Final = "\ue0f0"
_LITERAL: Final = "\ue0f1"
_VALUE: Final = "\ue0f2"
_BRACE: Final = "\ue0f3"
"""Of the private use area: they stand for ``{{``, for two braces as they are, for the quotes around a value, and for a brace of a longer
run, of which only the last two open a placeholder."""
_BRACES = pattern(r"(\\*)(\{{2,})")


def raw_of(content: PromptContent) -> str:
    """The body that the form makes, as JSON with its placeholders: what the person continues with by hand. Raises TemplateUnusable."""
    form = forms.FORMS.get(content.endpoint)
    if form is None:
        raise TemplateUnusable(f"The form can't write requests for {content.endpoint}.")
    fixed = {}
    for field in form.fields:
        text = content.fields.get(field.name, "")
        if not syntax.holds(text):
            fixed[field.name] = text
    marked = replace(
        content,
        fields=fixed,
        messages=tuple(_marked_message(one) for one in content.messages),
        inputs=tuple(map(_marked, content.inputs)),
        metadata=tuple(replace(pair, value=_marked(pair.value)) for pair in content.metadata),
    )
    body = _plain(skeleton(marked))
    for field in form.fields:
        text = content.fields.get(field.name, "")
        if syntax.holds(text):
            bare = field.kind in ("integer", "number", "boolean", "json")
            forms.put(body, field.path, f"{_VALUE}{_marked(text.strip())}{_VALUE}" if bare else _marked(text))
    made = jsontext.dumps(body).replace("{{", "\\{{").replace(_LITERAL, "\\{{").replace(_OPEN, "{{").replace(_BRACE, "{")
    return made.replace(f'"{_VALUE}', "").replace(f'{_VALUE}"', "").replace(_VALUE, "")


def _marked_message(one: PromptMessage) -> PromptMessage:
    return replace(
        one,
        text=_marked(one.text),
        images=tuple(replace(image, url=_marked(image.url)) for image in one.images),
        files=tuple(replace(file, source=_marked(file.source), name=_marked(file.name)) for file in one.files),
    )


def _marked(text: str) -> str:
    return _BRACES.sub(_mark, text)


def _mark(run: re.Match[str]) -> str:
    slashes, braces = run[1], run[2]
    if len(braces) > 2:
        return slashes + _BRACE * (len(braces) - 2) + _OPEN
    half = "\\" * (len(slashes) // 2)
    return half + (_LITERAL if len(slashes) % 2 else _OPEN)


def _plain(value: Any) -> Any:
    """A skeleton without leaves: what is left of them are texts."""
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case _ if type(value) in (str, int, float, bool, type(None)):
            return value
        case _:
            return _of_leaf(value)


def _of_leaf(leaf: Any) -> Any:
    match leaf:
        case TextLeaf(template):
            return "".join(map(str, template.nodes))
        case OptionalPart(_, value):
            return _plain(value)
        case InputsLeaf(templates, single):
            said = ["".join(map(str, template.nodes)) for template in templates]
            return said[0] if single else said
        case FileLeaf(source, name):
            named = "".join(map(str, name.template.nodes)) if name is not None else ""
            return file_part(leaf, "".join(map(str, source.nodes)), named)
        case _:
            raise TypeError(f"{type(leaf).__name__} is not part of a body")


def unused_fields(content: PromptContent) -> tuple[str, ...]:
    """Parameters that were typed and that the endpoint does not have: kept, and not sent."""
    form = forms.FORMS.get(content.endpoint)
    known = {field.name for field in form.fields} if form is not None else set()
    return tuple(name for name, text in content.fields.items() if text.strip() and name not in known)
