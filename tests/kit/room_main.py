"""The entry script of the tests' room: the same Pyodide, packages and program files, without the program running."""

import base64
import marshal

import js
from pyodide.ffi import create_proxy

from tests.kit.cases import run_by_name


def compiled(source: str, path: str) -> str:
    """The code of a module as a build's archive holds it (tools/page_compile.py), in base64."""
    return base64.b64encode(marshal.dumps(compile(source, path, "exec", dont_inherit=True, optimize=2))).decode()


js.compiled = create_proxy(compiled)
js.runCase = create_proxy(run_by_name)
js.nightshift.ready()
