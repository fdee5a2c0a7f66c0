"""Links to the guide, where a question comes up."""

from __future__ import annotations

from typing import Final

from simple_html import a

from app.ui.base.markup import Node, at

MESSAGES: Final = "messages"
"""The page that explains the program's messages, each by its code."""
PAGES: Final = {
    "data": ("tables", "Help with tables"),
    "recipe": ("tables", "Help with tables"),
    "batch": ("recovery", "Help with batches"),
    "results": ("results", "Help with results"),
    "programs": ("integrations", "Help with integrations"),
    "settings": ("settings", "Help with settings"),
}
"""For each view, the page that explains it; of the others the first one does."""
FIRST: Final = ("first-batch", "Help with your first batch")


def address(page: str, anchor: str = "") -> str:
    """The address of a page of the guide, or of a section of it."""
    return f"#/help/{page}" + (f"/{anchor}" if anchor else "")


def help_link(page: str, words: str, anchor: str = "") -> Node:
    """A link to a page of the guide."""
    return a(at("help-link", href=address(page, anchor)), words)


def of_view(view: str) -> str:
    """Where the question mark of a view leads."""
    return address(PAGES.get(view, FIRST)[0])
