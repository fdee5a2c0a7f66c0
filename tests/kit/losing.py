"""Takes segment records of a batch away from a tab, and brings them back, as damage and the settings do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from app.core.model.segments import Segment
from app.ports import Table
from app.services.runtime.damage import Damage, Quarantine
from tests.kit.world import Tab, World

How = Literal["damaged", "aside"]


class Losing:
    """``lose`` makes records unreadable (and sets them aside); ``back`` makes all as it was."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._were: dict[str, str] = {}
        self._aside: list[str] = []

    def of(self, batch_id: str) -> list[Segment]:
        """The segments of a batch, in order, as they are stored whole."""
        return self._world.segments(f"batch:{batch_id}")

    async def lose(self, tab: Tab, segments: Sequence[Segment], how: How) -> None:
        table = self._world.disk.records[Table.SEGMENTS]
        for one in segments:
            self._were[one.id] = table[one.id].doc
            table[one.id] = replace(table[one.id], doc="{" + table[one.id].doc[40:])
        await tab.records.all(Segment)
        if how == "aside":
            quarantine = Quarantine(tab.store, tab.clock, self._world.random)
            for damaged in list(Damage.of(tab.store).found.values()):
                kept = await quarantine.set_aside(damaged)
                assert kept is not None
                self._aside.append(kept.id)

    async def back(self, tab: Tab) -> None:
        quarantine = Quarantine(tab.store, tab.clock, self._world.random)
        for id in self._aside:
            assert await quarantine.put_back(id)
        table = self._world.disk.records[Table.SEGMENTS]
        for id, doc in self._were.items():
            table[id] = replace(table[id], doc=doc)
        self._aside, self._were = [], {}
        await tab.records.all(Segment)
        assert not Damage.of(tab.store).found
