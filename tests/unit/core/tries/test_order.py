"""In which order tries stand beside a prompt."""

from __future__ import annotations

from app.core.base.ids import series
from app.core.model.tries import TriedRow
from app.core.tries.tried import PRESS, by_press


def pressed(now: float, token: str, positions: list[int]) -> list[TriedRow]:
    """What one press of the button asks."""
    ids = series("t", now, token, len(positions))
    return [TriedRow(id, position + 1, position=position) for id, position in zip(ids, positions, strict=True)]


def test_one_press_stands_in_the_order_of_the_rows_and_the_newest_press_first() -> None:
    """However the answers came; two ways of asking one row stand as they were asked."""
    old = pressed(1_700_000_000.0, "aaaaaaaa", list(range(40)))
    new = pressed(1_700_000_000.0, "bbbbbbbb", [7, 7, 3])
    found = by_press([*reversed(old), new[2], new[0], new[1]])
    assert [one.position for one in found] == [3, 7, 7, *range(40)]
    assert [one.id for one in found[1:3]] == [new[0].id, new[1].id]
    assert {len({one.id[:PRESS] for one in press}) for press in (old, new)} == {1}
    assert by_press([]) == []
