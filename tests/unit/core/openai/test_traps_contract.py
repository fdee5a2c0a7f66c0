"""The traps that users of other tools fell into, by number, and the failures of the systems that this one replaces, by name.

The numbers are those of the batch contract's list of traps; what a trap is, each test says.
"""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.batches import pipeline as p
from app.core.batches.ledger import Ledger
from app.core.model.batches import Batch, Fetched, Tally
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import api, recognition
from app.core.openai.cutting import LineCutter
from app.core.openai.outcomes import Outcome, read_line
from app.core.openai.problems import Refused, from_network, from_response
from app.core.openai.wire import BytesBlob, NetworkError, Response

NOW = 1_000.0
PROFILE = Profile(id="openai", name="OpenAI")
BATCH = p.plan(
    Batch(id="b1", lane=Lane("openai", "/v1/chat/completions", "gpt-4o-mini"), requests=3, size=300, uniqueness_verified=True), NOW
)
BROKEN = from_network("create", NetworkError("broken"), PROFILE)
CREATING = replace(BATCH, state="creating", outcome_unknown=True, input_file_id="file-1")
RUNNING = replace(BATCH, state="in_progress", remote=Remote(id="r1", status="in_progress"), input_file_id="file-1")


def remote(**fields: object) -> Remote:
    return api.read_batch(Response(200, body=json.dumps({"id": "r1", **fields}).encode()), PROFILE)


def line(id: str, response: object, error: object = None) -> bytes:
    return json.dumps({"id": "batch_req_1", "custom_id": id, "response": response, "error": error}).encode()


ANSWER = {
    "status_code": 200,
    "request_id": "req_1",
    "body": {"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
}


# --- the contract's traps ----------------------------------------------------------------------------------------------------------


def test_trap_01_empty_and_null_file_ids_are_no_files():
    """A completed batch may have only an error file: that is fetched, and nothing else."""
    batch = p.advance(RUNNING, p.Polled(remote(status="completed", output_file_id=None, error_file_id="e")), NOW)
    assert p.due(batch, NOW) == p.Download("error", "e")
    batch = p.advance(RUNNING, p.Polled(remote(status="completed", output_file_id="o", error_file_id="")), NOW)
    assert p.advance(batch, p.Downloaded(Fetched("output", 1, 5)), NOW).state == "reconciling"


@pytest.mark.parametrize(
    "text",
    [
        line("a", {"status_code": 400, "body": {"error": {"message": "Bad."}}}),
        line("a", {"status_code": 200, "body": {"error": {"message": "Bad."}}}),
        line("a", {"status_code": 0, "body": None}),
        line("a", {"status_code": 0, "request_id": "", "body": {}}),
        line("a", {"status_code": 500, "body": None}),
    ],
)
def test_trap_02_a_line_can_fail_with_error_null(text):
    """By its status, by an error in its body, or with status 0."""
    assert read_line(text, "output").outcome is Outcome.FAILED


def test_trap_03_unfinished_rows_of_an_expired_batch_are_expired_in_either_file_or_in_none():
    """Not failed: they were never run and can be sent again."""
    ledger = Ledger(["a", "b", "c"])
    expired = line("b", None, {"code": "batch_expired", "message": "This request could not be executed before the window expired."})
    list(ledger.read_segment(line("a", ANSWER) + b"\n", "output", 0))
    list(ledger.read_segment(expired + b"\n", "error", 0))
    ledger.close("expired")
    assert ledger.tally() == Tally(answered=1, expired=2, input_tokens=1, output_tokens=2)


def test_trap_04_usage_model_and_timestamps_may_be_missing_and_unknown_things_come():
    """Fields and statuses that nobody knows are kept, those that are missing have defaults."""
    read = remote(status="levitating", usage=None, created_at=None, expires_at="", model=None, brand_new={"x": 1})
    batch = p.advance(RUNNING, p.Polled(read), NOW)
    assert batch.state == "in_progress"
    assert '"brand_new"' in (batch.remote or read).raw
    assert read_line(line("a", {"status_code": 200, "body": {"usage": None}}), "output").outcome is Outcome.ANSWERED
    assert read_line(line("a", {"status_code": 200, "new": 1, "body": {}}), "output").outcome is Outcome.ANSWERED


def test_trap_05_counts_are_zero_while_validating():
    """0 of 0 is not an end, and not a fault."""
    batch = p.advance(CREATING, p.Created(remote(status="validating", request_counts={"total": 0, "completed": 0, "failed": 0})), NOW)
    assert (batch.state, batch.requests) == ("validating", 3)


@pytest.mark.parametrize("status", ["validating", "finalizing", "in_progress"])
def test_trap_06_a_batch_may_hang_for_hours(status):
    """It is asked about for as long as it takes, once a minute."""
    batch, now = RUNNING, NOW
    for _ in range(500):
        now = max(now, batch.retry_at)
        assert p.due(batch, now) == p.Poll()
        batch = p.advance(batch, p.Polled(remote(status=status)), now)
    assert batch.state == status
    assert batch.retry_at - now == pytest.approx(60)
    assert len(batch.timeline) <= 3


def test_trap_07_a_file_not_found_right_after_its_upload_is_tried_again():
    """A few times; then the requests go back."""
    body = json.dumps({"error": {"message": "Cannot find file file-1.", "type": "invalid_request_error"}}).encode()
    problem = from_response("create", Response(400, body=body), PROFILE)
    batch = p.advance(CREATING, p.CallFailed("create", problem), NOW)
    assert p.due(batch, batch.retry_at) == p.Create()
    for _ in range(4):
        batch = p.advance(p.advance(batch, p.CreateBegins(), NOW), p.CallFailed("create", problem), NOW)
    assert (batch.state, batch.problem) == ("withdrawn", problem)


def test_trap_07_a_lost_answer_to_a_create_never_makes_a_second_batch():
    """The batch that was made all the same is found by our id and taken."""
    batch = p.advance(CREATING, p.CallFailed("create", BROKEN), NOW)
    assert p.due(batch, batch.retry_at) == p.FindBatch()
    listed = api.read_batches(
        Response(
            200,
            body=json.dumps({"data": [{"id": "other"}, {"id": "r9", "status": "in_progress", "metadata": {"nightshift": "b1"}}]}).encode(),
        ),
        PROFILE,
    )
    found = recognition.match_batch(listed.batches, batch)
    assert found is not None
    batch = p.advance(batch, p.Created(found), NOW)
    assert batch.state == "in_progress"
    assert batch.remote is not None
    assert batch.remote.id == "r9"


@pytest.mark.parametrize("last", [b"", b"\n"])
def test_trap_08_a_damaged_line_and_a_missing_newline_lose_nothing(last):
    """The damaged line is kept with its place; its neighbours are read."""
    data = line("a", ANSWER) + b'\n{"custom_id":"b","respo\n' + line("c", ANSWER) + last
    cutter = LineCutter(200)
    segments = [*cutter.feed(data), cutter.finish()]
    ledger = Ledger(["a", "b", "c"])
    for number, segment in enumerate(segments):
        list(ledger.read_segment(segment, "output", number))
    ledger.close("completed")
    assert (ledger.tally().answered, ledger.tally().missing, ledger.tally().damaged) == (2, 1, 1)
    damaged = ledger.damaged[0]
    assert damaged.guess == "b"
    assert segments[damaged.place.segment][damaged.place.offset :].startswith(b'{"custom_id":"b"')


def test_trap_09_rows_in_neither_file_are_missing():
    """Although the batch is completed: nothing is unaccounted."""
    ledger = Ledger(["a", "b"])
    list(ledger.read_segment(line("b", ANSWER), "output", 0))
    ledger.close("completed")
    assert [ledger.outcome_of(row) for row in range(2)] == [Outcome.MISSING, Outcome.ANSWERED]


def test_trap_10_waits_are_our_own():
    """Headers of the provider don't change them: a page can't read them."""
    hurried = from_response("poll", Response(429, headers={"retry-after": "0"}), PROFILE)
    patient = from_response("poll", Response(429, headers={"retry-after": "86400"}), PROFILE)
    assert (
        p.advance(RUNNING, p.CallFailed("poll", hurried), NOW).retry_at == p.advance(RUNNING, p.CallFailed("poll", patient), NOW).retry_at
    )


def test_trap_11_only_authorization_and_content_type_are_sent():
    """Any other header fails the preflight at many servers."""
    calls = [
        api.upload_file(PROFILE, "k", "x.jsonl", BytesBlob(b"")),
        api.create_batch(PROFILE, "k", BATCH),
        api.file_content(PROFILE, "k", "f"),
        api.cancel_batch(PROFILE, "k", "r1"),
        api.list_batches(PROFILE, "k"),
    ]
    assert {name for call in calls for name in call.headers} == {"Authorization", "Content-Type"}


@pytest.mark.parametrize(
    "problem", [from_response("download", Response(502), PROFILE), from_network("download", NetworkError("broken"), PROFILE)]
)
def test_trap_12_a_download_that_fails_or_breaks_half_way_is_made_again(problem):
    """As often as it takes, from its beginning."""
    batch = p.advance(RUNNING, p.Polled(remote(status="completed", output_file_id="o")), NOW)
    for _ in range(20):
        batch = p.advance(batch, p.CallFailed("download", problem), batch.retry_at)
        assert p.due(batch, batch.retry_at) == p.Download("output", "o")


# --- failures of the systems that this one replaces --------------------------------------------------------------------------------


def test_peer_a_after_a_401_it_creates_a_batch_without_a_file():
    """Here a refused upload ends in the queue; a create needs a file."""
    problem = from_response("upload", Response(401), PROFILE)
    batch = p.advance(p.advance(BATCH, p.UploadBegins(), NOW), p.CallFailed("upload", problem), NOW)
    assert (batch.state, batch.input_file_id) == ("withdrawn", "")
    with pytest.raises(p.NoSuchMove):
        p.advance(batch, p.CapacityReserved(), NOW)
    with pytest.raises(p.NoSuchMove):
        p.advance(batch, p.CreateBegins(), NOW)


def test_peer_a_a_second_failure_path_creates_a_paid_batch_and_forgets_it():
    """Here the intent is stored before the call, so that the batch is found whatever happens after."""
    roomy = p.advance(replace(BATCH, state="uploaded", input_file_id="file-1"), p.CapacityReserved(), NOW)
    batch = p.advance(roomy, p.CreateBegins(), NOW)
    assert (batch.state, p.due(batch, NOW)) == ("creating", p.FindBatch())


def test_peer_a_results_crash_on_a_trailing_newline():
    """Here it is no line."""
    ledger = Ledger(["a"])
    assert len(list(ledger.read_segment(line("a", ANSWER) + b"\n\n", "output", 0))) == 1
    assert ledger.damaged_count == 0


def test_peer_a_polling_stops_for_ever():
    """Here a failed look is followed by another."""
    batch = p.advance(RUNNING, p.CallFailed("poll", from_response("poll", Response(500), PROFILE)), NOW)
    assert p.due(batch, batch.retry_at) == p.Poll()


@pytest.mark.parametrize(("ending", "state"), [("failed", "failed"), ("expired", "expired"), ("cancelled", "cancelled")])
def test_peer_a_failed_expired_and_cancelled_batches_stay_pending(ending, state):
    """Here each comes to its own end."""
    batch = p.advance(RUNNING, p.Polled(remote(status=ending)), NOW)
    if batch.state == "reconciling":
        batch = p.advance(batch, p.Reconciled(Tally(expired=3)), NOW)
    assert batch.state == state


def test_peer_a_error_files_are_never_read():
    """Here both files are fetched, the error file too."""
    batch = p.advance(RUNNING, p.Polled(remote(status="completed", output_file_id="o", error_file_id="e")), NOW)
    batch = p.advance(batch, p.Downloaded(Fetched("output", 1, 5)), NOW)
    assert p.due(batch, NOW) == p.Download("error", "e")


def test_peer_a_only_ten_batches_are_listed():
    """Here a listing asks for as many as there can be, and for the next page."""
    assert "limit=100" in api.list_batches(PROFILE, "k").url
    page = api.read_batches(Response(200, body=b'{"data":[{"id":"r1"}],"has_more":true}'), PROFILE)
    assert "after=r1" in api.list_batches(PROFILE, "k", after=page.after).url


def test_peer_b_rows_reported_as_batch_expired_are_marked_failed():
    """Here they are expired, and can be sent again."""
    assert read_line(line("a", None, {"code": "batch_expired", "message": "Too late."}), "error").outcome is Outcome.EXPIRED


def test_peer_b_the_back_off_counter_never_rises():
    """Here each wait is longer than the one before, up to the longest."""
    batch, waits = RUNNING, []
    for _ in range(7):
        now = batch.retry_at
        batch = p.advance(batch, p.CallFailed("poll", from_response("poll", Response(503), PROFILE)), now)
        waits.append(batch.retry_at - now)
    assert waits == sorted(set(waits))


def test_peer_b_a_batch_cancelled_at_the_provider_is_polled_for_ever():
    """Here it ends."""
    batch = p.advance(RUNNING, p.Polled(remote(status="cancelled")), NOW)
    batch = p.advance(batch, p.Reconciled(Tally(cancelled=3)), NOW)
    assert (batch.state, p.due(batch, NOW + 1e9)) == ("cancelled", None)


def test_peer_b_missing_usage_crashes_it():
    """Here it counts as no tokens."""
    assert remote(status="completed").input_tokens == 0
    assert read_line(line("a", {"status_code": 200, "body": {}}), "output").input_tokens == 0


def test_peer_b_one_server_error_row_can_fail_a_good_batch():
    """Here a row's failure is the row's own."""
    ledger = Ledger(["a", "b"])
    list(ledger.read_segment(line("a", ANSWER) + b"\n" + line("b", {"status_code": 500, "body": None}), "output", 0))
    assert (ledger.tally().answered, ledger.tally().failed) == (1, 1)


def test_peer_b_partial_results_of_a_cancelled_batch_are_thrown_away():
    """Here they are fetched: they are paid for."""
    batch = p.advance(RUNNING, p.Polled(remote(status="cancelled", output_file_id="o")), NOW)
    assert p.due(batch, NOW) == p.Download("output", "o")


def test_peer_b_a_transient_error_at_create_can_make_two_batches():
    """Here a 502 is followed by a look."""
    problem = from_response("create", Response(502), PROFILE)
    batch = p.advance(CREATING, p.CallFailed("create", problem), NOW)
    assert p.due(batch, batch.retry_at) == p.FindBatch()


def test_peer_b_upload_and_create_errors_are_invisible():
    """Here the problem stays with the batch, in words, and in its timeline."""
    with pytest.raises(Refused) as caught:
        api.read_created(Response(403), PROFILE)
    problem: Problem = caught.value.problem
    batch = p.advance(CREATING, p.CallFailed("create", problem), NOW)
    assert batch.problem == problem
    assert batch.timeline[-1].note == problem.what
