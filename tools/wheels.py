"""The page's Python packages: wheels fetched by pip against hashes, and the lock file that Pyodide reads them by."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

PYTHON = "3.14"
PLATFORM = "pyemscripten_2026_0_wasm32"
"""The wheel tag of the pinned Pyodide (its own pyodide-lock.json has the rest of the information)."""


def download(lock: Path, into: Path) -> None:
    """Put the wheels that ``lock`` names into the folder ``into``. Raises CalledProcessError when pip finds none or a hash differs."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(into)),
            *("--requirement", str(lock), "--require-hashes", "--no-deps", "--only-binary=:all:"),
            *("--python-version", PYTHON, "--platform", PLATFORM, "--platform", "any"),
        ],
        check=True,
    )


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entry(wheel: Path, known: frozenset[str]) -> dict[str, Any]:
    """The wheel's record in Pyodide's lock file; of its dependencies those in ``known``."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = Parser().parsestr(archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode())
    code = [name for name in names if ".dist-info/" not in name]
    modules = {name.split("/")[0].removesuffix(".py") for name in code if "/" in name or name.endswith(".py")}
    wanted = (re.match(r"[A-Za-z0-9._-]+", line) for line in metadata.get_all("Requires-Dist") or [] if "extra ==" not in line)
    return {
        "name": normal(metadata["Name"]),
        "version": metadata["Version"],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(modules),
        "depends": sorted({normal(match.group()) for match in wanted if match} & known),
        "unvendored_tests": False,
        "shared_library": False,
    }


UNUSED = (
    *(
        "json_repair/__main__",
        "mistune/__main__",
        "mistune/directives/",
        "mistune/renderers/_list",
        "mistune/renderers/markdown",
        "mistune/renderers/rst",
        "mistune/toc",
    ),
    *(f"mistune/plugins/{name}" for name in ("abbr", "def_list", "math", "ruby", "speedup", "spoiler")),
)
"""Beginnings of modules that the program never imports (app/core/results/markdown.py and repairing.py say what it does)."""


def library(wheel: Path, into: Path) -> Path:
    """Write the modules of a wheel into the folder ``into``, as a zip that is named after what is imported; return its path. The same
    wheel gives the same bytes."""
    with zipfile.ZipFile(wheel) as archive:
        modules = {
            name: archive.read(name) for name in sorted(archive.namelist()) if name.endswith((".py", ".so")) and not name.startswith(UNUSED)
        }
    target = into / f"{next(iter(modules)).split('/')[0]}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, content in modules.items():
            out.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target


def pyodide_lock(wheels: list[Path], stock: Path) -> str:
    """JSON for Pyodide's ``lockFileContents``: our wheels, under the platform information of ``stock`` (npm's pyodide-lock.json)."""
    known = frozenset(normal(wheel.name.split("-")[0]) for wheel in wheels)
    entries = [entry(wheel, known) for wheel in sorted(wheels)]
    information = json.loads(stock.read_text())["info"]
    return json.dumps({"info": information, "packages": {found["name"]: found for found in entries}}, indent=1)
