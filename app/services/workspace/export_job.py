"""Exporting as a job: the file is packed apart from the page."""

from __future__ import annotations

import msgspec

from app.ports.compute import Job, JobKind
from app.services.runtime.records import Records
from app.services.workspace.export import ExportContended, ExportFacts, Outgoing


class ExportOrder(msgspec.Struct, frozen=True):
    """Of what kind of file the person asks for. ``spare``: byte runs that the workspace does not need; ``sealed``: API keys under a
    passphrase, or nothing."""

    spare: frozenset[str] = frozenset()
    sealed: str = ""


EXPORT = JobKind("workspace.export", ExportOrder, ExportFacts, (ExportContended,))


async def export(job: Job, order: ExportOrder) -> ExportFacts:
    """The result's bytes are the file. Raises ExportContended, and what the store raises."""
    outgoing = Outgoing(Records(await job.store()), job.packer, job.clock, job.random)
    made = await outgoing.export(order.spare, order.sealed, job.moved)
    job.hand(made.blob)
    return ExportFacts(name=made.name, records=made.records, runs=made.runs, size=made.size, on_their_way=made.on_their_way)
