"""Write dist/: the page as plain files for any static host, under any path."""

import shutil
import sys
from pathlib import Path

from tools import filelist

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
ROOT_FILES = ("index.html", "LICENSE")


def main() -> int:
    """Copy what the page asks for, and nothing else."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for name in ROOT_FILES:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, DIST / name)
    files = filelist.page_files(ROOT)
    (DIST / "pyscript.toml").write_text(filelist.with_files((ROOT / "pyscript.toml").read_text(), files))
    for path in ["app/main.py", *files]:
        (DIST / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, DIST / path)
    shutil.copytree(ROOT / "static", DIST / "static", ignore=shutil.ignore_patterns("node_modules", "package*.json", ".*"))
    (DIST / ".nojekyll").touch()
    total = sum(path.stat().st_size for path in DIST.rglob("*") if path.is_file())
    print(f"dist/ is ready: {total / 1e6:.1f} MB in {sum(1 for path in DIST.rglob('*') if path.is_file())} files.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
