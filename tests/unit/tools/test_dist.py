"""``make run`` builds the page anew when anything that it is made of has changed, and only then."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from tests.contract.test_build import SOURCES
from tools import dist

ROOT = Path(__file__).resolve().parents[3]
MADE_BY_VENDOR = "static/vendor"
"""Its own stamp says of what it was made (tools/vendor.py)."""


def inputs() -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in dist.inputs()}


def test_every_single_file_that_a_build_needs_is_looked_at() -> None:
    """The list of the reproducible build is complete, or that build would fail elsewhere: of it, every file, and of every folder the part
    that goes into the page. tsconfig.json is one: esbuild reads it."""
    files = {name for name in SOURCES if (ROOT / name).is_file()}
    assert {"tsconfig.json", "LICENSE", "index.html", "pyscript.toml"} <= files
    assert files <= inputs()
    assert f"{MADE_BY_VENDOR}/.nightshift" in inputs()
    for folder in ("static/css", "static/icons", "static/js"):
        assert {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()} <= inputs()


def test_every_tool_that_makes_the_page_is_looked_at() -> None:
    """Those that tools/dist.py imports, and what these import, and every script that one of them has Node or Pyodide run."""
    found, open_ones = set[str](), ["dist.py"]
    while open_ones:
        name = open_ones.pop()
        if name in found or name == "vendor.py":  # what it makes has a stamp
            continue
        found.add(name)
        text = (ROOT / "tools" / name).read_text("utf-8")
        mentioned = re.findall(r"[\"'/]([a-z_]+\.(?:mjs|py))[\"']", text)
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.module == "tools":
                    mentioned += [f"{one.name}.py" for one in node.names]
        open_ones += [one for one in mentioned if (ROOT / "tools" / one).is_file()]
    assert {f"tools/{name}" for name in found} <= inputs()


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["tsconfig.json", "LICENSE", "static/package.json", "tools/pack.mjs", "static/css/base.css", ""])
def test_a_change_of_one_file_alone_builds_the_site_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """And without a change nothing is built."""
    for path in dist.inputs():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copy(path, copy)
        else:
            copy.touch()
    (tmp_path / "app" / "page.txt").touch()
    built: list[Path] = []

    def write(target: Path) -> str:
        target.mkdir(parents=True, exist_ok=True)
        built.append(target)
        return "build"

    monkeypatch.setattr(dist, "ROOT", tmp_path)
    monkeypatch.setattr(dist, "SITE", tmp_path / "build" / "site")
    monkeypatch.setattr(dist, "write", write)
    dist.site()
    dist.site()
    assert len(built) == 1
    if changed:
        with (tmp_path / changed).open("a", encoding="utf-8") as file:
            file.write("\n")
    dist.site()
    assert len(built) == (2 if changed else 1)
