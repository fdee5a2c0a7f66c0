"""Regular expressions that are compiled when they are first used.

Compiling is work for Python itself (`re` is written in it): 0.2 to 2 ms each in the page, and the first view uses few of them.
"""

from __future__ import annotations

import re
from typing import Any, cast, overload


@overload
def pattern(source: str, flags: int = 0) -> re.Pattern[str]: ...
@overload
def pattern(source: bytes, flags: int = 0) -> re.Pattern[bytes]: ...
def pattern(source: Any, flags: int = 0) -> Any:
    """As :func:`re.compile`, but an error in ``source`` shows with the first use (and in tests/unit/core/base/test_patterns.py)."""
    return cast("Any", _Pattern(source, flags))


class _Pattern:
    """Stands for a compiled pattern; each of its attributes is looked up there once."""

    def __init__(self, source: Any, flags: int) -> None:
        self._given = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked for by copy and the like, before there is anything to ask
            raise AttributeError(name)
        value = getattr(re.compile(*self._given), name)
        setattr(self, name, value)
        return value
