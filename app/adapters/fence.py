"""Python's side of the fence: modules that lead from Python to the browser can no longer be imported, and imported
ones are removed. The actual barrier is JavaScript's (static/js/fence.mjs): nothing is left in the worker that reaches the network, the
store or another worker. This module keeps people's code from interfering with what runs it, and explains why something is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from app.adapters.compute_worker import fence

CLOSED: Final = frozenset(
    {"js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "pyscript", "_pyscript", "polyscript", "micropip", "app"}
    | {"socket", "ssl", "ctypes", "webbrowser"}
)
"""Modules that are not there for people's code, with all that is in them."""


class ClosedModules:
    """Refuses them before any other finder is asked."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Raises ImportError for what is closed; None for everything else."""
        if name.partition(".")[0] in CLOSED:
            raise ImportError(f"“{name}” is not there: code in Results runs apart from the browser, the network and this program")
        return None


def close_fence() -> None:
    """Call it when everything that the worker needs is imported. Raises JsException where the browser keeps something."""
    fence()
    finders: list[Any] = sys.meta_path
    finders[:] = [ClosedModules(), *(one for one in finders if type(one).__module__.partition(".")[0] not in CLOSED)]
    for name in [name for name in sys.modules if name.partition(".")[0] in CLOSED]:
        del sys.modules[name]
