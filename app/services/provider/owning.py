"""To which batch of this browser a batch at the provider belongs, where a person said so: stored in the commit that says it.

Two tabs may bring one batch of the provider's, or bind it to two batches of theirs, at the same moment. Both write this record, so the
store's compare-and-set lets one of them be first, and the other one sees whose it is.
"""

from __future__ import annotations

from app.core.batches import adopting
from app.core.batches.pipeline import Bound, Event
from app.core.model.batches import Batch, RemoteOwner
from app.core.model.remote import Remote
from app.ports import Change
from app.services.runtime.records import Records, put


class OwnedByOther(Exception):
    """The batch at the provider is another one of this browser, which ``batch`` is."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch.id)
        self.batch = batch


async def bound(records: Records, batch: Batch, event: Event) -> list[Change]:
    """What is to be committed with an event about a batch: where it binds the batch, whose the one at the provider is. Raises
    OwnedByOther."""
    return [await owned(records, batch, event.remote)] if isinstance(event, Bound) else []


async def owned(records: Records, batch: Batch, remote: Remote) -> Change:
    """The change that makes a batch at the provider this batch's, to be committed with what says so. Raises OwnedByOther where it is
    another's that is here and was not given up."""
    id = f"{batch.lane.profile}|{remote.id}"
    stored = await records.get(RemoteOwner, id)
    if stored is not None and stored.value.batch != batch.id:
        other = await records.get(Batch, stored.value.batch)
        if other is not None and adopting.Index([other.value]).has(remote.id):
            raise OwnedByOther(other.value)
    return put(RemoteOwner(id=id, batch=batch.id), stored.rev if stored is not None else 0)
