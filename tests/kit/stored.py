"""Records as they are stored: put where they belong; and their form, as lines of text (kinds, fields, tags of unions, words of choices)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from msgspec import inspect

import app.core
from app.core.model.records import Record
from app.ports import Restore
from app.services.runtime.records import put


def kinds() -> list[type[Record]]:
    """Every kind of record that the program has, by its stored name."""
    for module in pkgutil.walk_packages(app.core.__path__, "app.core."):
        importlib.import_module(module.name)
    found = [one for one in Record.__subclasses__() if one.__module__.startswith("app.") and not one.__name__.startswith("_")]
    return sorted(found, key=lambda one: one.stored.name)


def placed(value: Record) -> Restore:
    """The change that puts a record where there is none, in whichever state it has come to."""
    one = put(value, -1)
    return Restore(one.table, one.id, 1, one.doc, one.owner, one.state, one.order)


def lines(kind: type[Record]) -> list[str]:
    """``TABLE NAME``, and below it each place of the record, with the tags and words that can stand there."""
    return [f"{kind.stored.table} {kind.stored.name}", *(f"{kind.stored.name}{one}" for one in _of(inspect.type_info(kind)))]


def _of(one: inspect.Type) -> Iterator[str]:
    if isinstance(one, inspect.StructType):
        if one.tag is not None:
            yield f"<{one.tag_field}={one.tag}>"
        for field in one.fields:
            yield f".{field.encode_name}"
            for below in _of(field.type):
                yield f".{field.encode_name}{below}"
    elif isinstance(one, inspect.UnionType):
        for member in one.types:
            yield from _of(member)
    elif isinstance(one, inspect.LiteralType):
        for value in one.values:
            yield f"={value}"
    elif isinstance(one, inspect.VarTupleType | inspect.ListType):
        for below in _of(one.item_type):
            yield f"[]{below}"
    elif isinstance(one, inspect.DictType):
        for below in _of(one.value_type):
            yield f"{{}}{below}"
