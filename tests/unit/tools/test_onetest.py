"""``make t T=…`` finds what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.onetest import chosen, main


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A unit test file and a journey."""
    for name, text in {
        "unit/core/test_capacity.py": "def test_never_over_the_limit() -> None: ...\n",
        "e2e/test_queue.py": "class TestQueue:\n    async def test_a_limit_is_shown(self) -> None: ...\n",
    }.items():
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        ("tests/unit/core/test_capacity.py::test_x", ["tests/unit/core/test_capacity.py::test_x"]),
        ("tests/unit", ["tests/unit"]),
        ("capacity", ["tests/unit/core/test_capacity.py"]),
        ("test_queue.py", ["tests/e2e/test_queue.py"]),
        ("limit", ["tests/e2e/test_queue.py", "tests/unit/core/test_capacity.py", "-k", "limit"]),
        ("limit is", ["tests/e2e/test_queue.py", "-k", "limit and is"]),
        ("nothing", []),
        ("", []),
    ],
)
def test_a_file_a_test_or_a_word(tree: Path, word: str, arguments: list[str]) -> None:
    """Only files that can hold it are given to pytest: reading them all takes longer than most tests."""
    assert chosen(word, tree) == arguments


def test_what_is_nowhere_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With what can be named."""
    assert main(["no", "such", "thing", "at", "all"]) == 1
    assert "“no such thing at all”" in capsys.readouterr().err
