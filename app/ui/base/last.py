"""What a view works out of large things that seldom change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from app.core.base.locale import current

T = TypeVar("T")


class Last(Generic[T]):
    """The last value that was worked out, and what of. Of objects it must be the very same ones (a list is never changed, another one takes
    its place), of numbers the same ones by value. It holds for one locale, since it may have figures in words. One is enough: a page has
    one state."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], T] | None = None

    def of(self, given: tuple[object, ...], make: Callable[[], T]) -> T:
        """That of what is given: the last one again, or what ``make`` makes."""
        given = (current(), *given)
        kept = self._kept
        if kept is None or not all(old is new or (type(new) is int and old == new) for old, new in zip(kept[0], given, strict=True)):
            kept = self._kept = (given, make())
        return kept[1]
