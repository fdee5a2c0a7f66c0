"""Markup as a browser leaves it: read strictly, as a tree of elements.

What the program draws is regular, and two patterns read it. What they do not know goes to Python's own parser, which takes longer, and
decides what is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
DRAWING: Final = frozenset({"svg", "path", "circle", "rect"})
_NOT_MARKUP: Final = frozenset({"script", "style"})
"""Elements whose text is read in another way."""
_TAG: Final = re.compile(r"""<(?:/([a-z][-a-z0-9]*)|([a-z][-a-z0-9]*)((?: [a-zA-Z][-a-zA-Z0-9]*(?:="[^"]*")?)*)(/?))>""")
_ATTRIBUTE: Final = re.compile(r""" ([a-zA-Z][-a-zA-Z0-9]*)(?:(=)"([^"]*)")?""")


class Element:
    """An element with its attributes (None: a bare one), children and parent."""

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []
        self._by_id: dict[str, list[Element]] | None = None
        self._labels: dict[str, list[Element]] | None = None

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"

    def __iter__(self) -> Iterator[Element]:
        """Every element inside, in the order of the document."""
        ahead = [*reversed(self.children)]
        while ahead:
            child = ahead.pop()
            if isinstance(child, Element):
                yield child
                ahead += reversed(child.children)

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute] or ""

    def get(self, attribute: str) -> str | None:
        """The attribute's value; empty for a bare one, None where it is missing."""
        return (self.attributes[attribute] or "") if attribute in self.attributes else None

    @property
    def text(self) -> str:
        """The text inside, as it was before it was escaped."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    @property
    def value(self) -> str:
        """What a field shows."""
        if self.tag == "textarea":
            return self.text.removeprefix("\n")
        if self.tag == "select":
            return next((one.get("value") or "" for one in self if one.tag == "option" and "selected" in one.attributes), "")
        return self.get("value") or ""

    @property
    def root(self) -> Element:
        return self if self.parent is None else self.parent.root

    def above(self, tag: str) -> Element | None:
        """The nearest element of a kind that this one stands in."""
        one = self.parent
        while one is not None and one.tag != tag:
            one = one.parent
        return one

    def by_id(self, id: str) -> Element:
        """The one element with this id. AssertionError if there is none. A whole document is gone through once; nobody changes it after."""
        if self.parent is not None:
            found = [one for one in self if one.get("id") == id]
        else:
            if self._by_id is None:
                self._by_id = _grouped(self, "id")
            found = self._by_id.get(id, [])
        assert len(found) == 1, f"{len(found)} elements have the id {id!r}"
        return found[0]

    def labels_of(self, id: str) -> list[Element]:
        """The labels of the whole document that are for this id; it is gone through once."""
        root = self.root
        if root._labels is None:
            root._labels = _grouped(root.of("label"), "for")
        return root._labels.get(id, [])

    def of(self, tag: str, cls: str = "") -> list[Element]:
        """The elements of a kind (and class)."""
        return [one for one in self if one.tag == tag and (not cls or cls in (one.get("class") or "").split())]

    def classed(self, cls: str) -> list[Element]:
        return [one for one in self if cls in (one.get("class") or "").split()]


def _grouped(elements: Iterable[Element], attribute: str) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for one in elements:
        if (value := one.get(attribute)) is not None:
            found.setdefault(value, []).append(one)
    return found


class Malformed(Exception):
    """The markup is not what a browser would leave as it is."""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("#root", {}, None)

    def _element(self, tag: str, given: list[tuple[str, str | None]]) -> Element:
        if len({name for name, _ in given}) != len(given):
            raise Malformed(f"an attribute stands twice in <{tag}>: {given}")
        one = Element(tag, dict(given), self.here)
        self.here.children.append(one)
        return one

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = self._element(tag, attrs)
        if tag not in VOID:
            self.here = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID | DRAWING:
            raise Malformed(f"<{tag}/> does not close itself")
        self._element(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag != self.here.tag or self.here.parent is None:
            raise Malformed(f"</{tag}> inside <{self.here.tag}>")
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)

    def handle_comment(self, data: str) -> None:
        raise Malformed(f"a comment: {data[:80]!r}")

    def handle_decl(self, decl: str) -> None:
        raise Malformed(f"a declaration: {decl[:80]!r}")

    def unknown_decl(self, data: str) -> None:
        raise Malformed(f"a declaration: {data[:80]!r}")

    def handle_pi(self, data: str) -> None:
        raise Malformed(f"a processing instruction: {data[:80]!r}")


def parse(html: str) -> Element:
    """The root over everything in a piece of markup. Raises Malformed where elements are not nested and closed as written."""
    return regular(html) or thorough(html)


def regular(html: str) -> Element | None:
    """The same of markup as the program writes it. None: there is something else in it, or it is malformed."""
    root = here = Element("#root", {}, None)
    at = 0
    while (begin := html.find("<", at)) >= 0:
        if begin > at:
            here.children.append(unescape(html[at:begin]))
        found = _TAG.match(html, begin)
        if found is None:
            return None
        at = found.end()
        closing, tag, given, itself = found.groups()
        if closing:
            if closing != here.tag or here.parent is None:
                return None
            here = here.parent
            continue
        pairs = _ATTRIBUTE.findall(given) if given else ()
        one = Element(tag, {name.lower(): unescape(value) if equals else None for name, equals, value in pairs}, here)
        if len(one.attributes) != len(pairs) or tag in _NOT_MARKUP or (itself and tag not in VOID and tag not in DRAWING):
            return None
        here.children.append(one)
        if not itself and tag not in VOID:
            here = one
    if at < len(html):
        here.children.append(unescape(html[at:]))
    return root if here is root else None


def thorough(html: str) -> Element:
    """The same of any markup, by Python's own parser."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    if parser.here is not parser.root:
        raise Malformed(f"<{parser.here.tag}> is not closed")
    return parser.root
