"""Bodies drawn from the official SDK's own types."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import typing_extensions as te
from hypothesis import strategies as st

from app.core.endpoints import table
from tools import request_types
from tools.request_types import ENDPOINTS, fields_of, options

PATHS = {spec.name: path for path, spec in table.ENDPOINTS.items()}
_DEPTH = 6
_ANYTHING = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**31), 2**31),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3),
    bool: st.booleans(),
    type(None): st.none(),
}


def body(endpoint: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of one endpoint (a key of PATHS). What Responses may leave out and a batch may not is always there."""
    module, name = ENDPOINTS[endpoint]
    return _object(getattr(importlib.import_module(module), name), 0)


def _object(cls: type, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    def drawn() -> st.SearchStrategy[dict[str, Any]]:
        fields = {
            name: (hint, needed or name in request_types.LOOSENED.get(cls.__name__, ())) for name, (hint, needed) in fields_of(cls).items()
        }
        needed = {name: _value(hint, depth + 1) for name, (hint, must) in fields.items() if must}
        rest = [name for name, (_, must) in fields.items() if not must]
        if depth >= _DEPTH or not rest:
            return st.fixed_dictionaries(needed)
        some = st.lists(st.sampled_from(rest), max_size=3, unique=True)
        return some.flatmap(lambda names: st.fixed_dictionaries(needed | {name: _value(fields[name][0], depth + 1) for name in names}))

    return st.deferred(drawn)


def _value(hint: Any, depth: int) -> st.SearchStrategy[Any]:
    members = [*options(hint)]
    if depth > _DEPTH:  # the simplest that there is
        members = [one for one in members if not te.is_typeddict(one)][:1] or members[:1]
    return st.one_of([_one(member, depth) for member in members])


def _one(hint: Any, depth: int) -> st.SearchStrategy[Any]:
    origin, arguments = te.get_origin(hint), te.get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin is Literal:
        return st.sampled_from(arguments)
    if te.is_typeddict(hint):
        return _object(hint, depth)
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return st.dictionaries(st.text(max_size=4), _value(arguments[1], depth + 1), max_size=2)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return st.lists(_value(arguments[0], depth + 1), max_size=0 if depth > _DEPTH else 2)
    if hint is object:
        return _ANYTHING
    raise AssertionError(f"nothing is drawn for {hint!r}")
