"""What a dialog holds while it is open: a struct of its capability (``ui.<capability>.dialogs``), from whose type its view is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    pass


class Aside(msgspec.Struct):
    """A dialog with a text that can be had back for a while after it was closed."""

    @property
    def aside(self) -> str:
        """What is said when it is closed with such a text in it; empty where nothing is lost."""
        return ""
