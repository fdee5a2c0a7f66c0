"""One record edited in two tabs at once: what both changed is told, what one changed is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from app.core.base import text

R = TypeVar("R", bound=Any)
_QUOTED = 80


class Clash(Exception):
    """Another tab changed the same since it was opened here; nothing was stored. ``theirs`` is what is there now, ``mine`` the edited
    record with what only the other changed; the text is a sentence about ``thing``."""

    def __init__(self, thing: str, theirs: Any, mine: Any, fields: Sequence[str]) -> None:
        there = "; ".join(f"{name.replace('_', ' ')}: “{text.shorten(str(getattr(theirs, name)), _QUOTED)}”" for name in fields)
        super().__init__(f"Another tab changed {thing} since you opened it; nothing was saved. There: {there}. Save again to keep yours.")
        self.theirs, self.mine = theirs, mine


def merged(thing: str, mine: R, seen: R, theirs: R, edited: Sequence[str]) -> R:
    """What is to be stored where ``mine`` was made of ``seen`` and ``theirs`` is there now: of the ``edited`` fields those that were
    changed here, all others as they are there. Raises Clash where both changed a field, and not to the same."""
    changed = [name for name in edited if getattr(mine, name) != getattr(seen, name)]
    found: R = replace(theirs, **{name: getattr(mine, name) for name in changed})
    both = [name for name in changed if getattr(theirs, name) not in (getattr(seen, name), getattr(mine, name))]
    if both:
        raise Clash(thing, theirs, found, both)
    return found


def fingerprint(secret: str | None) -> int:
    """What tells in this tab whether a secret is still the one that it was, and nothing else; 0: there is none."""
    return hash((secret, "nightshift")) if secret else 0
