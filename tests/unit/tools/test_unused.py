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
    assert [(one.room, one.name, one.kind, one.where) for one in unused.search(unused.all_seen(tmp_path, {}))] == [
        ("app", "dead", "function", "app/one.py:1"),
        ("app", "tested", "function", "app/one.py:3"),
        ("tests", "helper", "function", "tests/test_one.py:2"),
    ]


def test_only_what_was_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier run kept is judged as if it had been read; a change shows, and what cannot be read is nothing."""
    monkeypatch.setattr(unused, "KEPT", tmp_path / "build" / "kept")
    (tmp_path / "app").mkdir()
    one, two = tmp_path / "app" / "one.py", tmp_path / "app" / "two.py"
    one.write_text("def dead(): ...\n")
    two.write_text("def other(): ...\n")
    assert unused.kept() == {}
    unused.keep(first := unused.all_seen(tmp_path, {}))
    known = unused.kept()
    assert known == first
    two.write_text("dead()\n")
    again = unused.all_seen(tmp_path, known)
    assert again["app/one.py"] is known["app/one.py"]
    assert [one.name for one in unused.search(known)] == ["dead", "other"]
    assert unused.search(again) == []
    unused.KEPT.write_bytes(b"no msgpack")
    assert unused.kept() == {}


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
