"""Where the focus goes when an action has done what it does."""

from __future__ import annotations

import msgspec


class FocusState(msgspec.Struct, frozen=True):
    """The element that takes the focus as soon as it is there (``data-focus``, static/js/patching.mjs)."""

    id: str = ""
    n: int = 0
    """How often one was named: the same element can be named again."""
