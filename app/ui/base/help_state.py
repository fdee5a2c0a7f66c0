"""What is shown of the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.help.guide import Guide


class HelpState(msgspec.Struct):
    """The guide, once Help was opened."""

    guide: Guide | None = None
    """None: it was not read yet."""
    fault: str = ""
    """Why it could not be read: a sentence."""
    words: str = ""
    """What is looked for in it."""
