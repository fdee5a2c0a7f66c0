"""Who may be enqueued at a provider: never more than the limit, never nobody when somebody fits, the oldest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import capacity, pipeline
from app.core.model.batches import Batch, BatchState, Moment
from app.core.model.lanes import Lane
from app.core.model.providers import Limits, NamedLimit
from app.core.model.remote import Remote

NOW = 100_000.0
LANE = Lane("openai", "/v1/chat/completions", "gpt-5")
LIMIT = 1_500_000


def batch(id: str, tokens: int, state: BatchState = "uploaded", **more: object) -> Batch:
    """A batch, made at the second that its id ends with."""
    made = float("".join(each for each in id if each.isdigit()) or 0)
    return Batch(**{"id": id, "lane": LANE, "tokens": tokens, "state": state, "created": made, **more})  # type: ignore[arg-type]


def whys(batches: Sequence[Batch], limits: dict[str, Limits] | None = None, now: float = NOW) -> dict[str, str]:
    return {id: one.why for id, one in capacity.decide(batches, limits or {}, now).items()}


def waiting_since(when: float) -> tuple[Moment, ...]:
    return (Moment(when, "uploaded"), Moment(when, "waiting"))


# --- limits ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-5", 1_500_000),
        ("gpt-5-mini", 5_000_000),
        ("gpt-5-mini-2025-08-07", 5_000_000),
        ("gpt-4o", 90_000),
        ("gpt-4o-mini-2024-07-18", 2_000_000),
        ("o3", 90_000),
        ("gpt-4.1-nano", 2_000_000),
        ("text-embedding-3-large", 3_000_000),
        ("omni-moderation-latest", 1_000_000),
        ("a-model-of-tomorrow", capacity.DEFAULT),
    ],
)
def test_the_longest_beginning_of_the_name_counts(model: str, tokens: int) -> None:
    """By the table; a model that it does not know has the default."""
    assert capacity.limit_of(None, model).tokens == tokens


def test_the_persons_own_limit_counts_more_than_the_table() -> None:
    """By the longest beginning, too."""
    limits = Limits(id="openai", own={"gpt": 5, "gpt-5": 7, "gpt-5-mini": 9})
    assert capacity.limit_of(limits, "gpt-5-2025-08-07") == capacity.Limit(7, "own", "gpt-5")
    assert capacity.limit_of(limits, "gpt-4o") == capacity.Limit(5, "own", "gpt")
    assert capacity.limit_of(limits, "o3").source == "table"


def test_what_the_provider_said_counts_more_than_the_table_and_lowers_ones_own() -> None:
    """It knows the account; the person's own figure is only taken back by what is lower."""
    told = {"gpt-5": NamedLimit(100, 5.0)}
    assert capacity.limit_of(Limits(id="p", stated=told), "gpt-5-2025-08-07") == capacity.Limit(100, "told", "gpt-5", 5.0)
    assert capacity.limit_of(Limits(id="p", stated=told, own={"gpt": 50}), "gpt-5").source == "own"
    assert capacity.limit_of(Limits(id="p", stated=told, own={"gpt": 500}), "gpt-5").source == "told"
    assert capacity.limit_of(Limits(id="p", stated=told), "gpt-5-mini").source == "table"


def test_the_practice_provider_takes_any_amount_until_it_says_otherwise() -> None:
    """What is simulated needs no account."""
    assert capacity.limit_of(None, "gpt-4o", practice=True).tokens == 0
    assert capacity.limit_of(Limits(id="practice", stated={"gpt-4o": NamedLimit(9, 1.0)}), "gpt-4o", practice=True).tokens == 9
    one = batch("b1", 10**12, practice=True)
    assert whys([one]) == {"b1": "goes"}


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        (
            "Enqueued token limit reached for gpt-5 in organization org-x. Limit: 2,000,000 enqueued tokens. Please try again once some "
            "in_progress batches have been completed.",
            2_000_000,
        ),
        ("limit: 90000 tokens", 90_000),
        ("Limit: 1 000 000 enqueued tokens", 1_000_000),
        ("Enqueued token limit reached.", 0),
        ("Limit: 0 enqueued tokens", 0),
        ("Limit: 999999999999999999999999 enqueued tokens", 0),
        ("Limit: 5 requests", 0),
        ("The number of enqueued tokens has surpassed the configured limit of 30K for the deployment 'gpt-4.1-night'.", 30_000),
        ("surpassed the configured limit of 1.5M for the deployment 'x'", 1_500_000),
        ("limit of 30000 for the deployment 'x'", 30_000),
        ("limit is 2,000 k tokens", 2_000_000),
        ("Limit: 1,5 M", 1_500_000),
        ("rate limit of 30K requests", 0),
        ("limit of 30kilo", 0),
        ("limit of 500 files", 0),
        ("limit of 9,999,999,999,999B", 0),
        ("", 0),
    ],
)
def test_the_limit_in_a_providers_words(said: str, tokens: int) -> None:
    """Only a plausible number of tokens is one."""
    assert capacity.told_limit(said) == tokens


# --- what is counted -------------------------------------------------------------------------------------------------------------


def test_a_batch_takes_room_until_the_provider_has_ended_it() -> None:
    """From the moment it may be made; also while it is finalized or cancelled; not while answers are fetched."""
    states: tuple[BatchState, ...] = get_args(BatchState)
    for state in states:
        assert capacity.holds(batch("b1", 5, state)) == (state in capacity.TAKERS), state
    for status in pipeline.ENDINGS:
        assert not capacity.holds(batch("b1", 5, "finalizing", remote=Remote(id="r", status=status)))


def test_tokens_are_estimated_from_the_bytes_where_nobody_did() -> None:
    """A batch of an older program has no estimate."""
    assert capacity.need(batch("b1", 0, size=4_001)) == 1_001
    assert capacity.need(batch("b1", 7, size=4_001)) == 7


def test_a_snapshot_is_counted_with_its_model_and_another_model_is_not() -> None:
    """So are batches of other providers."""
    snapshot = replace(LANE, model="gpt-5-2025-08-07")
    others = [
        batch("b1", LIMIT, "in_progress", lane=replace(LANE, model="gpt-5-mini")),
        batch("b2", LIMIT, "in_progress", lane=replace(LANE, profile="other")),
        batch("b3", LIMIT, "done"),
    ]
    assert whys([*others, batch("b4", LIMIT)]) == {"b4": "goes"}
    assert whys([*others, batch("b5", 1, "in_progress", lane=snapshot), batch("b4", LIMIT)]) == {"b4": "full"}


# --- who goes --------------------------------------------------------------------------------------------------------------------


def test_two_batches_do_not_take_the_same_room() -> None:
    """The second waits for the first, and is told for whom."""
    found = capacity.decide([batch("b1", 800_000), batch("b2", 800_000)], {}, NOW)
    assert [one.why for one in found.values()] == ["goes", "full"]
    assert (found["b2"].taken, found["b2"].takers, found["b2"].need) == (800_000, 1, 800_000)


def test_the_oldest_goes_first_and_a_small_one_may_pass_one_that_does_not_fit() -> None:
    """Room is not left idle."""
    running = batch("b1", 1_000_000, "in_progress", remote=Remote(id="r", status="in_progress", expires_at=NOW + 50))
    found = capacity.decide([running, batch("b4", 300_000), batch("b3", 300_000), batch("b2", 900_000)], {}, NOW)
    assert {id: one.why for id, one in found.items()} == {"b2": "full", "b3": "goes", "b4": "full"}
    assert found["b2"].until == NOW + 50, "it fits when the first has ended"
    assert found["b4"].until == 0.0, "nobody knows when the one ends that is only about to be made"


def test_small_ones_pass_a_big_one_for_an_hour_and_no_longer() -> None:
    """Else a stream of small ones could keep it out for ever."""
    running = batch("b1", 1_000_000, "in_progress")
    small = batch("b3", 300_000)
    for waited, why in [(capacity.PATIENCE - 1, "goes"), (capacity.PATIENCE, "behind")]:
        big = batch("b2", 900_000, "waiting", timeline=waiting_since(NOW - waited))
        found = capacity.decide([running, big, small], {}, NOW)
        assert (found["b2"].why, found["b3"].why) == ("full", why)
    assert whys([big, small]) == {"b2": "goes", "b3": "goes"}, "its turn comes when the others have ended"


def test_a_batch_over_the_whole_limit_does_not_wait_for_ever_and_holds_up_nobody() -> None:
    """Waiting cannot help it: the person decides."""
    big = batch("b1", LIMIT + 1, "waiting", timeline=waiting_since(0.0))
    assert whys([big, batch("b2", LIMIT)]) == {"b1": "too_large", "b2": "goes"}
    assert whys([replace(big, ignore_capacity=True)]) == {"b1": "goes"}
    assert whys([big], {"openai": Limits(id="openai", own={"gpt-5": LIMIT + 1})}) == {"b1": "goes"}


def test_what_the_person_sends_anyway_takes_its_room_first() -> None:
    """The others are promised only what is left."""
    assert whys([batch("b1", 800_000), batch("b2", 800_000, "waiting", ignore_capacity=True)]) == {"b2": "goes", "b1": "full"}


def test_after_a_refusal_only_smaller_ones_pass() -> None:
    """One as large would be refused as well."""
    refused = batch("b1", 500_000, "waiting", refusals=1, retry_at=NOW + 300)
    found = capacity.decide([refused, batch("b2", 500_000), batch("b3", 499_999)], {}, NOW)
    assert [(one.why, one.until) for one in found.values()] == [
        ("refused", NOW + 300),
        ("behind", 0.0),
        ("goes", 0.0),
    ]
    assert whys([refused, batch("b2", 500_000)], now=NOW + 300) == {"b1": "goes", "b2": "goes"}


def test_after_too_many_refusals_the_person_is_asked() -> None:
    """Neither it nor anybody else waits for that."""
    asking = batch("b1", 500_000, "waiting", refusals=len(retry.NO_ROOM) + 1)
    assert capacity.asks(asking)
    assert whys([asking, batch("b2", 500_000)]) == {"b1": "asks", "b2": "goes"}


# --- whatever there is -----------------------------------------------------------------------------------------------------------

STATES: st.SearchStrategy[BatchState] = st.sampled_from(
    ("uploaded", "waiting", "waiting", "creating", "in_progress", "finalizing", "cancelling", "done", "planned")
)


@st.composite
def crowds(draw: st.DrawFn) -> list[Batch]:
    """Batches of one lane in any state, with a limit of 100 tokens."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        state = draw(STATES)
        refusals = draw(st.sampled_from((0, 0, 0, 1, 6))) if state == "waiting" else 0
        found.append(
            batch(
                f"b{number}",
                draw(st.integers(1, 120)),
                state,
                refusals=refusals,
                retry_at=draw(st.sampled_from((0.0, NOW + 60))) if refusals == 1 else 0.0,
                timeline=waiting_since(NOW - draw(st.sampled_from((10.0, 4_000.0)))) if state == "waiting" else (),
            )
        )
    return found


HUNDRED = {"openai": Limits(id="openai", own={"gpt-5": 100})}


@given(crowds())
def test_never_over_the_limit(crowd: list[Batch]) -> None:
    """What goes fits beside what is there, all together."""
    found = capacity.decide(crowd, HUNDRED, NOW)
    going = sum(one.need for one in found.values() if one.why == "goes")
    there = sum(capacity.need(one) for one in crowd if capacity.holds(one))
    assert not going or there + going <= 100


@given(crowds())
def test_never_idle_when_one_fits(crowd: list[Batch]) -> None:
    """Who could be made after those that go is held up by an older one, and that one has a reason to."""
    found = capacity.decide(crowd, HUNDRED, NOW)
    by_id = {one.id: one for one in crowd}
    there = sum(capacity.need(one) for one in crowd if capacity.holds(one))
    there += sum(one.need for one in found.values() if one.why == "goes")
    for id, one in found.items():
        if one.why in ("full", "behind") and there + one.need <= 100:
            assert one.why == "behind"
            older = [other for name, other in found.items() if by_id[name].created < by_id[id].created]
            assert any((ahead.why, ahead.need <= one.need) == ("refused", True) or ahead.why == "full" for ahead in older)


@given(crowds())
def test_the_order_is_that_of_their_making(crowd: list[Batch]) -> None:
    """A younger one goes before an older one only where that one does not fit, or must not."""
    found = capacity.decide(crowd, HUNDRED, NOW)
    taken = sum(capacity.need(one) for one in crowd if capacity.holds(one))
    for one in sorted((one for one in crowd if one.id in found), key=lambda one: one.created):
        verdict = found[one.id]
        if verdict.why == "goes":
            taken += verdict.need
        elif verdict.why == "full":
            assert taken + verdict.need > 100
        else:
            assert verdict.why in ("behind", "refused", "too_large", "asks")


@given(crowds(), st.randoms())
def test_however_the_batches_are_read_the_verdicts_are_the_same(crowd: list[Batch], random: object) -> None:
    """They follow from what is stored, not from who looks first."""
    shuffled = list(crowd)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert capacity.decide(shuffled, HUNDRED, NOW) == capacity.decide(crowd, HUNDRED, NOW)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.randoms())
def test_everybody_gets_a_turn(sizes: list[int], random: object) -> None:
    """Ever new small ones come, and batches end in any order: each of the first crowd is made within its patience and a day."""
    crowd = {f"b{number}": batch(f"b{number}", size) for number, size in enumerate(sizes)}
    now, made = NOW, 0
    while any(id in crowd and crowd[id].state in capacity.WANTS for id in map("b{}".format, range(len(sizes)))):
        assert now < NOW + capacity.PATIENCE + 24 * 3_600 * (len(sizes) + 1), "somebody starves"
        made += 1
        crowd[f"b{1000 + made}"] = batch(f"b{1000 + made}", 5)
        for id, verdict in capacity.decide(crowd.values(), HUNDRED, now).items():
            one = crowd[id]
            event = pipeline.CapacityReserved() if verdict.why == "goes" else pipeline.CapacityUnavailable()
            if verdict.why == "goes" or one.state == "uploaded":
                crowd[id] = pipeline.advance(one, event, now)
        running = [id for id, one in crowd.items() if one.state == "creating"]
        if running and random.random() < 0.8:  # type: ignore[attr-defined]
            del crowd[random.choice(running)]  # type: ignore[attr-defined]
        now += 600.0


def test_the_default_waits_are_those_of_the_batch_manager() -> None:
    """5, 10, 20, 40, 80 minutes; then the person is asked."""
    waits = [retry.no_room(number) for number in range(1, 7)]
    assert waits == [300, 600, 1_200, 2_400, 4_800, None]
    assert math.isclose(sum(retry.NO_ROOM_PRACTICE) * 60, sum(retry.NO_ROOM))
