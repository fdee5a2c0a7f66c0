"""``make t T=…``: run what was named, of any suite, and stop at the first failure.

``T`` is a file or folder, a test as pytest names it (``file::test``), the middle of a test file's name (``capacity`` for
``test_capacity.py``), or words of a test's name. Only files that can hold it are read: one unit test has run after two seconds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PURE = ("tests/unit/",)
"""Suites that need nothing from npm."""


def chosen(word: str, root: Path = ROOT) -> list[str]:
    """pytest's arguments for what ``word`` names; none where nothing does."""
    place = word.partition("::")[0]
    if place and (root / place).exists():
        return [word]
    tests = [path for path in sorted((root / "tests").rglob("test_*.py")) if "node_modules" not in path.parts]
    names = {path: path.relative_to(root).as_posix() for path in tests}
    stem = re.escape(word.removeprefix("test_").removesuffix(".py"))
    if by_file := [names[path] for path in tests if re.fullmatch(f"test_{stem}", path.stem)]:
        return by_file
    wanted = re.compile(rf"^ *(?:async )?def test_\w*{'_'.join(map(re.escape, word.split()))}\w*\(", re.MULTILINE)
    found = [names[path] for path in tests if word and wanted.search(path.read_text(encoding="utf-8"))]
    return [*found, "-k", " and ".join(word.split())] if found else []


def main(arguments: list[str]) -> int:
    """Prepare what the chosen tests need, and become pytest."""
    word = " ".join(arguments).strip()
    if not (named := chosen(word)):
        print(f"No test file and no test is called “{word}”. T=… is a file, a folder, file::test, or a word of a name.", file=sys.stderr)
        return 1
    if not all(one.startswith(PURE) for one in named if one.startswith("tests")):
        subprocess.run(["make", "--no-print-directory", "vendor", "tests/data/node_modules/.made"], cwd=ROOT, check=True)
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *named])  # noqa: S606  # instead of this process


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
