"""Attributes that the page's script understands, and small things that every view needs. Tags are simple_html's: escaped by default."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from simple_html import SafeString, textarea

from app.ui.actions import Action, encode

Node = Any  # simple_html's Node is a recursive union that mypy cannot follow through lists of mixed tags
Attrs = dict[Any, Any]

NOTHING = ""


def at(cls: str = "", /, **attributes: Any) -> Attrs:
    """Attributes: ``at("btn", id="x", disabled=True, click=SomeAction())``.

    ``_`` in a name becomes ``-`` and one at its end is dropped (``for_``). True gives a bare attribute; False and None leave it out; an
    :class:`Action` becomes JSON in the ``data-`` attribute of that name, which the page's delegated listener reads.
    """
    found: Attrs = {"class": cls} if cls else {}
    for name, value in attributes.items():
        key = name.rstrip("_").replace("_", "-")
        if value is False or value is None:
            continue
        if value is True:
            found[key] = None
        elif isinstance(value, Action):
            found["data-" + key] = encode(value)
        else:
            found[key] = str(value)
    return found


def keys(**combos: Action) -> str:
    """The value of ``data-key``: ``keys(Alt_ArrowUp=MoveMessage(...))`` gives JSON from key combination to action."""
    return "{" + ",".join(f'"{name.replace("_", "+")}":{encode(action)}' for name, action in combos.items()) + "}"


def area(attributes: Attrs, text: str) -> Node:
    """A textarea. The HTML parser eats a first line break, so one is put before."""
    return textarea(attributes, "\n" + text if len(text) < _LARGE else _escaped(text))


_LARGE = 20_000


@lru_cache(maxsize=4)
def _escaped(text: str) -> SafeString:
    """A large text as markup; kept, because the page is drawn once a second and the text is mostly the same."""
    return SafeString("\n" + escape(text))


def trusted(markup: str) -> Node:
    """Markup written by us in this source (icons). Never for anything that came from outside."""
    return SafeString(markup)


def join(parts: Iterable[Node], between: Node = " · ") -> list[Node]:
    """The parts that are there, with something between them."""
    found: list[Node] = []
    for part in parts:
        if part == NOTHING:
            continue
        if found:
            found.append(between)
        found.append(part)
    return found
