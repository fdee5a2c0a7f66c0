"""A batch moves by the table and by nothing else."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import pipeline as p
from app.core.batches.pipeline import life
from app.core.model.batches import Batch, Fetched, Tally
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.remote import Remote, RemoteError

NOW = 1_000.0
LANE = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
BROKEN = Problem(code="broken", what="It broke off.", retry=True, doubtful=True)
LIMITED = Problem(code="rate_limited", what="Too many calls.", retry=True)
WRONG_KEY = Problem(code="wrong_key", what="Wrong key.", blame="person")
BLOCKED = Problem(code="blocked", what="Blocked.", blame="person", doubtful=True)
OFFLINE = Problem(code="offline", what="Offline.", retry=True, doubtful=True)
LISTING = Problem(code="broken", what="It broke off.", retry=True)


def planned(uniqueness_verified: bool = True) -> Batch:
    """``uniqueness_verified``: it was looked whether the create arrived twice."""
    return p.plan(Batch(id="b1", lane=LANE, requests=3, size=300, uniqueness_verified=uniqueness_verified), NOW)


def after(batch: Batch, *events: p.Event, now: float = NOW) -> Batch:
    for event in events:
        batch = p.advance(batch, event, now)
    return batch


def at(state: str) -> Batch:
    """A batch that came to ``state`` by the ordinary way."""
    way: list[tuple[str, p.Event]] = [
        ("uploading", p.UploadBegins()),
        ("uploaded", p.Uploaded("file-1")),
        ("waiting", p.CapacityUnavailable()),
        ("creating", p.CapacityReserved()),
        ("creating", p.CreateBegins()),
        ("validating", p.Created(remote("validating"))),
        ("in_progress", p.Polled(remote("in_progress"))),
        ("finalizing", p.Polled(remote("finalizing"))),
        ("downloading", p.Polled(remote("completed", output="o", error="e"))),
        ("reconciling", p.Downloaded(Fetched("output", 1, 10))),
        ("reconciling", p.Downloaded(Fetched("error", 1, 10))),
    ]
    if state == "adopting":
        return p.adopt(planned(), NOW)
    batch = planned()
    for name, event in way:
        if batch.state == state and (state != "creating" or batch.outcome_unknown):
            return batch
        if name == "downloading" and state == "cancelling":
            return p.advance(batch, p.CancelRequested(), NOW)
        batch = p.advance(batch, event, NOW)
    assert batch.state == state
    return batch


def remote(status: str, *, output: str = "", error: str = "", completed: int = 0, errors: tuple[RemoteError, ...] = ()) -> Remote:
    return Remote(id="r1", status=status, output_file_id=output, error_file_id=error, completed=completed, errors=errors)


# --- the ordinary way --------------------------------------------------------------------------------------------------------------


def test_the_ordinary_way_from_plan_to_done():
    """Each step is due in its turn, and the batch ends done with its tally."""
    batch, seen = planned(), []
    answers: dict[type[p.Effect], p.Event] = {
        p.Upload: p.Uploaded("file-1"),
        p.ReserveCapacity: p.CapacityReserved(),
        p.Create: p.Created(remote("validating")),
        p.Poll: p.Polled(remote("completed", output="o")),
        p.Download: p.Downloaded(Fetched("output", 1, 10)),
        p.Reconcile: p.Reconciled(Tally(answered=3)),
    }
    now = NOW
    while batch.state not in p.FINAL:
        now = max(now, batch.retry_at)
        effect = p.due(batch, now)
        assert effect is not None
        seen.append(type(effect).__name__)
        begins = p.intent(effect)
        batch = after(batch, *([begins] if begins else []), answers[type(effect)], now=now)
    assert seen == ["Upload", "ReserveCapacity", "Create", "Poll", "Download", "Reconcile"]
    assert (batch.state, batch.tally.answered, batch.ending) == ("done", 3, "completed")
    assert [moment.state for moment in batch.timeline] == [
        *("planned", "uploading", "uploaded", "creating", "validating", "downloading", "reconciling", "done")
    ]


@pytest.mark.parametrize(("ending", "state"), list(p.ENDINGS.items()))
def test_each_ending_of_the_provider_has_its_state(ending, state):
    """Files are fetched whatever the ending; only then does the batch end."""
    batch = after(at("in_progress"), p.Polled(remote(ending, output="o", error="e")))
    assert batch.state == "downloading"
    batch = after(batch, p.Downloaded(Fetched("output", 1, 9)), p.Downloaded(Fetched("error", 1, 9)), p.Reconciled(Tally(answered=3)))
    assert batch.state == state


@pytest.mark.parametrize("ending", ["completed", "expired", "cancelled"])
def test_an_ending_without_files_is_reconciled_all_the_same(ending):
    """Every request gets its row in the ledger although nothing can be fetched."""
    assert after(at("in_progress"), p.Polled(remote(ending))).state == "reconciling"


def test_a_batch_that_failed_before_it_began_says_why():
    """No files: it ends at once, every request counted, with the provider's first error in words."""
    errors = (RemoteError(code="invalid_json_line", message="This line is not parseable as valid JSON.", line=7),)
    batch = after(at("validating"), p.Polled(remote("failed", errors=errors)))
    assert (batch.state, batch.tally.failed) == ("failed", 3)
    assert batch.problem is not None
    assert "line 7" in batch.problem.what
    assert "nothing is billed" in batch.problem.means


def test_an_unknown_status_is_kept_noted_once_and_asked_about_again():
    """Unknown statuses will come; the state stays and polling goes on."""
    batch = after(at("in_progress"), p.Polled(remote("dreaming")), p.Polled(remote("dreaming")))
    assert batch.state == "in_progress"
    assert batch.remote is not None
    assert batch.remote.status == "dreaming"
    assert [moment.note for moment in batch.timeline if "dreaming" in moment.note] == ["The provider calls it “dreaming”."]
    assert isinstance(p.due(batch, batch.retry_at), p.Poll)


def test_a_create_may_be_answered_by_a_batch_that_has_ended_already():
    """A quick provider skips every state in between."""
    assert after(at("creating"), p.Created(remote("completed", output="o"))).state == "downloading"


def test_a_batch_ends_only_when_it_was_looked_for_a_second_one():
    """Chromium sends a POST twice when a connection breaks. While the list cannot be read, what ended is asked about again; when it can, it
    goes on, and the second batch is told of."""
    ran = after(
        planned(uniqueness_verified=False),
        p.UploadBegins(),
        p.Uploaded("file-1"),
        p.CapacityReserved(),
        p.CreateBegins(),
        p.Created(remote("validating")),
    )
    waits = after(ran, p.Polled(remote("completed", output="o")))
    assert (waits.state, waits.ending, waits.retry_at) == ("finalizing", "completed", NOW + retry.POLL_FIRST)
    goes_on = after(waits, p.Polled(remote("completed", output="o"), twins=("batch_2",)))
    assert (goes_on.state, goes_on.uniqueness_verified) == ("downloading", True)
    assert "batch_2" in goes_on.timeline[-2].note


def test_a_provider_whose_batches_cannot_be_listed_does_not_hold_up_the_answers():
    """After a minute the batch goes on, and its timeline says what is open."""
    batch = after(
        planned(uniqueness_verified=False),
        p.UploadBegins(),
        p.Uploaded("file-1"),
        p.CapacityReserved(),
        p.CreateBegins(),
        p.Created(remote("validating")),
    )
    for _ in range(retry.TWIN_LOOKS):
        batch = after(batch, p.Polled(remote("completed", output="o")))
        assert batch.state == "finalizing"
    batch = after(batch, p.Polled(remote("completed", output="o")))
    assert (batch.state, batch.uniqueness_verified) == ("downloading", False)
    assert any("arrived twice" in one.note for one in batch.timeline)


def test_a_machine_whose_clock_is_a_week_ahead_looks_soon_whether_the_call_arrived_twice():
    """The listing after the create failed; a batch is young by this machine's clock, whatever the provider's says."""
    week = 7 * 86_400.0
    made = after(
        planned(uniqueness_verified=False), p.UploadBegins(), p.Uploaded("file-1"), p.CapacityReserved(), p.CreateBegins(), now=NOW + week
    )
    made = after(made, p.Created(replace(remote("validating"), created_at=NOW)), now=NOW + week)
    assert not made.uniqueness_verified
    assert made.retry_at - (NOW + week) <= 1.2 * retry.POLL_FIRST


def test_files_that_come_late_are_waited_for_a_few_times():
    """A batch that counts answers and names no file is asked about again, then reconciled with what there is."""
    batch = at("in_progress")
    for _ in range(retry.LATE_FILES):
        batch = after(batch, p.Polled(remote("completed", completed=3)))
        assert batch.state == "finalizing"
        assert batch.retry_at > NOW
    assert after(batch, p.Polled(remote("completed", completed=3, output="o"))).state == "downloading"
    assert after(batch, p.Polled(remote("completed", completed=3))).state == "reconciling"


# --- intent and doubt --------------------------------------------------------------------------------------------------------------


def test_the_intent_is_stored_before_an_upload_and_a_create():
    """Only these two need it: all other calls can be made twice."""
    assert p.intent(p.Upload()) == p.UploadBegins()
    assert p.intent(p.Create()) == p.CreateBegins()
    for effect in (p.FindFile(), p.FindBatch(), p.Poll(), p.CancelRemote(), p.Download("output", "o"), p.Reconcile()):
        assert p.intent(effect) is None


def test_after_a_reload_in_the_middle_of_an_upload_the_file_is_looked_for():
    """Found: it is used. Not found: it is uploaded."""
    batch = at("uploading")
    assert p.due(batch, NOW) == p.FindFile()
    assert p.due(after(batch, p.Uploaded("file-1")), NOW) == p.ReserveCapacity()
    assert p.due(after(batch, p.FileNotFound()), NOW) == p.Upload()


def test_after_a_reload_in_the_middle_of_a_create_the_batch_is_looked_for_twice():
    """When the create can no longer arrive, two listings without it, at least five seconds apart, allow another create."""
    batch = at("creating")
    assert p.due(batch, NOW) == p.FindBatch()
    late = NOW + retry.LATE_CREATE
    batch = after(batch, p.BatchNotFound(), now=late)
    assert p.due(batch, late + 4.9) is None
    assert p.due(after(batch, p.TryNow()), late + 4.9) is None
    assert p.due(batch, late + 5) == p.FindBatch()
    assert p.due(after(batch, p.BatchNotFound(), now=late + 5), late + 5) == p.Create()
    assert after(batch, p.Created(remote("validating"))).state == "validating"


def looked_for(batch: Batch) -> tuple[list[float], Batch]:
    """The seconds since the create at which it is looked for in vain, until that is over."""
    looks, now = [], NOW
    while p.due(batch, now) == p.FindBatch():
        looks.append(now - NOW)
        batch = after(batch, p.BatchNotFound(), now=now)
        now = max(now, batch.retry_at)
    return looks, batch


def test_a_create_without_an_answer_is_not_repeated_while_it_may_still_arrive():
    """A reload during a slow create: no listing counts as the last word before the call's 120 s and a margin are over."""
    looks, batch = looked_for(at("creating"))
    assert looks[-1] >= 150
    assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(looks))
    assert len(looks) > 4, "looking early finds a batch early"
    assert p.due(batch, NOW + looks[-1]) == p.Create()


def test_a_practice_batch_is_made_again_after_five_seconds():
    """Nobody pays for practice, and its provider is in the page."""
    looks, _batch = looked_for(replace(at("creating"), practice=True))
    assert looks == [0, 5]


def test_while_a_create_may_still_arrive_the_batch_says_why_it_waits():
    """The state stays, with a sentence and the time of the next look; the sentence goes with the wait."""
    batch = after(at("creating"), p.BatchNotFound())
    assert (batch.state, batch.outcome_unknown) == ("creating", True)
    assert batch.retry_at > NOW
    assert batch.problem is not None
    assert "does not list the batch yet" in batch.problem.what
    assert looked_for(at("creating"))[1].problem is None


def test_hurrying_or_failing_listings_shorten_no_wait_for_a_create():
    """«Try now» and a listing that fails in between still leave the last look to the time that makes it certain."""
    batch = after(at("creating"), p.BatchNotFound(), p.CallFailed("list", LISTING), p.TryNow(), p.BatchNotFound(), now=NOW + 70)
    assert batch.outcome_unknown
    assert batch.retry_at <= NOW + retry.LATE_CREATE


@pytest.mark.parametrize(("state", "call", "look"), [("uploading", "upload", p.FindFile()), ("creating", "create", p.FindBatch())])
def test_a_doubtful_failure_is_never_followed_by_a_blind_retry(state, call, look):
    """The next step after a lost answer is to look."""
    batch = after(at(state), p.CallFailed(call, BROKEN))
    assert p.due(batch, batch.retry_at) == look


@pytest.mark.parametrize(("state", "call", "again"), [("uploading", "upload", p.Upload()), ("creating", "create", p.Create())])
def test_a_certain_refusal_that_may_pass_is_tried_again_at_once_when_due(state, call, again):
    """Nothing was made, so there is nothing to look for."""
    batch = after(at(state), p.CallFailed(call, LIMITED))
    assert batch.retry_at > NOW
    assert p.due(batch, batch.retry_at) == again


def test_a_listing_that_is_refused_while_a_batch_may_exist_gives_nothing_back():
    """With a lost create and a key that no longer works, the requests must not be sent a second time."""
    batch = after(at("creating"), p.CallFailed("create", BROKEN))
    for _ in range(20):
        batch = after(batch, p.CallFailed("list", WRONG_KEY), now=batch.retry_at)
    assert batch.state == "creating"
    assert (batch.problem, batch.lookup_problem) == (BROKEN, WRONG_KEY), "what became of the create stays in sight"
    assert p.due(batch, batch.retry_at) == p.FindBatch()


def test_a_create_that_only_a_person_can_mend_but_may_have_worked_is_looked_for_and_then_given_back():
    """A blocked answer is looked for; two listings without the batch make it certain."""
    batch = after(at("creating"), p.CallFailed("create", BLOCKED))
    assert p.due(batch, batch.retry_at) == p.FindBatch()
    batch = after(batch, p.BatchNotFound(), p.BatchNotFound(), now=NOW + retry.LATE_CREATE)
    assert (batch.state, batch.problem) == ("withdrawn", BLOCKED)


# --- giving up and being patient ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "call"), [("uploading", "upload"), ("creating", "create"), ("uploading", "list"), ("planned", "upload")])
def test_what_only_a_person_can_mend_gives_the_requests_back(state, call):
    """Before there is a batch, a refusal ends in the queue, with the reason kept."""
    batch = after(at(state), p.CallFailed(call, WRONG_KEY))
    assert (batch.state, batch.problem) == ("withdrawn", WRONG_KEY) if state != "creating" or call == "create" else True
    assert batch.timeline[-1].note == "Wrong key."
    assert p.due(batch, NOW + 1e9) is None


@pytest.mark.parametrize(("state", "call"), [("uploading", "upload"), ("creating", "create")])
def test_used_up_tries_give_the_requests_back(state, call):
    """Four waits, each longer than the one before; the fifth failure ends it."""
    batch, waits = at(state), []
    now = NOW
    while batch.state == state:
        batch = p.advance(batch, p.CallFailed(call, LIMITED), now)
        waits.append(batch.retry_at - now)
        now = max(now, batch.retry_at)
        if batch.state == state:
            batch = after(batch, *filter(None, [p.intent(p.due(batch, now) or p.Poll())]), now=now)
    assert batch.state == "withdrawn"
    assert waits[:4] == pytest.approx(list(retry.CALM))


def test_lost_creates_end_in_the_queue_only_after_looking():
    """Five creates without an answer, each looked for until it can no longer arrive: then it is certain that there is no batch."""
    batch, now, creates = at("creating"), NOW, 1
    while batch.state == "creating":
        batch = p.advance(batch, p.CallFailed("create", BROKEN), now)
        while batch.state == "creating" and batch.outcome_unknown:
            now = max(now, batch.retry_at)
            assert p.due(batch, now) == p.FindBatch()
            batch = p.advance(batch, p.BatchNotFound(), now)
        if batch.state == "creating":
            assert p.due(batch, now) == p.Create()
            batch = p.advance(batch, p.CreateBegins(), now)
            creates += 1
    assert batch.state == "withdrawn"
    assert creates == len(retry.CALM) + 1


@pytest.mark.parametrize(("state", "call"), [("uploading", "upload"), ("creating", "create"), ("in_progress", "poll")])
def test_being_offline_uses_up_no_tries(state, call):
    """A night without network ends nothing."""
    batch = at(state)
    for _ in range(100):
        batch = after(batch, p.CallFailed(call, OFFLINE), now=batch.retry_at or NOW)
    assert (batch.state, batch.tries) == (state, 0)
    assert batch.retry_at > NOW


@pytest.mark.parametrize("problem", [BROKEN, LIMITED, WRONG_KEY, Problem(code="batch_unknown", what="404")])
def test_no_failure_of_a_poll_ends_a_batch(problem):
    """It is shown, waited for up to five minutes, and gone with the next good answer."""
    batch = at("in_progress")
    for _ in range(50):
        now = max(NOW, batch.retry_at)
        batch = p.advance(batch, p.CallFailed("poll", problem), now, 0.99)
        assert 0 < batch.retry_at - now <= 300 * 1.2
    assert (batch.state, batch.problem) == ("in_progress", problem)
    assert after(batch, p.Polled(remote("in_progress"))).problem is None


def test_a_download_that_fails_is_made_again_from_its_beginning():
    """Until it is here whole, the same download is due, after growing waits; the person can hurry it."""
    batch = at("downloading")
    first = p.due(batch, NOW)
    batch = after(batch, p.CallFailed("download", BROKEN))
    assert p.due(batch, NOW) is None
    assert p.due(batch, batch.retry_at) == first == p.Download("output", "o")
    assert p.due(after(batch, p.TryNow()), NOW) == first


def test_an_answer_file_that_is_gone_does_not_stop_the_other():
    """The reason stays with the batch to its end."""
    gone = Problem(code="file_gone", what="The file is gone.")
    batch = after(at("downloading"), p.Downloaded(Fetched("output", gone=True), gone))
    assert p.due(batch, NOW) == p.Download("error", "e")
    batch = after(batch, p.Downloaded(Fetched("error", 1, 5)), p.Reconciled(Tally(missing=3)))
    assert batch.state == "done"
    assert any(moment.note == "The file is gone." for moment in batch.timeline)
    assert batch.problem == gone


def not_found() -> p.CallFailed:
    return p.CallFailed("download", Problem(code="file_gone", what="The file is gone.", retry=True))


def test_an_answer_file_that_is_not_there_is_asked_for_five_times():
    """It may not be readable yet, or the key may belong elsewhere: one 404 loses no paid answer."""
    batch = at("downloading")
    for _ in range(retry.MISSING_FILE - 1):
        batch = after(batch, not_found(), now=max(NOW, batch.retry_at))
        assert batch.retry_at > NOW
        assert p.due(batch, batch.retry_at) == p.Download("output", "o")
    batch = after(batch, not_found(), now=batch.retry_at)
    assert p.due(batch, batch.retry_at) == p.Download("error", "e")
    assert [(file.which, file.gone) for file in batch.fetched] == [("output", True)]


def test_other_failures_of_a_download_do_not_count_as_a_file_that_is_not_there():
    """After many broken connections a first 404 is still only the first."""
    batch = after(at("downloading"), *[p.CallFailed("download", BROKEN)] * 20, not_found())
    assert (batch.state, batch.fetched) == ("downloading", ())


def test_answers_that_are_not_here_can_be_fetched_again():
    """A file that was gone, or is lost in this browser, is downloaded again; what is here stays."""
    batch = after(at("downloading"), p.Downloaded(Fetched("output", 1, 5)), *[not_found()] * retry.MISSING_FILE)
    batch = after(batch, p.Reconciled(Tally(missing=3)))
    assert batch.state == "done"
    assert p.can_fetch_again(batch)
    batch = after(batch, p.FetchAgain())
    assert (batch.state, p.due(batch, NOW), batch.problem) == ("downloading", p.Download("error", "e"), None)
    batch = after(batch, p.Downloaded(Fetched("error", 1, 5)), p.Reconciled(Tally(answered=3), ("output",)))
    assert p.can_fetch_again(batch)
    again = after(batch, p.FetchAgain())
    assert p.due(again, NOW) == p.Download("output", "o")
    assert [file.which for file in again.fetched] == ["error"]


def test_a_ledger_that_cannot_be_read_is_made_again():
    """All files are here: nothing is fetched."""
    batch = after(replace(at("reconciling"), fetched=(Fetched("output", 1, 5), Fetched("error", 1, 5))), p.Reconciled(Tally(answered=3)))
    assert not p.can_fetch_again(batch)
    with pytest.raises(p.NoSuchMove):
        p.advance(batch, p.FetchAgain(), NOW)
    assert p.due(after(batch, p.FetchAgain(ledger=True)), NOW) == p.Reconcile()


def test_full_storage_is_waited_for_in_every_open_state():
    """Our own storage failing ends nothing either."""
    full = Problem(code="storage_full", what="Full.", blame="person")
    for state in sorted(set(p.MOVES) - p.FINAL - {""}):
        batch = after(at(state), p.CallFailed("store", full))
        assert (batch.state, batch.problem) == (state, full)
        assert batch.retry_at > NOW


# --- cancelling --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["planned", "uploading", "uploaded", "waiting"])
def test_cancelling_before_there_is_a_batch_gives_the_requests_back(state):
    """No call is needed."""
    assert after(at(state), p.CancelRequested()).state == "withdrawn"


def test_cancelling_while_a_batch_may_exist_waits_for_the_truth():
    """Found: it is cancelled there. Not found: the requests go back."""
    batch = after(at("creating"), p.CancelRequested())
    assert (batch.state, p.due(batch, NOW)) == ("creating", p.FindBatch())
    found = after(batch, p.Created(remote("in_progress")))
    assert (found.state, p.due(found, NOW)) == ("cancelling", p.CancelRemote())
    assert after(batch, p.BatchNotFound(), p.BatchNotFound(), now=NOW + retry.LATE_CREATE).state == "withdrawn"
    assert after(batch, p.CallFailed("create", LIMITED)).state == "withdrawn"


def test_cancelling_is_sent_until_the_provider_takes_it():
    """A lost answer is sent again; a refusal is followed by a look, then by another try."""
    batch = after(at("in_progress"), p.CancelRequested())
    assert p.due(batch, NOW) == p.CancelRemote()
    lost = after(batch, p.CallFailed("cancel", BROKEN))
    assert p.due(lost, lost.retry_at) == p.CancelRemote()
    refused = after(batch, p.CallFailed("cancel", Problem(code="cannot_cancel", what="No.")))
    assert p.due(refused, refused.retry_at) == p.Poll()
    still = after(refused, p.Polled(remote("in_progress")))
    assert p.due(still, still.retry_at) == p.CancelRemote()
    taken = after(batch, p.CancelAnswered(remote("cancelling")))
    assert (taken.state, p.due(taken, taken.retry_at)) == ("cancelling", p.Poll())


def test_a_batch_that_completes_first_is_done_and_not_cancelled():
    """What the provider finished counts."""
    batch = after(at("in_progress"), p.CancelRequested(), p.Polled(remote("completed", output="o")), p.Downloaded(Fetched("output", 1, 1)))
    assert after(batch, p.Reconciled(Tally(answered=3))).state == "done"


def test_cancelling_at_the_provider_is_followed():
    """A batch cancelled elsewhere is seen and brought to its end."""
    batch = after(at("in_progress"), p.Polled(remote("cancelling")))
    assert (batch.state, p.due(batch, batch.retry_at)) == ("cancelling", p.Poll())
    assert after(batch, p.Polled(remote("cancelled", output="o"))).state == "downloading"


# --- the table ---------------------------------------------------------------------------------------------------------------------


def test_an_event_in_the_wrong_state_is_named_and_changes_nothing():
    """The error says which event and which state."""
    batch = planned()
    with pytest.raises(p.NoSuchMove, match="Polled in state 'planned'") as caught:
        p.advance(batch, p.Polled(remote("in_progress")), NOW)
    assert (caught.value.state, caught.value.event) == ("planned", "Polled")
    assert batch == planned()


def test_a_failure_of_a_call_that_was_not_due_is_not_heard():
    """A late answer of an older step can't disturb a newer one."""
    with pytest.raises(p.NoSuchMove, match=r"CallFailed\(create\)"):
        p.advance(at("uploading"), p.CallFailed("create", BROKEN), NOW)


def test_an_illegal_move_is_refused_even_if_a_handler_wants_it(monkeypatch):
    """The table has the last word."""
    monkeypatch.setitem(life.HANDLERS, p.TryNow, lambda batch, *_: replace(batch, state="done"))
    with pytest.raises(p.NoSuchMove, match="would lead to 'done'"):
        p.advance(planned(), p.TryNow(), NOW)


def test_an_ending_leads_nowhere_but_to_fetching_again():
    """Ended is ended, but for answers that the person fetches once more, and a batch that nobody followed to its end."""
    assert p.MOVES["withdrawn"] == frozenset()
    for state in p.FINAL:
        assert p.MOVES[state] <= {"downloading", "reconciling", *(["finalizing"] if state == "done" else [])}
        assert p.legal(state, state)
        assert not p.legal(state, "planned")
    assert p.legal("", "planned")
    assert not p.legal("", "done")


def test_every_state_and_event_is_in_the_tables():
    """No event without a handler, no state without a row."""
    assert set(p.HEARD) == set(life.HANDLERS) == set(p.Event.__subclasses__())
    assert set().union(*p.MOVES.values()) | {""} == set(p.MOVES)
    assert set().union(*p.HEARD.values()) <= set(p.MOVES)


def test_the_document_shows_the_table():
    """docs/pipeline.md carries the diagram as generated; copy the expected text if the table was changed on purpose."""
    document = Path(__file__).parents[4].joinpath("docs/pipeline.md").read_text("utf-8")
    assert f"```mermaid\n{p.diagram()}\n```" in document


@pytest.mark.parametrize("state", ["planned", "creating", "validating", "in_progress", "cancelling", "downloading"])
def test_a_wait_of_a_time_that_has_not_come_is_over(state: str) -> None:
    """The machine's clock was set back while a batch waited: it goes on now, and not in an hour."""
    batch = replace(at(state), updated=NOW, retry_at=NOW + 30)
    assert p.due(batch, NOW + 1) is None
    assert p.due(batch, NOW + 30) is not None
    assert p.due(batch, NOW - 3_600) is not None
