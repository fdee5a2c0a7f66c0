"""Attributes that the page's script understands, and small things that every view needs. Tags are simple_html's: escaped by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simple_html import SafeString

from app.core.base.text import head
from app.ui.base.actions_base import Action, encode

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
        said = found[key] if key in found else found["data-" + key]
        if said is not None and len(said) > LABEL:
            _bound(found, key, said)
    return found


LABEL = 2_000
"""Characters of one label, name or attribute that are drawn. What a person would read or edit as a text is a ``long`` or an ``area``."""
SHOWN = 200_000
"""Characters of one text that are laid out; all of it is offered as a file. Chromium never comes back from 28 MB of emoji."""
EDITABLE = 1_000_000
"""Characters of plain ASCII that a field may hold (of others ``SHOWN``): Chromium lays them out in half a second."""
_LINE = 20_000
"""Characters of an attribute that is the person's own or an action: more is not drawn, and the control cannot be used."""
_IDS = frozenset({"id", "for", "list", "data-goto", "aria-labelledby", "aria-describedby"})


def _bound(found: Attrs, key: str, said: str) -> None:
    """What to do about an attribute that is too long. One that a person reads is cut; a value stays whole as long as it can be edited; what
    names something keeps its first and its own part."""
    if key in _IDS:
        found[key] = " ".join(f"{one[:80]}-{len(one)}-{hash(one) & 0xFFFFFFFF:x}" if len(one) > 200 else one for one in said.split(" "))
    elif key == "value" and len(said) > _LINE:
        found[key] = head(said, LABEL) + "…"
        found["readonly"] = None  # what it shows is not what it holds
        found.pop("data-input", None)
    elif key == "src":
        if len(said) > SHOWN:
            del found[key]
    elif key in ("value", "data-key") or "data-" + key in found:
        if len(said) > _LINE:
            found.pop("data-" + key, None)
            found.pop("data-key", None)
            found["disabled"] = None
    elif not key.startswith("data-"):
        found[key] = head(said, LABEL) + "…"


class Long:
    """A text from a person, a provider or a program, to be shown as far as that can be; ``name`` is what its file is called."""

    __slots__ = ("name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name


class Area:
    """A textarea, if its text can be edited in one."""

    __slots__ = ("attributes", "text")

    def __init__(self, attributes: Attrs, text: str) -> None:
        self.attributes, self.text = attributes, text


def long(text: str, name: str) -> Node:
    """A text of any length; of a large one the first part, and all of it as a file, which is called ``name`` (ui.base.drawing)."""
    return Long(text, name)


def editable(text: str) -> bool:
    """Whether a field can hold the text and the page still answers."""
    return len(text) <= SHOWN or (text.isascii() and len(text) <= EDITABLE)


def keys(combos: Mapping[str, Action]) -> str:
    """JSON from key combinations (static/js/events.mjs) to actions."""
    return "{" + ",".join(f'"{name}":{encode(action)}' for name, action in combos.items()) + "}"


def area(attributes: Attrs, text: str) -> Node:
    """A textarea; where the text is too large for one (ui.base.drawing), what can be shown of it."""
    return Area(attributes, text)


def trusted(markup: str) -> Node:
    """Markup written by us in this source (icons). Never for anything that came from outside."""
    return SafeString(markup)


def ending(node: Node, last: Node) -> Node:
    """An element with one more thing at its end."""
    opening, children, closing = node
    return opening, (*children, last), closing


def under_body(node: Node, more: Node) -> Node:
    """A dialog with one more thing between its body and its buttons (ui.base.dialogs_view)."""
    opening, children, closing = node
    return opening, (*children[:2], more, *children[2:]), closing


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
