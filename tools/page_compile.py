"""Run inside Pyodide by tools/compile.mjs: compile Python sources for the page, with the page's own Python.

Works on files of Pyodide's own file system: /source.zip in, /compiled out.
"""

import gzip
import importlib.util
import marshal
import zipfile
from pathlib import Path

FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552: Python does not look for the source again
LEAN = 2  # no docstrings, no assert


def code(source: bytes, path: str) -> bytes:
    """The marshalled code of a module's source; ``path`` is what tracebacks name."""
    return marshal.dumps(compile(source, path, "exec", dont_inherit=True, optimize=LEAN))


def compiled(source: bytes, path: str) -> bytes:
    """The .pyc for a module's source."""
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + code(source, path)


def write(files: dict[str, bytes], home: str) -> str:
    """Write ``files`` by name into a zip at /compiled, modules compiled as if they lay under ``home``; return a sentence about it.

    The same files give the same bytes.
    """
    with zipfile.ZipFile("/compiled", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            is_module = name.endswith(".py")
            info = zipfile.ZipInfo(f"{name}c" if is_module else name, FIRST_ZIP_DAY)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, compiled(files[name], f"{home}/{name}") if is_module else files[name])
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


def program() -> str:
    """The program's archive: every module of /source.zip as /page_import.py takes it.

    Two marshalled objects, gzipped: the code of page_import, and the ``modules`` that its ``install`` is given.
    """
    with zipfile.ZipFile("/source.zip") as archive:
        files = {name: archive.read(name) for name in sorted(archive.namelist())}
    modules = {}
    for path, content in files.items():
        name, _, suffix = path.partition(".")
        dotted = name.replace("/", ".")
        if suffix != "py":
            modules[dotted] = ("extension", content)
        elif name.endswith("/__init__"):
            modules[dotted.removesuffix(".__init__")] = ("package", code(content, path))
        else:
            modules[dotted] = ("module", code(content, path))
    entry = compile(Path("/page_import.py").read_bytes(), "page_import.py", "exec", dont_inherit=True, optimize=LEAN)
    Path("/compiled").write_bytes(gzip.compress(marshal.dumps(entry) + marshal.dumps(modules), 9, mtime=0))
    return f"{len(modules)} modules compiled."
