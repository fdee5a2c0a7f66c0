"""Nodes to markup, with a bound: whatever a view is given, no more is laid out than a browser can lay out while it answers.

A plain string is a label, and is cut after ``LABEL`` characters. A text is a ``long``: its first ``SHOWN`` characters are drawn, in pieces
of which the browser lays out those in sight (``.piece`` in parts.css), and all of it is offered as a file. A field whose text is too large
to be edited becomes such a text. All texts of one drawing share ``BUDGET``, all fields ``FIELDS``: a hundred texts of a hundred kilobytes
are ten megabytes as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from types import GeneratorType

from simple_html import SafeString, Tag, b, button, div, p, span, textarea

from app.core.base import text
from app.core.base.lru import Lru
from app.ui.base.actions import SaveText
from app.ui.base.markup import EDITABLE, LABEL, SHOWN, Area, Long, Node, at, editable, long

BUDGET = 600_000
"""Characters of all long texts of one drawing together."""
FIELDS = 3_000_000
"""Characters of all large fields of one drawing together."""
PIECE = 4_000
_LARGE = 20_000
_KEPT = 32

_whole: Lru[str, tuple[str, str]] = Lru(_KEPT)
"""The texts that were drawn in part, by key, with the names of their files: those of the last drawings. The state has them as well."""


def kept(key: str) -> tuple[str, str] | None:
    """A text that was drawn in part, and what its file is called; None when it was long ago."""
    return _whole.get(key)


def _keep(said: str, name: str) -> str:
    key = f"{len(said):x}-{hash(said) & 0xFFFFFFFF:x}"
    _whole.put(key, (said, name))
    return key


def render(*nodes: Node) -> str:
    """The markup of these nodes."""
    drawing = _Drawing()
    drawing.draw(nodes)
    return "".join(drawing.results)


class _Drawing:
    def __init__(self) -> None:
        self.results: list[str] = []
        self._texts, self._fields = BUDGET, FIELDS

    def draw(self, nodes: Iterable[Node]) -> None:
        add = self.results.append
        for node in nodes:
            kind = type(node)
            if kind is tuple:
                add(node[0])
                self.draw(node[1])
                add(node[2])
            elif kind is str:
                add(escape(node) if len(node) <= LABEL else f"{escape(text.head(node, LABEL))}…")
            elif kind is SafeString:
                add(node.safe_str)
            elif kind is list or kind is GeneratorType:
                self.draw(node)
            elif kind is Long:
                self._long(node)
            elif kind is Area:
                self._area(node)
            elif kind is Tag:
                add(node.rendered)
            elif isinstance(node, str):
                self.draw((str(node),))
            else:
                raise TypeError(f"{kind} cannot be drawn")

    def _long(self, one: Long) -> None:
        most = min(SHOWN, max(LABEL, self._texts))
        first = text.head(one.text, most)
        self._texts -= len(first)
        if len(first) <= PIECE:
            self.results.append(escape(first))
        else:
            self.results.append(_pieces(first))
        if len(first) < len(one.text):
            self.draw((_cut(one, len(first)),))

    def _area(self, one: Area) -> None:
        if len(one.text) <= LABEL or (editable(one.text) and len(one.text) <= self._fields):
            # The HTML parser eats a first line break, so one is put before.
            self._fields -= len(one.text) if len(one.text) > LABEL else 0
            inner = SafeString("\n" + escape(one.text)) if len(one.text) < _LARGE else _escaped(one.text)
            self.draw((textarea({"data-most": f"{SHOWN} {EDITABLE}", **one.attributes}, inner),))
            return
        self.draw((_too_large(one),))


@lru_cache(maxsize=4)
def _escaped(said: str) -> SafeString:
    """A large text as markup; kept, because the page is drawn once a second and the text is mostly the same."""
    return SafeString("\n" + escape(said))


@lru_cache(maxsize=8)
def _pieces(said: str) -> str:
    # A piece is a block, so the line break at its end is one already.
    return "".join(f'<span class="piece">{escape(one.removesuffix(chr(10)) or chr(10))}</span>' for one in text.pieces(said, PIECE))


def _size(said: str) -> str:
    """How large a text is as a file. Of a very large one roughly: counting bytes takes as long as encoding."""
    return text.size(len(said.encode("utf-8", "replace")) if len(said) < 1_000_000 or said.isascii() else len(said) * _wide(said))


def _wide(said: str) -> int:
    """Bytes a character of a large text, by its first part."""
    sample = said[:10_000]
    return max(1, round(len(sample.encode("utf-8", "replace")) / len(sample)))


def _save(said: str, name: str) -> Node:
    return button(at("btn small", type="button", click=SaveText(_keep(said, name))), "Save all of it as a file")


def _cut(one: Long, shown: int) -> Node:
    return span(
        at("cut"),
        f"… {text.number(shown)} of {text.number(len(one.text))} characters are shown here, of {_size(one.text)}. ",
        _save(one.text, one.name),
    )


def _too_large(one: Area) -> Node:
    """In place of a field: what it holds is as it was, and is sent and kept as it is."""
    of = one.attributes
    name = str(of.get("aria-label") or of.get("id") or "text")
    clear = of.get("data-input")
    return div(
        at("stack tight too-large", id=of.get("id"), role="group", aria_label=name),
        p(
            {},
            b({}, f"This text is too large to be edited here ({_size(one.text)})."),
            " It is kept and used as it is. To change it, save it, edit it in another program, and paste it again.",
        ),
        span(
            at("row wrap"),
            _save(one.text, name),
            button({**at("btn small danger", type="button", value=""), "data-click": clear}, "Remove it from this field") if clear else "",
        ),
        div(at("code too-large-text", tabindex="0"), long(one.text, name)),
    )
