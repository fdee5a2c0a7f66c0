"""Job: the answers to a file of requests, as the provider's lines under the file's own ids."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from app.core.batches import pipeline
from app.core.batches.ledger import LedgerUnreadable
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.sendings import QueuedRows
from app.core.programs import delivery, folder
from app.ports.compute import Job, JobKind
from app.services.batches.ledgers import Ledgers
from app.services.runtime.records import Records

_CLOCKS: Final = 86_400.0
"""Seconds by which a machine's clock may have been set back between an addition to the queue and its batch."""
_NO_LEDGER: Final = "The outcomes of its requests can't be read. Its answers can be read again on the page of the batch."
_NO_LINE: Final = "Its line is missing from the browser's storage. It can be downloaded again while the provider has it."


class RequestFileAnswers(msgspec.Struct, frozen=True):
    """What was written: a line for each of ``lines`` requests, of which ``answered`` have an answer. The others of ``requests`` have no
    line yet."""

    requests: int
    lines: int
    answered: int


class _Line(NamedTuple):
    """Where the line of a request stands, and the custom_id that its file has for it."""

    bytes_id: str
    begin: int
    end: int
    custom_id: str
    answered: bool


WRITE_FILE_ANSWERS: Final = JobKind("results.requests", QueuedRows, RequestFileAnswers, ())


async def write_file_answers(job: Job, run: QueuedRows) -> RequestFileAnswers:
    """The job's bytes are the file, in the order in which the answers lie here. A request that was sent again has the line of its answer;
    without one, its last. What is damaged keeps nothing else back: it is reported as a fault of the job."""
    store = await job.store()
    records = Records(store)
    ids = _Ids(run, await _cut(job, records, run))
    found: dict[str, _Line] = {}
    batches = [one.value for one in await records.all(Batch)]
    for batch in sorted(batches, key=lambda one: (one.created, one.id)):
        if batch.created >= run.at - _CLOCKS and batch.state in pipeline.FETCHED and not pipeline.has_no_ledger(batch):
            await _of_batch(job, records, batch, ids, found)
    written = answered = 0
    data, held = b"", ""
    for one in sorted(found.values(), key=lambda one: (one.bytes_id, one.begin)):
        if one.bytes_id != held:
            (loaded,) = await store.load([one.bytes_id])
            data, held = loaded or b"", one.bytes_id
        if len(data) < one.end:
            job.fault(one.custom_id, _NO_LINE)
        else:
            await job.write(delivery.renamed(data[one.begin : one.end].strip(), one.custom_id) + b"\n")
            written += 1
            answered += one.answered
        if job.over():
            job.moved(written, len(found))
            await job.rest()
    return RequestFileAnswers(run.requests, written, answered)


async def _of_batch(job: Job, records: Records, batch: Batch, ids: _Ids, found: dict[str, _Line]) -> None:
    try:
        ledger = await Ledgers(records, job.clock).read(batch)
    except LedgerUnreadable:
        job.fault(batch.name or batch.id, _NO_LEDGER)
        return
    for row, id in enumerate(ledger.ids):
        if job.over():
            await job.rest()
        if not (custom_id := ids.of(id)):
            continue
        place = ledger.place_of(row)
        answered = ledger.outcome_of(row).name == "ANSWERED"
        if place is not None and (answered or custom_id not in found or not found[custom_id].answered):
            bytes_id = keys.answer_id(batch.id, place.file, place.segment)
            found[custom_id] = _Line(bytes_id, place.offset, place.offset + place.length, custom_id, answered)


class _Ids:
    """Tells the requests of a file from others. ``cut``: its ids that are too long to stand in those of the requests."""

    def __init__(self, run: QueuedRows, cut: list[str]) -> None:
        self._run = run
        self._cut = {folder.own_id(run.id, run.file, id): id for id in cut}

    def of(self, id: str) -> str:
        """The custom_id that the file has for a request; "" for one of anything else."""
        return self._cut.get(id) or folder.custom_id_in(self._run.id, self._run.file, id)


async def _cut(job: Job, records: Records, run: QueuedRows) -> list[str]:
    if not run.named:
        return []
    (data,) = await records.store.load([keys.sent_rows_id(run.id)])
    try:
        return [id for _, id in jsonread.typed(data or b"[]", list[tuple[int, str]])]
    except jsonread.Unreadable:
        job.fault(run.file, "Its ids of more than 490 characters can no longer be read: the answers to those requests are left out.")
        return []
