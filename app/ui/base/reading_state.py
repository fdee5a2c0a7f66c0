"""How answers and prompts are read: what of them is shown rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.results.markdown import MarkdownDocument
    from app.core.results.repairing import Repair


class ReadingState(msgspec.Struct):
    """What was made of the texts in sight."""

    documents: dict[str, MarkdownDocument | None] = {}
    """The texts in sight as Markdown; None: there is nothing in one but its text."""
    fault: str = ""
    """Why no text is rendered: a sentence."""
    pictures: dict[str, str] = {}
    """Addresses of the pictures in sight, by their bytes in base64; "" of one that cannot be drawn."""
    repairs: dict[str, Repair | None] = {}
    """What damaged JSON may have meant, by its text; None: it is being worked out."""
