"""What is told of a step of a batch's life, and that nothing else is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.activity import log
from app.core.activity.log import LogEntry
from app.core.batches import pipeline
from app.core.model.batches import Batch, Fetched, Tally
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote, RemoteError
from app.core.openai import problems
from app.core.openai.wire import NetworkError, Response

NOW = 1_700_000_000.0
SECRET = "swordfish"
LANE = Lane("openai", "/v1/responses", "gpt-5")
OPENAI = Profile(id="openai", name="OpenAI")
CALLS: tuple[problems.Call, ...] = ("upload", "create", "poll", "list", "download", "cancel", "models")


def batch(state: str = "in_progress", **facts: Any) -> Batch:
    facts = {"requests": 10, "size": 5_000, **facts}
    return Batch(id="b", state=state, lane=LANE, created=NOW, **facts)  # type: ignore[arg-type]  # one of the states


def told(event: pipeline.Event, effect: pipeline.Effect | None = None, **facts: Any) -> list[LogEntry]:
    """What is told when this event comes to a batch in the state and with the facts given."""
    before = batch(**facts)
    return log.of_step(before, pipeline.advance(before, event, NOW, 0.5), event, effect, NOW, 1.5)


def words(entries: list[LogEntry]) -> list[str]:
    return [log.said(one) for one in entries]


def test_a_call_and_the_state_that_it_leads_to_are_told():
    """One entry for the call with its figures and duration, and one for the move."""
    entries = told(pipeline.Uploaded("file-1"), pipeline.Upload(), state="uploading", outcome_unknown=True)
    assert words(entries) == ["Uploaded the requests: 5.0 kB.", "The provider has the file."]
    assert [(one.kind, one.what, one.was, one.took, one.batch) for one in entries] == [
        ("call", "upload", "", 1.5, "b"),
        ("state", "uploaded", "uploading", 0.0, "b"),
    ]


def test_a_failed_call_tells_code_status_and_when_it_is_tried_again():
    """The problem's words are there, without those of the provider."""
    problem = problems.from_response("poll", Response(503, {}, b'{"error":{"message":"swordfish"}}'), OPENAI)
    (entry,) = told(pipeline.CallFailed("poll", problem), pipeline.Poll(), remote=Remote(id="r"))
    assert (entry.code, entry.status, entry.wait > 0) == ("server_error", 503, True)
    assert log.said(entry).startswith("OpenAI answered the status check with a server error (503). Tries again in ")


@pytest.mark.parametrize(
    ("event", "effect", "state", "said"),
    [
        (pipeline.FileNotFound(), pipeline.FindFile(), "uploading", "Looked for the file at the provider: it is not there."),
        (pipeline.Uploaded("f"), pipeline.FindFile(), "uploading", "Looked for the file at the provider: it is there."),
        (pipeline.CancelRequested(), None, "in_progress", "You asked to cancel."),
        (pipeline.TryNow(), None, "in_progress", "Tried at once, without waiting."),
        (pipeline.StopFollowing(), None, "in_progress", "You stopped following the batch."),
        (
            pipeline.Polled(Remote(id="r", status="in_progress", total=10, completed=4, failed=1)),
            pipeline.Poll(),
            "in_progress",
            "Asked the provider: 4 of 10 answered, 1 failed.",
        ),
        (pipeline.Downloaded(Fetched("output", 1, 12_000)), pipeline.Download("output", "f"), "downloading", "Fetched the answers: 12 kB."),
        (
            pipeline.Reconciled(Tally(answered=9, failed=1)),
            pipeline.Reconcile(),
            "reconciling",
            "Checked the answers: 9 answered, 1 failed.",
        ),
    ],
)
def test_each_step_in_words(event: pipeline.Event, effect: pipeline.Effect | None, state: str, said: str):
    """Calls, wishes and figures as a person reads them."""
    assert words(told(event, effect, state=state, remote=Remote(id="r")))[0] == said


def test_a_second_batch_is_told_of():
    """The call that was repeated by a browser, and what came of it."""
    entries = told(pipeline.Polled(Remote(id="r", status="in_progress"), ("other",)), pipeline.Poll(), remote=Remote(id="r"))
    assert "A create call arrived twice: the second batch was cancelled, unless it had ended: 1 batch." in words(entries)


def test_looks_that_tell_nothing_new_are_one_entry():
    """How often, until when, and the last figures; any other thing begins anew."""
    event = pipeline.Polled(Remote(id="r", status="in_progress", total=10, completed=4))
    (first,) = told(event, pipeline.Poll(), remote=Remote(id="r"))
    both = log.again(replace(first, at=1.0), replace(first, at=2.0, counts={"answered": 6, "total": 10}))
    assert both is not None
    assert (both.at, both.until, both.times, both.took) == (1.0, 2.0, 2, 3.0)
    assert log.said(both) == "Asked the provider 2 times: 6 of 10 answered."
    assert log.again(first, replace(first, code="timeout")) is None
    assert log.again(replace(first, code="timeout"), first) is None
    assert log.again(first, replace(first, batch="other")) is None
    assert log.again(None, first) is None


def test_a_code_that_nobody_knows_is_not_repeated():
    """The provider names a failed batch's code: only one that this program knows is kept."""
    for code, kept in (("invalid_json_line", "invalid_json_line"), (SECRET, "other")):
        remote = Remote(id="r", status="failed", errors=(RemoteError(code, SECRET, SECRET, 3),))
        entries = told(pipeline.Polled(remote, ()), pipeline.Poll(), remote=Remote(id="r"))
        assert entries[-1].code == kept
        assert SECRET not in str(entries)
        assert words(entries)[-1].startswith("The batch failed. The provider refused the batch (line 3)")


def test_an_ending_that_lost_answers_is_a_problem():
    """An expired batch is found among the problems."""
    (_, entry) = told(pipeline.Reconciled(Tally(expired=10)), pipeline.Reconcile(), state="reconciling", ending="expired")
    assert (entry.trouble, log.said(entry)) == (True, "The batch expired: its completion window ended.")


foreign = st.text(max_size=8).map(lambda text: f"{text}{SECRET}{text}") | st.sampled_from([f"“{SECRET}”", f": “{SECRET}. “x", SECRET])


@pytest.mark.slow
@given(
    call=st.sampled_from(CALLS),
    status=st.sampled_from([200, 302, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 503]),
    code=foreign,
    message=foreign,
    plain=st.booleans(),
)
def test_a_providers_words_never_get_in(call: problems.Call, status: int, code: str, message: str, plain: bool):
    """Whatever a refusal says, the entry holds our own words only; a request that it quotes stays out."""
    body = message.encode(errors="replace") if plain else msgspec.json.encode({"error": {"code": code, "message": message}})
    problem = problems.from_response(call, Response(status, {}, body), OPENAI, "sk-key")
    one = batch()
    (entry,) = log.of_step(one, one, pipeline.CallFailed(call, problem), None, NOW)
    assert SECRET not in str(entry)
    assert entry.words
    assert entry.words in log.said(entry)


@pytest.mark.slow
@given(said=foreign, kind=st.sampled_from(["offline", "blocked", "policy", "unreachable", "broken", "timeout"]))
def test_a_broken_exchange_never_quotes(said: str, kind: Any):
    """Nor do the words of a browser about a call."""
    problem = problems.from_network("upload", NetworkError(kind, said), OPENAI)
    assert SECRET not in str(told(pipeline.CallFailed("upload", problem), None, state="uploading", outcome_unknown=True))


@given(
    remote=st.builds(Remote, id=foreign, status=foreign, input_file_id=foreign, output_file_id=foreign, error_file_id=foreign, raw=foreign)
)
def test_nothing_of_the_providers_batch_but_its_counts_gets_in(remote: Remote):
    """Ids, statuses and raw objects stay where they are: with the batch."""
    for state in ("creating", "in_progress"):
        event = pipeline.Created(remote, (SECRET,)) if state == "creating" else pipeline.Polled(remote, (SECRET,))
        assert SECRET not in str(told(event, pipeline.Poll(), state=state, outcome_unknown=True, remote=Remote(id="r")))


def test_words_that_are_the_providers_are_left_out_even_unquoted():
    """A problem whose sentence is its detail says nothing in the log but its code."""
    assert log.plain(Problem("x", what=f"It said {SECRET}", detail=SECRET)) == ""
    assert log.plain(Problem("x", what="It is our sentence.", detail=SECRET)) == "It is our sentence."
    assert log.said(log.draft("call", "poll", code="x")) == "Asked the provider: it failed (x)."


def test_every_call_has_words():
    """None is told of as it is spelt in the program, and an effect that calls nobody is not told of as a call."""
    assert set(log._CALLS.values()) <= set(log._DONE)
    assert told(pipeline.TryNow(), pipeline.Effect())[0].kind == "wish"
    assert told(pipeline.FileNotFound(), pipeline.Effect(), state="uploading", outcome_unknown=True) == []


def test_every_state_has_words():
    """No state of the table is shown as it is spelt in the program."""
    assert set(pipeline.MOVES) - {""} <= set(log._STATES)
