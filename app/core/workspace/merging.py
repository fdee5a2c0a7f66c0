"""What shall lie in a workspace after another one was brought in. Pure: records in, records out; docs/workspace.md has the rules in prose.

Nothing that a person made is lost, a batch goes on from the state that is further along, and a request that stands in a batch on either
side does not wait in a queue as well. Records are changed through their JSON text, so that fields which this program does not know are
kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.core.activity.log import LogPage
from app.core.batches import pipeline
from app.core.batches.durations import History, joined
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.entries import RecordEntry, decoded, rewritten, with_fields
from app.core.model.segments import Segment
from app.core.model.threads import Thread
from app.core.programs.message import Handed
from app.core.workspace.archive import Head
from app.core.workspace.imports import Marks
from app.core.workspace.membership import MembershipIndex
from app.core.workspace.merge_plan import FilterIncoming, Fresh, MergePlan, RemoveLocal
from app.core.workspace.renaming import IMPORTED
from app.core.workspace.scope import images_of, is_local

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
    """A batch as it goes on after it was brought in or put back: what came of it meanwhile, in another browser or in this one, is not known
    here. So it is looked for before it is made, and sent again by hand only (``Batch.unproven``). One that has ended, or that is simulated,
    stays as it is."""
    batch = decoded(Batch, entry) if entry.table == "batches" else None
    if batch is None or batch.practice or batch.unproven or batch.state in pipeline.FINAL:
        return entry
    created = {"doubt": True, "found_nothing": 0} if batch.state == "creating" and not batch.doubt else {}
    return rewritten(entry, {"unproven": True, **created})


def same(one: RecordEntry, other: RecordEntry) -> bool:
    """Whether two records say the same; their revisions may differ."""
    return (one.doc, one.owner, one.state, one.order) == (other.doc, other.owner, other.state, other.order)


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


def further(one: Batch, one_rev: int, other: Batch, other_rev: int) -> bool:
    """Whether the first record of a batch is further along than the second."""
    return (_RANK[one.state], one_rev, one.updated) > (_RANK[other.state], other_rev, other.updated)


def _further_told(one: Handed, other: Handed) -> bool:
    """Whether the first record of a message is further along than the second."""
    return (_HANDED_RANK[one.state], one.made) > (_HANDED_RANK[other.state], other.made)


def merge(
    ours: Iterable[RecordEntry], theirs: Iterable[RecordEntry], runs: Iterable[str], news: tuple[float, float], fresh: Fresh
) -> MergePlan:
    """Bring ``theirs``, with its byte runs, into ``ours``. ``news`` comes from :func:`changed_since`. Names that mean something else here
    are others by now (core.workspace.renaming)."""
    return _Merge(list(ours), [one for one in theirs if not is_local(one)], list(runs), news, fresh).plan


class _Merge:
    def __init__(
        self, ours: list[RecordEntry], theirs: list[RecordEntry], runs: list[str], news: tuple[float, float], fresh: Fresh
    ) -> None:
        self._runs, self._news, self._fresh = runs, news, fresh
        self.plan = MergePlan({one.key: one for one in ours}, {}, [], [])
        self._target = self.plan.target
        by_table: dict[str, list[RecordEntry]] = {}
        for one in theirs:
            by_table.setdefault(one.table, []).append(one)
        self._settings(by_table.get("settings", []))
        ours_practise = ("practice", "brain") in self._target
        self._came_back: set[str] = set()
        self._practice(by_table.get("practice", []), ours_practise)
        self._threads(by_table.get("threads", []))
        taken = self._batches(by_table.get("batches", []), ours_practise)
        self._segments(by_table.get("segments", []), taken)
        self._want(id for id in self._runs if keys.run_of_batch(id) in taken)
        self._log(by_table.get("events", []))
        self._handed(by_table.get("handed", []))
        for one in by_table.get("news", []):
            self._target.setdefault(one.key, one)

    def _want(self, ids: Iterable[str]) -> None:
        for id in ids:
            wanted = self.plan.runs.setdefault(id, [])
            if id not in wanted:
                wanted.append(id)

    # --- settings: ours stay; a provider at another address has another id by now (core.workspace.renaming)

    def _settings(self, theirs: list[RecordEntry]) -> None:
        for one in theirs:
            if one.owner == "history":
                self._history(one)
            else:
                self._target.setdefault(one.key, one)

    def _history(self, one: RecordEntry) -> None:
        """How long batches took: both sides' together."""
        mine = self._target.get(one.key)
        ours, theirs = decoded(History, mine) if mine else None, decoded(History, one)
        if mine is None:
            self._target[one.key] = one
        elif ours is not None and theirs is not None and (both := joined(ours, theirs.runs)) != ours:
            self._target[one.key] = rewritten(mine, {"runs": both.runs}, rev=mine.rev + 1)

    # --- the log: every entry of either side, once

    def _log(self, theirs: list[RecordEntry]) -> None:
        pages = (decoded(LogPage, one) for one in self._target.values() if one.table == "events")
        known = {entry.id for page in pages if page is not None for entry in page.entries}
        for one in theirs:
            if decoded(LogPage, one) is None:
                self._target.setdefault(one.key, one)
                continue
            entries = with_fields(one)["entries"]
            fresh = [entry for entry in entries if entry["id"] not in known]
            if fresh and one.key not in self._target and len(fresh) == len(entries):
                self._target[one.key] = one
            elif fresh:
                id = self._fresh("e")
                copy = rewritten(one, {"id": id, "entries": fresh}, id=id, rev=1)
                self._target[copy.key] = copy

    # --- messages of programs: the one further along

    def _handed(self, theirs: list[RecordEntry]) -> None:
        for one in theirs:
            mine = self._target.get(one.key)
            ours, message = decoded(Handed, mine) if mine else None, decoded(Handed, one)
            if ours is None or (message is not None and _further_told(message, ours)):
                self._target[one.key] = one

    # --- the practice provider: one memory; where there are two, ours stays, since ids of practice batches mean nothing elsewhere

    def _practice(self, theirs: list[RecordEntry], ours_practise: bool) -> None:
        if not ours_practise:
            self._target.update((one.key, one) for one in theirs)
            self._want(id for id in self._runs if id.startswith(keys.PRACTICE))

    # --- threads: the later one, both where both sides changed it

    def _threads(self, theirs: list[RecordEntry]) -> None:
        for one in theirs:
            mine = self._target.get(one.key)
            if mine is None:
                self._target[one.key] = one
            elif not same(mine, one):
                self._both(mine, one)
        named = {id for one in self._target.values() if one.table == "threads" for id in images_of(one)}
        self._want(sorted(named.intersection(self._runs)))

    def _both(self, mine: RecordEntry, one: RecordEntry) -> None:
        our_thread, thread = decoded(Thread, mine), decoded(Thread, one)
        if thread is None:
            return  # damaged: the one that is here stays
        ours_from, theirs_from = self._news
        if our_thread is None or max(our_thread.updated, our_thread.deleted) <= ours_from:
            if max(thread.updated, thread.deleted) > theirs_from:
                self._target[one.key] = one
        elif max(thread.updated, thread.deleted) > theirs_from:
            id = self._fresh("t")
            copy = rewritten(one, {"id": id, "name": (thread.name or "Thread") + IMPORTED}, id=id, rev=1)
            self._target[copy.key] = copy

    # --- batches: the one further along

    def _batches(self, theirs: list[RecordEntry], ours_practise: bool) -> set[str]:
        """Takes over batches; returns the ids of those that are theirs now."""
        taken: set[str] = set()
        for one in theirs:
            mine = self._target.get(one.key)
            batch = decoded(Batch, one)
            if mine is None:
                if batch is not None and batch.practice and batch.state not in pipeline.FINAL and ours_practise:
                    self.plan.practice_back += 1
                    self._came_back.add(one.id)
                    one = rewritten(one, {"state": "withdrawn", "doubt": False, "retry_at": 0.0}, state="withdrawn")
                else:
                    taken.add(one.id)
                self._target[one.key] = unproven(one)
            elif batch is not None and not same(mine, one):
                our_batch = decoded(Batch, mine)
                if our_batch is None or further(batch, one.rev, our_batch, mine.rev):
                    self._target[one.key] = unproven(one)
                    taken.add(one.id)
        return taken

    # --- segments

    def _segments(self, theirs: list[RecordEntry], taken: set[str]) -> None:
        ours = [one for one in self._target.values() if one.table == "segments"]
        for one in ours:
            if keys.batch_of(one.owner) in taken:
                del self._target[one.key]  # theirs is further along, and has its requests as they are now
        whole: list[RecordEntry] = []
        waiting: list[RecordEntry] = []
        for one in theirs:
            batch_id = keys.batch_of(one.owner)
            if batch_id in self._came_back:
                lane = decoded(Batch, self._target["batches", batch_id])
                owner = keys.queue_owner(lane.lane) if lane else one.owner
                waiting.append(rewritten(one, {"owner": owner}, owner=owner))
            elif batch_id in taken or (batch_id and ("batches", batch_id) not in self._target):
                whole.append(one)
            elif not batch_id:
                waiting.append(one)
        in_theirs = self._complete(whole)
        self._thin(in_theirs)
        self._queue(waiting)

    def _complete(self, whole: list[RecordEntry]) -> MembershipIndex:
        """Segments of their batches stay whole; returns the requests in them."""
        in_batches = MembershipIndex(self._held(keys.BATCH))
        in_theirs = MembershipIndex(whole)
        for one in whole:
            segment = decoded(Segment, one)
            self.plan.billed_twice += len(in_batches.at(segment)) if segment is not None else 0
            mine = self._target.get(one.key)
            if mine is not None and keys.in_batch(mine.owner) and mine.owner != one.owner and segment is not None:
                id = self._fresh("s")
                self.plan.runs.setdefault(segment.bytes_id, []).append(keys.lines_id(id))
                copy = rewritten(one, {"id": id, "bytes_id": keys.lines_id(id)}, id=id, rev=1)
                self._target[copy.key] = copy
                continue
            if mine is not None and keys.in_queue(mine.owner):
                self.plan.thin.append(RemoveLocal(mine, frozenset(), fresh=True))
            self._target[one.key] = one
            if segment is not None:
                self._want([segment.bytes_id])
        return in_theirs

    def _held(self, kind: str) -> list[RecordEntry]:
        return [one for one in self._target.values() if one.table == "segments" and one.owner.startswith(kind)]

    def _thin(self, in_theirs: MembershipIndex) -> None:
        """Requests of our queues that stand in a batch of theirs leave them, unless they wait to be sent again after it."""
        self.plan.thin = [RemoveLocal(one.entry, in_theirs.at(decoded(Segment, one.entry)), one.fresh) for one in self.plan.thin]
        for one in self._held(keys.QUEUE):
            if drop := in_theirs.at(decoded(Segment, one)):
                self.plan.thin.append(RemoveLocal(one, drop, fresh=False))
                del self._target[one.key]
        self.plan.thin = [one for one in self.plan.thin if len(one.drop) < len(_ids(one.entry))]

    def _queue(self, waiting: list[RecordEntry]) -> None:
        """Requests that wait on their side and are nowhere here."""
        in_batches = MembershipIndex(self._held(keys.BATCH))
        ours = [*self._held(keys.QUEUE), *(one.entry for one in self.plan.thin)]
        here = {id for one in ours for id in _ids(one)}
        runs_here = {segment.bytes_id for one in ours if (segment := decoded(Segment, one)) is not None}
        for one in waiting:
            segment = decoded(Segment, one)
            if segment is None:
                self._target.setdefault(one.key, one)
                continue
            if segment.bytes_id in runs_here:
                continue  # the very same lines
            skip = in_batches.at(segment)
            if len(skip) == len(segment.ids):
                continue
            if skip or here.intersection(segment.ids) or one.key in self._target or any(t.entry.key == one.key for t in self.plan.thin):
                self.plan.sift.append(FilterIncoming(one, skip))
                self.plan.runs.setdefault(segment.bytes_id, [])
            else:
                self._target[one.key] = one
                self._want([segment.bytes_id])


def _ids(one: RecordEntry) -> tuple[str, ...]:
    segment = decoded(Segment, one)
    return segment.ids if segment is not None else ()
