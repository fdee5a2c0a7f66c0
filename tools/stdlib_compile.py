"""Run inside Pyodide by tools/stdlib.mjs: /source.zip and /pyscript, without what /drop.txt names, compiled into /stdlib.zip.

The last expression is a sentence for the build's output.
"""

import importlib.util
import marshal
import zipfile
from pathlib import Path

FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552: Python does not look for the source again
LEAN = 2  # no docstrings, no assert


def kept(name: str, drop: tuple[str, ...], keep: tuple[str, ...]) -> bool:
    """Whether the page's library has this file."""
    return name.endswith((".py", ".json")) and (name.startswith(keep) or not name.startswith(drop))


def compiled(source: bytes, path: str) -> bytes:
    """The .pyc for a module's source."""
    code = compile(source, path, "exec", dont_inherit=True, optimize=LEAN)
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + marshal.dumps(code)


def build() -> str:
    """Write /stdlib.zip; return what it holds."""
    lines = [line.strip() for line in Path("/drop.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
    keep = tuple(line[1:] for line in lines if line.startswith("!"))
    drop = tuple(line for line in lines if not line.startswith("!"))
    with zipfile.ZipFile("/source.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if kept(name, drop, keep)}
    files |= {f"pyscript/{path.name}": path.read_bytes() for path in Path("/pyscript").iterdir()}
    with zipfile.ZipFile("/stdlib.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            is_module = name.endswith(".py")
            info = zipfile.ZipInfo(f"{name}c" if is_module else name, FIRST_ZIP_DAY)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, compiled(files[name], f"/lib/python314.zip/{name}") if is_module else files[name])
    return f"{len(files)} modules of the standard library compiled"


build()
