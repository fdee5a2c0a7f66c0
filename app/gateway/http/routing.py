"""Which handler a request means, decided once, from one normalised path: the table that the guard judges by and the framework serves by.

Every handler states its :class:`Rule` where its path stands (``opt=rule(…)``). The table is made of the handlers themselves; one without a
rule cannot be put into it. A request is looked up by the **raw** path, byte for byte: fixed segments match literally (no percent escapes,
no empty or dot segments, no other case), parameters are decoded here, once, and read with :func:`parameters`. What matches nothing is
refused. The framework is then given a path that holds no byte of the request (``-`` in place of each parameter), so that there is nothing
for it to normalise in a way of its own; and :func:`only_judged` lets a handler run only if it is the one that was judged.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

RULE: Final = "nightshift_rule"
JUDGED: Final = "nightshift_judged"
WEBSOCKET: Final = "WEBSOCKET"
"""Stands for a method where a handler is a WebSocket's."""
PLACE: Final = "-"
"""What stands for a parameter in the path that the framework sees."""

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "multipart/form-data"
JSONL_TYPES: Final = frozenset({"application/jsonl", "application/x-ndjson", "application/x-jsonlines"})

_PLAIN: Final = r"[A-Za-z0-9_~+@:,=-][A-Za-z0-9._~+@:,=-]*"
"""A segment of a file's path: no escapes, no dot in front."""
_STEP: Final = re.compile(r"\{(\w+):(str|path)\}")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f/\\]")


class Access(IntEnum):
    """Who may call a handler; the Host header is looked at for all of them. A larger one is stricter."""

    OPEN = 0
    """Anybody: the page's files."""
    PRACTICE = 1
    """Pages of this machine and of the origins that NIGHTSHIFT_PRACTICE_ORIGINS names, and programs; with the token, where there is one."""
    OURS = 2
    """No page of another site; no token is needed."""
    TOKEN = 3
    """No page of another site, and only who shows the token, where there is one."""


Quick = Callable[["Scope", "Receive", "Send"], Awaitable["Receive | None"]]
"""Answers a request without the framework, after it was judged, and returns None; or returns what the framework is to read it from."""


class Rule(msgspec.Struct, frozen=True, eq=False):
    """What a handler asks of a request. ``takes``: the content types of its body, without which it is refused; empty: it needs no body.
    ``free``: its last parameter may hold any text, slashes and escapes too (a custom_id). ``quick``: answers what is asked most often."""

    access: Access
    takes: frozenset[str] = frozenset()
    free: bool = False
    quick: Quick | None = None


def rule(access: Access, *takes: str, free: bool = False, quick: Quick | None = None) -> dict[str, Rule]:
    """The rule as a handler's ``opt``."""
    return {RULE: Rule(access, frozenset(takes), free, quick)}


class Entry(msgspec.Struct, frozen=True):
    """One path with the rules of its methods. ``inner`` is the path that the framework sees."""

    template: str
    inner: str
    names: tuple[str, ...]
    rules: Mapping[str, Rule]

    @property
    def access(self) -> Access:
        """The strictest of its methods."""
        return max(rule.access for rule in self.rules.values())

    def allowed(self) -> str:
        """Its methods as an Allow header names them."""
        return ", ".join(sorted({*self.rules, "OPTIONS"} - {WEBSOCKET}))


class Judged(msgspec.Struct, frozen=True):
    """A request whose handler is known. ``path`` is decoded, for people; ``parameters`` are decoded too."""

    rule: Rule
    path: str
    parameters: dict[str, str]


def methods(handler: BaseRouteHandler) -> set[str]:
    """The methods that a handler answers; WEBSOCKET for a WebSocket's."""
    return (
        {str(getattr(method, "value", method)) for method in handler.http_methods} if isinstance(handler, HTTPRouteHandler) else {WEBSOCKET}
    )


class Table:
    """The paths of the server. Raises LookupError for a handler that states no rule, or two for one method of one path."""

    def __init__(self, handlers: Iterable[BaseRouteHandler]) -> None:
        rules: dict[str, dict[str, Rule]] = {}
        for handler in handlers:
            found = handler.opt.get(RULE)
            if not isinstance(found, Rule):
                raise LookupError(f"The handler of {sorted(handler.paths)} states no rule of access.")
            its = methods(handler)
            for path in handler.paths:
                known = rules.setdefault(path, {})
                if known.keys() & its:
                    raise LookupError(f"{path} has two handlers for {sorted(known.keys() & its)}.")
                known |= dict.fromkeys(its, found)
        entries = [_entry(path, found) for path, found in rules.items()]
        self._fixed = {entry.template: entry for entry in entries if not entry.names}
        patterned = sorted((entry for entry in entries if entry.names), key=_specific, reverse=True)
        self._patterned = [(re.compile(_regex(entry)), entry) for entry in patterned]
        self._reserved: dict[str, Access] = {}
        for entry in entries:
            if entry.access is not Access.OPEN and not (first := first_segment(entry.template)).startswith("{"):
                self._reserved[first] = max(entry.access, self._reserved.get(first, Access.OPEN))
        self.entries: tuple[Entry, ...] = tuple(entries)

    def find(self, raw: str) -> tuple[Entry, dict[str, str]] | None:
        """The entry that a raw path means, and its parameters; None for a path without a route, or one that is not written canonically.

        One slash at the end is nothing, except behind a custom_id."""
        fixed = self._fixed.get(raw) or self._fixed.get(raw.removesuffix("/"))
        if fixed:
            return fixed, {}
        for pattern, entry in self._patterned:
            if found := pattern.fullmatch(raw):
                free = any(rule.free for rule in entry.rules.values())
                values = [_decoded(text, free) for text in found.groups()]
                return None if None in values else (entry, dict(zip(entry.names, cast("list[str]", values), strict=True)))
        return None

    def access(self, raw: str) -> Access:
        """What a path without a route asks of the caller before the 404: the strictest rule of its neighbours."""
        return self._reserved.get(first_segment(raw), Access.OPEN)


def _entry(path: str, rules: dict[str, Rule]) -> Entry:
    return Entry(path, _STEP.sub(PLACE, path), tuple(name for name, _ in _STEP.findall(path)), rules)


def first_segment(path: str) -> str:
    """``api`` of ``/api/requests``."""
    return path[1:].partition("/")[0]


def _specific(entry: Entry) -> tuple[int, str]:
    """Longer fixed beginnings first; of two equal ones, the one with more fixed text."""
    return len(entry.template.partition("{")[0]), entry.inner


def _regex(entry: Entry) -> str:
    free = any(rule.free for rule in entry.rules.values())
    kinds = {"str": "([^/]+)", "path": "(.+)" if free else f"({_PLAIN}(?:/{_PLAIN})*)"}
    parts = _STEP.split(entry.template)  # fixed, name, kind, fixed, name, kind, fixed
    fixed = map(re.escape, parts[::3])
    return "".join(text + kind for text, kind in zip(fixed, [*(kinds[kind] for kind in parts[2::3]), "" if free else "/?"], strict=True))


def _decoded(text: str, free: bool) -> str | None:
    """A parameter without its escapes; None when it isn't UTF-8 or, unless ``free``, could be mistaken for something else."""
    if "/" in text and not free:
        return text  # several segments, which hold no escapes: the pattern has seen to that
    try:
        found = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None
    return found if free or not (found in (".", "..") or _UNSAFE.search(found)) else None


async def only_judged(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The framework's own guard, before every handler: it runs only if the door has judged this request by this handler's rule.

    Async, because the framework would call a plain function in a thread."""
    judged = cast("dict[str, Any]", connection.scope).get(JUDGED)
    if not isinstance(judged, Judged) or judged.rule is not handler.opt.get(RULE):
        raise PermissionDeniedException(detail="This request was not judged by the rule of its handler.")


def judged(connection: ASGIConnection[Any, Any, Any, Any]) -> Judged:
    """What the door has found out about a request."""
    return cast("Judged", cast("dict[str, Any]", connection.scope)[JUDGED])


def parameters(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """The parameters in a request's path, decoded."""
    return judged(connection).parameters
