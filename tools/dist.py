"""Write dist/: the page as plain files for any static host, under any path."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools import filelist

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
COPIED = ("index.html", "LICENSE", "app/main.py")


def program(target: Path) -> None:
    """Write the program's modules, compiled by the page's own Python, into one archive: one request, nothing to compile at the start."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources.zip"
        with zipfile.ZipFile(sources, "w") as archive:
            for path in filelist.page_files(ROOT):
                archive.write(ROOT / path, path)
        subprocess.run(["node", str(ROOT / "tools" / "compile.mjs"), "program", str(target), str(sources)], check=True, stdout=sys.stderr)


def write(target: Path) -> None:
    """Put what the page asks for, and nothing else, into ``target``, which is made anew. static/vendor must be up to date."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "app").mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, target / name)
    shutil.copytree(ROOT / "static", target / "static", ignore=shutil.ignore_patterns("node_modules", "package*.json", ".*"))
    program(target / "app.zip")
    (target / "pyscript.toml").write_text(filelist.with_files((ROOT / "pyscript.toml").read_text(), {"./app.zip": "./*"}))
    (target / ".nojekyll").touch()  # GitHub Pages: serve the files as they are


def main() -> int:
    """Write dist/ and say how large it is."""
    write(DIST)
    sizes = [path.stat().st_size for path in DIST.rglob("*") if path.is_file()]
    print(f"dist/ is ready: {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
