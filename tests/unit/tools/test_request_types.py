"""The structs of request bodies are those that the pinned SDK's types make."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import request_types


@pytest.mark.slow
def test_the_structs_are_current() -> None:
    """What lies in app/core/bodies/request_types is what the tool writes today; a new version of the SDK is written anew with its lock."""
    assert request_types.stale() == [], "run: python -m tools.request_types"


def test_what_is_stale_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that differs, one that is missing and one that is left over; the package's own is not looked at."""
    monkeypatch.setattr(request_types, "made", lambda: {"same.py": "a", "other.py": "b", "missing.py": "c"})
    for name, text in (("same.py", "a"), ("other.py", "x"), ("old.py", "y"), ("__init__.py", "z")):
        (tmp_path / name).write_text(text)
    assert request_types.stale(tmp_path) == ["missing.py", "old.py", "other.py"]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    """Generated ones as well: they are split."""
    lengths = {path.name: path.read_text().count("\n") for path in request_types.TARGET.glob("*.py")}
    assert len(lengths) > 6
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
