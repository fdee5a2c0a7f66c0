"""Run inside Pyodide by tools/compile.mjs: compile Python sources for the page, with the page's own Python.

Works on files of Pyodide's own file system: /source.zip in, /compiled out.
"""

import gzip
import importlib.util
import marshal
import zipfile
from pathlib import Path

FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
HEADER = 16
"""Bytes before the code in a .pyc (PEP 552)."""
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552: Python does not look for the source again
LEAN = 2  # no docstrings, no assert


def code(source: bytes, path: str) -> bytes:
    """The marshalled code of a module's source; ``path`` is what tracebacks name."""
    return marshal.dumps(compile(source, path, "exec", dont_inherit=True, optimize=LEAN))


def compiled(source: bytes, path: str) -> bytes:
    """The .pyc for a module's source."""
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + code(source, path)


def pack(target: str, files: dict[str, bytes]) -> None:
    """Write a zip. The same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, FIRST_ZIP_DAY)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])


def write(files: dict[str, bytes], home: str) -> str:
    """Write ``files`` by name into a zip at /compiled, modules compiled as if they lay under ``home``; return a sentence about it."""
    modules = {f"{name}c": compiled(content, f"{home}/{name}") for name, content in files.items() if name.endswith(".py")}
    pack("/compiled", modules | {name: content for name, content in files.items() if not name.endswith(".py")})
    return f"{len(files)} modules compiled."


def source(drop: tuple[str, ...] = (), keep: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The modules of /source.zip by name, without those that begin like one of ``drop`` and not like one of ``keep``."""
    with zipfile.ZipFile("/source.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".py") and (name.startswith(keep) or not name.startswith(drop))]
        return {name: archive.read(name) for name in names}


def library() -> str:
    """The standard library without what /drop.txt names, and PyScript's own modules from /pyscript."""
    lines = [line.strip() for line in Path("/drop.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
    keep = tuple(line[1:] for line in lines if line.startswith("!"))
    drop = tuple(line for line in lines if not line.startswith("!"))
    pyscript = {f"pyscript/{path.name}": path.read_bytes() for path in Path("/pyscript").iterdir()}
    return write(source(drop, keep) | pyscript, "/lib/python314.zip")


_FILES = ("_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "io", "os", "posixpath", "site", "stat")
CORE = frozenset((*_FILES, "encodings/__init__", "encodings/aliases", "encodings/utf_8"))
"""What Python imports before ``sitecustomize``: only this must be where Python itself looks."""


def program() -> str:
    """Part the library (/library.zip, as :func:`library` wrote it) and the program (/source.zip) for a fast start.

    /compiled is the program's archive: marshalled modules as /page_import.py takes them, gzipped, the library's among them. /core.zip is
    the rest of the library: what Python needs before page_import runs, and page_import itself.
    """
    modules: dict[str, tuple[str, bytes]] = {}
    core: dict[str, bytes] = {}
    with zipfile.ZipFile("/library.zip") as archive:
        for path in archive.namelist():
            content = archive.read(path)
            name, _, suffix = path.rpartition(".")
            if name in CORE or suffix != "pyc":
                core[path] = content
            else:
                add(modules, name, content[HEADER:])
    with zipfile.ZipFile("/source.zip") as archive:
        for path in sorted(archive.namelist()):
            name, _, suffix = path.partition(".")
            if suffix == "py":
                add(modules, name, code(archive.read(path), path))
            else:
                modules[name.replace("/", ".")] = ("extension", archive.read(path))
    core["sitecustomize.pyc"] = compiled(Path("/page_import.py").read_bytes(), "page_import.py")
    pack("/core.zip", core)
    Path("/compiled").write_bytes(gzip.compress(marshal.dumps(modules), 9, mtime=0))
    return f"{len(modules)} modules compiled."


def add(modules: dict[str, tuple[str, bytes]], name: str, content: bytes) -> None:
    """Take in a module of this path, without its suffix."""
    is_package = name.endswith("/__init__")
    modules[name.removesuffix("/__init__").replace("/", ".")] = ("package" if is_package else "module", content)
