"""The map in docs/architecture.md is drawn from the imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import architecture
from tools.circles import graph, modules


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A program of two rooms, one with packages, and an entry."""
    files = {
        "main.py": '"""The entry."""\nimport app.ui\n',
        "core/__init__.py": '"""Rules. And more."""\n',
        "core/queue/__init__.py": '"""The queue:\n  lanes."""\n',
        "core/queue/lanes.py": "from app.core.base import text\n",
        "core/base/__init__.py": '"""Words."""\n',
        "core/base/text.py": "",
        "ui/__init__.py": '"""Views."""\nfrom app.core.queue import lanes\nfrom app.core import base\n',
    }
    for name, text in files.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_map_shows_rooms_and_packages(tree: Path) -> None:
    """Each with its sentence; arrows between them; a module beside the rooms is shown by itself."""
    made = architecture.drawn(modules(tree), graph(tree))
    assert [line.strip() for line in made.splitlines() if "-->" in line] == ["main --> ui", "ui --> core", "queue --> base"]
    assert "## core\n\nRules.\n" in made
    assert "| `core/queue` | The queue: lanes. |" in made
    assert "## main\n\nThe entry.\n" in made


def test_arrows_that_follow_from_others_are_left_out() -> None:
    """Those of a circle are not: nothing else would show it."""
    assert architecture.reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
    circle = {"a": {"b", "c"}, "b": {"a", "c"}, "c": set()}
    assert all(circle[one] & {"a", "b"} <= found for one, found in architecture.reduced(circle).items())


def test_only_the_map_is_written_anew() -> None:
    """What people wrote around it stays; without its place nothing is written."""
    page = f"Before\n{architecture.START}old{architecture.END}after\n"
    assert architecture.with_map(page, "new") == f"Before\n{architecture.START}\nnew\n{architecture.END}after\n"
    with pytest.raises(ValueError, match="has lost"):
        architecture.with_map("Before\n", "new")


def test_a_stale_map_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that mends it."""
    page = tree / "architecture.md"
    page.write_text(f"{architecture.START}{architecture.END}")
    monkeypatch.setattr(architecture, "PAGE", page)
    monkeypatch.setattr(architecture, "modules", lambda: modules(tree))
    monkeypatch.setattr(architecture, "graph", lambda: graph(tree))
    assert architecture.main(["--check"]) == 1
    assert "python -m tools.architecture" in capsys.readouterr().err
    assert (architecture.main([]), architecture.main(["--check"])) == (0, 0)
