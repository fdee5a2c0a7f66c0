"""The table of scenarios: every module here holds a tuple ``SCENARIOS``, one module an area."""

from __future__ import annotations

import importlib
import pkgutil

from tests.hostile.scenario import Scenario


def table() -> tuple[Scenario, ...]:
    """All scenarios, by module and then in their order there. Names are different."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    found: tuple[Scenario, ...] = tuple(one for module in modules for one in module.SCENARIOS)
    names = [one.name for one in found]
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    return found
