"""Cases that hold in CPython and in the page alike: ``async def case_*`` functions that take what they need by name.

A contract is a module of cases, without pytest. Where it runs, a module of *supplies* gives each parameter by a function of the same
name: plain, ``async``, or an async generator that yields once and cleans up after it. This module itself runs in both places.
"""

import importlib
import inspect
import json
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any

Case = Callable[..., Awaitable[None]]


def cases_of(module: ModuleType) -> dict[str, Case]:
    """The module's cases by name, in the order of its source."""
    return {name: value for name, value in vars(module).items() if name.startswith("case_") and inspect.iscoroutinefunction(value)}


async def run_case(case: Case, supplies: ModuleType) -> None:
    """Run one case with fresh supplies; raises what it raises."""
    async with AsyncExitStack() as stack:
        given: dict[str, Any] = {}
        for name in inspect.signature(case).parameters:
            supply = getattr(supplies, name)
            if inspect.isasyncgenfunction(supply):
                given[name] = await stack.enter_async_context(asynccontextmanager(supply)())
            else:
                value = supply()
                given[name] = await value if inspect.isawaitable(value) else value
        await case(**given)


async def run_by_name(cases: str, supplies: str, name: str) -> str:
    """Run one case of the module ``cases``; a JSON object with its ``name`` and ``error``, empty when it held."""
    error = ""
    try:
        await run_case(cases_of(importlib.import_module(cases))[name], importlib.import_module(supplies))
    except Exception as raised:
        error = "".join(traceback.format_exception(raised))
    return json.dumps({"name": name, "error": error})
