"""What ``make build`` writes follows from the sources alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "app",
    "tools",
    "static/css",
    "static/icons",
    "static/js",
    "static/vendor",
    "static/package.json",
    "tsconfig.json",  # esbuild reads it: strict code begins with "use strict"
    "index.html",
    "pyscript.toml",
    "LICENSE",
    "docs/README.md",
    "docs/guide",
    "docs/reference",
)
LONG_AGO = 1_000_000_000


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def elsewhere(folder: Path) -> Path:
    """The sources in another folder, as if they were from another day."""
    for name in SOURCES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "static" / "node_modules").symlink_to((ROOT / "static" / "node_modules").resolve())
    for path in folder.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def test_two_builds_give_the_same_bytes(host: Path, tmp_path: Path) -> None:
    """From another folder, on another day, in another time zone, with other hashes in Python: dist/ is the same, the one file included."""
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    copy = elsewhere(tmp_path / "somewhere else")
    built = subprocess.run([sys.executable, "-m", "tools.dist"], cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    first, second = contents(host / "nightshift"), contents(copy / "dist")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert "nightshift.html" in first
