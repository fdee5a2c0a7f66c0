"""Names say what a thing is, wherever they are read."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app"


def classes(*rooms: str) -> dict[str, list[str]]:
    """Public classes of these rooms by name, each with the modules that define one."""
    found: dict[str, list[str]] = defaultdict(list)
    for room in rooms:
        for path in sorted((APP / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(path.relative_to(APP).as_posix())
    return found


def test_a_class_of_core_or_services_has_its_name_alone() -> None:
    """Who reads ``Plan`` or ``Verdict`` knows which is meant. A private class is seen in its module only, so its name may occur again."""
    found = classes("core", "services")
    assert len(found) > 200
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
