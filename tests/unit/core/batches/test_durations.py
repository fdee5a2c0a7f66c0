"""How long batches take: spans add up, nothing is invented, and an alarm stays until something moves."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import durations, pipeline
from app.core.batches.durations import ENOUGH, FLOOR, JUDGED_BY, KEPT, SAMPLES, STILL, UNKNOWN, BatchTiming, History
from app.core.model.batches import Batch, Moment, Sample
from app.core.model.lanes import Lane
from app.core.model.remote import Remote

NOW = 1_700_000_000.0
LANE = Lane("openai", "/v1/responses", "gpt-5")


def batch(state: str = "in_progress", since: float = NOW, **facts: Any) -> Batch:
    facts = {"requests": 100, "timeline": (Moment(NOW, "planned"), Moment(since, state)), **facts}
    return Batch(id="b", state=state, lane=LANE, created=NOW, **facts)  # type: ignore[arg-type]  # one of the states


def run(n: int, total: float = 600.0, *, requests: int = 100, ending: str = "completed", **states: float) -> BatchTiming:
    return BatchTiming(f"r{n}", NOW + n, requests, ending, total, states or {"in_progress": total})


def lasting(n: int, state: str, seconds: float) -> BatchTiming:
    return BatchTiming(f"r{n}", NOW + n, 100, "completed", seconds, {state: seconds})


def history(*runs: BatchTiming) -> History:
    return History(id=LANE.key, runs=runs)


seconds = st.integers(0, 200_000).map(float)
totals = st.lists(st.integers(1, 90_000).map(float), max_size=30)
states = st.sampled_from(sorted(FLOOR))


def test_spans_add_up_and_the_present_one_counts():
    """Visits of one state are one span, notes are no states, the last one goes on until now."""
    line = (
        Moment(0.0, "planned"),
        Moment(5.0, "validating"),
        Moment(7.0, "validating", "a note"),
        Moment(15.0, "in_progress"),
        Moment(20.0, "validating"),
        Moment(30.0, "in_progress"),
    )
    found = durations.spans(line, 50.0)
    assert [(one.state, one.seconds, one.present) for one in found] == [
        ("planned", 5.0, False),
        ("validating", 20.0, False),
        ("in_progress", 25.0, True),
    ]
    ended = durations.spans((*line, Moment(60.0, "done"), Moment(90.0, "downloading"), Moment(95.0, "done")), 200.0)
    assert [(one.state, one.seconds, one.present) for one in ended][2:] == [
        ("in_progress", 35.0, False),
        ("done", 0.0, False),
        ("downloading", 5.0, False),
    ]
    assert durations.spans((), 5.0) == []


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from(["planned", "validating", "in_progress"])), min_size=1, max_size=9))
def test_spans_sum_to_the_whole(moments: list[tuple[float, str]]):
    """Nothing of a batch's time is counted twice or left out."""
    line = tuple(Moment(at, state) for at, state in sorted(moments))
    assert abs(sum(one.seconds for one in durations.spans(line, 2e6)) - (2e6 - line[0].at)) < 1e-3


def test_samples_are_few_and_know_the_whole_time():
    """However often the provider is asked, a batch keeps a handful of counts, the newest among them."""
    one = batch()
    for n in range(1_000):
        one = durations.sampled(replace(one, remote=Remote(id="r", completed=n // 2, failed=0)), NOW + 60 * n)
    assert len(one.samples) <= SAMPLES
    assert one.samples[-1].done == 499
    assert [each.at for each in one.samples] == sorted(each.at for each in one.samples)
    same = durations.sampled(one, NOW + 10**6)
    assert same is one
    anew = durations.sampled(replace(one, remote=Remote(id="r", completed=3)), NOW + 10**6)
    assert anew.samples == (Sample(NOW + 10**6, 3),)
    assert durations.sampled(batch("done"), NOW).samples == ()


def test_the_pace_is_of_late_and_falls_while_nothing_comes():
    """Requests a minute, from what was seen; without two counts nothing is said."""
    one = batch(samples=tuple(Sample(NOW + 60 * n, 10 * n) for n in range(5)))
    assert durations.pace(one, NOW + 240) == 10.0
    assert durations.at_this_pace(one, NOW + 240) == 360.0
    assert durations.pace(one, NOW + 600) < 5.0
    assert durations.pace(batch(samples=(Sample(NOW, 3),)), NOW + 60) == 0.0
    assert durations.at_this_pace(batch(), NOW + 60) == 0.0
    assert durations.at_this_pace(replace(one, requests=40), NOW + 240) == 0.0


def test_a_run_is_what_the_provider_took():
    """From its first moment at the provider to the end; waits of ours are no part of it."""
    line = (
        Moment(0.0, "planned"),
        Moment(500.0, "validating"),
        Moment(520.0, "in_progress"),
        Moment(1_000.0, "downloading"),
        Moment(1_010.0, "done"),
    )
    one = durations.run_of(batch("done", ending="completed", timeline=line, updated=1_010.0))
    assert one == BatchTiming("b", 1_010.0, 100, "completed", 510.0, {"validating": 20.0, "in_progress": 480.0})
    assert durations.run_of(batch("withdrawn")) is None
    assert durations.run_of(batch("done", timeline=(Moment(0.0, "planned"), Moment(1.0, "done")))) is None


@given(st.lists(st.tuples(st.integers(0, 90), st.floats(1, 100)), max_size=150))
def test_a_history_is_bounded_and_counts_a_batch_once(runs: list[tuple[int, float]]):
    """The newest are kept, in the order in which they ended."""
    kept = history()
    for n, total in runs:
        kept = durations.with_run(kept, run(n, total))
    assert len(kept.runs) == min(KEPT, len({n for n, _ in runs}))
    assert [one.ended for one in kept.runs] == sorted(one.ended for one in kept.runs)
    assert durations.joined(kept, kept.runs) == kept


# --- estimate


@given(totals, seconds, st.integers(1, 50_000))
def test_an_estimate_invents_nothing(took: list[float], age: float, requests: int):
    """It lies within what was seen, is judged by batches that took longer than this one has, and there is none below three of them."""
    known = history(*(run(n, total) for n, total in enumerate(took)))
    one = batch(requests=requests)
    found = durations.estimate(one, known, NOW + age)
    longer = [total for total in took if total > age]
    if found is None:
        assert len(took) > JUDGED_BY or len(longer) < ENOUGH
        return
    assert ENOUGH <= found.batches <= min(JUDGED_BY, len(longer))
    assert min(longer) <= found.fewest <= found.most <= max(longer)
    assert NOW + age < found.early <= NOW + found.most


@given(totals, seconds, seconds)
def test_an_estimate_never_gets_earlier_as_time_goes_by(took: list[float], first: float, second: float):
    """A batch that is still on its way cannot end before those that are left to judge it by."""
    known = history(*(run(n, total) for n, total in enumerate(took)))
    early, late = sorted((first, second))
    one, other = durations.estimate(batch(), known, NOW + early), durations.estimate(batch(), known, NOW + late)
    if one is not None and other is not None:
        assert other.early >= one.early
        assert other.most >= one.most
    assert other is None or one is not None


@given(totals, st.floats(1, 5))
def test_slower_batches_make_a_later_estimate(took: list[float], factor: float):
    """Where every batch took longer, so will this one."""
    slow = durations.estimate(batch(), history(*(run(n, total * factor) for n, total in enumerate(took))), NOW)
    fast = durations.estimate(batch(), history(*(run(n, total) for n, total in enumerate(took))), NOW)
    assert (slow is None) == (fast is None)
    if slow and fast:
        assert slow.early >= fast.early
        assert slow.most >= fast.most


def test_batches_of_its_size_judge_first():
    """With many to choose from, those nearest in size count."""
    small = [run(n, 60.0 + n, requests=100) for n in range(JUDGED_BY)]
    large = [run(100 + n, 40_000.0, requests=50_000) for n in range(JUDGED_BY)]
    found = durations.estimate(batch(requests=120), history(*large, *small), NOW)
    assert found is not None
    assert found.most < 100
    found = durations.estimate(batch(requests=40_000), history(*large, *small), NOW)
    assert found is not None
    assert found.fewest == 40_000.0


def test_there_is_no_estimate_without_a_history():
    """Nor by batches that failed or were cancelled, nor before the provider has it, nor once it has ended."""
    assert durations.estimate(batch(), None, NOW) is None
    assert durations.estimate(batch(), history(*(run(n, ending="expired") for n in range(9))), NOW) is None
    enough = history(*(run(n) for n in range(9)))
    assert durations.estimate(batch("uploading"), enough, NOW) is None
    assert durations.estimate(batch("done"), enough, NOW) is None
    assert durations.estimate(batch(), enough, NOW) is not None


# --- alarm


@given(state=states, took=totals, age=seconds, more=seconds)
def test_trap_06_an_alarm_stays_until_something_moves(state: str, took: list[float], age: float, more: float):
    """validating, finalizing and in_progress can hang for hours: what is longer than usual stays so as time goes by."""
    known = history(*(lasting(n, state, total) for n, total in enumerate(took)))
    found = durations.alarm(batch(state), known, NOW + age)
    assert found is None or durations.alarm(batch(state), known, NOW + age + more) is not None
    if found is not None:
        assert found.seconds > FLOOR[state]
        assert found.batches in (0, len(took))
        assert found.usual == (max(took) if found.batches else 0.0)


@given(state=states, took=totals, longer=seconds, age=seconds)
def test_a_longer_history_never_alarms_sooner(state: str, took: list[float], longer: float, age: float):
    """One more batch that took even longer makes nobody more nervous."""
    assume(len(took) >= ENOUGH)
    runs = [lasting(n, state, total) for n, total in enumerate(took)]
    before = durations.alarm(batch(state), history(*runs), NOW + age)
    after = durations.alarm(batch(state), history(*runs, lasting(99, state, max(took) + longer)), NOW + age)
    assert after is None or before is not None


def test_nobody_is_alarmed_below_the_floor_or_without_a_reason():
    """A history of seconds does not make minutes an alarm; without a history the limits are wide; other states never hang."""
    quick = history(*(run(n, 5.0, validating=5.0) for n in range(9)))
    assert durations.alarm(batch("validating"), quick, NOW + FLOOR["validating"]) is None
    assert durations.alarm(batch("validating"), quick, NOW + FLOOR["validating"] + 1) is not None
    for state, limit in UNKNOWN.items():
        assert durations.alarm(batch(state), None, NOW + limit) is None
        assert durations.alarm(batch(state), None, NOW + limit + 1) is not None
    for state in set(pipeline.MOVES) - set(FLOOR) - {""}:
        assert durations.alarm(batch(state), None, NOW + 10**7) is None


def test_a_batch_that_makes_progress_does_not_hang():
    """However long it takes: as long as answers come, nothing is wrong."""
    late = NOW + 80_000.0
    moving = batch(samples=(Sample(NOW + 60, 1), Sample(late - STILL + 1, 2)))
    assert durations.alarm(moving, None, late) is None
    assert durations.alarm(moving, None, late + 2) is not None
