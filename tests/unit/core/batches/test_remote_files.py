"""Which files at the provider are needed, and which may go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import pipeline, remote_files
from app.core.model.batches import Batch, Fetched, Moment, RemoteCleanup
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai.replies import RemoteFile

NOW = 1_700_000_000.0
LANE = Lane("openai", "/v1/responses", "m")
REMOTE = Remote(id="batch_1", status="completed", input_file_id="in", output_file_id="out")
DONE = Batch(
    id="b-1",
    lane=LANE,
    state="done",
    input_file_id="in",
    remote=REMOTE,
    ending="completed",
    fetched=(Fetched("output", 1, 10, expected=10, expires=NOW + 86_400),),
    timeline=(Moment(NOW - 50, "downloading"), Moment(NOW, "done")),
)


def what(file: RemoteFile, remotes: tuple[Remote, ...] = (), batches: tuple[Batch, ...] = ()) -> str:
    (found,) = remote_files.judge([file], remotes, batches)
    assert found.free == (found.what in remote_files.FREE)
    return found.what


def test_what_a_running_batch_needs_may_not_go() -> None:
    """Its input and, once it names them, its answers; of a batch made here and of one created elsewhere."""
    running = replace(REMOTE, status="in_progress")
    assert what(RemoteFile("in"), (running,)) == "needed"
    assert what(RemoteFile("out"), (replace(running, status="a status that nobody knows"),)) == "needed"
    assert what(RemoteFile("in"), (), (replace(DONE, state="in_progress"),)) == "needed"
    assert what(RemoteFile("out"), (REMOTE,), (replace(DONE, state="downloading", fetched=()),)) == "needed"


def test_an_upload_that_waits_for_its_batch_may_not_go() -> None:
    """Found by its name while its id is not known yet, by its id afterwards."""
    waiting = Batch(id="b-2", lane=LANE, state="uploading", outcome_unknown=True)
    assert what(RemoteFile("f", "nightshift-b-2.jsonl"), (), (waiting,)) == "needed"
    uploaded = replace(waiting, state="creating", input_file_id="f")
    assert what(RemoteFile("f", "nightshift-b-2.jsonl"), (), (uploaded,)) == "needed"
    assert what(RemoteFile("g", "nightshift-b-2.jsonl"), (), (uploaded,)) == "orphan"


def test_answers_may_go_only_when_they_are_here_whole() -> None:
    """What was not fetched, is lost here or is not whole stays there, and so does its input."""
    assert what(RemoteFile("out"), (REMOTE,), (DONE,)) == "kept"
    assert what(RemoteFile("in"), (REMOTE,), (DONE,)) == "kept"
    (file,) = DONE.fetched
    for odd in (replace(file, lost=True), replace(file, expected=11), replace(file, gone=True)):
        assert what(RemoteFile("out"), (REMOTE,), (replace(DONE, fetched=(odd,)),)) == "unfetched"
    assert what(RemoteFile("in"), (REMOTE,), (replace(DONE, fetched=()),)) == "unfetched"


def test_an_orphan_is_an_upload_of_ours_that_no_batch_uses() -> None:
    """Of a batch that was withdrawn. If the account has a batch of it all the same, it is not ours to throw away unasked."""
    withdrawn = Batch(id="b-3", lane=LANE, state="withdrawn", input_file_id="in")
    assert what(RemoteFile("in"), (), (withdrawn,)) == "orphan"
    assert what(RemoteFile("x", "nightshift-b-3.jsonl"), (), (withdrawn,)) == "orphan"
    assert what(RemoteFile("in"), (REMOTE,), (withdrawn,)) == "elsewhere"


def test_files_of_batches_made_elsewhere_are_named_as_such() -> None:
    """By the account's listing, or by a name that Nightshift gives in another browser."""
    assert what(RemoteFile("out"), (REMOTE,)) == "elsewhere"
    assert what(RemoteFile("x", "nightshift-b-other.jsonl")) == "elsewhere"
    assert what(RemoteFile("x", "prompts.jsonl")) == "unused"


_ids = st.sampled_from(["in", "out", "err", "x", "y"])
_remotes = st.builds(
    Remote,
    id=st.sampled_from(["batch_1", "batch_2"]),
    status=st.sampled_from(["validating", "in_progress", "completed", "failed", "expired", "odd"]),
    input_file_id=_ids,
    output_file_id=_ids,
    error_file_id=st.one_of(st.just(""), _ids),
)
_batches = st.builds(
    Batch,
    id=st.sampled_from(["b-1", "b-2"]),
    lane=st.just(LANE),
    state=st.sampled_from(sorted(set(pipeline.MOVES) - {""})),
    input_file_id=st.one_of(st.just(""), _ids),
    remote=st.one_of(st.none(), _remotes),
    ending=st.sampled_from(["", "completed"]),
    fetched=st.one_of(st.just(()), st.just((Fetched("output", 1, 10),))),
)
_files = st.builds(RemoteFile, id=_ids, filename=st.sampled_from(["nightshift-b-1.jsonl", "nightshift-b-9.jsonl", "a.jsonl"]))


@pytest.mark.slow
@given(st.lists(_files, max_size=5), st.lists(_remotes, max_size=4), st.lists(_batches, max_size=4, unique_by=lambda one: one.id))
def test_nothing_that_is_needed_is_ever_free(files: list[RemoteFile], remotes: list[Remote], batches: list[Batch]) -> None:
    """Whatever an account and this browser hold: no file of a batch that has not ended, and no answers that are not here."""
    for one in remote_files.judge(files, remotes, batches):
        if not one.free:
            continue
        for remote in remotes:
            assert remote.status in pipeline.ENDINGS or one.file.id not in (
                remote.input_file_id,
                remote.output_file_id,
                remote.error_file_id,
            )
        for batch in batches:
            remote = batch.remote or Remote(id="")
            if one.file.id in (batch.input_file_id, remote.output_file_id, remote.error_file_id):
                assert batch.state in pipeline.FINAL
        assert one.what != "kept" or all(remote_files.is_whole(batch) for batch in batches if batch.id == one.batch)


# --- deletion by itself, and how long a provider keeps what it has


CLEAR = Profile(id="openai", name="OpenAI", clear=NOW - 100)


def test_files_are_cleared_only_when_asked_for_and_only_of_later_batches() -> None:
    """Off by default; what ended before it was switched on is left alone."""
    assert remote_files.to_clear(DONE, replace(CLEAR, clear=0.0)) == ()
    assert remote_files.to_clear(DONE, replace(CLEAR, clear=NOW + 1)) == ()
    assert remote_files.to_clear(DONE, CLEAR) == ("in", "out")
    assert remote_files.to_clear(replace(DONE, remote_cleanup=RemoteCleanup(gone=("in",))), CLEAR) == ("out",)


def test_files_are_never_cleared_before_the_answers_are_whole() -> None:
    """In no state on the way, and not when something is missing."""
    for state in ("planned", "uploading", "creating", "in_progress", "downloading", "reconciling"):
        assert remote_files.to_clear(replace(DONE, state=state), CLEAR) == ()
    assert remote_files.to_clear(replace(DONE, fetched=()), CLEAR) == ()
    assert remote_files.to_clear(replace(DONE, fetched=(replace(DONE.fetched[0], expected=11),)), CLEAR) == ()


def test_the_upload_of_a_withdrawn_batch_is_cleared() -> None:
    """Its requests are in the queue, and no batch was made of it."""
    withdrawn = replace(DONE, state="withdrawn", remote=None, ending="", fetched=())
    assert remote_files.to_clear(withdrawn, CLEAR) == ("in",)
    assert remote_files.to_clear(replace(withdrawn, remote=REMOTE), CLEAR) == ()


def test_the_provider_keeps_answers_as_long_as_it_says_or_thirty_days() -> None:
    """From the end of the batch on; nothing once they are deleted there."""
    assert remote_files.kept_until(DONE) == NOW + 86_400
    assert remote_files.kept_until(replace(DONE, fetched=(replace(DONE.fetched[0], expires=0.0),))) == NOW - 50 + remote_files.LIFE
    assert remote_files.kept_until(replace(DONE, state="downloading", fetched=())) == NOW - 50 + remote_files.LIFE
    assert remote_files.kept_until(replace(DONE, remote_cleanup=RemoteCleanup(gone=("in", "out")))) == 0.0
    assert remote_files.kept_until(replace(DONE, ending="")) == 0.0
    assert remote_files.kept_until(replace(DONE, remote=None)) == 0.0
