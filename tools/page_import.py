"""Run in the page by static/js/boot.mjs, before anything else of the program: import modules from the program's archive.

The archive holds each module's compiled code in memory: no file is looked for, opened or unpacked. tools/page_compile.py writes it.
"""

import marshal
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import PurePosixPath
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader

EXTENSIONS = "/lib/python3.14/lib-dynload"
"""Where a library that is machine code is put when it is imported: the system's loader takes files only."""


class ArchiveFinder:
    """Finds and executes the archive's modules. Each module's code is let go once it has run."""

    def __init__(self, modules: dict[str, tuple[str, bytes]]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: "Sequence[str] | None" = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's spec; None where the archive does not hold it."""
        if name not in self._modules:
            return None
        kind, content = self._modules[name]
        if kind == "extension":
            file = PurePosixPath(EXTENSIONS, f"{name}.so").as_posix()
            with open(file, "wb") as written:
                written.write(content)
            return ModuleSpec(name, ExtensionFileLoader(name, file), origin=file)
        return ModuleSpec(name, cast("Loader", self), origin="the program's archive", is_package=kind == "package")

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual kind of module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        exec(marshal.loads(self._modules[module.__name__][1]), module.__dict__)  # noqa: S102, S302  # of our own build


def install(modules: dict[str, tuple[str, bytes]]) -> None:
    """From now on import ``modules``: by name, "module", "package" or "extension" and the marshalled code or the library's bytes."""
    sys.meta_path.insert(0, ArchiveFinder(modules))
