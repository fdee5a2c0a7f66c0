"""The program's bounded cache: evicts the least recently used entry."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """At most ``most`` values, or values of ``most`` together where ``size`` says how large each is; those that were used longest ago are
    forgotten first. The one that was put last is kept whatever its size."""

    def __init__(self, most: int, size: Callable[[V], int] = lambda _value: 1) -> None:
        self._most, self._size = most, size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._held = 0

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        """The keys, as they are now."""
        return iter(list(self._values))

    def get(self, key: K) -> V | None:
        """The value under this key, which counts as a use of it; None where there is none."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep a value, in place of what is under its key; returns it."""
        self.drop(key)
        self._values[key] = value
        self._held += self._size(value)
        while self._held > self._most and len(self._values) > 1:
            self._held -= self._size(self._values.popitem(last=False)[1])
        return value

    async def got(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        """The value under this key, made where there is none. What is raised in making it is kept for nobody."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        return self.put(key, await make())

    def drop(self, key: K) -> None:
        """Forget what is under this key, if anything is."""
        if key in self._values:
            self._held -= self._size(self._values.pop(key))

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._held = 0
