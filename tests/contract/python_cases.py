"""What must hold of the Python that the program finds, in CPython and in the page."""

import asyncio
import importlib
from decimal import Decimal

import msgspec

from app.services.tasks import Tasks


async def case_promised_modules_can_be_imported(promised: tuple[str, ...]) -> None:
    """Every module that the program may use is there."""
    missing = []
    for name in promised:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    assert not missing, missing


async def case_json_goes_both_ways() -> None:
    """msgspec encodes and decodes, also what is beyond the basic plane."""
    value = {"text": "\u2028 😀 é", "number": 0.1, "large": 2**53}
    assert msgspec.json.decode(msgspec.json.encode(value)) == value


async def case_decimals_are_exact() -> None:
    """The compiled decimal module answers, since its Python twin is left out."""
    assert str(Decimal("0.1") + Decimal("0.2")) == "0.3"


async def case_work_begins_at_once() -> None:
    """What is begun has run to its first wait before anything else does, in a task of its own with its own time limits, and can be
    cancelled at that wait. The page's Python takes the first step by other means than ours does."""
    failures: list[str] = []
    tasks, seen = Tasks(lambda name, error: failures.append(f"{name}: {error!r}")), list[object]()

    async def work(name: str) -> None:
        seen.append(f"{name} begins")
        current = asyncio.current_task()
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            assert asyncio.current_task() is current
            seen.append(f"{name} goes on")
        except asyncio.CancelledError:
            seen.append(f"{name} is cancelled")
            raise

    outer = asyncio.current_task()
    tasks.begin("a", work("a"))
    tasks.begin("b", work("b")).cancel()
    assert asyncio.current_task() is outer
    assert seen == ["a begins", "b begins"]
    await tasks.settled()
    assert seen == ["a begins", "b begins", "b is cancelled", "a goes on"]
    assert failures == []
