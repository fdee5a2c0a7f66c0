"""Classes and fields are renamed here freely; what lies on people's disks is not."""

from __future__ import annotations

from pathlib import Path

from app.core.model import stored_names
from app.core.model.stored_names import StoredAs
from app.ports import Table
from tests.kit import stored

FROZEN = (Path(__file__).parents[3] / "data" / "stored.txt").read_text("utf-8").splitlines()
"""Tables, names, fields, tags and words that were published. Lines are added, never changed or removed."""


def test_what_was_published_keeps_its_name() -> None:
    """Names of kinds, of fields, tags of unions and words of choices are those of the list. What is new is added to it, at the end of its
    kind."""
    now = [line for kind in stored.kinds() for line in stored.lines(kind)]
    assert set(FROZEN) - set(now) == set(), "no longer read, although it lies on people's disks"
    assert set(now) - set(FROZEN) == set(), "new: add these lines to tests/data/stored.txt"


def test_every_kind_has_one_line_of_the_table_and_every_line_one_kind() -> None:
    """No two kinds lie under one name, and none is left over."""
    names = [one for one in vars(stored_names).values() if isinstance(one, StoredAs)]
    assert sorted(names) == sorted(kind.stored for kind in stored.kinds())
    assert len({one.name for one in names}) == len(names)
    assert {one.table for one in names} <= set(Table)
