"""What finds dead code finds it, and its list of exceptions cannot grow old."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import unused
from tools.unused import Allowed, Found


def test_what_nothing_uses_is_found(tmp_path: Path) -> None:
    """In app also what only a test calls; in tests what no test calls."""
    for room in ("app", "tools", "tests"):
        (tmp_path / room).mkdir()
    (tmp_path / "app" / "one.py").write_text("def dead(): ...\ndef live(): ...\ndef tested(): ...\nlive()\n")
    (tmp_path / "tests" / "test_one.py").write_text("from app.one import tested\ndef helper(): ...\ndef test_it(): tested()\n")
    assert [(one.room, one.name, one.kind, one.where) for one in unused.search(tmp_path)] == [
        ("app", "dead", "function", "app/one.py:1"),
        ("app", "tested", "function", "app/one.py:3"),
        ("tests", "helper", "function", "tests/test_one.py:2"),
    ]


def test_exceptions_are_of_their_room_and_must_be_needed() -> None:
    """One that lets nothing through is told."""
    found = [Found("app", "handle_data", "method", "tools/x.py:1"), Found("app", "dead", "function", "app/x.py:2")]
    let = [Allowed("app", "handle_*", "html.parser"), Allowed("tests", "dead", "elsewhere")]
    assert unused.judged(found, let) == (found[1:], let[1:])


def test_an_exception_needs_a_reason() -> None:
    """Else nobody could judge it later."""
    assert unused.allowed("# of what\n\napp/ one   who uses it\n") == [Allowed("app", "one", "who uses it")]
    for line in ("app/ one", "app/ one  ", "one  why", "tools/ one  why"):
        with pytest.raises(ValueError, match="A line is"):
            unused.allowed(line)
