"""The entry script of the room for faults: many cases at a time in one page, each on a database and with a provider of its own."""

import js
from pyodide.ffi import create_proxy

from tests.faults.inside.rooms import Rooms

js.faults = create_proxy(Rooms().call)
js.nightshift.ready()
