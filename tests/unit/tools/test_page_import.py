"""Importing from the program's archive, as the page's Python does it."""

import marshal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import page_import


def code(source: str) -> bytes:
    """A module's marshalled code."""
    return marshal.dumps(compile(source, "archived", "exec"))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An archive of a package with a module in it, and of a module that fails, installed."""
    file = tmp_path / "program"
    modules = {
        "archived_package": ("package", code("from archived_package.inner import word\nname = __name__")),
        "archived_package.inner": ("module", code("word = 'found'\npackage = __package__")),
        "archived_broken": ("module", code("1 / 0")),
    }
    file.write_bytes(marshal.dumps(modules))
    monkeypatch.setattr(page_import, "ARCHIVE", str(file))
    before, known = list(sys.meta_path), set(sys.modules)
    page_import.install()
    yield file
    sys.meta_path[:] = before
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_packages_and_their_modules(archive: Path) -> None:
    """A package finds its own modules, and they know where they belong."""
    package = __import__("archived_package")
    assert (package.word, package.name, package.inner.package) == ("found", "archived_package", "archived_package")
    assert package.__spec__ is not None
    assert package.__spec__.origin == "the program's archive"


def test_what_is_not_there_is_looked_for_elsewhere(archive: Path) -> None:
    """The rest of Python imports as before, and what is nowhere is no module."""
    assert __import__("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    with pytest.raises(ModuleNotFoundError):
        __import__("archived_package.nowhere")


def test_a_module_that_fails_is_not_kept(archive: Path) -> None:
    """An exception in a module leaves nothing half made."""
    with pytest.raises(ZeroDivisionError):
        __import__("archived_broken")
    assert "archived_broken" not in sys.modules


def test_the_file_is_gone(archive: Path) -> None:
    """The archive lives in memory from then on, once."""
    assert not archive.exists()
