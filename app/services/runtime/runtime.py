"""What all services of one tab share."""

from __future__ import annotations

import msgspec

from app.ports import Clock, Random, Store
from app.services.runtime.log import Log
from app.services.runtime.records import Records
from app.services.runtime.tasks import Tasks


class Runtime(msgspec.Struct, frozen=True):
    """One for each tab, and so one of each of these for each tab."""

    records: Records
    """Typed records over the tab's store."""
    clock: Clock
    random: Random
    tasks: Tasks
    """Background work, and the boundary that hears of what fails."""
    log: Log
    """The writer of the log."""

    @classmethod
    def over(cls, store: Store, clock: Clock, random: Random, tasks: Tasks) -> Runtime:
        """Everything again over a store."""
        records = Records(store)
        return cls(records, clock, random, tasks, Log(records, clock, random))
