"""The collector and modules that come late."""

from __future__ import annotations

from app.services.runtime.late_modules import LateModules


def test_late_modules_are_frozen_once_when_no_more_come() -> None:
    """Not while they are coming, not again without new ones, and not at the beginning."""
    there, frozen = [100], []
    late = LateModules(lambda: frozen.append(there[0]), lambda: there[0])
    for now in (100, 100, 150, 180, 180, 180, 181, 181):
        there[0] = now
        late.beat(None, 0)
    assert frozen == [180, 181]
