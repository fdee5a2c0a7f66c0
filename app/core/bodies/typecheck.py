"""A body against the types of the official SDK: what has another type than the API takes, what it does not know, what is missing.

The structs are made from the SDK's types (``tools/request_types.py``). A body that fits is decoded once and costs little more than reading
it (50,000 of 1.2 kB: 0.08 s in CPython, 0.05 s without types). Only one that does not fit is looked at again, fault by fault: what is at
fault is corrected in a copy, and the next fault comes up. Where the structs are stricter than life, this module lets through: items of
Responses' ``input`` need no ``type``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import inspect

from app.core.base.patterns import pattern
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.core.model.lanes import RESPONSES, Endpoint
from app.core.openai import kinds

TypeFaultKind = Literal["type", "value", "unknown", "missing"]
MAX_FAULTS: Final = 30
"""Faults that are told of one body."""

BodyPath = tuple[str | int, ...]


class TypeFault(NamedTuple):
    """One place of a body. ``path`` names the value at fault (of what is missing, where it should stand). ``expected``: the types that are
    taken, as msgspec names them, the values, or of what is unknown the names that are known there; ``found``: the type or value that is
    there. ``tag``: the value says what kind of object this is (``type`` or ``role``); ``optional``: it may be left out."""

    kind: TypeFaultKind
    path: BodyPath
    expected: tuple[str, ...] = ()
    found: str = ""
    tag: bool = False
    optional: bool = False


class _Types(NamedTuple):
    """How bodies of one endpoint are read: by ``quick`` at first, then by ``full``."""

    quick: jsonread.Decoder[Any]
    full: jsonread.Decoder[Any]
    body: Any


@lru_cache(maxsize=8)
def _types(endpoint: Endpoint) -> _Types:
    body, *easy = ENDPOINTS[endpoint].types()
    full = jsonread.Decoder[Any](body)
    return _Types(jsonread.Decoder[Any](easy[0]) if easy else full, full, body)


def reader(endpoint: Endpoint) -> Callable[[bytes], Any]:
    """What reads bodies of this endpoint: the struct of one that has no fault of type, else None. For many bodies. KeyError for an endpoint
    that has no module in core/endpoints."""
    types = _types(kinds.canonical(endpoint))
    quick, full = types.quick.decoded, types.full.decoded
    if types.quick is types.full:
        return quick
    return lambda data: quick(data) or full(data)


def faults(endpoint: Endpoint, body: Mapping[str, Any]) -> tuple[TypeFault, ...]:
    """All faults of a decoded body, in the order in which they come up; at most MAX_FAULTS. None for an endpoint that is not known."""
    endpoint = kinds.canonical(endpoint)
    if endpoint not in ENDPOINTS:
        return ()
    types = _types(endpoint)
    return tuple(_Search(types.body, _with_types(endpoint, deepcopy(dict(body)))))


def _with_types(endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
    """Items of Responses' input may leave their type out: one with a role is a message, one with an id alone a reference."""
    items = body.get("input") if endpoint == RESPONSES else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("type") is None:
            if "role" in item or "content" in item:
                item["type"] = "message"
            elif item.keys() <= {"id", "type"} and "id" in item:
                item["type"] = "item_reference"
    return body


# --- fault by fault ----------------------------------------------------------------------------------------------------------------

_AT = pattern(r"(?s)(.*?)(?: - at `(?:key in )?\$(.*)`)?")
_STEP = pattern(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = pattern(r"(?s)Object contains unknown field `(.*)`")
_MISSING = pattern(r"Object missing required field `(.*)`")
_EXPECTED = pattern(r"Expected `(.*)`, got `(.*)`")
_VALUE = pattern(r"(?s)Invalid (?:enum )?value (.*)")


@lru_cache(maxsize=8)
def _type_info(kind: Any) -> Any:
    return inspect.type_info(kind)  # reads all structs below it, 18 ms for chat


class _Search:
    """Converts, takes the fault that msgspec names, puts something right in its place, and converts again."""

    def __init__(self, kind: Any, body: dict[str, Any]) -> None:
        self.kind, self.body = kind, body
        self.root = _type_info(kind)

    def __iter__(self) -> Iterator[TypeFault]:
        seen: set[BodyPath] = set()
        for _ in range(4 * MAX_FAULTS):
            try:
                msgspec.convert(self.body, self.kind)
                return
            except msgspec.ValidationError as error:
                said = str(error)
            fault = self.fault(said)
            told = fault is not None and fault.path not in seen
            if fault is None or not self.mend(fault):
                if told and fault is not None:
                    yield fault
                return
            if told:
                seen.add(fault.path)
                yield fault
            if len(seen) >= MAX_FAULTS:
                return

    def fault(self, said: str) -> TypeFault | None:
        matched = _AT.fullmatch(said)
        path = self.path(matched[2] or "", said) if matched else None
        if matched is None or path is None:
            return None
        what = matched[1]
        if unknown := _UNKNOWN.fullmatch(what):
            names = [field.encode_name for node in _struct_types(self.nodes(path)) if _fits(node, self.at(path)) for field in node.fields]
            return TypeFault("unknown", (*path, unknown[1]), tuple(names))
        if missing := _MISSING.fullmatch(what):
            tags = self.tags(path, missing[1])
            return TypeFault("missing", (*path, missing[1]), tags, tag=bool(tags))
        if expected := _EXPECTED.fullmatch(what):
            return TypeFault("type", path, tuple(expected[1].split(" | ")), expected[2], optional=self.optional(path))
        value = _VALUE.fullmatch(what)
        tags = self.tags(path[:-1], str(path[-1])) if path else ()
        found = self.at(path)
        return TypeFault("value", path, tags or self.values(path), str(found) if value else what, tag=bool(tags))

    def path(self, where: str, said: str) -> BodyPath | None:
        """msgspec's path. It does not say which member of a map it means: the first that is at fault by itself."""
        found: list[str | int] = []
        for step in _STEP.finditer(where):
            if step[1] is not None:
                found.append(step[1])
            elif step[2] is not None:
                found.append(int(step[2]))
            else:
                holder = self.at(tuple(found))
                key = next((key for key in holder if self.alone(tuple(found), key, said)), None) if isinstance(holder, dict) else None
                if key is None:
                    return None
                found.append(key)
        return tuple(found)

    def alone(self, path: BodyPath, key: str, said: str) -> bool:
        holder = self.at(path)
        rest = dict(holder)
        holder.clear()
        holder[key] = rest[key]
        try:
            msgspec.convert(self.body, self.kind)
        except msgspec.ValidationError as error:
            return str(error) == said
        else:
            return False
        finally:
            holder.clear()
            holder.update(rest)

    def at(self, path: BodyPath) -> Any:
        found: Any = self.body
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    # --- what should be there -----------------------------------------------------------------------------------------------------

    def nodes(self, path: BodyPath) -> list[Any]:
        """The types that may stand at a path, as the values above it decide."""
        nodes = _members(self.root)
        value: Any = self.body
        for step in path:
            found: list[Any] = []
            for node in nodes:
                match node:
                    case inspect.ListType() if isinstance(step, int):
                        found += _members(node.item_type)
                    case inspect.DictType():
                        found += _members(node.value_type)
                    case inspect.StructType() if _fits(node, value):
                        found += [one for field in node.fields if field.encode_name == step for one in _members(field.type)]
            nodes = found
            value = value[step] if isinstance(value, dict) and step in value else value[step] if _within(value, step) else None
        return nodes

    def tags(self, path: BodyPath, name: str) -> tuple[str, ...]:
        """The values of a tag of this name at a path; none if it is no tag."""
        nodes = [node for node in _struct_types(self.nodes(path)) if node.tag_field == name]
        return tuple(str(node.tag) for node in nodes)

    def values(self, path: BodyPath) -> tuple[str, ...]:
        """The words that may stand at a path."""
        return tuple(str(value) for node in self.nodes(path) if isinstance(node, inspect.LiteralType) for value in node.values)

    def optional(self, path: BodyPath) -> bool:
        """Whether what stands at a path may be left out."""
        holder = self.at(path[:-1])
        structs = [node for node in _struct_types(self.nodes(path[:-1])) if _fits(node, holder)]
        return any(field.encode_name == path[-1] and not field.required for node in structs for field in node.fields) if path else False

    def mend(self, fault: TypeFault) -> bool:
        """Put the fault right, so that the next one shows; False where that is not possible."""
        if not fault.path:
            return False
        holder, last = self.at(fault.path[:-1]), fault.path[-1]
        if not (isinstance(holder, dict) or _within(holder, last)):
            return False
        if fault.kind == "unknown":
            return holder.pop(last, self) is not self
        if fault.tag:
            holder[last] = self.nearest(fault.path[:-1], str(last), holder)
            return True
        nodes = self.nodes(fault.path)
        if not nodes:
            return False
        holder[last] = _sample(nodes)
        return True

    def nearest(self, path: BodyPath, name: str, value: Mapping[str, Any]) -> Any:
        """The tag of the object that has most of the fields that are there."""
        nodes = [node for node in _struct_types(self.nodes(path)) if node.tag_field == name]
        return max(nodes, key=lambda node: len({field.encode_name for field in node.fields} & value.keys())).tag


def _within(value: Any, step: str | int) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _members(node: Any) -> list[Any]:
    return list(node.types) if isinstance(node, inspect.UnionType) else [node]


def _struct_types(nodes: Iterable[Any]) -> list[Any]:
    return [node for node in nodes if isinstance(node, inspect.StructType)]


def _fits(node: Any, value: Any) -> bool:
    """Whether a struct is the one that this value's tag names."""
    return node.tag_field is None or (isinstance(value, dict) and value.get(node.tag_field) == node.tag)


def _sample(nodes: list[Any]) -> Any:
    """A value of one of these types."""
    for node in nodes:
        match node:
            case inspect.NoneType() | inspect.AnyType():
                return None
            case inspect.StrType():
                return ""
            case inspect.BoolType():
                return False
            case inspect.IntType() | inspect.FloatType():
                return 0
            case inspect.ListType():
                return []
            case inspect.DictType():
                return {}
            case inspect.LiteralType():
                return node.values[0]
    made = _struct_types(nodes)[0]
    tag = {made.tag_field: made.tag} if made.tag_field else {}
    return tag | {field.encode_name: _sample(_members(field.type)) for field in made.fields if field.required}
