"""What stands around the body of every dialog."""

from __future__ import annotations

from typing import Any

from simple_html import Tag, div, footer, h2, header, span

from app.ui.base.actions import CloseDialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import close_button

_DIALOG = Tag("dialog")


def dialog(id: str, title: Node, body: Node, *buttons: Node, tools: Node = NOTHING, **more: Any) -> Node:
    """What all dialogs share: a title with the way to close it, a body, and buttons below. Head and foot are no landmarks of the page."""
    return _DIALOG(
        at(id=id, data_open=True, close=CloseDialog(), aria_labelledby=f"{id}-title", **more),
        header(at(role="none"), h2(at(id=f"{id}-title"), title), span(at("row end"), tools, close_button())),
        div(at("body"), body),
        footer(at(role="none"), list(buttons)) if buttons else NOTHING,
    )


def faults(one: str) -> list[str]:
    """What is wrong with a field, as :func:`ui.base.parts.field` takes it."""
    return [one] if one else []
