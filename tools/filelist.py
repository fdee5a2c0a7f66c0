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


def with_files(config: str, files: list[str]) -> str:
    """``config`` (pyscript.toml's text) with the list replaced. Raises ValueError when its two comment lines are missing."""
    before, start, rest = config.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{CONFIG.name} has lost the comments around its list of files.")
    return before + START + "".join(f'"./{path}" = "{path}"\n' for path in files) + END + after


def main(arguments: list[str]) -> int:
    """Write or check."""
    old = CONFIG.read_text()
    new = with_files(old, page_files(ROOT))
    if old == new:
        return 0
    if "--check" in arguments:
        print("pyscript.toml does not list the files under app/ as they are. Run: python -m tools.filelist", file=sys.stderr)
        return 1
    CONFIG.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
