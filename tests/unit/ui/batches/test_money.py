"""No sentence says that nothing ran or that nothing is billed where a count, a file or a line says otherwise."""

from __future__ import annotations

import re
from html import unescape

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import batchproblems, durations, pipeline
from app.core.batches.events import Downloaded, FetchAgain, Polled, Reconciled
from app.core.batches.pipeline import MOVES, NoSuchMove, advance
from app.core.model.batches import Batch, Fetched, Moment, Sample, Tally
from app.core.model.remote import Remote, RemoteError
from app.core.openai import advice, problems
from app.core.openai.outcomes import Outcome, read_line
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage
from app.services.programs import result_lines
from app.ui.base.batches_state import BatchesState, BatchState
from app.ui.base.drawing import render
from app.ui.base.provider_state import ProviderState
from app.ui.base.state import Route, State
from app.ui.base.thread_state import ComposeState
from app.ui.batches import durations_view as time_views
from app.ui.batches.batch_view import batch as batch_view
from tests.kit.world import LANE
from tests.states.drawn import NOW, nothing

DENIAL = re.compile(
    r"No request ran|Nothing of it has run|nothing is billed|was not billed|is not billed\.|did not run|before this request ran"
    r"|counts no request that ran|It costs nothing",
    re.I,
)
"""Every sentence about one batch that denies that it ran or costs anything."""
STATUSES = ("validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled", "dreaming", "")
counts = st.sampled_from((0, 0, 0, 3))
remotes = st.builds(
    Remote,
    id=st.just("r1"),
    status=st.sampled_from(STATUSES),
    output_file_id=st.sampled_from(("", "", "o")),
    error_file_id=st.sampled_from(("", "", "e")),
    total=counts,
    completed=counts,
    failed=counts,
    input_tokens=counts,
    output_tokens=counts,
    progress=st.sampled_from((0.0, 0.0, 40.0)),
    errors=st.sampled_from(
        ((), (RemoteError("invalid_json_line", "No."),), (RemoteError("token_limit_exceeded", "Enqueued token limit reached"),))
    ),
)
tallies = st.builds(Tally, answered=counts, flawed=counts, unfound=counts, unreadable=counts, missing=counts, output_tokens=counts)
fetched = st.sampled_from(((), (), (Fetched("output", 1, 9),), (Fetched("error", 1, 9),), (Fetched("output", gone=True),)))
events = st.one_of(
    remotes.map(Polled),
    st.builds(Downloaded, st.builds(Fetched, st.sampled_from(("output", "error")), st.just(1), st.just(9))),
    st.builds(Reconciled, tallies),
    st.builds(FetchAgain, st.just(("output",)), ledger=st.just(True)),
    st.builds(FetchAgain, remote=remotes),
)


def signs(batch: Batch) -> bool:
    """Whether anything that is known of a batch says that requests of it ran, field by field."""
    remote, tally = batch.remote, batch.tally
    said = remote is not None and any(
        (
            remote.completed,
            remote.failed,
            remote.input_tokens,
            remote.output_tokens,
            remote.progress,
            remote.output_file_id,
            remote.error_file_id,
        )
    )
    here = any((tally.answered, tally.flawed, tally.unfound, tally.unreadable, tally.input_tokens, tally.output_tokens))
    return said or here or bool(batch.fetched) or any(one.done for one in batch.samples)


def page(batch: Batch) -> str:
    """What the page says of a batch a long time after, as text."""
    state = nothing()
    state = State(
        ComposeState(state.compose.thread),
        route=Route("batch", batch.id),
        now=NOW + 200_000,
        batch=BatchState(batch.id),
        provider=ProviderState(profiles=state.provider.profiles),
        batches=BatchesState(all=[batch]),
    )
    return unescape(re.sub(r"<[^>]+>", "", render(batch_view(state)) + render(time_views.alarm_note(state, batch))))


def sentences(batch: Batch) -> list[str]:
    """All that is said of one batch and of a request in it that no line is about."""
    remote = batch.remote
    said = result_lines._said(batch)
    handed = (
        ProgramMessage(id="h", source="http", at=NOW, lane=LANE.key, key="k", batch=batch.id, outcome=one)
        for one in ("failed", "missing", "unfound")
    )
    bodies = [delivery.content(one, None, said).decode() for one in handed]
    made = batchproblems.from_errors(remote.errors if remote else (), ran=pipeline.ran(batch))
    problem = batch.problem
    return [page(batch), said, *bodies, f"{made.what} {made.means}", f"{problem.what} {problem.means}" if problem else ""]


def batches() -> st.SearchStrategy[Batch]:
    return st.builds(
        Batch,
        id=st.just("b-1"),
        lane=st.just(LANE),
        state=st.sampled_from(("validating", "in_progress", "finalizing", "cancelling", "downloading", "reconciling", "failed", "done")),
        requests=st.just(3),
        created=st.just(NOW),
        updated=st.just(NOW),
        ending=st.sampled_from(("", "failed", "completed")),
        uniqueness_verified=st.booleans(),
        remote=st.none() | remotes,
        fetched=fetched,
        tally=st.just(Tally()) | tallies,
        samples=st.sampled_from(((), (), (Sample(NOW, 2),))),
        timeline=st.just((Moment(NOW, "validating"),)),
    )


@pytest.mark.slow
@settings(max_examples=300)
@given(batches(), st.lists(events, max_size=4))
def test_no_sentence_denies_what_a_count_a_file_or_a_line_says(batch: Batch, then: list[pipeline.Event]) -> None:
    """Whatever a batch is and whatever is heard of it next: where anything says that it ran, nothing in the page, in a problem or in what
    programs are sent denies it; and what was seen once, a count or a file, is remembered although the provider forgets it."""
    seen = signs(batch)
    for event in (None, *then):
        if event is not None:
            try:
                batch = durations.sampled(advance(batch, event, NOW + 1), NOW + 1)
            except NoSuchMove:
                continue
        if batch.state in ("waiting", "uploading"):
            assert not seen, "made again although it ran"
            return
        seen = seen or signs(batch)
        assert pipeline.ran(batch) == signs(batch)
        if signs(batch):
            for text in sentences(batch):
                assert not DENIAL.search(text), (DENIAL.search(text), batch)


def test_the_states_of_the_property_are_real() -> None:
    """Every state that is drawn is one that a batch can be in, and the denials are told where nothing ran."""
    assert {"validating", "failed"} <= set(MOVES)
    refused = Batch(id="b", lane=LANE, state="failed", remote=Remote("r", "failed", errors=(RemoteError("empty_file", "No."),)))
    assert DENIAL.search(batchproblems.from_errors(refused.remote.errors).means if refused.remote else "")
    checked = Batch(
        id="b-1", lane=LANE, state="validating", created=NOW, remote=Remote("r", "validating"), timeline=(Moment(NOW, "validating"),)
    )
    assert DENIAL.search(page(checked))
    assert not DENIAL.search(page(replace(checked, remote=Remote("r", "", completed=3, failed=0))))
    assert not DENIAL.search(page(replace(checked, remote=Remote("r", ""))))


def test_a_call_that_may_have_made_something_denies_nothing() -> None:
    """The words for a doubtful call are others than those for a certain one, for every call."""
    for call, words in problems.DOUBT.items():
        assert not re.search(r"No batch was made|No request ran", words), call


@given(
    st.sampled_from(("batch_expired", "batch_cancelled", "server_error", "batch_failed")),
    st.integers(0, 5),
    st.integers(0, 5),
    st.sampled_from(("output", "error")),
)
def test_a_line_that_counts_tokens_is_never_called_unbilled(code: str, read: int, written: int, file: str) -> None:
    """A line that says that its request did not run, and counts tokens of it, may be paid: it is not sent again by rule."""
    body = {"usage": {"prompt_tokens": read, "completion_tokens": written}}
    line = {"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": {"code": code, "message": "m"}}
    found = read_line(msgspec.json.encode(line), file)  # type: ignore[arg-type]  # output or error
    if read or written:
        assert found.outcome in (Outcome.UNFOUND, Outcome.FAILED)
        assert not DENIAL.search(advice.explain(found.code).sentence)
        assert (found.input_tokens, found.output_tokens) == (read, written)
