"""Circles of imports between the modules of app/: prints them and refuses those that are no deliberate exception.

    python -m tools.circles

Every import counts, also one inside a function or under TYPE_CHECKING: two modules that know each other are one module in two files,
wherever in them that is written. (import-linter keeps the direction between rooms and packages: pyproject.toml.)
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]

EXCEPTIONS: Final[dict[str, str]] = {}
"""Circles that are let be, with the reason: those of which every module's name begins so. One that is not needed any more is refused."""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """The modules of app/ and their files, by their dotted names."""
    found: dict[str, Path] = {}
    for path in sorted((root / "app").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, source: str, known: Mapping[str, object], *, package: bool = False) -> set[str]:
    """Which of the ``known`` modules the module ``name`` imports, wherever in its source. ``package``: it is an ``__init__``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = name.split(".")
                stem = here[: len(here) - node.level + package]
                base = ".".join([*stem, *([base] if base else [])])
            found.update(whole if (whole := f"{base}.{alias.name}") in known else base for alias in node.names)
    return {one for one in found if one in known and one != name}


def graph(root: Path = ROOT) -> dict[str, set[str]]:
    """Every module of app/ with the modules of app/ that it imports."""
    known = modules(root)
    return {
        name: imports(name, path.read_text(encoding="utf-8"), known, package=path.name == "__init__.py") for name, path in known.items()
    }


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules of which each leads to each other, sorted."""
    ahead = {name: _ahead(name, edges) for name in edges}
    groups = {frozenset(other for other in ahead[name] if name in ahead[other]) for name in edges if name in ahead[name]}
    return sorted(sorted(group) for group in groups)


def _ahead(name: str, edges: Mapping[str, set[str]]) -> set[str]:
    """Every module that this one leads to; itself only where it is in a circle."""
    found: set[str] = set()
    todo = [name]
    while todo:
        fresh = edges[todo.pop()] - found
        found |= fresh
        todo += fresh
    return found


def refused(found: list[list[str]], exceptions: Mapping[str, str] = EXCEPTIONS) -> list[str]:
    """What is wrong with these circles, as sentences: one for each that is no exception, and for each exception that has no circle."""
    said: list[str] = []
    used: set[str] = set()
    for group in found:
        prefix = next((one for one in exceptions if all(name.startswith(one) for name in group)), None)
        if prefix is None:
            said.append(f"These {len(group)} modules import each other: {', '.join(group)}")
        else:
            used.add(prefix)
    said += [f"No circle begins with {one!r} any more: take it out of EXCEPTIONS." for one in exceptions if one not in used]
    return said


def main() -> int:
    """Print the circles; 1 where there is one that is no exception."""
    edges = graph()
    found = circles(edges)
    print(f"{len(edges)} modules, {sum(map(len, edges.values()))} imports between them, {len(found)} circles")
    for group in found:
        print(f"  {len(group)} modules: {', '.join(group)}")
    for prefix, reason in EXCEPTIONS.items():
        print(f"let be: {prefix}* ({reason})")
    for sentence in (wrong := refused(found)):
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
