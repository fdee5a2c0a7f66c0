"""Help: a guide of two pages, open and searched."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.help.guide import Guide, GuidePage, GuideSection
from app.core.results.markdown import MarkdownNode
from app.ui.base.help_state import HelpState
from app.ui.base.state import Route


def _text(said: str) -> MarkdownNode:
    return MarkdownNode(
        "paragraph", "", (MarkdownNode("text", said), MarkdownNode("link", "", (MarkdownNode("text", said),), "#/help/tables"))
    )


def guide(said: str) -> Guide:
    """Two pages; the second has as many sections as need a list of them. What it says is the program's own, so no text of it is large."""
    said = said[:2_000]
    sections = tuple(
        GuideSection(f"{said} {n}", 2 if n % 2 else 3, f"section-{n}", (f"code_{n}",), (_text(said),), f"{said} {n} {said}")
        for n in range(1, 12)
    )
    intro = GuideSection(nodes=(_text(said),), words=said)
    return Guide((GuidePage("first-batch", said, "guide", (intro,)), GuidePage("messages", "Messages", "reference", (intro, *sections))))


def states(said: str) -> Iterator[tuple[str, HelpState, Route]]:
    """What Help shows, with its address."""
    known = guide(said)
    yield "help with its pages", HelpState(known), Route("help")
    yield "help of a page", HelpState(known), Route("help", "messages", query="code_4")
    yield "help of a page that is not there", HelpState(known), Route("help", said)
    yield "help searched", HelpState(known, words=said[:50]), Route("help", "messages")
    yield "help searched in vain", HelpState(known, words="no such words"), Route("help")
    yield "help that could not be read", HelpState(fault=said), Route("help")
