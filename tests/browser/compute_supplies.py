"""What the cases of jobs ask for, in the page: workers whose table is the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import js
from pyodide.ffi import to_js

from app.adapters.compute import BrowserCompute
from app.adapters.page import BrowserPlace
from app.adapters.store import destroy_store, open_store
from app.services.runtime.moves import STORED_MOVES
from tests.contract.compute_cases import Both

TABLE = "tests.fakes.jobs"
_COMPUTE = BrowserCompute(TABLE)


def compute() -> BrowserCompute:
    """The same workers for all cases: one that went is followed by another."""
    return _COMPUTE


async def place() -> AsyncIterator[BrowserPlace]:
    """A file of the origin's own file system, whose handle is of the kind that a person's choice gives."""
    js_folder = await js.navigator.storage.getDirectory()
    yield BrowserPlace(await js_folder.getFileHandle("answers.csv", to_js({"create": True}, dict_converter=js.Object.fromEntries)))
    await js_folder.removeEntry("answers.csv")


async def both() -> AsyncIterator[Both]:
    """The page's database, which the workers open by themselves."""
    store = await open_store(STORED_MOVES)
    yield Both(BrowserCompute(TABLE), store)
    store.close()
    await destroy_store("nightshift")
