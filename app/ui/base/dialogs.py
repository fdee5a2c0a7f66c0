"""What a dialog holds while it is open: a struct of its capability (``ui.<capability>.dialogs``), from whose type its view is found."""

from __future__ import annotations

from typing import Literal

import msgspec

Ending = Literal["prompts", "tables", "requests"]
"""Deleted things that stay until a person ends them."""


class EndDialog(msgspec.Struct):
    """Before deleted things are deleted permanently. What the dialog names is what the page lists at that time, and what then goes."""

    kind: Ending
    lane: str = ""
    """Key of the lane, for requests."""


class Aside(msgspec.Struct):
    """A dialog with a text that can be had back for a while after it was closed."""

    @property
    def aside(self) -> str:
        """What is said when it is closed with such a text in it; empty where nothing is lost."""
        return ""
