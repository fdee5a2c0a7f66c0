"""Write dist/: the page as plain files for any static host, under any path."""

import shutil
import sys
from pathlib import Path

from tools import filelist

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
ROOT_FILES = ("index.html", "LICENSE")


def write(target: Path) -> None:
    """Copy what the page asks for, and nothing else, into ``target``, which is made anew."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in ROOT_FILES:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, target / name)
    files = filelist.page_files(ROOT)
    (target / "pyscript.toml").write_text(filelist.with_files((ROOT / "pyscript.toml").read_text(), files))
    for path in ["app/main.py", *files]:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target / path)
    shutil.copytree(ROOT / "static", target / "static", ignore=shutil.ignore_patterns("node_modules", "package*.json", ".*"))
    (target / ".nojekyll").touch()  # GitHub Pages: serve the files as they are


def main() -> int:
    """Write dist/ and say how large it is."""
    write(DIST)
    sizes = [path.stat().st_size for path in DIST.rglob("*") if path.is_file()]
    print(f"dist/ is ready: {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
