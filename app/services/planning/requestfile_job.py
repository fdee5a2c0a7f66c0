"""Going over a file of requests as a job: each line is checked; when they are to be queued, they are stored as they are read, and are the
queue's in one commit at the end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from app.core.base.findings import Finding
from app.core.bodies.bodychecker import BodyChecker
from app.core.bodies.requests import LineRun
from app.core.datasets import limits
from app.core.datasets.encodings import UTF8, TextDecoding
from app.core.datasets.table import RowFault
from app.core.model import keys
from app.core.model.lanes import Endpoint, Lane
from app.core.model.providers import Profile
from app.core.model.sendings import QueuedRows
from app.core.openai import kinds
from app.core.planning.report import RunGatherer
from app.core.planning.rowrequests import Unplannable
from app.core.programs import folder
from app.core.programs.judging import JudgedMessage, MessageJudge, Place
from app.core.programs.requestlines import RequestLines
from app.ports import PutBytes
from app.ports.compute import Job, JobKind
from app.services.planning.storing import QueueStoring
from app.services.runtime.records import Records

_LINES: Final = 100
"""Lines with one finding that are kept by number."""


class RequestFileOrder(msgspec.Struct, frozen=True):
    """Whose requests they are and for which provider. ``encoding``: the file's; ``queued``: they are to be added to the queue; that this is
    under way (QueueingRows) was stored before."""

    record: QueuedRows
    profile: Profile
    encoding: str = UTF8
    queued: bool = False


class LaneOfFile(msgspec.Struct, frozen=True):
    """The requests of a file for one endpoint and model; ``size`` in bytes."""

    endpoint: str
    model: str
    requests: int
    size: int


class AdvisedLines(msgspec.Struct, frozen=True):
    """What is to be said of lines that are taken anyway. ``lines``: the first of ``count``, by number."""

    sentence: str
    remedy: str
    count: int
    lines: tuple[int, ...]


class RequestFileReport(msgspec.Struct, frozen=True):
    """What is in a file of requests. ``record`` is what is kept when they are queued; of ``record.left_out`` lines at fault ``faults`` has
    the first; ``converted``: how many lines were written in which other way; ``targets``: lines that name a place for their result."""

    record: QueuedRows
    lanes: tuple[LaneOfFile, ...]
    faults: tuple[RowFault, ...] = ()
    converted: dict[str, int] = {}
    advised: tuple[AdvisedLines, ...] = ()
    targets: int = 0


TAKE_REQUESTS: Final = JobKind("planning.requests", RequestFileOrder, RequestFileReport, (Unplannable,))


async def take_requests(job: Job, order: RequestFileOrder) -> RequestFileReport:
    """The job's file holds the requests. Raises Unplannable where none can be queued, what reading a file raises, and what the store
    raises: then nothing is in the queue, and what was stored is to be cleared."""
    file, record = job.files[0], order.record
    lines = RequestLines(file.blob.size, MessageJudge(order.profile, _Checks(order.profile)), Place(record.id, record.file))
    storing = QueueStoring(Records(await job.store()), record, job.clock.now()) if order.queued else None
    kept = _Kept(storing)
    decoding = None if order.encoding == UTF8 else TextDecoding(order.encoding, job.libraries.decode, strict=False)
    content, digest = await file.open(), sha256()
    async with nullcontext() if storing is None else storing.runs:
        while True:
            piece = content.read(limits.PIECE)
            last = not piece
            digest.update(piece)
            if decoding is not None:
                piece = decoding.feed(piece, last=last).encode("utf-8", "surrogatepass")
            for one in lines.feed(piece, last=last):
                if one is not None:
                    await kept.take(one)
                if job.over():
                    job.moved(min(content.tell(), lines.size), lines.size)
                    await job.rest()
            job.moved(min(content.tell(), lines.size), lines.size)
            if last:
                break
        await kept.last()
    record = replace(
        record,
        requests=kept.requests,
        left_out=lines.faults.count,
        named=bool(kept.cut),
        digest=digest.hexdigest(),
    )
    if storing is not None:
        if not storing.segments:
            raise Unplannable("No line of this file can be sent as it is. Nothing was added to the queue.")
        await job.rest()  # the last moment at which it can be called off
        await storing.end(record, [PutBytes(keys.sent_rows_id(record.id), msgspec.json.encode(kept.cut))] if kept.cut else [])
    return RequestFileReport(record, kept.lanes(), tuple(lines.faults.kept), dict(lines.converted), _advised(lines), lines.targets)


class _Checks:
    """Checks bodies in full, whatever their endpoint: core.programs.judging.Check."""

    def __init__(self, profile: Profile) -> None:
        self._official = kinds.is_strict(profile)
        self._checkers: dict[Endpoint, BodyChecker] = {}

    def __call__(self, endpoint: Endpoint, _body: dict[str, Any], data: bytes) -> Sequence[Finding]:
        found = self._checkers.get(endpoint)
        if found is None:
            found = self._checkers[endpoint] = BodyChecker(endpoint, official=self._official)
        return found.check(data)


class _Kept:
    """Requests that are good: counted by lane, and stored where they are to be queued."""

    def __init__(self, storing: QueueStoring | None) -> None:
        self._storing = storing
        self._gatherers: dict[Lane, RunGatherer] = {}
        self._lanes: dict[Lane, list[int]] = {}
        self.requests = 0
        self.cut: list[tuple[int, str]] = []
        """Which of the requests, from 0, have an id that is longer than theirs here can be, and that id."""

    async def take(self, one: JudgedMessage) -> None:
        """One more."""
        sums = self._lanes.setdefault(one.lane, [0, 0])
        sums[0] += 1
        sums[1] += len(one.line)
        if len(one.caller_id) > folder.WHOLE:
            self.cut.append((self.requests, one.caller_id))
        self.requests += 1
        if self._storing is None:
            return
        line = LineRun((one.message.custom_id,), (len(one.line),), one.line)
        for run in self._gatherers.setdefault(one.lane, RunGatherer()).extend(line):
            await self._storing.run(one.lane, run)

    async def last(self) -> None:
        """There are no more."""
        for lane, gatherer in self._gatherers.items():
            if self._storing is not None and (run := gatherer.last()):
                await self._storing.run(lane, run)

    def lanes(self) -> tuple[LaneOfFile, ...]:
        """The largest first."""
        found = [LaneOfFile(lane.endpoint, lane.model, requests, size) for lane, (requests, size) in self._lanes.items()]
        return tuple(sorted(found, key=lambda one: (-one.requests, one.model, one.endpoint)))


def _advised(lines: RequestLines) -> tuple[AdvisedLines, ...]:
    return tuple(
        AdvisedLines(one.sentence, one.remedy, one.count, tuple(lines.findings.rows_of(one.key)[:_LINES]))
        for one in lines.findings.groups()
    )
