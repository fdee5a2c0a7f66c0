"""The page's own start, with a handle for the test: the program as it is, views and all."""

import json

import js
from pyodide.ffi import create_proxy

from app.adapters import boot
from app.bootstrap import start
from tests.million.inside.feeder import Feeder

boot.mark("python")
feeder = Feeder(await start())  # type: ignore[top-level-await]


async def call(name: str, *given: object) -> str:
    """Call one method of the feeder by name; its answer as JSON."""
    return json.dumps(await getattr(feeder, name)(*given))


js.feeder = create_proxy(call)
boot.ready()
