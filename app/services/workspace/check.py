"""Reading a file wholly before anything of it is stored: whether it is fit, what it holds, and what of it is damaged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import msgspec

from app.core.activity.log import LogPage
from app.core.base import text
from app.core.batches import capacity, pipeline
from app.core.batches.durations import History
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.annotations import AnnotatedRows
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.entries import RecordEntry, decoded
from app.core.model.judging import Evaluation, Expectation
from app.core.model.providers import MOST_PRICE, Limits, ModelList, Profile
from app.core.model.records import Record
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows
from app.core.model.settings import Automatic, BrokerSettings, Preferences
from app.core.model.templates import Template, TemplateVersion
from app.core.model.threads import Thread
from app.core.model.tries import DatasetTries
from app.core.openai import base_urls
from app.core.openai.wire import Blob
from app.core.programs import folder, rabbit
from app.core.programs.intake import target_fault
from app.core.programs.message import IntakeCounters, OutboxEntry, ProgramMessage, Programs, ResultFile
from app.core.workspace import scope
from app.core.workspace.archive import STRANGE, Frame, Head, InvalidArchive, Reader
from app.ports import Clock, FileDamaged, Files, FileStrange, Table
from app.services.practice.blobs import BlobManifest
from app.services.runtime.slices import Slicer

_KINDS: dict[str, type[Record]] = {
    "annotations": AnnotatedRows,
    "evaluation": Evaluation,
    "expectation": Expectation,
    "profile": Profile,
    "preferences": Preferences,
    "modellist": ModelList,
    "history": History,
    "automatic": Automatic,
    "brokersettings": BrokerSettings,
    "dataset": Dataset,
    "limits": Limits,
    "intake": IntakeCounters,
    "programs": Programs,
    "queuedrows": QueuedRows,
    "template": Template,
    "templateversion": TemplateVersion,
    "tries": DatasetTries,
    Table.THREADS: Thread,
    Table.SEGMENTS: Segment,
    Table.BATCHES: Batch,
    Table.EVENTS: LogPage,
    Table.HANDED: ProgramMessage,
    Table.NEWS: OutboxEntry,
}
_PARTS = 1_000_000
_MOST_ROWS = 1_000_000_000
_SAID = 20
"""Findings that are told one by one."""


class ContentFrame(msgspec.Struct, frozen=True):
    """A byte run in the file: its size in bytes, and where its frame begins. Of several with one id the last counts."""

    size: int
    at: int


class Checked(msgspec.Struct):
    """A file that is fit to be imported. ``findings`` are sentences about what of it is damaged; the rest is whole."""

    head: Head
    entries: list[RecordEntry]
    runs: dict[str, ContentFrame]
    sealed: str = ""
    findings: list[str] = []
    size: int = 0
    threads: int = 0
    queued: int = 0
    batches: int = 0
    on_their_way: int = 0
    answered: int = 0


async def frames(files: Files, clock: Clock, blob: Blob, reader: Reader, moved: Callable[[int, int], None]) -> AsyncIterator[Frame]:
    """The file's frames in slices, to the end. Raises InvalidArchive, FileUnreadable."""
    slicer = Slicer(clock)
    try:
        async for piece in files.unpack(blob, moved):
            for frame in reader.feed(piece):
                yield frame
                if slicer.over():
                    await slicer.rest()
    except FileStrange:
        raise InvalidArchive("strange", STRANGE if blob.size else "The file is empty. Nothing was imported.") from None
    except FileDamaged as error:
        raise InvalidArchive(
            "damaged", f"The file is damaged or not complete ({error}). Nothing was imported; copy or export it again."
        ) from None
    reader.close()


async def check(files: Files, clock: Clock, blob: Blob, moved: Callable[[int, int], None]) -> Checked:
    """Read the file to its end; nothing is stored. Raises InvalidArchive, FileUnreadable."""
    reader = Reader()
    entries: dict[tuple[str, str], RecordEntry] = {}
    runs: dict[str, ContentFrame] = {}
    sealed, findings, size = "", list[str](), 0
    async for frame in frames(files, clock, blob, reader, moved):
        facts = frame.facts
        size += facts.size
        if facts.kind == "bytes":
            runs[facts.id] = ContentFrame(facts.size, frame.at)
        elif facts.kind == "record":
            entry = frame.entry
            wrong, kept = _judged(entry, facts.rev, entries)
            if wrong:
                findings.append(f"{facts.table}/{facts.id} at byte {text.number(frame.at)}: {wrong}")
            if kept:
                entries[entry.key] = entry
        elif facts.kind == "keys":
            sealed = frame.content.decode(errors="replace")
        else:
            findings.append(f"A part of an unknown kind (“{facts.kind}”) at byte {text.number(frame.at)}: it is left out.")
    assert reader.head is not None  # noqa: S101  # the reader has closed
    found = Checked(reader.head, list(entries.values()), runs, sealed, findings, size)
    await _count(found, Slicer(clock))
    return found


def _judged(entry: RecordEntry, rev: int, known: dict[tuple[str, str], RecordEntry]) -> tuple[str, bool]:
    """What is wrong with a record, as a sentence, and whether it is kept anyway."""
    if entry.table not in {table.value for table in Table}:
        return "It belongs to a table that this Nightshift does not know: it is left out.", False
    if rev < 1 or not entry.id:
        return "It has no id or no revision: it is left out.", False
    if entry.key in known:
        return "It occurs twice: the first one counts.", False
    if scope.is_local(entry):
        return "It belongs to one browser only: it is left out.", False
    if entry.table == Table.PRACTICE and not (_remembered(entry) if entry.id == "brain" else _shelved(entry)):
        return "It cannot be read: it is left out.", False
    if entry.table == Table.SETTINGS and entry.owner != entry.id.partition(":")[0]:
        return "Its owner contradicts its id: it is left out.", False
    kind = _KINDS.get(entry.owner if entry.table == Table.SETTINGS else entry.table)
    if kind is None:
        return ("", True) if _readable(entry) else ("It cannot be read: it is left out.", False)
    try:
        value = jsonread.typed(entry.doc, kind, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable as error:
        return f"It cannot be read ({error}): it is left out.", False
    wrong = _contradiction(entry, value)
    return (f"{wrong} It is left out.", False) if wrong else ("", True)


def _readable(entry: RecordEntry) -> bool:
    """Whether a record of a kind that this program does not know is JSON at all."""
    try:
        jsonread.value(entry.doc, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable:
        return False
    return True


def _remembered(entry: RecordEntry) -> bool:
    """Whether what the practice provider remembers is an object."""
    try:
        return isinstance(jsonread.value(entry.doc, depth=jsonread.OWN_DEPTH), dict)
    except jsonread.Unreadable:
        return False


def _shelved(entry: RecordEntry) -> bool:
    """Whether a content of the practice provider is noted as its shelf notes it (services.practice.blobs)."""
    try:
        return jsonread.typed(entry.doc, BlobManifest).pieces <= _PARTS
    except jsonread.Unreadable:
        return False


def _contradiction(entry: RecordEntry, value: Record) -> str:
    """Why a record that can be read would still do harm; nothing if it would not. No record of ours is like that: the file was changed."""
    expected = f"{entry.owner}:{value.id}" if entry.table == Table.SETTINGS else value.id
    if expected != entry.id:
        return "Its id contradicts its text."
    match value:
        case Profile():
            for address in (value.base_url, *value.also):
                if wrong := base_urls.check_base_url(address):
                    return wrong
            if value.practice:
                return "It claims to be the practice provider, which is part of the page."
            return "" if value.max_requests >= 1 and value.max_bytes >= 1 else "Its limits are below 1."
        case BrokerSettings():
            return rabbit.address_fault(value.address) if value.transport == "stomp" and value.address else ""
        case Limits():
            figures = [*value.own.values(), *(one.tokens for one in value.stated.values())]
            if not all(1 <= tokens <= capacity.MOST for tokens in figures):
                return "Its limits are not numbers of tokens."
            amounts = [amount or 0.0 for one in value.prices for amount in (one.input, one.cached, one.output)]
            return "" if all(0 <= amount <= MOST_PRICE for amount in amounts) else "Its prices are not amounts in dollars."
        case Dataset():
            counts = [count for one in value.versions for count in (one.number, one.rows, one.runs)]
            return "" if ":" not in value.id and all(0 <= count <= _MOST_ROWS for count in counts) else "It counts impossible rows."
        case Batch():
            if value.state != entry.state:
                return "Its state contradicts its text."
            return "" if all(0 <= file.segments <= _PARTS for file in value.fetched) else "It counts impossible parts."
        case ProgramMessage():
            if (value.state, value.batch) != (entry.state, entry.owner):
                return "Its state contradicts its text."
            if isinstance(value.target, ResultFile):
                return "" if folder.is_input(value.target.file) else "Its result goes to a file that cannot exist."
            return fault.detail if (fault := target_fault(value.target)) else ""
        case Segment():
            return _bad_segment(entry, value)
    return ""


def _bad_segment(entry: RecordEntry, value: Segment) -> str:
    if value.owner != entry.owner or not (keys.in_batch(value.owner) or keys.names_lane(value.owner)):
        return "Its owner contradicts its text."
    ends = [0, *value.ends]
    rising = all(one <= other for one, other in pairwise(ends))
    fits = len(value.ids) == len(value.ends) and all(0 <= i < len(value.ids) for i in value.gone)
    counted = all(len(one) in (0, len(value.ids)) and min(one, default=0) >= 0 for one in (value.tokens, value.inputs))
    return "" if rising and fits and counted else "Its lines contradict each other."


async def _count(found: Checked, slicer: Slicer) -> None:
    lost = 0
    for one in found.entries:
        if one.table == Table.THREADS:
            thread = decoded(Thread, one)
            found.threads += thread is not None and not thread.deleted
        elif one.table == Table.SEGMENTS and (segment := decoded(Segment, one)) is not None:
            here = segment.bytes_id in found.runs and found.runs[segment.bytes_id].size == segment.size
            lost += 0 if here else segment.live
            found.queued += segment.live if keys.in_queue(segment.owner) else 0
        elif one.table == Table.BATCHES and (batch := decoded(Batch, one)) is not None:
            found.batches += 1
            found.on_their_way += batch.state not in pipeline.FINAL
            found.answered += batch.tally.answered
        if slicer.over():
            await slicer.rest()
    if lost:
        found.findings.append(f"The text of {text.count(lost, 'request')} is not in the file: it was missing where the file was made.")
    if len(found.findings) > _SAID:
        found.findings[_SAID:] = [f"… and {text.number(len(found.findings) - _SAID)} more."]
