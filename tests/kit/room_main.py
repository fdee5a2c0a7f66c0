"""The entry script of the tests' room: the same Pyodide, packages and program files, without the program running."""

import js
from pyodide.ffi import create_proxy

from tests.kit.cases import run_by_name

js.runCase = create_proxy(run_by_name)
js.nightshift.ready()
