"""How long batches take: the spans of one batch, its pace, and what one's own history says of the next one.

Nothing is invented: without enough ended batches of the same lane there is no estimate, and every estimate says by how many batches it was
judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.model import stored_names
from app.core.model.batches import Batch, Moment, Sample
from app.core.model.records import Record

ENOUGH: Final = 3
"""Ended batches from which on a history says something."""
JUDGED_BY: Final = 12
"""The batches nearest in size that an estimate is made from."""
KEPT: Final = 60
"""Runs that are kept for a lane, the newest."""
SAMPLES: Final = 24
"""Looks at the provider's counts that are kept with a batch; older ones are thinned out."""

FLOOR: Final[dict[str, float]] = {"validating": 1_800.0, "in_progress": 7_200.0, "finalizing": 1_800.0, "cancelling": 1_200.0}
"""Seconds in a state below which nobody is alarmed, whatever the history says. ``cancelling`` lasts up to 10 minutes (OpenAI batch
guide)."""
UNKNOWN: Final[dict[str, float]] = {"validating": 3_600.0, "in_progress": 43_200.0, "finalizing": 3_600.0, "cancelling": 1_800.0}
"""The same without a history: an hour for what usually takes minutes, half of the 24 hours for the work itself."""
TWICE: Final = 2.0
"""A state is longer than usual from this many times the longest one in the history on."""
STILL: Final = 1_800.0
"""Seconds without one more answer, from which on a batch in progress counts as standing still."""


class Span(msgspec.Struct, frozen=True):
    """How long a batch was in a state, all visits together. ``present``: it is in it now."""

    state: str
    at: float
    seconds: float
    present: bool = False


class BatchTiming(msgspec.Struct, frozen=True, omit_defaults=True):
    """One ended batch: its size, how it ended and for how many seconds it was in each state. ``total`` is from its first moment at the
    provider to its end."""

    batch: str
    ended: float
    requests: int
    ending: str
    total: float
    states: dict[str, float] = {}
    answers: int = 0
    """Good answers; ``output_tokens`` are those of all of them, as the answers count them."""
    output_tokens: int = 0


class History(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The ended batches of one lane (``id`` is its key), oldest first. It outlives the batches."""

    stored = stored_names.HISTORY
    runs: tuple[BatchTiming, ...] = ()


class Estimate(msgspec.Struct, frozen=True):
    """When a batch is usually done: not before ``early`` (unix seconds). ``batches`` is by how many it was judged, ``fewest`` and ``most``
    their seconds from first to last."""

    early: float
    fewest: float
    most: float
    batches: int


class Alarm(msgspec.Struct, frozen=True):
    """A batch is longer in ``state`` than usual: ``seconds`` by now. ``usual`` is the longest of ``batches`` others, both 0 without a
    history."""

    state: str
    seconds: float
    usual: float = 0.0
    batches: int = 0


# --- one batch -------------------------------------------------------------------------------------------------------------------


def spans(timeline: Sequence[Moment], now: float) -> list[Span]:
    """The states of a batch in the order of their first visits, each with its time; the present one goes on until ``now``. An ending has
    no length."""
    found: dict[str, Span] = {}
    for n, moment in enumerate(timeline):
        last = n + 1 == len(timeline)
        until = moment.at if moment.state in pipeline.FINAL else now if last else timeline[n + 1].at
        before = found.get(moment.state, Span(moment.state, moment.at, 0.0))
        found[moment.state] = replace(before, seconds=before.seconds + max(0.0, until - moment.at))
    if timeline and timeline[-1].state not in pipeline.FINAL:
        found[timeline[-1].state] = replace(found[timeline[-1].state], present=True)
    return list(found.values())


def since(batch: Batch) -> float:
    """When it came into the state that it is in."""
    at = batch.created
    for n, moment in enumerate(batch.timeline):
        if n == 0 or moment.state != batch.timeline[n - 1].state:
            at = moment.at
    return at


def sampled(batch: Batch, now: float) -> Batch:
    """The batch with the provider's count of this moment among its samples, where that has changed."""
    if batch.remote is None or batch.state not in pipeline.LIVE:
        return batch
    done = batch.remote.completed + batch.remote.failed
    last = batch.samples[-1].done if batch.samples else -1
    if done == last:
        return batch
    if done < last:  # the provider counts again
        return replace(batch, samples=(Sample(now, done),))
    kept = (*batch.samples, Sample(now, done))
    if len(kept) > SAMPLES:
        kept = (*kept[: SAMPLES // 2 : 2], *kept[SAMPLES // 2 :])  # every other of the older half
    return replace(batch, samples=kept)


def pace(batch: Batch, now: float) -> float:
    """Requests a minute over the newest half of the samples, up to ``now``; 0 where too little was seen to say."""
    some = batch.samples[-max(2, len(batch.samples) // 2) :]
    if len(some) < 2 or batch.state != "in_progress":
        return 0.0
    seconds = max(now, some[-1].at) - some[0].at
    return 60.0 * (some[-1].done - some[0].done) / seconds if seconds > 0 else 0.0


def at_this_pace(batch: Batch, now: float) -> float:
    """Seconds until every request is answered, if it goes on as it does; 0 where that cannot be said."""
    a_minute = pace(batch, now)
    left = batch.requests - batch.samples[-1].done if batch.samples else 0
    return 60.0 * left / a_minute if a_minute > 0 and left > 0 else 0.0


# --- history ---------------------------------------------------------------------------------------------------------------------


def run_of(batch: Batch) -> BatchTiming | None:
    """What the history keeps of a batch that has just ended; None if the provider never had it."""
    states = {span.state: span.seconds for span in spans(batch.timeline, batch.updated) if span.state in FLOOR}
    if batch.state == "withdrawn" or batch.live or not states:
        return None
    first = next(moment.at for moment in batch.timeline if moment.state in FLOOR)
    end = batch.timeline[-1].at
    ending = batch.ending or batch.state
    kept = {state: round(seconds, 1) for state, seconds in states.items()}
    return BatchTiming(
        batch.id, end, batch.requests, ending, round(max(0.0, end - first), 1), kept, batch.tally.answered, batch.tally.output_tokens
    )


def with_run(history: History, run: BatchTiming) -> History:
    """The history with one more batch. A batch counts once, as it ended first; the oldest go."""
    if any(known.batch == run.batch for known in history.runs):
        return history
    return joined(history, (run,))


def joined(history: History, runs: Sequence[BatchTiming]) -> History:
    """The history with these runs, each batch once; the newest are kept."""
    known = {timing.batch: timing for timing in (*runs, *history.runs)}
    return replace(history, runs=tuple(sorted(known.values(), key=lambda timing: (timing.ended, timing.batch))[-KEPT:]))


def estimate(batch: Batch, history: History | None, now: float) -> Estimate | None:
    """When the batch is usually done, by the completed batches of its lane that are nearest in size and took longer than this one has by
    now. None where fewer than :data:`ENOUGH` did: then nobody knows."""
    begun = next((moment.at for moment in batch.timeline if moment.state in FLOOR), 0.0)
    if history is None or not begun or batch.state not in pipeline.LIVE:
        return None
    done = [timing for timing in history.runs if timing.ending == "completed" and timing.batch != batch.id]
    size = math.log(max(1, batch.requests))
    done.sort(key=lambda timing: (abs(math.log(max(1, timing.requests)) - size), -timing.ended))
    times = sorted(timing.total for timing in done[:JUDGED_BY] if timing.total > now - begun)
    if len(times) < ENOUGH:
        return None
    tenth = len(times) // 10  # of many, the extremes say little
    fewest, most = times[tenth], times[-1 - tenth]
    return Estimate(begun + fewest, fewest, most, len(times))


def alarm(batch: Batch, history: History | None, now: float) -> Alarm | None:
    """Whether the batch hangs: it is in a state for longer than usual, by its lane's history where there is enough of it, and shows no
    progress. None if it does not."""
    if batch.state not in FLOOR or batch.live:
        return None
    begun = since(batch)
    seconds = now - begun
    times = [timing.states[batch.state] for timing in history.runs if batch.state in timing.states] if history else []
    known = len(times) >= ENOUGH
    usual = max(times) if known else 0.0
    limit = max(FLOOR[batch.state], TWICE * usual) if known else UNKNOWN[batch.state]
    if seconds <= limit:
        return None
    if batch.state == "in_progress" and batch.samples and now - max(begun, batch.samples[-1].at) < STILL:
        return None
    return Alarm(batch.state, seconds, usual, len(times) if known else 0)
