"""Keep pyscript.toml's list of the program's files: every module under app/ but the entry script and the local server.

``python -m tools.filelist`` rewrites the list, ``--check`` only says whether it is right (exit status 1 when not).
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "pyscript.toml"
START = "# The program's files, written by tools/filelist.py.\n[files]\n"
END = "# End of the program's files.\n"
OUTSIDE = ("app/main.py", "app/gateway/")
"""What the page does not import: its own entry script and the server."""


def page_files(root: Path) -> list[str]:
    """Paths from ``root`` of the modules that the page loads, sorted."""
    found = sorted(path.relative_to(root).as_posix() for path in (root / "app").rglob("*.py"))
    return [path for path in found if not path.startswith(OUTSIDE)]


def each(files: list[str]) -> dict[str, str]:
    """Every file from its own path to the same path in the page's Python."""
    return {f"./{path}": path for path in files}


def with_files(config: str, files: dict[str, str]) -> str:
    """``config`` (pyscript.toml's text) with the list replaced. Raises ValueError when its two comment lines are missing."""
    before, start, rest = config.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{CONFIG.name} has lost the comments around its list of files.")
    return before + START + "".join(f'"{address}" = "{path}"\n' for address, path in files.items()) + END + after


def main(arguments: list[str]) -> int:
    """Write or check."""
    old = CONFIG.read_text()
    new = with_files(old, each(page_files(ROOT)))
    if old == new:
        return 0
    if "--check" in arguments:
        print("pyscript.toml does not list the files under app/ as they are. Run: python -m tools.filelist", file=sys.stderr)
        return 1
    part = CONFIG.with_suffix(".part")
    part.write_text(new)
    part.replace(CONFIG)  # at once: a page that loads just now must not find half a file
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
