"""Run in the page before any other Python: import modules from the program's archive.

The archive holds each module's compiled code in memory: no file is looked for, opened or unpacked. tools/page_compile.py writes
it, and makes this module the page's ``sitecustomize``, which Python runs before it imports anything but its own core. So nothing of
the library can be imported here: the archive holds it.
"""

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader
from posix import unlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

ARCHIVE = "/program"
"""Where static/js/boot.mjs puts the archive."""
EXTENSIONS = "/lib/python3.14/lib-dynload"
"""Where a library that is machine code is put when it is imported: the system's loader takes files only."""


class ArchiveFinder:
    """Finds and executes modules. By name ``modules`` has "module", "package" or "extension", and the marshalled code or the bytes."""

    def __init__(self, modules: "dict[str, tuple[str, bytes]]") -> None:
        self._modules = modules

    def find_spec(self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None) -> ModuleSpec | None:
        """The module's spec; None where the archive does not hold it."""
        if name not in self._modules:
            return None
        kind, content = self._modules[name]
        if kind == "extension":
            file = f"{EXTENSIONS}/{name}.so"
            with open(file, "wb") as written:
                written.write(content)
            return ModuleSpec(name, ExtensionFileLoader(name, file), origin=file)
        return ModuleSpec(name, self, origin="the program's archive", is_package=kind == "package")  # type: ignore[arg-type]  # duck-typed

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual kind of module."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module's code."""
        exec(marshal.loads(self._modules[module.__name__][1]), module.__dict__)  # noqa: S102, S302  # of our own build


def install() -> None:
    """From now on import what the archive holds."""
    with open(ARCHIVE, "rb") as file:
        sys.meta_path.insert(0, ArchiveFinder(marshal.load(file)))  # noqa: S302  # of our own build
    unlink(ARCHIVE)


if __name__ == "sitecustomize":
    install()
