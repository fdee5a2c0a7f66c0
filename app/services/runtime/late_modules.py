"""What was loaded late is kept from Python's collector, as the program's beginning is.

Most modules come when they are first needed: those of Results are tens of thousands of objects. The collector goes along what it reaches in
one stretch (CPython 3.14: 42–68 ms over 146,000 objects in Pyodide, at most 21 when they are frozen), and meanwhile nothing is drawn.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable


class LateModules:
    """Freezes what there is, once modules came and a beat has passed without more of them. Objects that end by their count are freed as
    before; a circle that is garbage at that moment stays, which is why it is not done without a reason."""

    def __init__(self, freeze: Callable[[], None] = gc.freeze, loaded: Callable[[], int] = lambda: len(sys.modules)) -> None:
        self._freeze, self._loaded = freeze, loaded
        self._frozen = self._before = loaded()

    def beat(self, _context: object, _beat: int) -> None:
        """A second has passed."""
        now = self._loaded()
        if now != self._frozen and now == self._before:
            self._freeze()
            self._frozen = now
        self._before = now
