"""Values of answers that say what the page itself says: ``(error)``, ``(others)``. They are put in quotation marks wherever both can
occur."""

from __future__ import annotations

from typing import Final

from app.core.base.patterns import pattern
from app.core.results.query import SPECIALS

OTHERS: Final = "(others)"
"""What labels are called together that are not named one by one."""
NO_VALUE: Final = "(no value)"
"""What all special choices are called together."""
SPACES: Final = "(spaces only)"
OTHER_MODELS: Final = "other models"
"""What models are called together that have no colour of their own."""
_OURS: Final = frozenset({*SPECIALS.values(), OTHERS, NO_VALUE, SPACES, OTHER_MODELS})
_COUNTED: Final = pattern(r"\([\d,]+ other values?\)")


def value_label(value: str) -> str:
    """What a value is called beside the page's own words: itself, or in quotation marks where it might be taken for these."""
    if len(value) > 60:
        return value
    bare = value.strip().lstrip("“").rstrip("”")
    return f"“{value}”" if bare in _OURS or _COUNTED.fullmatch(bare) else value
