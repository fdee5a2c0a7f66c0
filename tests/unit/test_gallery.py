"""The gallery has every view and dialog, and shows what the unit tests draw."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from app.services.results.shown import Opened
from app.ui.base.dialogs import Aside
from app.ui.base.state import View
from tests import gallery
from tests.states.drawn import VIEWS, draw

ROOT = Path(__file__).resolve().parents[2]


def dialogs() -> set[type]:
    """What every capability holds while a dialog of it is open; and a request in full, which the services make."""
    modules = [importlib.import_module(f"app.ui.{path.parent.name}.dialogs") for path in sorted((ROOT / "app" / "ui").glob("*/dialogs.py"))]
    found = {one for each in modules for one in vars(each).values() if isinstance(one, type) and one.__module__ == each.__name__}
    return {one for one in found if issubclass(one, msgspec.Struct)} - {Aside} | {Opened}


@pytest.mark.slow
def test_every_view_and_dialog_has_a_state() -> None:
    """Nothing that can be seen is missing; each view is there with nothing in it as well, but one batch, which needs a batch."""
    found = gallery.pieces()
    assert {one.view for one in found} == set(get_args(View))
    assert {f"{view} at the first start" for view in get_args(View) if view != "batch"} <= {one.name for one in found}
    assert set(VIEWS) == set(get_args(View)) - {"batch"}
    assert {type(one.state.dialog) for one in found if one.state.dialog is not None} == dialogs()


@pytest.mark.slow
def test_no_two_pieces_share_a_file() -> None:
    """Each state has its own pages and screenshots."""
    stems = [one.stem for one in gallery.pieces()]
    assert len(stems) == len(set(stems)) > 80


@pytest.mark.slow
def test_pages_are_what_is_drawn(tmp_path: Path) -> None:
    """Each page holds the markup of its state under the page's own style sheet, and the index leads to it and to its screenshots."""
    found = gallery.pieces("queue")
    gallery.write(found, tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for one in found:
        assert draw(one.state) in (tmp_path / f"{one.stem}.html").read_text(encoding="utf-8")
        assert all(f'href="{shot}"' in index for shot in one.shots())
        assert len(one.shots()) == 4
    for name in ("tokens.css", "base.css", "parts.css", "views.css", "nightshift.css"):
        assert (tmp_path / "css" / name).read_bytes() == (ROOT / "static" / "css" / name).read_bytes()


def test_a_word_that_no_state_has(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and nothing that was written before is taken away."""
    assert gallery.main(["--only", "no such state"]) == 1
    assert "no such state" in capsys.readouterr().err
