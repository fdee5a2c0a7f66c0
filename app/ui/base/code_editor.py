"""The editor of people's Python around the field that holds it (static/js/code-editor.mjs). Where it does not come, the field stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from simple_html import Tag

from app.ui.base.markup import Node, at

MOST_MARKS: Final = 20
"""Lines that are marked at most."""
_EDITOR: Final = Tag("code-editor")


def code_editor(field: Node, *, rev: int, marks: Sequence[tuple[int, str]] = (), locked: bool = False, keys: str = "") -> Node:
    """``field`` is an ``area`` with ``rev`` as its data-value-rev. ``marks``: lines, and what is wrong there. ``keys``: as data-key."""
    told = msgspec.json.encode(marks[:MOST_MARKS]).decode() if marks else None
    hint = "You can read and copy this code." if locked else "Tab indents. To leave the editor, press Escape and then Tab."
    return _EDITOR(at(data_rev=rev, data_marks=told, data_locked=locked, data_hint=hint, data_key=keys or None), field)
