"""Make static/vendor: PyScript, Pyodide, the compiled standard library, the page's wheels and libraries, from lock files.

``python -m tools.vendor`` does nothing when nothing that it is made from has changed. It fetches through npm and pip only, against hashes.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
MODULES = STATIC / "node_modules"
VENDOR = STATIC / "vendor"
PAGE_LOCK = ROOT / "tools" / "locks" / "page.txt"
DEMAND_LOCK = ROOT / "tools" / "locks" / "demand.txt"
TOOLS = ["vendor.py", "wheels.py", "licences.py", "bundle.mjs", "compile.mjs", "page_compile.py", "library_drop.txt"]
NPM_INPUTS = [STATIC / "package.json", STATIC / "package-lock.json", STATIC / ".npmrc"]
BUNDLED = ["boot.mjs", "code-editor.mjs", "parquet-rows.mjs", "parquet-worker.mjs", "token-counts.mjs", "tokens-worker.mjs"]
"""Scripts of our own that are bundled with libraries."""
INPUTS = [*NPM_INPUTS, PAGE_LOCK, DEMAND_LOCK, *(STATIC / "js" / name for name in BUNDLED), *(ROOT / "tools" / name for name in TOOLS)]


def digest(files: list[Path]) -> str:
    """One hash for the files' names and content."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def fresh(stamp: Path, inputs: list[Path]) -> bool:
    """Whether ``stamp`` was written for these inputs as they are now."""
    return stamp.is_file() and stamp.read_text() == digest(inputs)


def install_modules() -> None:
    """Bring static/node_modules to the lock file. No package's script is run."""
    stamp = MODULES / ".nightshift"
    if fresh(stamp, NPM_INPUTS):
        return
    subprocess.run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=STATIC, check=True)
    stamp.write_text(digest(NPM_INPUTS))


def build(out: Path) -> None:
    """Make the whole folder at ``out``."""
    # Imported here: the usual run finds everything fresh and needs neither.
    from tools import licences, wheels

    pyodide = out / "pyodide"
    pyodide.mkdir(parents=True)
    wheels.download(PAGE_LOCK, pyodide)
    found = sorted(pyodide.glob("*.whl"))
    (pyodide / "lock.json").write_text(wheels.pyodide_lock(found, MODULES / "pyodide" / "pyodide-lock.json"))
    subprocess.run(["node", str(ROOT / "tools" / "compile.mjs"), "library", str(pyodide / "stdlib.zip")], check=True)
    subprocess.run(["node", str(ROOT / "tools" / "bundle.mjs"), str(out)], check=True)
    (out / "LICENSES.txt").write_text(licences.text(MODULES, found + on_demand(out)))


def on_demand(out: Path) -> list[Path]:
    """Write the libraries that the page fetches when it needs them (app/adapters/libraries.py), each as a zip; return their wheels."""
    from tools import wheels

    folder = out.with_name("demand")
    shutil.rmtree(folder, ignore_errors=True)
    wheels.download(DEMAND_LOCK, folder)
    found = sorted(folder.glob("*.whl"))
    for wheel in found:
        wheels.library(wheel, out)
    return found


def refuse(why: str) -> int:
    """Print the sentence; return the exit status."""
    print(why, file=sys.stderr)
    return 1


def main() -> int:
    """Vendor when needed; 1 and a sentence when a tool is missing or fails."""
    stamp = VENDOR / ".nightshift"
    if fresh(stamp, INPUTS):
        return 0
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return refuse(f"Nightshift needs Node.js 20 or newer to prepare the page once; {tool} was not found.")
    print("Preparing the page's libraries (once, about half a minute) …", flush=True)
    part = ROOT / "build" / "vendor"
    shutil.rmtree(part, ignore_errors=True)
    try:
        install_modules()
        build(part)
    except subprocess.CalledProcessError as error:
        name = Path(error.cmd[0]).name
        return refuse(f"The page's libraries could not be prepared: {name} ended with {error.returncode}; its own words are above.")
    (part / stamp.name).write_text(digest(INPUTS))
    shutil.rmtree(VENDOR, ignore_errors=True)
    part.rename(VENDOR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
