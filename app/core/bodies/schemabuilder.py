"""Structured output without writing JSON: fields with types, choices and descriptions, to and from a strict JSON schema, and the columns
that will come of it.

What the builder holds is a part of what strict mode takes (OpenAI, structured outputs guide): objects all of whose properties are required,
lists, choices, and values that may be null. A schema with anything else stays JSON, and :func:`read` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from app.core.base.findings import Finding

SchemaFieldKind = Literal["text", "number", "integer", "boolean", "choice", "list", "object"]
_TYPES: Final = {"text": "string", "number": "number", "integer": "integer", "boolean": "boolean"}
_KINDS: Final[dict[str, SchemaFieldKind]] = {"string": "text", "number": "number", "integer": "integer", "boolean": "boolean"}
MAX_DEPTH: Final = 10
"""Objects and lists inside each other (the guide's limit)."""
_ITEM: Final = "item"


class SchemaField(msgspec.Struct, frozen=True, omit_defaults=True):
    """One property of an answer. ``choices`` are those of a choice; ``fields`` those of an object; ``item`` says what a list holds (its
    name means nothing). ``optional``: the model may write null."""

    name: str
    kind: SchemaFieldKind = "text"
    description: str = ""
    optional: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[SchemaField, ...] = ()
    item: SchemaField | None = None


class AnswerColumn(msgspec.Struct, frozen=True):
    """A column that answers will have: ``path`` leads to its value, ``name`` joins it with points. Lists are one column, as JSON."""

    name: str
    path: tuple[str, ...]
    kind: SchemaFieldKind


class Unheld(ValueError):
    """The builder does not hold this schema; the text is a sentence."""


# --- to a schema -------------------------------------------------------------------------------------------------------------------


def schema_of(fields: Iterable[SchemaField]) -> dict[str, Any]:
    """The strict JSON schema of an object with these fields."""
    given = [*fields]
    return {
        "type": "object",
        "properties": {field.name: _schema(field) for field in given},
        "required": [field.name for field in given],
        "additionalProperties": False,
    }


def _schema(field: SchemaField) -> dict[str, Any]:
    match field.kind:
        case "object":
            made = schema_of(field.fields)
        case "list":
            made = {"type": "array", "items": _schema(field.item or SchemaField(_ITEM))}
        case "choice":
            made = {"type": "string", "enum": [*field.choices]}
        case _:
            made = {"type": _TYPES[field.kind]}
    if field.optional:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return ({"description": field.description} if field.description else {}) | made


def findings(fields: Iterable[SchemaField], where: str = "") -> Iterator[Finding]:
    """What is missing before the fields are a schema: names, choices, and names that stand twice. ``item`` is the field's path."""
    seen: set[str] = set()
    for field in fields:
        path = f"{where}.{field.name}".removeprefix(".")
        if not field.name.strip():
            yield Finding("schema", "A field has no name.", "Name it.", item=path)
        elif field.name in seen:
            yield Finding("schema", f"Two fields are called {field.name[:60]}.", "Rename one.", item=path)
        seen.add(field.name)
        inner = field
        while inner.kind == "list" and inner.item is not None:
            inner = inner.item
        if inner.kind == "choice" and not any(choice for choice in inner.choices):
            yield Finding("schema", f"{field.name[:60]} has no choices.", "Add one at least.", item=path)
        if inner.kind == "object":
            if not inner.fields:
                yield Finding("schema", f"{field.name[:60]} has no fields.", "Add one, or choose another type.", "advice", item=path)
            yield from findings(inner.fields, path)


# --- from a schema -----------------------------------------------------------------------------------------------------------------

_OBJECT: Final = frozenset({"type", "properties", "required", "additionalProperties", "description"})
_LIST: Final = frozenset({"type", "items", "description"})
_VALUE: Final = frozenset({"type", "description", "enum"})


def read(schema: Any) -> tuple[SchemaField, ...]:
    """The fields of a schema. Raises Unheld for one that holds anything which the builder would lose."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or "description" in schema:
        raise Unheld("The outermost schema is more than an object.")
    return _fields(schema, "", 1)


def _fields(schema: dict[str, Any], where: str, depth: int) -> tuple[SchemaField, ...]:
    if depth > MAX_DEPTH:
        raise Unheld(f"{where} is nested more than {MAX_DEPTH} deep.")
    _only(schema, _OBJECT, where)
    properties = schema.get("properties", {})
    if not isinstance(properties, dict) or schema.get("additionalProperties") is not False or schema.get("required") != [*properties]:
        raise Unheld(f"{where or 'The schema'} is not a strict object: all properties required, in their order, and no others.")
    return tuple(_read(name, inner, f"{where}.{name}".removeprefix("."), depth) for name, inner in properties.items())


def _only(schema: dict[str, Any], known: frozenset[str], where: str) -> None:
    if extra := [key for key in schema if key not in known]:
        raise Unheld(f"{where or 'The schema'} says {', '.join(extra)[:80]}, which the builder doesn't have.")


def _read(name: str, schema: Any, where: str, depth: int) -> SchemaField:
    if not isinstance(schema, dict):
        raise Unheld(f"{where} is not a schema.")
    given = schema.get("type")
    optional = isinstance(given, list) and len(given) == 2 and given[1] == "null"
    kind = given[0] if isinstance(given, list) and optional else given
    said = schema.get("description", "")
    if not isinstance(said, str) or (said == "" and "description" in schema):
        raise Unheld(f"{where} has a description that is not text.")
    if kind == "object":
        return SchemaField(name, "object", said, optional, fields=_fields(schema, where, depth + 1))
    if kind == "array":
        _only(schema, _LIST, where)
        if depth >= MAX_DEPTH:
            raise Unheld(f"{where} is nested more than {MAX_DEPTH} deep.")
        return SchemaField(name, "list", said, optional, item=_read(_ITEM, schema.get("items"), f"{where}[]", depth + 1))
    _only(schema, _VALUE, where)
    if "enum" in schema:
        return SchemaField(name, "choice", said, optional, choices=_choices(schema["enum"], kind, where, optional=optional))
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Unheld(f"{where} has a type that the builder doesn't have.")
    return SchemaField(name, _KINDS[kind], said, optional)


def _choices(values: Any, kind: Any, where: str, *, optional: bool) -> tuple[str, ...]:
    texts = values[:-1] if isinstance(values, list) and optional and values[-1:] == [None] else values
    if kind != "string" or not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise Unheld(f"{where} has choices that aren't texts.")
    if optional and len(texts) == len(values):
        raise Unheld(f"{where} may be null by its type and not by its choices.")
    return tuple(texts)


# --- columns -----------------------------------------------------------------------------------------------------------------------


def columns(fields: Iterable[SchemaField], above: tuple[str, ...] = ()) -> Iterator[AnswerColumn]:
    """The columns that answers of these fields fill: one for each value, objects taken apart."""
    for field in fields:
        path = (*above, field.name)
        if field.kind == "object" and field.fields:
            yield from columns(field.fields, path)
        else:
            yield AnswerColumn(".".join(path), path, field.kind)


def value_at(answer: Any, path: Iterable[str]) -> Any:
    """What an answer holds for a column; None where it holds nothing there."""
    for step in path:
        answer = answer.get(step) if isinstance(answer, dict) else None
    return answer
