"""What table_cases asks for, in CPython."""

from collections.abc import Awaitable, Callable


def decode() -> Callable[[bytes, str], str]:
    """Python's own codecs."""
    return lambda data, name: data.decode(name)


def load() -> Callable[[], Awaitable[None]]:
    """The library is installed."""

    async def nothing() -> None: ...

    return nothing
