"""Merging an imported workspace into this one. Pure: records in, records out; docs/workspace.md has the rules in prose.

Nothing that a person made is lost, a batch continues from the state that is further along, and a request that is in a batch on either side
does not wait in a queue as well. Records are changed through their JSON text, so that fields which this program does not know are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from app.core.activity.log import LogPage
from app.core.batches import pipeline
from app.core.batches.durations import History, joined
from app.core.model import keys, stored_names
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.entries import RecordEntry, decoded, rewritten, with_fields
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows
from app.core.model.templates import Template
from app.core.model.threads import Thread
from app.core.model.tries import DatasetTries
from app.core.programs.message import ProgramMessage
from app.core.workspace.archive import Head
from app.core.workspace.imports import Marks
from app.core.workspace.judged import WITH_DATASETS, both_annotations, followed
from app.core.workspace.membership import MembershipIndex
from app.core.workspace.merge_plan import FilterIncoming, Fresh, MergePlan, RemoveLocal
from app.core.workspace.renaming import IMPORTED
from app.core.workspace.scope import has_images, images_of, is_local

_RANK: Final = {
    state: rank
    for rank, states in enumerate(
        (
            ("adopting",),
            ("planned",),
            ("uploading",),
            ("uploaded",),
            ("waiting",),
            ("withdrawn",),  # from here on a batch may exist at the provider, and one that exists counts more than one that was withdrawn
            ("creating",),
            pipeline.LIVE,
            ("cancelling",),
            ("downloading",),
            ("reconciling",),
            ("done", "failed", "expired", "cancelled"),
        )
    )
    for state in states
}

_HANDED_RANK: Final = {state: rank for rank, state in enumerate(("waiting", "due", "kept", "failed", "delivered"))}


def unproven(entry: RecordEntry) -> RecordEntry:
    """A batch as it continues after it was imported or put back: what happened to it meanwhile, in another browser or in this one, is
    not known here. So it is looked for before it is created, and its requests are sent again by hand only (``Batch.unproven``). One
    that has ended, or that is simulated, stays as it is."""
    batch = decoded(Batch, entry) if entry.table == "batches" else None
    if batch is None or batch.practice or batch.unproven or batch.state in pipeline.FINAL:
        return entry
    created = {"doubt": True, "found_nothing": 0} if batch.state == "creating" and not batch.outcome_unknown else {}
    return rewritten(entry, {"unproven": True, **created})


def same(first: RecordEntry, second: RecordEntry) -> bool:
    """Whether two records have the same content; their revisions may differ."""
    return (first.doc, first.owner, first.state, first.order) == (second.doc, second.owner, second.state, second.order)


def changed_since(marks: Marks, theirs: Head) -> tuple[float, float]:
    """The times from which on a change of ours is news to them, and a change of theirs news to us; minus infinity where the two workspaces
    know nothing of each other."""
    made, known = marks.exports, {**marks.exports, **marks.imports}
    their_exports = {**theirs.exports, theirs.export: theirs.made}
    they_know = {**their_exports, **theirs.imports}
    return (
        max((at for id, at in made.items() if id in they_know), default=float("-inf")),
        max((at for id, at in their_exports.items() if id in known), default=float("-inf")),
    )


def further(first: Batch, first_rev: int, second: Batch, second_rev: int) -> bool:
    """Whether the first record of a batch is further along than the second."""
    return (_RANK[first.state], first_rev, first.updated) > (_RANK[second.state], second_rev, second.updated)


def _further_told(first: ProgramMessage, second: ProgramMessage) -> bool:
    """Whether the first record of a message is further along than the second."""
    return (_HANDED_RANK[first.state], first.made) > (_HANDED_RANK[second.state], second.made)


def merge(
    ours: Iterable[RecordEntry], theirs: Iterable[RecordEntry], runs: Iterable[str], news: tuple[float, float], fresh: Fresh
) -> MergePlan:
    """Bring ``theirs``, with its byte runs, into ``ours``. ``news`` comes from :func:`changed_since`. Names that mean something else here
    are others by now (core.workspace.renaming)."""
    return _Merge(list(ours), [entry for entry in theirs if not is_local(entry)], list(runs), news, fresh).plan


_OF_DATASETS = (*(stored_names.TEMPLATE.name, stored_names.QUEUED_ROWS.name, stored_names.TRIES.name), *WITH_DATASETS)


class _Merge:
    def __init__(
        self, ours: list[RecordEntry], theirs: list[RecordEntry], runs: list[str], news: tuple[float, float], fresh: Fresh
    ) -> None:
        self._runs, self._news, self._fresh = runs, news, fresh
        self.plan = MergePlan({entry.key: entry for entry in ours}, {}, [], [])
        self._target = self.plan.target
        self._copied: dict[str, str] = {}
        """Datasets of theirs that have another id here, by the one they had."""
        by_table: dict[str, list[RecordEntry]] = {}
        for entry in theirs:
            by_table.setdefault(entry.table, []).append(entry)
        self._settings(by_table.get("settings", []))
        ours_practise = ("practice", "brain") in self._target
        self._came_back: set[str] = set()
        self._practice(by_table.get("practice", []), ours_practise)
        self._threads(by_table.get("threads", []))
        taken = self._batches(by_table.get("batches", []), ours_practise)
        self._segments(by_table.get("segments", []), taken)
        self._want(id for id in self._runs if keys.run_of_batch(id) in taken)
        self._log(by_table.get("events", []))
        self._messages(by_table.get("handed", []))
        for entry in by_table.get("news", []):
            self._target.setdefault(entry.key, entry)

    def _want(self, ids: Iterable[str]) -> None:
        for id in ids:
            wanted = self.plan.runs.setdefault(id, [])
            if id not in wanted:
                wanted.append(id)

    # --- settings: ours stay; a provider at another address has another id by now (core.workspace.renaming)

    def _settings(self, theirs: list[RecordEntry]) -> None:
        for entry in sorted(theirs, key=lambda one: one.owner in _OF_DATASETS):  # after their datasets
            if entry.owner == "history":
                self._history(entry)
            elif entry.owner == stored_names.DATASET.name:
                self._dataset(entry)
            elif entry.owner == stored_names.TEMPLATE.name:
                self._template(entry)
            elif entry.owner == stored_names.QUEUED_ROWS.name:
                self._queued(entry)
            elif entry.owner == stored_names.TRIES.name:
                self._tries(entry)
            elif entry.owner == stored_names.ANNOTATIONS.name:
                self._target[entry.key] = both_annotations(self._target.get(entry.key), entry)
            else:
                self._target.setdefault((own := followed(entry, self._copied)).key, own)

    def _history(self, entry: RecordEntry) -> None:
        """How long batches took: both sides' together."""
        mine = self._target.get(entry.key)
        ours, theirs = decoded(History, mine) if mine else None, decoded(History, entry)
        if mine is None:
            self._target[entry.key] = entry
        elif ours is not None and theirs is not None and (both := joined(ours, theirs.runs)) != ours:
            self._target[entry.key] = rewritten(mine, {"runs": both.runs}, rev=mine.rev + 1)

    def _dataset(self, entry: RecordEntry) -> None:
        """A table: both stay where they are not of the same imports, theirs under an id of its own."""
        mine = self._target.get(entry.key)
        ours, theirs = decoded(Dataset, mine) if mine else None, decoded(Dataset, entry)
        if theirs is None:
            return  # damaged: what is here stays
        if ours is not None and ours.versions == theirs.versions:
            return
        runs = [id for id in self._runs if keys.dataset_of(id) == theirs.id]
        if mine is None:
            self._target[entry.key] = entry
            self._want(runs)
            return
        id = self._fresh("d")
        row_id = stored_names.row_id(stored_names.DATASET, id)
        copy = rewritten(entry, {"id": id, "name": theirs.name + IMPORTED}, id=row_id, rev=1)
        self._target[copy.key] = copy
        self._copied[theirs.id] = id
        for run in runs:
            self.plan.runs.setdefault(run, []).append(keys.of_another_dataset(run, id))

    def _queued(self, entry: RecordEntry) -> None:
        """Of which rows requests are: it follows its dataset to the id that it has here."""
        theirs = decoded(QueuedRows, entry)
        if theirs is None or entry.key in self._target:
            return
        copied = self._copied.get(theirs.dataset)
        self._target[entry.key] = entry if copied is None else rewritten(entry, {"dataset": copied})
        if theirs.named or theirs.follow is not None:
            self._want([keys.sent_rows_id(theirs.id)])

    def _tries(self, entry: RecordEntry) -> None:
        """The tries of a table: those of both sides, or theirs with the copy of their table."""
        theirs = decoded(DatasetTries, entry)
        if theirs is None:
            return
        if (id := self._copied.get(theirs.id)) is not None:
            copy = rewritten(entry, {"id": id}, id=stored_names.row_id(stored_names.TRIES, id), rev=1)
            self._target[copy.key] = copy
            return
        mine = self._target.get(entry.key)
        ours = decoded(DatasetTries, mine) if mine is not None else None
        known = {one.id for one in ours.rows} if ours is not None else set()
        fresh = [one for one in theirs.rows if one.id not in known]
        runs = {run for one in fresh for run in (keys.try_asked_id(theirs.id, one.id), keys.try_answer_id(theirs.id, one.id))}
        self._want(sorted(runs.intersection(self._runs)))
        if mine is None:
            self._target[entry.key] = entry
        elif ours is not None and fresh:
            both = sorted((*ours.rows, *fresh), key=lambda one: (one.asked, one.id))
            self._target[entry.key] = rewritten(mine, {"rows": msgspec.to_builtins(both)}, rev=mine.rev + 1)

    def _template(self, entry: RecordEntry) -> None:
        """A template as a thread: the later one, both where both sides changed it. It follows its dataset to the id that it has here."""
        theirs = decoded(Template, entry)
        if theirs is not None and theirs.dataset in self._copied:
            entry = rewritten(entry, {"dataset": self._copied[theirs.dataset]})
        mine = self._target.setdefault(entry.key, entry)
        if not same(mine, entry):
            self._both(Template, mine, entry)

    # --- the log: every entry of either side, once

    def _log(self, theirs: list[RecordEntry]) -> None:
        pages = (decoded(LogPage, entry) for entry in self._target.values() if entry.table == "events")
        known = {logged.id for page in pages if page is not None for logged in page.entries}
        for entry in theirs:
            if decoded(LogPage, entry) is None:
                self._target.setdefault(entry.key, entry)
                continue
            entries = with_fields(entry)["entries"]
            fresh = [logged for logged in entries if logged["id"] not in known]
            if fresh and entry.key not in self._target and len(fresh) == len(entries):
                self._target[entry.key] = entry
            elif fresh:
                id = self._fresh("e")
                copy = rewritten(entry, {"id": id, "entries": fresh}, id=id, rev=1)
                self._target[copy.key] = copy

    # --- messages of programs: the one further along

    def _messages(self, theirs: list[RecordEntry]) -> None:
        for entry in theirs:
            mine = self._target.get(entry.key)
            ours, message = decoded(ProgramMessage, mine) if mine else None, decoded(ProgramMessage, entry)
            if ours is None or (message is not None and _further_told(message, ours)):
                self._target[entry.key] = entry

    # --- the practice provider: one memory; where there are two, ours stays, since ids of practice batches mean nothing elsewhere

    def _practice(self, theirs: list[RecordEntry], ours_practise: bool) -> None:
        if not ours_practise:
            self._target.update((entry.key, entry) for entry in theirs)
            self._want(id for id in self._runs if id.startswith(keys.PRACTICE))

    # --- threads: the later one, both where both sides changed it

    def _threads(self, theirs: list[RecordEntry]) -> None:
        for entry in theirs:
            mine = self._target.get(entry.key)
            if mine is None:
                self._target[entry.key] = entry
            elif not same(mine, entry):
                self._both(Thread, mine, entry)
        named = {id for entry in self._target.values() if has_images(entry) for id in images_of(entry)}
        self._want(sorted(named.intersection(self._runs)))

    def _both(self, kind: type[Thread] | type[Template], mine: RecordEntry, entry: RecordEntry) -> None:
        ours, theirs = decoded(kind, mine), decoded(kind, entry)
        if theirs is None:
            return  # damaged: the one that is here stays
        ours_from, theirs_from = self._news
        if ours is None or max(ours.updated, ours.deleted) <= ours_from:
            if max(theirs.updated, theirs.deleted) > theirs_from:
                self._target[entry.key] = entry
        elif max(theirs.updated, theirs.deleted) > theirs_from:
            id = self._fresh("t" if kind is Thread else "p")
            name = (theirs.name or kind.__name__) + IMPORTED
            copy = rewritten(entry, {"id": id, "name": name}, id=stored_names.row_id(kind.stored, id), rev=1)
            self._target[copy.key] = copy

    # --- batches: the one further along

    def _batches(self, theirs: list[RecordEntry], ours_practise: bool) -> set[str]:
        """Takes over batches; returns the ids of those that are theirs now."""
        taken: set[str] = set()
        for entry in theirs:
            mine = self._target.get(entry.key)
            batch = decoded(Batch, entry)
            if mine is None:
                if batch is not None and batch.practice and batch.state not in pipeline.FINAL and ours_practise:
                    self.plan.practice_back += 1
                    self._came_back.add(entry.id)
                    entry = rewritten(entry, {"state": "withdrawn", "doubt": False, "retry_at": 0.0}, state="withdrawn")
                else:
                    taken.add(entry.id)
                self._target[entry.key] = unproven(entry)
            elif batch is not None and not same(mine, entry):
                our_batch = decoded(Batch, mine)
                if our_batch is None or further(batch, entry.rev, our_batch, mine.rev):
                    self._target[entry.key] = unproven(entry)
                    taken.add(entry.id)
        return taken

    # --- segments

    def _segments(self, theirs: list[RecordEntry], taken: set[str]) -> None:
        ours = [entry for entry in self._target.values() if entry.table == "segments"]
        for entry in ours:
            if keys.batch_of(entry.owner) in taken:
                del self._target[entry.key]  # theirs is further along, and has its requests as they are now
        whole: list[RecordEntry] = []
        waiting: list[RecordEntry] = []
        for entry in theirs:
            batch_id = keys.batch_of(entry.owner)
            if batch_id in self._came_back:
                lane = decoded(Batch, self._target["batches", batch_id])
                owner = keys.queue_owner(lane.lane) if lane else entry.owner
                waiting.append(rewritten(entry, {"owner": owner}, owner=owner))
            elif batch_id in taken or (batch_id and ("batches", batch_id) not in self._target):
                whole.append(entry)
            elif not batch_id:
                waiting.append(entry)
        in_theirs = self._complete(whole)
        self._remove_local(in_theirs)
        self._queue(waiting)

    def _complete(self, whole: list[RecordEntry]) -> MembershipIndex:
        """Segments of their batches stay whole; returns the requests in them."""
        in_batches = MembershipIndex(self._held(keys.BATCH))
        in_theirs = MembershipIndex(whole)
        for entry in whole:
            segment = decoded(Segment, entry)
            self.plan.billed_twice += len(in_batches.at(segment)) if segment is not None else 0
            mine = self._target.get(entry.key)
            if mine is not None and keys.in_batch(mine.owner) and mine.owner != entry.owner and segment is not None:
                id = self._fresh("s")
                self.plan.runs.setdefault(segment.bytes_id, []).append(keys.lines_id(id))
                copy = rewritten(entry, {"id": id, "bytes_id": keys.lines_id(id)}, id=id, rev=1)
                self._target[copy.key] = copy
                continue
            if mine is not None and keys.in_queue(mine.owner):
                self.plan.local_removals.append(RemoveLocal(mine, frozenset(), fresh=True))
            self._target[entry.key] = entry
            if segment is not None:
                self._want([segment.bytes_id])
        return in_theirs

    def _held(self, kind: str) -> list[RecordEntry]:
        return [entry for entry in self._target.values() if entry.table == "segments" and entry.owner.startswith(kind)]

    def _remove_local(self, in_theirs: MembershipIndex) -> None:
        """Requests of our queues that are in a batch of theirs leave them, unless they wait to be sent again after it."""
        self.plan.local_removals = [
            RemoveLocal(removal.entry, in_theirs.at(decoded(Segment, removal.entry)), removal.fresh) for removal in self.plan.local_removals
        ]
        for entry in self._held(keys.QUEUE):
            if drop := in_theirs.at(decoded(Segment, entry)):
                self.plan.local_removals.append(RemoveLocal(entry, drop, fresh=False))
                del self._target[entry.key]
        self.plan.local_removals = [removal for removal in self.plan.local_removals if len(removal.drop) < len(_ids(removal.entry))]

    def _queue(self, waiting: list[RecordEntry]) -> None:
        """Requests that wait on their side and are nowhere here."""
        in_batches = MembershipIndex(self._held(keys.BATCH))
        ours = [*self._held(keys.QUEUE), *(removal.entry for removal in self.plan.local_removals)]
        queued_ids = {id for entry in ours for id in _ids(entry)}
        queued_runs = {segment.bytes_id for entry in ours if (segment := decoded(Segment, entry)) is not None}
        for entry in waiting:
            segment = decoded(Segment, entry)
            if segment is None:
                self._target.setdefault(entry.key, entry)
                continue
            if segment.bytes_id in queued_runs:
                continue  # the very same lines
            skip = in_batches.at(segment)
            if len(skip) == len(segment.ids):
                continue
            if (
                skip
                or queued_ids.intersection(segment.ids)
                or entry.key in self._target
                or any(removal.entry.key == entry.key for removal in self.plan.local_removals)
            ):
                self.plan.incoming_filters.append(FilterIncoming(entry, skip))
                self.plan.runs.setdefault(segment.bytes_id, [])
            else:
                self._target[entry.key] = entry
                self._want([segment.bytes_id])


def _ids(entry: RecordEntry) -> tuple[str, ...]:
    segment = decoded(Segment, entry)
    return segment.ids if segment is not None else ()
