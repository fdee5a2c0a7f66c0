"""The import contract: who may know whom."""

import ast
import subprocess
import sys
from pathlib import Path

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


def test_contracts_are_kept() -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    command = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_only_adapters_import_the_browser() -> None:
    """No file outside app/adapters imports js, pyodide or pyscript, not even inside a function."""
    outside = [path for path in sorted((ROOT / "app").rglob("*.py")) if not path.is_relative_to(ROOT / "app" / "adapters")]
    assert len(outside) > 10
    offenders = {path.relative_to(ROOT).as_posix(): names for path in outside if (names := imported(path.read_text()) & PLATFORM)}
    assert offenders == {}


def test_the_check_itself_sees_hidden_imports() -> None:
    """An import inside a function, and one of a submodule, are seen."""
    assert imported("def f():\n    import js\n    from pyodide.ffi import to_js\n") == {"js", "pyodide"}
