"""Where an answer does not follow the schema that its request asked for: each fault with its path, as a sentence.

The rules are those of :mod:`app.core.openai.conformance`, which says of whole batches only whether: there is a fault here exactly where
it says no.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.openai import conformance

MOST: Final = 30
"""Faults of one answer that are named."""
_NAMES: Final = 12


class SchemaFault(msgspec.Struct, frozen=True):
    """``path`` as programs write it (``$.items[0].name``); ``says`` goes on behind it."""

    path: str
    says: str


def faults(text: str, schema: dict[str, Any]) -> tuple[SchemaFault, ...]:
    """What is wrong with an answer's text, the first :data:`MOST`; none where it follows the schema as far as can be said."""
    try:
        value = jsonread.value(text)
    except Unreadable as error:
        return () if error.kind in ("too_deep", "too_large") else (SchemaFault("$", f"is not complete JSON: {error}"),)
    return tuple(islice(_faults(value, schema, schema, "$", 0), MOST))


def _faults(value: Any, schema: Any, root: dict[str, Any], path: str, depth: int) -> Iterator[SchemaFault]:
    if not isinstance(schema, dict) or depth > conformance.DEPTH:
        return
    if isinstance(name := schema.get("$ref"), str):
        yield from _faults(value, conformance.resolved(name, root), root, path, depth + 1)
        return
    options = schema.get("anyOf")
    if isinstance(options, list) and not any(conformance.fits(value, option, root, depth + 1) for option in options):
        yield SchemaFault(path, f"matches none of the {len(options)} allowed forms")
        return
    if not conformance.has_type(value, schema.get("type")):
        yield SchemaFault(path, f"is {_kind(value)}, not {_listed(schema['type'])}")
        return
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        yield SchemaFault(path, f"is {_short(value)}, which is not an allowed value: {_values(schema['enum'])}")
        return
    if isinstance(value, dict):
        yield from _object_faults(value, schema, root, path, depth)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for n, item in enumerate(value):
            yield from _faults(item, schema["items"], root, f"{path}[{n}]", depth + 1)


def _object_faults(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str, depth: int) -> Iterator[SchemaFault]:
    known = schema.get("properties")
    known = known if isinstance(known, dict) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        if isinstance(name, str) and name not in value:
            yield SchemaFault(_step(path, name), "is missing")
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        for name in value:
            if name not in known:
                yield SchemaFault(_step(path, name), "is not allowed")
    for name, each in value.items():
        if name in known:
            yield from _faults(each, known[name], root, _step(path, name), depth + 1)


def _step(path: str, name: str) -> str:
    return f"{path}.{name}" if name.isidentifier() else f"{path}[{msgspec.json.encode(name[:200]).decode()}]"


_KINDS: Final[dict[type, str]] = {str: "text", int: "a number", float: "a number", bool: "true or false", dict: "an object", list: "a list"}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "null")


def _listed(wanted: Any) -> str:
    return " or ".join([wanted] if isinstance(wanted, str) else [str(one) for one in wanted][:_NAMES])


def _values(allowed: list[Any]) -> str:
    more = f" and {len(allowed) - _NAMES} more" if len(allowed) > _NAMES else ""
    return ", ".join(_short(one) for one in allowed[:_NAMES]) + more


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    said = f"“{value}”" if isinstance(value, str) else "null" if value is None else str(value).lower()
    return said if len(said) <= 60 else f"{said[:59]}…"
