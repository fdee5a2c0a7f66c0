"""When a lane's requests go out by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.model.settings import Automatic
from app.core.queue.auto_submit import CHOSEN_BEFORE, SAID, LaneFacts, Outlook, given_back, origin, outlook, waits

NOW = 1_700_000_000.0
HOUR = 3_600.0
LANE = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
OPENAI = Profile(id="openai", name="OpenAI")
PRACTICE = Profile(id="practice", name="Practice", practice=True)


def facts(**changes) -> LaneFacts:
    """One request that came this moment, for a provider about which everything was said long ago."""
    plain = LaneFacts(requests=1, oldest=NOW, full=False, after=HOUR, profile=OPENAI, noticed_at=NOW - 86_400)
    return replace(plain, **changes)


def batch(state="withdrawn", updated=NOW, problem=None, created=NOW - 60, lane=LANE) -> Batch:
    return Batch(id="b", lane=lane, state=state, created=created, updated=updated, problem=problem)


PASSES = Problem(code="server", what="It was busy.", retry=True)
STAYS = Problem(code="quota", what="The account has no credit.")


def test_the_oldest_request_waits_for_as_long_as_was_set():
    """An hour if nothing else was chosen; everything that came until then goes with it."""
    assert Automatic(id="openai").after == HOUR
    assert outlook(facts(), NOW) == Outlook("wait", "age", NOW + HOUR)
    assert outlook(facts(), NOW + HOUR - 1).step == "wait"
    assert outlook(facts(), NOW + HOUR) == Outlook("all", "age", NOW + HOUR)


def test_full_batches_go_at_once_and_the_rest_waits():
    """Until its time has come as well."""
    assert outlook(facts(full=True), NOW) == Outlook("full", "full", NOW)
    assert outlook(facts(full=True), NOW + HOUR).step == "all"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"requests": 0}, "empty"),
        ({"profile": None}, "no_provider"),
        ({"after": 0.0}, "off"),
        ({"held": True}, "held"),
        ({"given_back": batch(problem=STAYS)}, "given_back"),
        ({"given_back": batch(problem=None)}, "given_back"),
        ({"key": False}, "no_key"),
        ({"key_fits": False}, "bad_key"),
        ({"reachable": False}, "reload"),
        ({"online": False}, "offline"),
        ({"edited": True}, "edited"),
    ],
)
def test_what_stands_in_the_way_is_named(changes, why):
    """However old or many the requests are; and it goes when something changes, not at a time."""
    for full in (False, True):
        assert outlook(facts(**changes, full=full), NOW + 10 * HOUR) == Outlook("wait", why)


def test_a_newcomer_is_not_surprised_by_money():
    """Of a provider that bills, nothing goes before the queue's view has said so, and not right after."""
    untold = facts(noticed_at=0.0)
    assert outlook(untold, NOW + 10 * HOUR) == Outlook("wait", "untold", NOW + 10 * HOUR + SAID)
    assert outlook(untold, NOW).at == NOW + HOUR
    assert outlook(replace(untold, full=True), NOW) == Outlook("wait", "untold", NOW + SAID)
    just_told = facts(noticed_at=NOW, full=True)
    assert outlook(just_told, NOW + 1) == Outlook("wait", "full", NOW + SAID)
    assert outlook(just_told, NOW + SAID).step == "full"
    late = facts(noticed_at=NOW + 5 * HOUR)
    assert outlook(late, NOW + 5 * HOUR + 1).step == "wait"
    assert outlook(late, NOW + 5 * HOUR + SAID).step == "all"


def test_practice_costs_nothing_and_needs_no_words():
    """Nothing was told, and no key is there."""
    assert outlook(facts(profile=PRACTICE, noticed_at=0.0), NOW + HOUR).step == "all"
    assert outlook(facts(profile=PRACTICE, noticed_at=0.0, full=True), NOW).step == "full"


def test_a_short_wait_is_short_from_the_first_time_on():
    """Who sets a minute does not wait five for it."""
    assert outlook(facts(noticed_at=NOW, after=60.0), NOW + 60).step == "all"


def test_what_passes_by_itself_is_tried_again_after_a_while():
    """A batch that a busy provider refused gives its requests back: they wait their time anew, and are not sent in a circle."""
    returned = facts(oldest=NOW - 5 * HOUR, given_back=batch(updated=NOW, problem=PASSES))
    assert outlook(returned, NOW) == Outlook("wait", "age", NOW + HOUR)
    assert outlook(returned, NOW + HOUR).step == "all"
    assert outlook(replace(returned, full=True), NOW).step == "wait"


def test_only_the_newest_batch_of_the_lane_counts():
    """A later one that went well, another lane's, and one about which the person has acted stand in nobody's way."""
    chosen = Automatic(id="openai")
    back = batch()
    assert given_back([back], LANE, chosen) is back
    assert given_back([back, batch("done", created=NOW)], LANE, chosen) is None
    assert given_back([batch("done", created=NOW - 99), back], LANE, chosen) is back
    assert given_back([back], Lane("openai", "/v1/responses", "gpt-4o-mini"), chosen) is None
    assert given_back([back], LANE, replace(chosen, opened={LANE.key: NOW})) is None
    assert given_back([back], LANE, replace(chosen, opened={LANE.key: NOW - 1})) is back
    assert given_back([], LANE, chosen) is None


some_facts = st.builds(
    LaneFacts,
    requests=st.integers(0, 3),
    oldest=st.floats(NOW - 2 * HOUR, NOW),
    full=st.booleans(),
    after=st.sampled_from([0.0, 1.0, 60.0, HOUR]),
    profile=st.sampled_from([None, OPENAI, PRACTICE]),
    held=st.booleans(),
    key=st.booleans(),
    noticed_at=st.just(0.0) | st.floats(NOW - 2 * HOUR, NOW),
    given_back=st.none() | st.builds(batch, problem=st.sampled_from([None, PASSES, STAYS])),
)


@given(some_facts, st.floats(0, 3 * HOUR))
def test_a_wait_ends_when_it_says_so(given_facts, later):
    """What waits until a time goes at that time and not before, if nothing else changes; what goes had a reason that is named."""
    now = NOW + later
    found = outlook(given_facts, now)
    if found.step == "wait":
        assert found.why not in ("age", "full") or found.at > now
        if found.why in ("age", "full"):
            assert outlook(given_facts, found.at).step != "wait"
            assert outlook(given_facts, (now + found.at) / 2).step == "wait"
    else:
        assert found.why in ("age", "full")
        assert given_facts.requests
        assert not given_facts.held
        assert given_facts.profile is PRACTICE or given_facts.noticed_at
        assert found.step == "full" or now >= given_facts.oldest + given_facts.after


@given(st.sampled_from([CHOSEN_BEFORE, 0.0, 60.0, 86_400.0]), st.none() | st.sampled_from([0.0, 60.0, HOUR]))
def test_nobody_is_billed_who_did_not_ask(after, own):
    """Requests made by hand go by themselves only after a time that somebody chose: for them, or for all in a version without the
    difference. Programs' go as they always did."""
    chosen = Automatic(id="openai", after=after, own=own)
    assert waits(chosen, "programs") == after
    assert waits(chosen, "own") == (own if own is not None else 0.0 if after == CHOSEN_BEFORE else after)
    assert waits(Automatic(id="openai"), "own") == 0.0


def test_a_segment_knows_its_origin():
    """A program's, or one that its person submitted before, is not made by hand."""
    made = Segment(id="s", owner="queue:x", seq=1.0, bytes_id="b", ids=("a",), ends=(1,))
    assert [origin(replace(made, from_program=h, submitted_by_person=a)) for h, a in [(False, False), (True, False), (False, True)]] == [
        "own",
        "programs",
        "programs",
    ]
