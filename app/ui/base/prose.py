"""A text that a model or a person wrote, as Markdown or as it was written: one piece of code for every place that shows an answer.

Every element is made here of a node of a known kind (core.results.markdown); there is no way from a text to markup but ``escape``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from simple_html import (
    SafeString,
    Tag,
    a,
    blockquote,
    br,
    code,
    del_,
    div,
    em,
    h3,
    h4,
    h5,
    h6,
    hr,
    li,
    ol,
    p,
    pre,
    span,
    strong,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
    ul,
)

from app.core.base import text
from app.core.base.lru import Lru
from app.ui.base.drawing import render
from app.ui.base.markup import LABEL, NOTHING, Node, at, long
from app.ui.base.parts import act, segmented
from app.ui.base.reading_actions import CopyPiece, ReadAs
from app.ui.base.state import State

if TYPE_CHECKING:
    from app.core.results.markdown import MarkdownDocument, MarkdownNode

COPIED: Final = 20_000
"""Characters that a button can copy: it carries them itself."""
_drawn: Lru[str, tuple[MarkdownDocument, SafeString]] = Lru(64)
"""The texts that were drawn last: the page is drawn once a second, and they are mostly the same."""


def prose(state: State, said: str, name: str, kind: str = "") -> Node:
    """A text as the person reads texts; ``name`` is what its file is called, ``kind`` a class beside."""
    document = state.reading.documents.get(said) if state.preferences.reading == "rendered" else None
    if document is None:
        return div(at(f"prose {kind}".strip()), long(said, name))
    if document.why:
        return [div(at(f"prose {kind}".strip()), long(said, name)), span(at("dim"), document.why)]
    return div(at(f"rendered {kind}".strip()), _markup(said, document))


def switch(state: State) -> Node:
    """Whether texts are shown as Markdown."""
    shown = segmented(
        "How texts are shown",
        state.preferences.reading,
        [("rendered", "Rendered", ReadAs("rendered")), ("text", "Text", ReadAs("text"))],
    )
    fault = state.reading.fault if state.preferences.reading == "rendered" else ""
    return div(at("row wrap"), shown, span(at("dim", role="status"), fault) if fault else NOTHING)


def _markup(said: str, document: MarkdownDocument) -> SafeString:
    known = _drawn.get(said)
    if known is None or known[0] is not document:
        known = (document, SafeString(render(nodes(document.nodes))))
        _drawn.put(said, known)
    return known[1]


def nodes(found: Iterable[MarkdownNode]) -> list[Node]:
    """The elements of nodes."""
    return [_DRAWN[one.kind](one) for one in found]


def words(said: str) -> list[Node]:
    """A text of any length within a line: a label alone would be cut (ui.base.drawing)."""
    return [said[n : n + LABEL] for n in range(0, len(said), LABEL)]


def copy_button(said: str, what: str, title: str = "Copy") -> Node:
    """Copies a text that is not too long for an attribute; nothing where it is."""
    return act(title, CopyPiece(said), "small quiet", aria_label=what) if 0 < len(said) <= COPIED else NOTHING


def _wrapped(tag: Tag | Callable[..., Any], cls: str = "", **attributes: str) -> Callable[[MarkdownNode], Node]:
    return lambda one: tag(at(cls, **attributes), nodes(one.parts))


_HEADINGS: Final = (h3, h4, h5, h6, h6, h6)
"""Of a text's own levels: those of the page are above."""


def _heading(one: MarkdownNode) -> Node:
    return _HEADINGS[int(one.about) - 1](at(dir="auto"), nodes(one.parts))


def _code(one: MarkdownNode) -> Node:
    return div(
        at("code-block"),
        div(at("row"), span(at("dim"), one.about or "code"), span(at("row end"), copy_button(one.text, "Copy this code"))),
        pre(at("code", tabindex="0", dir="ltr"), long(one.text, "code")),
    )


def _list(one: MarkdownNode) -> Node:
    if one.about:
        return ol(at(start=one.about if one.about != "1" else None, dir="auto"), nodes(one.parts))
    return ul(at(dir="auto"), nodes(one.parts))


def _item(one: MarkdownNode) -> Node:
    if not one.about:
        return li({}, nodes(one.parts))
    done = one.about == "done"
    return li(at("task"), span(at(role="img", aria_label="done" if done else "open"), "☑ " if done else "☐ "), nodes(one.parts))


def _table(one: MarkdownNode) -> Node:
    head = [row for row in one.parts[:1] if any(cell.kind == "head cell" for cell in row.parts)]
    return div(
        at("scroll-x", role="group", aria_label="Table", tabindex="0"),
        table({}, thead({}, nodes(head)) if head else NOTHING, tbody({}, nodes(one.parts[len(head) :]))),
    )


def _row(one: MarkdownNode) -> Node:
    if all(part.kind in ("cell", "head cell") for part in one.parts):
        return tr({}, nodes(one.parts))
    return tr({}, td({}, nodes(one.parts)))


def _cell(one: MarkdownNode) -> Node:
    return (th if one.kind == "head cell" else td)(at(one.about, dir="auto"), nodes(one.parts))


def outward(address: str, inner: Node, title: str = "") -> Node:
    """A link out of the page: in a tab of its own, which hears nothing of this one; its address is seen before it is followed."""
    return a(at(href=address, target="_blank", rel="noreferrer noopener", title=title or address), inner)


def _link(one: MarkdownNode) -> Node:
    if one.about.startswith("#/"):  # of the guide only (core.help.guide): the reader makes none of a text
        return a(at(href=one.about), nodes(one.parts))
    return outward(one.about, nodes(one.parts))


def _host(one: MarkdownNode) -> Node:
    return span(at("warn-text"), f" (this link leads to {text.shorten(one.text, 100)})")


def _image(one: MarkdownNode) -> Node:
    from app.core.results.markdown import host_of

    title = f"Nothing is loaded from other hosts. Opening {one.about} tells that host that it was read."
    return outward(
        one.about, [f"Image{': ' if one.text else ''}", words(one.text), f" (open it from {text.shorten(host_of(one.about), 100)})"], title
    )


_DRAWN: Final[dict[str, Callable[[MarkdownNode], Node]]] = {
    "text": lambda one: words(one.text),
    "paragraph": _wrapped(p, dir="auto"),
    "heading": _heading,
    "code block": _code,
    "quote": _wrapped(blockquote, dir="auto"),
    "list": _list,
    "item": _item,
    "rule": lambda one: hr({}),
    "html": lambda one: div(at("prose dim"), words(one.text)),
    "table": _table,
    "row": _row,
    "head cell": _cell,
    "cell": _cell,
    "strong": _wrapped(strong),
    "emphasis": _wrapped(em),
    "struck": _wrapped(del_),
    "code": lambda one: code({}, words(one.text)),
    "break": lambda one: br({}),
    "link": _link,
    "image": _image,
    "host": _host,
}
