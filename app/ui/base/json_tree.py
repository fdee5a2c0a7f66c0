"""JSON from outside as a tree to open and close, and as a table where it is a list of flat objects."""

from __future__ import annotations

from typing import Any, Final

from simple_html import SafeString, button, code, details, div, li, span, summary, table, tbody, td, th, thead, tr, ul

from app.core.base import text
from app.core.base.lru import Lru
from app.core.json import jsonread, jsontext
from app.ui.base.drawing import render
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.reading_actions import CopyPiece

LARGEST: Final = 200_000
"""Characters of a text that becomes a tree."""
MOST_NODES: Final = 1_500
"""Values of one tree that are drawn."""
_ITEMS: Final = 200
"""Values of one list or object that are drawn: a vector has thousands."""
DEEPEST: Final = 40
"""Levels that are drawn as a tree; what is deeper stands as text."""
_COLUMNS: Final = 12
_ROWS: Final = 100
_OPEN: Final = 2
"""Levels that are open at first."""
_PREVIEW: Final = 60
_SHOWN: Final = 400
"""Characters of a value within a tree. The whole answer stands below as it arrived."""

Path = tuple[str | int, ...]
_drawn: Lru[str, SafeString] = Lru(32)
_NONE: Final = SafeString("")


def tree_of(said: str) -> SafeString | None:
    """The markup of a text that is a JSON object or list; None for any other text, and for one that is too large."""
    begin = said[:64].lstrip()[:1]
    if begin not in ("{", "[") or not begin or len(said) > LARGEST:
        return None
    known = _drawn.get(said)
    if known is None:
        try:
            known = SafeString(render(_Tree().whole(jsonread.value(said))))
        except jsonread.Unreadable:
            known = _NONE
        _drawn.put(said, known)
    return known if known is not _NONE else None


def spelled(path: Path) -> str:
    """Where a value stands, as programs write it: ``$.items[0].name``; names that are no identifiers in brackets."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" if step.isidentifier() else f"[{jsontext.dumps(step)}]" for step in path
    )


class _Tree:
    def __init__(self) -> None:
        self._left = MOST_NODES

    def whole(self, value: Any) -> Node:
        return div(at("json-tree"), flat_table(value), self._children(value, (), 0))

    def _children(self, value: Any, path: Path, depth: int) -> Node:
        pairs: list[tuple[str | int, Any]] = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
        shown: list[Node] = []
        for step, inner in pairs[:_ITEMS]:
            if self._left <= 0:
                break
            self._left -= 1
            shown.append(li({}, self._value(step, inner, (*path, step), depth)))
        if len(shown) < len(pairs):
            shown.append(
                li(at("dim"), f"{text.number(len(pairs) - len(shown))} more are not shown here; all of it is in the raw response.")
            )
        return ul({}, shown)

    def _value(self, step: str | int, value: Any, path: Path, depth: int) -> Node:
        where = spelled(path)
        name = text.shorten(str(step), _PREVIEW) or '""'
        if isinstance(value, dict | list) and value and depth < DEEPEST:
            many = text.count(len(value), "field" if isinstance(value, dict) else "item")
            return details(
                at(open=depth + 1 < _OPEN),
                summary({}, span(at("json-name"), name), span(at("dim"), f" {many}")),
                button(at("json-path", type="button", click=CopyPiece(where), title="Copy this path"), text.shorten(where, _PREVIEW * 2)),
                self._children(value, path, depth + 1),
            )
        return [button(at("json-name", type="button", click=CopyPiece(where), title=f"Copy the path {where}"), name), " ", _leaf(value)]


def _leaf(value: Any) -> Node:
    if isinstance(value, str):
        return (
            span(at("json-text", dir="auto"), text.head(value, _SHOWN), "…" if len(value) > _SHOWN else NOTHING)
            if value
            else code({}, '""')
        )
    kind = "json-null" if value is None else "json-number"
    return code(at(kind), text.head(_said(value), _SHOWN))


def _said(value: Any) -> str:
    if isinstance(value, dict | list):
        return ("{…}" if isinstance(value, dict) else "[…]") if value else ("{}" if isinstance(value, dict) else "[]")
    return "true" if value is True else "false" if value is False else "null" if value is None else str(value)


def _flat(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and not any(isinstance(one, dict | list) for one in value.values())


def flat_table(value: Any) -> Node:
    """A list of two or more flat objects as a table, also where it is the only field of an object; nothing for any other value."""
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if not isinstance(value, list) or len(value) < 2 or not all(_flat(one) for one in value):
        return NOTHING
    columns = list(dict.fromkeys(name for row in value[:_ROWS] for name in row))
    shown = columns[:_COLUMNS]
    rows: list[Node] = [
        tr({}, [td(at(dir="auto"), _leaf(row[name]) if name in row else NOTHING) for name in shown]) for row in value[:_ROWS]
    ]
    left_out = [
        *([f"{text.number(len(columns) - len(shown))} more columns"] if len(columns) > len(shown) else []),
        *([f"{text.number(len(value) - _ROWS)} more rows"] if len(value) > _ROWS else []),
    ]
    return [
        div(
            at("scroll-x", role="group", aria_label="As a table", tabindex="0"),
            table({}, thead({}, tr({}, [th({}, text.shorten(name, _PREVIEW)) for name in shown])), tbody({}, rows)),
        ),
        span(at("dim"), f"{' and '.join(left_out)} stand in the tree below.") if left_out else NOTHING,
    ]
