"""What a dialog holds while it is open: a struct of its capability (``ui.<capability>.dialogs``), from whose type its view is found."""

from __future__ import annotations

from typing import Literal

import msgspec

Ending = Literal["prompts", "tables", "requests", "key", "secret", "password"]
"""What is gone when a person ends it: deleted things that stayed until then, and secrets, which Nightshift never shows again."""


class EndDialog(msgspec.Struct):
    """Before something is deleted permanently. What the dialog names is what the page lists at that time, and what then goes."""

    kind: Ending
    id: str = ""
    """Of requests the key of their lane, of an API key its provider's profile, of a secret its host."""


class Aside(msgspec.Struct):
    """A dialog with a text that can be had back for a while after it was closed."""

    @property
    def aside(self) -> str:
        """What is said when it is closed with such a text in it; empty where nothing is lost."""
        return ""
