"""Markdown as a tree of known kinds of nodes, read by mistune, which must have been loaded before (docs/dependencies.md).

What a model or a person wrote stays text: HTML within it is a node of text and never markup, an address is a link only where
:func:`is_link` says so (http, https, mailto), an image is an address and is never fetched. Trees are bounded in depth and size; what is
above is shown as it was written.
Syntax: CommonMark 0.31.2, with tables, task lists, struck out text and bare addresses of GitHub Flavored Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from mistune import Markdown

LIMIT: Final = 100_000
"""Characters of a text that is read as Markdown."""
MOST_NODES: Final = 20_000
"""Nodes of one text: a page of more is no longer quick to draw."""
MAX_DEPTH: Final = 45
"""Levels of a tree. mistune nests 20 blocks and 20 levels within a line (its DEFAULT_MAX_NESTED_LEVEL)."""
MOST_ADDRESS: Final = 2_000
"""Characters of an address that is a link."""

BlockKind = Literal["paragraph", "heading", "code block", "quote", "list", "item", "rule", "html", "table", "row", "head cell", "cell"]
InlineKind = Literal["text", "strong", "emphasis", "struck", "code", "break", "link", "image", "host"]
NodeKind = BlockKind | InlineKind


class MarkdownNode(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a text. ``text``: its own, of one without parts (of an image what it shows). ``about``: of a link or an image its address,
    of a heading its level (1 to 6), of a block of code its language, of a list its first number ("": not numbered), of an item ``done``
    or ``open`` where it is a task, of a cell its side (``left``, ``right``, ``center``). A ``host`` says where the link before it really
    goes."""

    kind: NodeKind
    text: str = ""
    parts: tuple[MarkdownNode, ...] = ()
    about: str = ""


class MarkdownDocument(msgspec.Struct, frozen=True):
    """A text that was read; ``why`` it is shown as it was written instead: a sentence."""

    nodes: tuple[MarkdownNode, ...] = ()
    why: str = ""


TOO_LONG: Final = MarkdownDocument(why=f"It is longer than {LIMIT:,} characters, so it is shown as it was written.")

_MARKS: Final = re.compile(
    r"[*_`#|~<>\[\]\\&]|https?://"
    r"|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]|^[ \t]*(?:-{3,}|={3,})[ \t]*$|^(?: {4}|\t)|\n[ \t]*\n",
    re.MULTILINE,
)


def has_marks(text: str) -> bool:
    """Whether reading it as Markdown can make anything else of it than its text."""
    return _MARKS.search(text) is not None


class _TooMuch(Exception):
    """The tree is larger or deeper than is drawn."""


def read(text: str) -> MarkdownDocument:
    """The text as a tree. Never raises: what cannot be read so says why."""
    if len(text) > LIMIT:
        return TOO_LONG
    try:
        tokens = _parser()(text)
        return MarkdownDocument(_Reader().nodes(tokens if isinstance(tokens, list) else (), 0))
    except (_TooMuch, RecursionError):
        return MarkdownDocument(why="It is nested too deeply or has too many parts, so it is shown as it was written.")
    except Exception as error:  # the boundary of one text: it is there as it was written
        return MarkdownDocument(why=f"It could not be read as Markdown ({type(error).__name__}), so it is shown as it was written.")


@cache
def _parser() -> Markdown:
    from mistune import create_markdown
    from mistune.plugins.formatting import strikethrough
    from mistune.plugins.table import table
    from mistune.plugins.task_lists import task_lists
    from mistune.plugins.url import url

    return create_markdown(renderer=None, plugins=[table, task_lists, strikethrough, url])


_WRAPS: Final[dict[str, NodeKind]] = {
    "paragraph": "paragraph",
    "block_text": "paragraph",
    "block_quote": "quote",
    "list_item": "item",
    "table_row": "row",
    "table_head": "row",
    "strong": "strong",
    "emphasis": "emphasis",
    "strikethrough": "struck",
}
_OWN: Final[dict[str, NodeKind]] = {"codespan": "code", "block_html": "html", "inline_html": "text"}
_EMPTY: Final[dict[str, NodeKind]] = {"thematic_break": "rule", "linebreak": "break", "softbreak": "break"}


class _Reader:
    """Makes nodes of mistune's tokens, and counts them."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def nodes(self, tokens: Iterable[dict[str, Any]], depth: int) -> tuple[MarkdownNode, ...]:
        if depth > MAX_DEPTH:
            raise _TooMuch
        found: list[MarkdownNode] = []
        words: list[str] = []  # of texts that follow one another
        for node in (node for token in tokens for node in self._read(token, depth)):
            if node.kind == "text":
                words.append(node.text)
                continue
            if words:
                found.append(MarkdownNode("text", "".join(words)))
                words = []
            found.append(node)
        if words:
            found.append(MarkdownNode("text", "".join(words)))
        self._left -= len(found)
        if self._left < 0:
            raise _TooMuch
        return tuple(found)

    def _read(self, token: dict[str, Any], depth: int) -> Iterator[MarkdownNode]:
        kind, raw = str(token.get("type")), str(token.get("raw", ""))
        attributes: dict[str, Any] = token.get("attrs") or {}
        children = token.get("children") or ()
        if kind == "text":
            yield MarkdownNode("text", unescape(raw))
        elif kind in _OWN:
            yield MarkdownNode(_OWN[kind], raw)
        elif kind in _EMPTY:
            yield MarkdownNode(_EMPTY[kind])
        elif kind in _WRAPS:
            yield MarkdownNode(_WRAPS[kind], "", self.nodes(children, depth + 1))
        elif kind == "heading":
            yield MarkdownNode("heading", "", self.nodes(children, depth + 1), str(min(6, max(1, int(attributes.get("level", 1))))))
        elif kind == "block_code":
            language = str(attributes.get("info") or "").split(maxsplit=1)[:1]
            yield MarkdownNode("code block", raw.removesuffix("\n"), (), unescape("".join(language))[:40])
        elif kind == "list":
            start = str(attributes.get("start") or 1) if attributes.get("ordered") else ""
            yield MarkdownNode("list", "", self.nodes(children, depth + 1), start[:9])
        elif kind == "task_list_item":
            yield MarkdownNode("item", "", self.nodes(children, depth + 1), "done" if attributes.get("checked") else "open")
        elif kind == "table":
            yield MarkdownNode("table", "", self.nodes(_rows(children), depth + 1))
        elif kind == "table_cell":
            yield self._cell(children, attributes, depth)
        elif kind == "link":
            yield from _link(str(attributes.get("url", "")), self.nodes(children, depth + 1))
        elif kind == "image":
            yield from _image(str(attributes.get("url", "")), self.nodes(children, depth + 1))
        elif kind != "blank_line":  # what mistune may have that is not known here: its text is kept
            yield from self.nodes(children, depth + 1) if children else (MarkdownNode("text", raw),)

    def _cell(self, children: Iterable[dict[str, Any]], attributes: dict[str, Any], depth: int) -> MarkdownNode:
        side = attributes.get("align")
        kind: NodeKind = "head cell" if attributes.get("head") else "cell"
        return MarkdownNode(kind, "", self.nodes(children, depth + 1), side if side in ("left", "right", "center") else "")


def _rows(children: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of a table, its head among them."""
    for part in children:
        if part.get("type") == "table_body":
            yield from part.get("children") or ()
        else:
            yield part


# --- addresses


_ADDRESS: Final = re.compile(
    r"https?://(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?(?:[/?#][^\s\x00-\x20\x7f\\]*)?"
    r"|mailto:[^\s?@/\\]+@[^\s\x00-\x20\x7f\\]+",
    re.IGNORECASE | re.ASCII,
)
"""A host in plain letters, and no name or password before it: what is there passes for a host."""
_LIKE_ADDRESS: Final = re.compile(r"(?:https?://)?((?:[\w-]{1,63}\.){1,10}[a-z]{2,24})(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)


def is_link(address: str) -> bool:
    """Whether an address can be followed: of http, https or mailto, whole, and short enough to be shown."""
    return len(address) <= MOST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def host_of(address: str) -> str:
    """The host of an address, or the mailbox of ``mailto:``; nothing where it has none."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "") if parts.scheme.lower() != "mailto" else parts.path
    except ValueError:
        return ""


def plain(nodes: Iterable[MarkdownNode]) -> str:
    """The words of nodes."""
    return "".join(node.text + plain(node.parts) for node in nodes)


def _link(address: str, parts: tuple[MarkdownNode, ...]) -> Iterator[MarkdownNode]:
    """A link; of an address that is none, the words and the address as text. Words that look like another address are followed by where
    the link really goes."""
    if not is_link(address):
        yield from parts
        yield MarkdownNode("text", _beside(address, plain(parts)))
        return
    images = [node for node in _every(parts) if node.kind == "image"]
    yield MarkdownNode("link", "", _without_links(parts) if images else parts, address)
    looks = _LIKE_ADDRESS.fullmatch(plain(parts).strip())
    host = host_of(address)
    if looks is not None and _bare(looks[1]) != _bare(host):
        yield MarkdownNode("host", host)
    for image in images:  # a link cannot stand within another
        yield from (MarkdownNode("text", " "), image)


def _every(nodes: Iterable[MarkdownNode]) -> Iterator[MarkdownNode]:
    for node in nodes:
        yield node
        yield from _every(node.parts)


def _without_links(nodes: Iterable[MarkdownNode]) -> tuple[MarkdownNode, ...]:
    return tuple(
        MarkdownNode("text", f"[image: {node.text}]") if node.kind == "image" else replace(node, parts=_without_links(node.parts))
        for node in nodes
    )


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _image(address: str, parts: tuple[MarkdownNode, ...]) -> Iterator[MarkdownNode]:
    words = plain(parts).strip()
    if is_link(address) and not address.lower().startswith("mailto:"):
        yield MarkdownNode("image", words, (), address)
    else:
        yield MarkdownNode("text", f"[image: {words}]{_beside(address, words)}")


def _beside(address: str, words: str) -> str:
    return f" ({address[:200]}{'…' if len(address) > 200 else ''})" if address and address != words else ""
