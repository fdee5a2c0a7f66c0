"""Build the page: plain files for any static host, under any path.

``python -m tools.dist`` writes dist/. ``python -m tools.dist --site`` brings build/site up to date, which ``make run`` serves; with
``--file`` also build/nightshift.html, the one file, which every suite of tests takes from there.

Everything but ``index.html`` lies in a folder that is named after its content (the *build*). So a browser or a host that kept files of an
earlier version can never mix two versions, and everything in that folder may be kept forever.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools import filelist, guide, inlining, onefile, serviceworker, vendor

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
SITE = ROOT / "build" / "site"
STAMP = ".inputs"
VENDORED = (
    "pyscript.mjs",
    "boot.mjs",
    "stomp.mjs",
    "amqp.mjs",
    "code-editor.mjs",
    "json_repair.zip",
    "mistune.zip",
    "python_calamine.zip",
    "parquet.mjs",
    "tokens-o200k.mjs",
    "tokens-cl100k.mjs",
    "LICENSES.txt",
    "pyodide",
)
TOOLS = (
    "dist.py",
    "filelist.py",
    "guide.py",
    "pack.mjs",
    "compile.mjs",
    "page_compile.py",
    "page_import.py",
    "inlining.py",
    "onefile.py",
    "serviceworker.py",
)
PROGRAM = "program.gz"
PACKAGES = 'packages = ["msgspec", "simple_html"]\npackages_cache = "passthrough"\n'
"""Lines of pyscript.toml that a build does without: the program's archive holds the packages."""
ADDRESS_OF_PYODIDE = 'interpreter = "./'
"""PyScript reads this one address of pyscript.toml relative to the page, all others relative to pyscript.toml."""


def program(target: Path, library: Path) -> None:
    """Write the program's archive: its own modules, those of the page's wheels and of ``library``, compiled by the page's own Python.

    It is one request, and nothing is compiled, unpacked or looked for at the start (tools/page_compile.py, page_import.py). In the place of
    ``library`` (stdlib.zip) is what must lie outside of the archive.
    """
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources.zip"
        with zipfile.ZipFile(sources, "w") as archive:
            for path in filelist.page_files(ROOT):
                archive.write(ROOT / path, path)
            for file in sorted((ROOT / "static" / "vendor" / "pyodide").glob("*.whl")):
                with zipfile.ZipFile(file) as wheel:
                    for name in wheel.namelist():
                        if name.endswith((".py", ".so")):
                            archive.writestr(name, wheel.read(name))
        files = [str(path) for path in (target, sources, library, library)]
        subprocess.run(["node", str(ROOT / "tools" / "compile.mjs"), "program", *files], check=True, stdout=sys.stderr)


def content(target: Path) -> None:
    """Put what the build consists of into the folder ``target``."""
    static = target / "static"
    shutil.copytree(ROOT / "static" / "icons", static / "icons")
    (static / "vendor").mkdir()
    for name in VENDORED:
        source = ROOT / "static" / "vendor" / name
        if source.is_dir():
            shutil.copytree(source, static / "vendor" / name, ignore=shutil.ignore_patterns("*.whl", "lock.json"))
        else:
            shutil.copy(source, static / "vendor" / name)
    guide.write(static / "vendor")
    subprocess.run(["node", str(ROOT / "tools" / "pack.mjs"), str(static)], check=True)
    (target / "app").mkdir()
    shutil.copy(ROOT / "app" / "main.py", target / "app" / "main.py")
    program(target / PROGRAM, static / "vendor" / "pyodide" / "stdlib.zip")
    config = (ROOT / "pyscript.toml").read_text()
    if PACKAGES not in config:
        raise ValueError(f"pyscript.toml no longer has the line {PACKAGES!r}")
    (target / "pyscript.toml").write_text(filelist.with_files(config.replace(PACKAGES, ""), {}))


def named(folder: Path) -> str:
    """The build's name: a quarter of a hash of the names and bytes of all its files, and of what the files beside it are made of."""
    total = hashlib.sha256()
    for source in (ROOT / "index.html", Path(inlining.__file__), serviceworker.SOURCE, Path(serviceworker.__file__)):
        total.update(source.read_bytes())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def addressed(html: str, build: str) -> str:
    """``html`` (index.html's text) with every address led into the build's folder."""
    for old in ('="static/', '="app/', '="pyscript.toml"'):
        if old not in html:
            raise ValueError(f"index.html no longer has an address that begins with {old}")
        html = html.replace(old, f'="{build}/{old[2:]}')
    return html.replace("<html ", f'<html data-build="{build}" data-program="{build}/{PROGRAM}" ', 1)


def served(html: str) -> str:
    """``html`` with what only a page on a server has: the manifest. Where there is one, static/js/updates.mjs keeps the page offline."""
    return html.replace("</head>", f'<link rel="manifest" href="{serviceworker.MANIFEST}">\n</head>', 1)


def write(target: Path) -> str:
    """Make the folder ``target`` again; return the build's name. static/vendor must be up to date."""
    shutil.rmtree(target, ignore_errors=True)
    part = target / "part"
    part.mkdir(parents=True)
    content(part)
    return finish(target, part)


def finish(target: Path, part: Path) -> str:
    """Name the content in the folder ``part`` of ``target``, and write what lies beside it; return the build's name."""
    build = named(part)
    part.rename(target / build)
    config = target / build / "pyscript.toml"
    config.write_text(config.read_text().replace(ADDRESS_OF_PYODIDE, f"{ADDRESS_OF_PYODIDE}{build}/"))
    html = addressed((ROOT / "index.html").read_text(), build)
    (target / "index.html").write_text(served(inlining.inlined(target, html)))
    serviceworker.write(target, build)
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    (target / ".nojekyll").touch()  # GitHub Pages: serve the files as they are
    return build


def inputs() -> list[Path]:
    """Every file that the page is made of, and what makes it."""
    static = [path for room in ("css", "icons", "js") for path in sorted((ROOT / "static" / room).rglob("*")) if path.is_file()]
    tools = [ROOT / "tools" / name for name in TOOLS]
    modules = [ROOT / path for path in filelist.page_files(ROOT)]
    return [
        ROOT / "index.html",
        ROOT / "pyscript.toml",
        ROOT / "LICENSE",
        ROOT / "tsconfig.json",  # esbuild reads it: strict code begins with "use strict"
        ROOT / "static" / "package.json",
        ROOT / "app" / "main.py",
        ROOT / "static" / "vendor" / ".nightshift",
        *modules,
        *static,
        *tools,
        *guide.sources(),
    ]


def site() -> Path:
    """build/site, made again when anything that it is made of has changed."""
    stamp = SITE / STAMP
    if not vendor.fresh(stamp, inputs()):
        print("Preparing the page (a few seconds) …", flush=True)
        write(SITE)
        stamp.write_text(vendor.digest(inputs()))
    return SITE


def one_file() -> Path:
    """build/nightshift.html, made again when anything that it is made of has changed."""
    target, stamp = ROOT / "build" / onefile.NAME, ROOT / "build" / ".onefile"
    if not (target.is_file() and vendor.fresh(stamp, inputs())):
        part = target.with_suffix(f".{os.getpid()}")  # two suites of tests may make it at once
        onefile.write(site(), part)
        part.replace(target)
        stamp.write_text(vendor.digest(inputs()))
    return target


def main(arguments: list[str]) -> int:
    """Write dist/ and say how large it is; or see to build/site and the one file."""
    if "--site" in arguments:
        site()
        if "--file" in arguments:
            one_file()
        return 0
    build = write(DIST)
    sizes = [path.stat().st_size for path in DIST.rglob("*") if path.is_file()]
    print(f"dist/ is ready: build {build}, {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files.")
    print(onefile.told(onefile.write(DIST)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
