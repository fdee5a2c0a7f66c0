"""The import contract: who may know whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tools.circles import EXCEPTIONS, circles, graph, imports, modules, refused

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = {"js", "pyodide", "pyodide_js", "pyscript", "_pyscript", "polyscript"}


def imported(source: str) -> set[str]:
    """Top-level names of all modules that ``source`` imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.slow
def test_contracts_are_kept() -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    command = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
def test_only_adapters_import_the_browser() -> None:
    """No file outside app/adapters imports js, pyodide or pyscript, not even inside a function."""
    outside = [path for path in sorted((ROOT / "app").rglob("*.py")) if not path.is_relative_to(ROOT / "app" / "adapters")]
    assert len(outside) > 10
    offenders = {path.relative_to(ROOT).as_posix(): names for path in outside if (names := imported(path.read_text()) & PLATFORM)}
    assert offenders == {}


def test_no_module_is_long() -> None:
    """None of the program's modules has more than 400 lines; about 150 are usual."""
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in (ROOT / "app").rglob("*.py")}
    assert {path: count for path, count in lines.items() if count > 400} == {}


def test_the_check_itself_sees_hidden_imports() -> None:
    """An import inside a function, and one of a submodule, are seen."""
    assert imported("def f():\n    import js\n    from pyodide.ffi import to_js\n") == {"js", "pyodide"}


@pytest.mark.slow
def test_no_modules_import_each_other() -> None:
    """There is no circle between modules of app/ but the exceptions in tools/circles.py, each with its reason, and each still needed."""
    assert refused(circles(graph())) == []
    assert all(reason for reason in EXCEPTIONS.values())


def test_a_circle_is_found_and_refused() -> None:
    """Also one over several modules, beside modules that only lead into it or out of it."""
    edges: dict[str, set[str]] = {"into": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a", "out"}, "out": set(), "x.1": {"x.2"}, "x.2": {"x.1"}}
    found = circles(edges)
    assert found == [["a", "b", "c"], ["x.1", "x.2"]]
    assert refused(found, {"x.": "a reason"}) == ["These 3 modules import each other: a, b, c"]
    assert refused(found[1:], {"x.": "a reason", "y.": "another"}) == ["No circle begins with 'y.' any more: take it out of EXCEPTIONS."]
    assert circles({"a": {"b"}, "b": set()}) == []


def test_every_way_to_import_counts() -> None:
    """A module or what it holds, inside a function, for types only, and relative."""
    known = dict.fromkeys(("app.a", "app.b", "app.b.c", "app.d", "app.e", "app.f"))
    source = """
from typing import TYPE_CHECKING
from app.b import c, Other
from . import d
from .e import name
import json
if TYPE_CHECKING:
    import app.f
def later():
    from app.a import itself
"""
    assert imports("app.a", source, known) == {"app.b", "app.b.c", "app.d", "app.e", "app.f"}
    assert imports("app.b", "from . import c", known, package=True) == {"app.b.c"}
    assert len(modules()) > 300
