"""The guide's pages (docs/guide, docs/reference) as the page shows them: cut into sections that can be linked, linked with each other, and
without what belongs to GitHub only (pictures, comments, links to documents that the page does not carry).

They come with the build (tools/guide.py) and are read by the same reader as answers (core.results.markdown).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.results import markdown
from app.core.results.markdown import MarkdownNode

NOWHERE: Final = "https://guide.invalid/"
"""Links between pages are led through a host that can't exist (RFC 6761), because the reader takes whole addresses only."""
_RELATIVE: Final = pattern(r"\]\((?![a-z]+:)([^()\s]+)\)")
_COMMENT: Final = pattern(r"<!--.*?-->\n*", re.S)
_CODE: Final = pattern(r"`([\w-]+)`")


class GuideSection(msgspec.Struct, frozen=True):
    """What is under one heading. ``anchor`` names it in an address, as GitHub does; ``codes``: those of the message that it is about,
    by which it can be named as well."""

    title: str = ""
    level: int = 1
    anchor: str = ""
    codes: tuple[str, ...] = ()
    nodes: tuple[MarkdownNode, ...] = ()
    words: str = ""
    """Everything in it as plain text."""


class GuidePage(msgspec.Struct, frozen=True):
    """One page; its first section is what comes before the first heading below the title."""

    name: str
    title: str
    part: str
    """``guide`` or ``reference``."""
    sections: tuple[GuideSection, ...]

    def find(self, anchor: str) -> int:
        """The place of the section of this anchor or code; 0 where there is none."""
        wanted = (n for n, one in enumerate(self.sections) if anchor and anchor in (one.anchor, *one.codes))
        return next(wanted, 0)


class Guide(msgspec.Struct, frozen=True):
    """All pages, in their order."""

    pages: tuple[GuidePage, ...] = ()

    def page(self, name: str) -> GuidePage | None:
        return next((one for one in self.pages if one.name == name), None)


def read_guide(sources: Mapping[str, tuple[str, str]]) -> Guide:
    """The guide from each page's part and Markdown, by its name. mistune must have been loaded."""
    return Guide(tuple(_page(name, part, text, sources.keys()) for name, (part, text) in sources.items()))


def _page(name: str, part: str, text: str, names: Collection[str]) -> GuidePage:
    led = _RELATIVE.sub(rf"]({NOWHERE}\1)", _COMMENT.sub("", text))
    nodes = tuple(_linked(markdown.read(led).nodes, name, names))
    title, sections = name, [GuideSection()]
    gathered: list[MarkdownNode] = []

    def end() -> None:
        last, words = sections[-1], " ".join(_words(gathered)).strip()
        codes = tuple(_CODE.findall("".join(one for one in _codes(gathered) if one.startswith("Code `"))))
        sections[-1] = replace(last, nodes=tuple(gathered), words=words, codes=codes)
        gathered.clear()

    for node in nodes:
        level = int(node.about) if node.kind == "heading" else 9
        if level == 1:
            title = markdown.plain(node.parts)
        elif level <= 3:
            end()
            said = markdown.plain(node.parts)
            sections.append(GuideSection(said, level, slug(said)))
        else:
            gathered.append(node)
    end()
    return GuidePage(name, title, part, tuple(sections))


def slug(title: str) -> str:
    """The anchor that GitHub makes of a heading."""
    kept = (one for one in title.lower() if one in " -_" or unicodedata.category(one)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def _linked(nodes: Iterable[MarkdownNode], page: str, names: Collection[str]) -> Iterator[MarkdownNode]:
    """The nodes with links that lead to the page's own addresses; of a link to what is not here the words stay, of a picture nothing."""
    for node in nodes:
        if node.kind in ("image", "html", "host"):
            continue
        if node.kind == "break":  # where a line of the source ends
            yield MarkdownNode("text", " ")
            continue
        parts = tuple(_linked(node.parts, page, names))
        if node.kind == "paragraph" and not any(markdown.plain((one,)).strip() for one in parts):
            continue
        if node.kind == "link" and node.about.startswith(NOWHERE):
            address = _address(node.about.removeprefix(NOWHERE), page, names)
            if not address:
                yield from parts
                continue
            node = replace(node, about=address)  # the same link, led elsewhere
        yield replace(node, parts=parts)


def _address(target: str, page: str, names: Collection[str]) -> str:
    path, _, anchor = target.partition("#")
    name = path.rpartition("/")[2].removesuffix(".md") if path else page
    if name not in names or (path and not path.endswith(".md")):
        return ""
    return f"#/help/{name}" + (f"/{anchor}" if anchor else "")


def _words(nodes: Iterable[MarkdownNode]) -> Iterator[str]:
    """The words of each block: they do not run into one another."""
    for node in nodes:
        if node.kind in ("list", "item", "table", "row", "quote"):
            yield from _words(node.parts)
        else:
            yield node.text + markdown.plain(node.parts)


def _codes(nodes: Iterable[MarkdownNode]) -> Iterator[str]:
    """Paragraphs as they are written, as far as code within a line goes."""
    for node in nodes:
        if node.kind == "paragraph":
            yield "".join(f"`{one.text}`" if one.kind == "code" else markdown.plain((one,)) for one in node.parts)
