"""The fault matrix covers the table, and its checks can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.batches.pipeline import Effect, Event
from app.core.model.batches import Batch
from app.core.openai.wire import NetworkError, Request, Response
from app.ports import Change, Stream
from app.services.batches.engine import Engine
from app.services.runtime.records import Stored
from tests.faults.check import Held, HeldBatch, Made, check
from tests.faults.journeys import JOURNEYS
from tests.faults.matrix import FAULTS, KILLED, matrix, sample, trials, uncovered
from tests.faults.points import WatchedHttp
from tests.faults.trial import killed


def test_every_state_and_every_effect_of_the_table_is_in_the_matrix() -> None:
    """A new state or effect that no journey reaches fails here, until a journey leads there. A batch that was made elsewhere is broken off
    at every step of its coming here in ``tests/unit/services/batches/test_adopt.py``: no journey of the page makes one elsewhere."""
    states, effects, _moves = uncovered()
    assert (states, effects) == (["adopting"], ["Rebuild"])


def test_each_journey_ends_well_without_a_fault() -> None:
    """So what a case finds comes of its fault."""
    assert [(journey.name, made.wrong) for journey, made in zip(JOURNEYS, trials(), strict=True) if made.wrong] == []


def test_cases_have_numbers_that_stay_and_every_fault_has_its_share() -> None:
    """A case can be run again by its number."""
    cases = matrix()
    assert [case.number for case in cases] == list(range(1, len(cases) + 1))
    assert len({(case.journey, case.step, case.nth, case.when, case.fault) for case in cases}) == len(cases)
    assert {case.fault for case in cases} == set(FAULTS)
    assert {case.when for case in cases if case.step in ("call upload", "call download")} == {"before", "middle", "after"}
    writes = {case.step for case in cases if case.step.startswith("write")}
    assert {f"write {old}>{new}" for made in trials() for old, new in made.moves} <= writes


@pytest.mark.slow
@given(st.integers(1, 300), st.integers(0, 1_000))
def test_a_sample_is_of_all_faults_and_the_same_for_the_same_seed(count: int, seed: int) -> None:
    """However small, it holds something of every fault before it holds much of one."""
    chosen = sample(count, seed)
    assert chosen == sample(count, seed)
    assert len({case.number for case in chosen}) == min(count, len(matrix()))
    if count >= len(FAULTS) * len(JOURNEYS):
        assert {case.fault for case in chosen} == set(FAULTS)


# --- the checks can fail


class Hasty(Engine):
    """An engine that stores what it is about to do only when it is done."""

    begun: Event | None = None

    async def _intend(self, stored: Stored[Batch], effect: Effect) -> Batch | None:
        self.begun = pipeline.intent(effect)
        if self.begun is not None:
            self.begun = await self._worker.bound(effect, stored.value, self.begun)
        return pipeline.advance(stored.value, self.begun, self._clock.now()) if self.begun else stored.value

    async def _hear(self, batch: Batch, event: Event, changes: list[Change], effect: Effect, took: float = 0.0) -> None:
        if self.begun:
            await self._apply(batch.id, self.begun)
        await super()._hear(batch, event, changes, effect, took)


def test_an_engine_that_stores_its_intent_too_late_is_caught() -> None:
    """Killed after the create took effect, it makes a second batch for the same requests; the real engine does not."""
    journey = next(one for one in JOURNEYS if one.name.startswith("it is done at once"))
    at = ("call create", 1, "after")
    reached, wrong = asyncio.run(killed(journey, at, Hasty))
    assert reached
    assert any("the provider has 2 batches" in one for one in wrong), wrong
    assert any("billed 2 times" in one for one in wrong), wrong
    assert asyncio.run(killed(journey, at)) == (True, [])


class Generous(Engine):
    """An engine that gives requests back to the queue although the provider may have their batch."""

    async def _hear(self, batch: Batch, event: Event, changes: list[Change], effect: Effect, took: float = 0.0) -> None:
        if isinstance(event, pipeline.CallFailed) and event.call == "create":
            event = pipeline.CallFailed("create", replace(event.problem, doubtful=False, retry=False))
        await super()._hear(batch, event, changes, effect, took)


def test_an_engine_that_takes_a_lost_answer_for_a_refusal_is_caught() -> None:
    """The create's answer is lost: such an engine puts the requests back, and they are paid twice."""
    journey = next(one for one in JOURNEYS if one.name == "the create's answer is lost")
    _, wrong = asyncio.run(killed(journey, ("never", 1, "before"), Generous))
    assert any("went back to the queue although the provider has its batch" in one for one in wrong), wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in sample(len(FAULTS) * 40, 3) if case.fault == KILLED and case.when != "middle"], ids=lambda case: case.words
)
def test_cases_of_a_killed_page_hold_on_fakes_too(case) -> None:
    """The same cells in CPython: the matrix and its fakes say the same."""
    assert asyncio.run(killed(case.of, (case.step, case.nth, case.when))) == (True, [])


DONE = HeldBatch("b1", "done", ["r0", "r1"], ["r0", "r1"])
PAID = Made("batch_1", "b1", "completed", ["r0", "r1"], ["r0", "r1"])


def wrong(*, held: Held | None = None, made: tuple[Made, ...] = (PAID,)) -> str:
    return "; ".join(check(["r0", "r1"], held or Held([], [DONE]), made, ended=True))


def test_what_holds_is_not_called_wrong() -> None:
    """All answered, once."""
    assert wrong() == ""


def test_a_request_that_went_on_is_not_in_two_places_while_its_former_batch_fetches_answers_again() -> None:
    """The batch that it left is open again, and it is in another one, or answered there."""
    former = HeldBatch("b1", "downloading", ["r0", "r1"], resent=("r0", "r1"))
    made = (Made("batch_1", "b1", "expired", ["r0", "r1"], []), Made("batch_2", "b2", "completed", ["r0", "r1"], ["r0", "r1"]))
    for other in (HeldBatch("b2", "validating", ["r0", "r1"]), HeldBatch("b2", "done", ["r0", "r1"], ["r0", "r1"])):
        assert check(["r0", "r1"], Held([], [former, other]), made, ended=False) == []


@pytest.mark.parametrize(
    ("said", "held", "made"),
    [
        ("r1 is lost", Held([], [HeldBatch("b1", "done", ["r0"], ["r0"])]), (Made("batch_1", "b1", "completed", ["r0"], ["r0"]),)),
        ("r0 was answered and is on its way again", Held(["r0"], [DONE]), (PAID,)),
        ("r0 was answered in 2 batches", Held([], [DONE, HeldBatch("b2", "done", ["r0"], ["r0"])]), (PAID,)),
        ("has not ended: validating", Held([], [HeldBatch("b1", "validating", ["r0", "r1"])]), ()),
        ("the provider has 2 batches for b1", Held([], [DONE]), (PAID, Made("batch_2", "b1", "in_progress", ["r0", "r1"], []))),
        ("r0 was answered and billed 2 times", Held([], [DONE]), (PAID, Made("batch_2", "b1", "cancelled", ["r0"], ["r0"]))),
        ("nobody here knows of the provider's batch", Held([], [DONE]), (PAID, Made("batch_9", "b9", "completed", [], []))),
        (
            "went back to the queue although",
            Held([], [HeldBatch("b1", "withdrawn", []), HeldBatch("b2", "done", ["r0", "r1"], ["r0", "r1"])]),
            (Made("batch_1", "b1", "validating", ["r0", "r1"], []), Made("batch_2", "b2", "completed", ["r0", "r1"], ["r0", "r1"])),
        ),
        ("r1 was billed and its answer is not here", Held([], [HeldBatch("b1", "done", ["r0", "r1"], ["r0"])]), (PAID,)),
    ],
)
def test_each_thing_that_must_not_be_is_named(said: str, held: Held, made: tuple[Made, ...]) -> None:
    """One wrong thing at a time."""
    assert said in wrong(held=held, made=made)


class _Asked:
    """A provider that keeps how long it was given for each call."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        self.seconds.append(request.timeout)
        if len(self.seconds) == 3:
            raise NetworkError("timeout")
        return Response(200)

    async def stream(self, request: Request) -> Stream:
        raise NotImplementedError


async def test_only_the_call_that_gets_the_fault_is_in_a_hurry() -> None:
    """On a slow machine the others take their time; cut short, one before it would lead the batch along other steps, past the fault."""

    async def pass_by(_name: str, _nth: int, _when: str) -> None:
        return

    asked, reached = _Asked(), False
    http = WatchedHttp(asked, pass_by, 1.5, lambda name, nth: reached or (name, nth) == ("call create", 1))
    await http.send(Request("POST", "https://provider.example/v1/files"))
    await http.send(Request("POST", "https://provider.example/v1/batches"))
    reached = True
    with pytest.raises(NetworkError):
        await http.send(Request("GET", "https://provider.example/v1/batches"))
    await http.send(Request("GET", "https://provider.example/v1/batches"))
    assert asked.seconds == [60.0, 1.5, 1.5, 60.0]
