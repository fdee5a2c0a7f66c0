"""Rules of steps: when one goes, what stops it, and what it may cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.batches import Batch, BatchState, Foreseen
from app.core.model.lanes import CHAT, Lane
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.steps import NextStep, StepState
from app.core.prices.rates import PER_DOLLAR, TokenPrice, TokenRates
from app.core.results.stepping import StepReady, expected, leads_back, limit_of, progress, proposed_limit, ready, too_dear

ADDED = QueuedRows(id="r-0", dataset="d", dataset_version=1)


def step(run: str, after: str, state: StepState = "waits", **more: object) -> NextStep:
    return NextStep(id=run, dataset="d", after=after, run=run, follow=FollowUp("Why?"), state=state, **more)  # type: ignore[arg-type]


def batch(state: BatchState, *additions: str) -> Batch:
    return Batch(id=f"b-{state}", state=state, name="", lane=Lane("p", CHAT, "m"), requests=1, additions=additions)


@given(st.lists(st.integers(0, 8), max_size=8))
def test_no_step_that_was_planned_waits_for_itself(choices: list[int]) -> None:
    """Each waits for an addition that there is, or for a step that was planned before it."""
    known, steps = ["r-0"], list[NextStep]()
    for n, choice in enumerate(choices, 1):
        steps.append(step(f"r-{n}", known[choice % len(known)]))
        known.append(f"r-{n}")
    assert not any(leads_back(one, steps) for one in steps)


def test_steps_that_wait_for_each_other_stop() -> None:
    """Which no person plans; what is damaged may say so."""
    steps = [step("r-1", "r-3"), step("r-2", "r-1"), step("r-3", "r-2")]
    assert all(ready(one, steps, None, ()).stops == "It waits, through other steps, for itself." for one in steps)
    assert leads_back(step("r-4", "r-4"), [])


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ([], StepReady()),
        (["validating"], StepReady()),
        (["done", "in_progress"], StepReady()),
        (["done", "failed", "expired"], StepReady(now=True)),
        (["withdrawn"], StepReady()),
        (["done", "cancelled"], StepReady(stops="A batch that it waited for was cancelled.")),
    ],
)
def test_a_step_goes_when_every_batch_that_it_waits_for_has_ended(states: list[BatchState], found: StepReady) -> None:
    others = [batch("in_progress", "r-9")]
    one = step("r-1", "r-0")
    batches = [*(batch(state, "r-9", "r-0") for state in states), *others]
    assert ready(one, [one], ADDED, batches) == found
    assert progress(one, batches)[1] == len([state for state in states if state != "withdrawn"])


def test_a_step_behind_one_that_came_to_nothing_stops() -> None:
    one = step("r-2", "r-1")
    assert ready(one, [step("r-1", "r-0")], None, ()) == StepReady()
    assert ready(one, [step("r-1", "r-0", "stopped")], None, ()).stops == "The step before it stopped."
    assert ready(one, [step("r-1", "r-0", "cancelled")], None, ()).stops == "The step before it was cancelled."
    assert ready(one, [], None, ()).stops == "What it waits for is no longer in this browser."


def test_what_a_step_is_expected_to_cost() -> None:
    """A further turn sends what was asked and answered again; a message by itself the answers at most."""
    rates = TokenRates("batch", TokenPrice(1_000), output=TokenPrice(4_000))
    before = Foreseen(1_000, 500, True)
    turn = expected(before, 10, step("r-1", "r-0"), rates)
    assert (turn.input_tokens, turn.output_tokens, turn.learnt, turn.cost) == (1_510, 500, True, 10 * (151 * 1_000 + 50 * 4_000))
    alone = expected(before, 10, NextStep(id="", dataset="", after="", run="", follow=FollowUp("Why?", alone=True)), None)
    assert (alone.input_tokens, alone.cost) == (510, None)
    assert expected(None, 10, step("r-1", "r-0"), rates).learnt is False


@given(st.integers(0, 10**15))
def test_the_limit_that_is_proposed_holds_twice_what_is_expected(cost: int) -> None:
    found = limit_of(proposed_limit(Foreseen(cost=cost)))
    assert found is not None
    assert 2 * cost <= found <= 2 * cost + PER_DOLLAR // 100


def test_a_limit_as_it_is_typed() -> None:
    assert [limit_of(one) for one in ("0.5", "$2", ",25", "1000000", "-1", "0", "x", "", "1.2.3", "٣")] == [
        PER_DOLLAR // 2,
        2 * PER_DOLLAR,
        PER_DOLLAR // 4,
        None,
        None,
        None,
        None,
        None,
        None,
        3 * PER_DOLLAR,
    ]
    assert "about $2.00, and you accepted $0.50" in too_dear(2 * PER_DOLLAR, PER_DOLLAR // 2)
