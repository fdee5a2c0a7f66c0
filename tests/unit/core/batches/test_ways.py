"""Whatever call fails for ever, a batch is nowhere without a way on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import pipeline as p
from app.core.batches.pipeline.moves import CALLS, OPEN
from app.core.batches.pipeline.ways import CANCELLING_LONG, LOST, RETURNED, Way, ways
from app.core.model.batches import Batch, Fetched
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import accounts
from app.core.openai.problems import from_network, from_response, from_storage
from app.core.openai.wire import NetworkError, Response

NOW = 1_000.0
PROFILE = Profile(id="openai", name="OpenAI")
STATUSES = (302, 400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503)
KINDS = ("blocked", "policy", "unreachable", "broken", "timeout")
EVENTS: dict[Way, p.Event] = {"cancel": p.CancelRequested(), "return": p.Returned(), "give_up": p.GivenUp()}


def batch(state: str, **changes: object) -> Batch:
    """A batch in a state, as it comes there; a create or an upload is in doubt."""
    live = Remote(id="r1", status=state if state in p.LIVE else "cancelling" if state == "cancelling" else "completed", output_file_id="o")
    remote = live if state in (*p.LIVE, "cancelling", "downloading", "reconciling", "adopting") else None
    begun = {"outcome_unknown": state in ("uploading", "creating"), "create_began_at": NOW if state == "creating" else 0.0}
    fetched = (Fetched("output", 1, 5),) if state == "reconciling" else ()
    plain = Batch(id="b1", lane=Lane("openai", "/v1/x", "m"), requests=3, size=300, input_file_id="f1", uniqueness_verified=True)
    planned = p.plan(plain, NOW)
    return replace(planned, state=state, remote=remote, fetched=fetched, ending="completed", **begun, **changes)


def problems_of(call: str) -> list[Problem]:
    """Every failure that a call can end in for ever. Offline is none: that is a state of the machine, which the page says by itself."""
    if call == "store":
        return [from_storage("full"), from_storage("lost"), Problem(code="internal", what="A fault of ours.", doubtful=True)]
    found = [from_response(call, Response(status), PROFILE) for status in STATUSES]  # type: ignore[arg-type]
    found += [from_response(call, Response(200, {}, b"<html>"), PROFILE)]  # type: ignore[arg-type]
    found += [from_network(call, NetworkError(kind), PROFILE) for kind in KINDS]  # type: ignore[arg-type]
    found += [Problem(code=accounts.OTHER, what="Not with this key."), Problem(code="file_size", what="Too short.", retry=True)]
    return [*found, Problem(code="no_profile", what="It was removed."), Problem(code="internal", what="Ours.", doubtful=True)]


def fails_for_ever(one: Batch, call: str, problem: Problem) -> Batch:
    """So it goes on for a day, with everything else in between that does not fail."""
    now = NOW
    for _ in range(60):
        if one.state in p.FINAL or one.state not in CALLS[call]:
            return one
        now = max(now, one.retry_at)
        begins = (effect := p.due(one, now)) and p.intent(effect)
        one = p.advance(one, begins, now) if begins else one
        one = p.advance(one, p.CallFailed(call, problem), now)  # type: ignore[arg-type]
    return one


def leads_out(one: Batch, way: Way, now: float) -> bool:
    """Whether the person's step takes the batch out of where it is. The right key, the right id and deleting it do."""
    if way in ("claim", "bind", "delete"):
        return True
    after = p.advance(one, EVENTS[way], now)
    return after.state in p.FINAL or (way == "give_up" and after.state != one.state)


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize("call", sorted(CALLS))
def test_there_is_a_way_on_whatever_fails_for_ever(state: str, call: str) -> None:
    """Every state of the table times every call that can fail in it times every failure: the batch ends by itself, or the person has a way
    that leads out of it and needs neither the call that fails nor knowledge that they may not have."""
    for problem in problems_of(call):
        stuck = fails_for_ever(batch(state), call, problem)
        if stuck.state in p.FINAL or stuck.state not in CALLS[call]:
            continue
        offered = ways(stuck, stuck.retry_at + 86_400)
        out = [way for way in offered if way not in ("claim", "bind") and leads_out(stuck, way, stuck.retry_at + 86_400)]
        assert out, f"{stuck.state}, {call} fails for ever with {problem.code}: {offered} leads nowhere"


def test_a_cancelling_that_never_ends_can_be_given_up() -> None:
    """The provider took it and answers «cancelling» for ever: no call fails, and yet the batch would stay."""
    one = p.advance(batch("in_progress"), p.CancelRequested(), NOW)
    one = p.advance(one, p.CancelAnswered(Remote(id="r1", status="cancelling")), NOW)
    assert ways(one, NOW + 60) == ()
    late = NOW + CANCELLING_LONG
    one = p.advance(one, p.Polled(Remote(id="r1", status="cancelling"), ()), late)
    assert ways(one, late) == ("give_up",)
    left = p.advance(one, p.GivenUp(), late)
    assert (left.state, left.ending) == ("downloading", p.UNFOLLOWED), (
        "what it named is fetched; it is followed no longer, and can be again"
    )
    left = p.advance(left, p.Downloaded(Fetched(which="output", segments=1, size=9)), late)
    assert p.advance(left, p.Reconciled(left.tally), late).state == "done"


def test_a_create_that_nobody_can_look_for_can_be_given_up() -> None:
    """Nothing is known of a batch there: its requests stay with the record, to be queued again or deleted."""
    stuck = fails_for_ever(batch("creating"), "list", from_response("list", Response(404), PROFILE))
    ended = p.advance(stuck, p.GivenUp(), stuck.retry_at + 86_400)
    assert (ended.state, ended.problem.code if ended.problem else "", ended.tally.missing) == ("failed", LOST, 3)


def test_a_create_whose_listing_fails_keeps_its_own_failure_and_waits_until_it_is_certain() -> None:
    """502 at the create, 500 at every listing: both are in sight. The requests can go back only when the create can no longer arrive; the
    batch can be named at once."""
    broken = from_response("create", Response(502), PROFILE)
    listing = from_response("list", Response(500), PROFILE)
    one = p.advance(batch("creating"), p.CallFailed("create", broken), NOW)
    assert ways(one, NOW) == ("cancel",)
    one = p.advance(one, p.CallFailed("list", listing), NOW)
    assert (one.problem, one.lookup_problem) == (broken, listing)
    assert ways(one, NOW + 1) == ("bind",)
    with pytest.raises(p.NoSuchMove):
        p.advance(one, p.Returned(), NOW + 1)
    late = retry.certain_at(NOW)
    assert ways(one, late) == ("bind", "return", "give_up")
    back = p.advance(one, p.Returned(), late)
    assert (back.state, back.outcome_unknown, back.lookup_problem) == ("withdrawn", False, None)
    assert back.problem is not None
    assert back.problem.code == RETURNED
    assert "billed a second time" in back.problem.means


@pytest.mark.parametrize("state", ["creating", *p.LIVE, "cancelling"])
def test_a_batch_that_was_named_is_followed(state: str) -> None:
    """Its id at the provider was entered: from then on it goes its ordinary way. Where it does not carry our id, nothing else is cancelled
    as its twin."""
    stuck = fails_for_ever(
        replace(batch(state), uniqueness_verified=False), "list" if state == "creating" else "poll", Problem(code="x", what="No.")
    )
    remote = Remote(id="r9", status="in_progress", input_file_id="f9")
    for ours in (False, True):
        one = p.advance(stuck, p.Bound(remote, ours, account="a"), stuck.retry_at + 86_400)
        assert one.state == ("cancelling" if state == "cancelling" else "in_progress")
        assert one.remote == remote
        assert (one.problem, one.lookup_problem, one.outcome_unknown, one.uniqueness_verified, one.account) == (
            None,
            None,
            False,
            not ours,
            "a",
        )


@pytest.mark.parametrize("state", sorted(OPEN))
def test_another_accounts_key_decides_nothing(state: str) -> None:
    """However often a step fails for that reason: the state, the doubt and the tries stay, and only the person's word or the right key goes
    on."""
    for call in sorted(call for call, states in CALLS.items() if state in states and call not in ("store", "upload", "create")):
        before = batch(state)
        stuck = fails_for_ever(before, call, Problem(code=accounts.OTHER, what="Not with this key."))
        assert (stuck.state, stuck.outcome_unknown, stuck.tries) == (before.state, before.outcome_unknown, 0)
        assert "claim" in ways(stuck, stuck.retry_at)
        after = p.advance(stuck, p.Claimed(account="a2"), NOW + 5)
        assert (after.account, after.lookup_problem, after.retry_at) == ("a2", None, 0.0)
        assert after.problem is None or after.problem.code != accounts.OTHER


def test_a_batch_is_bound_when_its_intent_is_stored() -> None:
    """Before the call, so that a page that dies in it knows whose batch it may be; the first account stays."""
    one = p.advance(batch("planned"), p.UploadBegins(account="a1"), NOW)
    assert one.account == "a1"
    one = p.advance(replace(one, state="creating", outcome_unknown=False), p.CreateBegins(account="a2"), NOW)
    assert one.account == "a1"
    again = p.advance(replace(one, state="uploading", outcome_unknown=False), p.UploadBegins(account="a2"), NOW)
    assert again.account == "a2", "what goes up anew belongs where it goes"
    old = p.advance(batch("in_progress"), p.Polled(Remote(id="r1", status="in_progress"), (), account="a3"), NOW)
    assert old.account == "a3"


@given(st.sampled_from(sorted(OPEN)), st.sampled_from(sorted(CALLS)), st.integers(0, 5), st.floats(0, 500))
def test_what_is_not_offered_is_not_heard(state: str, call: str, times: int, later: float) -> None:
    """A wish that comes too early or too late changes nothing."""
    one = batch(state)
    for _ in range(times):
        if one.state in CALLS[call]:
            one = p.advance(one, p.CallFailed(call, from_response("poll", Response(500), PROFILE)), NOW)  # type: ignore[arg-type]
    offered = ways(one, NOW + later)
    for way, event in (("return", p.Returned()), ("give_up", p.GivenUp()), ("bind", p.Bound(Remote(id="r9", status="in_progress")))):
        if way in offered:
            p.advance(one, event, NOW + later)
        else:
            with pytest.raises(p.NoSuchMove):
                p.advance(one, event, NOW + later)


def test_an_answer_file_that_never_comes_is_gone_without() -> None:
    """The other files and the ledger follow; it can be fetched again later."""
    stuck = fails_for_ever(batch("downloading"), "download", from_response("download", Response(500), PROFILE))
    after = p.advance(stuck, p.GivenUp(), stuck.retry_at)
    assert after.state == "reconciling"
    done = p.advance(after, p.Reconciled(tally=stuck.tally), stuck.retry_at)
    assert p.can_fetch_again(done)


@pytest.mark.parametrize("status", ["in_progress", "validating", "dreaming", ""])
def test_one_look_at_a_batch_that_nobody_follows_begins_no_following(status: str) -> None:
    """A person who ended following decides: the provider is asked once more, and what it says that is no ending changes nothing."""
    left = replace(batch("in_progress"), remote=Remote(id="r1", status="in_progress"))
    left = p.advance(p.advance(left, p.StopFollowing(), NOW), p.Reconciled(left.tally), NOW)
    assert (left.state, left.ending) == ("done", p.UNFOLLOWED)
    asked = p.advance(left, p.FetchAgain(), NOW + 1)
    assert isinstance(p.due(asked, NOW + 1), p.Poll)
    told = p.advance(asked, p.Polled(Remote(id="r1", status=status), ()), NOW + 2)
    assert (told.state, told.ending) == ("reconciling", p.UNFOLLOWED)
    assert p.advance(told, p.Reconciled(told.tally), NOW + 3).state == "done"
    ended = p.advance(asked, p.Polled(Remote(id="r1", status="completed", output_file_id="o"), ()), NOW + 2)
    assert (ended.state, ended.ending) == ("downloading", "completed")
