"""The fields of structured output as a person builds them: each edit as a function from fields to fields.

A field is named by its ``path``: its place among its siblings, from the outermost object on (``(2, 0)``: the first field of the third).
Lists are passed through: the fields of a list of objects stand below the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

from msgspec.structs import replace

from app.core.bodies.schemabuilder import SchemaField, SchemaFieldKind

FieldPath = tuple[int, ...]
Fields = tuple[SchemaField, ...]

LIST: Final = "list of "
"""Begins the kind of a list, as one word with what it holds."""
_ITEM: Final = "item"


def path_of(text: str) -> FieldPath:
    """``"2.0"`` -> ``(2, 0)``; nothing for a text that is no path."""
    steps = text.split(".") if text else []
    return tuple(map(int, steps)) if all(one.isdecimal() and len(one) < 5 for one in steps) else ()


def inside(field: SchemaField) -> Fields:
    """The fields that stand below this one."""
    return field.item.fields if field.kind == "list" and field.item is not None else field.fields


def _with_inside(field: SchemaField, fields: Fields) -> SchemaField:
    return (
        replace(field, item=replace(field.item, fields=fields))
        if field.kind == "list" and field.item is not None
        else replace(field, fields=fields)
    )


def _siblings(fields: Fields, path: FieldPath, change: Callable[[Fields, int], Fields]) -> Fields:
    """Change the list in which the last step of a path stands; a path that leads nowhere changes nothing."""
    if not path or not 0 <= path[0] < len(fields):
        return fields
    at = path[0]
    if len(path) == 1:
        return change(fields, at)
    below = _siblings(inside(fields[at]), path[1:], change)
    return (*fields[:at], _with_inside(fields[at], below), *fields[at + 1 :])


def changed(fields: Fields, path: FieldPath, change: Callable[[SchemaField], SchemaField]) -> Fields:
    """The fields with one of them another one."""
    return _siblings(fields, path, lambda among, at: (*among[:at], change(among[at]), *among[at + 1 :]))


def removed(fields: Fields, path: FieldPath) -> Fields:
    return _siblings(fields, path, lambda among, at: (*among[:at], *among[at + 1 :]))


def moved(fields: Fields, path: FieldPath, by: int) -> Fields:
    """A field so many places further down among its siblings; it stays where it is at an end."""

    def move(among: Fields, at: int) -> Fields:
        if not 0 <= at + by < len(among):
            return among
        order = [*among]
        order.insert(at + by, order.pop(at))
        return tuple(order)

    return _siblings(fields, path, move)


def added(fields: Fields, path: FieldPath) -> Fields:
    """One more field below this one, or with an empty path in the outermost object; its name is one that none beside it has."""
    if not path:
        return (*fields, SchemaField(_free_name(fields)))
    return changed(fields, path, lambda one: _with_inside(one, (*inside(one), SchemaField(_free_name(inside(one))))))


def _free_name(among: Fields) -> str:
    names = {one.name for one in among}
    return next(name for n in range(1, len(names) + 2) if (name := f"field_{n}") not in names)


def kind_of(field: SchemaField) -> str:
    """The kind as one word; of a list with what it holds: ``list of text``."""
    return LIST + field.item.kind if field.kind == "list" and field.item is not None else field.kind


def with_kind(field: SchemaField, kind: str) -> SchemaField:
    """The field with another kind; what it held stays as far as that can hold it. One that there is not changes nothing."""
    plain = next((one for one in get_args(SchemaFieldKind) if one == kind.removeprefix(LIST)), None)
    if plain is None or plain == "list":
        return field
    choices, fields = choices_of(field), inside(field)
    made = SchemaField(_ITEM, plain, choices=choices if plain == "choice" else (), fields=fields if plain == "object" else ())
    if kind.startswith(LIST):
        return SchemaField(field.name, "list", field.description, field.optional, item=made)
    return replace(made, name=field.name, description=field.description, optional=field.optional)


def choices_of(field: SchemaField) -> tuple[str, ...]:
    """The choices of a choice, or of a list of choices."""
    return field.item.choices if field.kind == "list" and field.item is not None else field.choices


def with_choices(field: SchemaField, choices: tuple[str, ...]) -> SchemaField:
    if field.kind == "list" and field.item is not None:
        return replace(field, item=replace(field.item, choices=choices))
    return replace(field, choices=choices)
