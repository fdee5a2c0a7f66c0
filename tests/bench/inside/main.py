"""The entry script of the room for measuring: the program's files without the program running, and the pieces of :mod:`.bulk` to call."""

import json

import js
from pyodide.ffi import create_proxy

from tests.bench.inside.bulk import Bulk

bulk = Bulk()


async def call(name: str, *given: object) -> str:
    """Call one method of the bulk by name; its answer as JSON."""
    return json.dumps(await getattr(bulk, name)(*given))


js.bench = create_proxy(call)
js.nightshift.ready()
