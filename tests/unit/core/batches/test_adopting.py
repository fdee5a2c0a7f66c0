"""A batch created elsewhere: whether it is here, what its record is, which lines of its input are requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import adopting, pipeline
from app.core.batches.batchproblems import wrong_size
from app.core.bodies import requests
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai.cutting import LineCutter

NOW = 1_700_000_000.0
OPENAI = Profile(id="openai", name="OpenAI")
REMOTE = Remote(id="batch_abc", status="in_progress", endpoint="/v1/responses", input_file_id="in", total=3, created_at=NOW - 60)


def line(id: str) -> bytes:
    return requests.line(id, "/v1/responses", {"model": "gpt-4o-mini", "input": f"Say {id}"})


def test_a_batch_is_known_by_either_id() -> None:
    """By the provider's, or by ours in its metadata: also before we know the provider's."""
    ours = Batch(id="b-1", lane=Lane("openai", "/v1/responses", "m"), state="creating")
    assert adopting.Index([ours]).of(REMOTE) is None
    assert adopting.Index([ours]).of(replace(REMOTE, metadata={"nightshift": "b-1"})) is ours
    known = replace(ours, id="b-2", remote=REMOTE)
    assert adopting.Index([ours, known]).of(replace(REMOTE, metadata={"nightshift": "b-1"})) is known


def test_the_record_has_the_same_id_every_time() -> None:
    """So that two tabs cannot bring it twice; another provider's batch of the same id is another."""
    one = adopting.record(OPENAI, REMOTE, NOW)
    assert (one.state, one.uniqueness_verified, one.adopted, one.created) == ("adopting", True, NOW, NOW - 60)
    assert one.id == adopting.record(OPENAI, replace(REMOTE, status="completed"), NOW + 5).id
    assert one.id != adopting.record(replace(OPENAI, base_url="https://example.org/v1"), REMOTE, NOW).id
    assert one.id.startswith("b-x")
    assert adopting.record(OPENAI, replace(REMOTE, metadata={"name": "Night"}), NOW).name == "Night"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("validating", "validating"),
        ("in_progress", "in_progress"),
        ("finalizing", "finalizing"),
        ("cancelling", "cancelling"),
        ("completed", "downloading"),
        ("expired", "downloading"),
        ("cancelled", "downloading"),
        ("a status that nobody knows", "validating"),
    ],
)
def test_it_goes_on_where_the_provider_stands(status: str, state: str) -> None:
    """The state fits the status; the effect that reads its requests is the only one before that, and nothing makes or cancels anything."""
    batch = adopting.record(OPENAI, REMOTE, NOW)
    assert pipeline.due(batch, NOW) == pipeline.Rebuild()
    assert pipeline.intent(pipeline.Rebuild()) is None
    remote = replace(REMOTE, status=status, output_file_id="out" if state == "downloading" else "")
    batch = pipeline.advance(batch, pipeline.Rebuilt(remote, requests=3, size=90, tokens=20, model="m", notes=("A note.",)), NOW)
    assert (batch.state, batch.requests, batch.size, batch.tokens, batch.lane.model) == (state, 3, 90, 20, "m")
    assert "A note." in [one.note for one in batch.timeline]
    for command in (pipeline.CreateBegins(), pipeline.UploadBegins()):
        with pytest.raises(pipeline.NoSuchMove):
            pipeline.advance(batch, command, NOW)


def test_a_batch_that_failed_at_validation_can_be_brought_as_well() -> None:
    """Its requests come back, and its errors are shown."""
    batch = adopting.record(OPENAI, REMOTE, NOW)
    batch = pipeline.advance(batch, pipeline.Rebuilt(replace(REMOTE, status="failed"), requests=3), NOW)
    assert (batch.state, batch.tally.failed) == ("failed", 3)


def test_reading_that_fails_is_tried_again_and_cannot_be_cancelled() -> None:
    """Cancelling would cancel at the provider: that is possible once it is here."""
    batch = adopting.record(OPENAI, REMOTE, NOW)
    failed = pipeline.advance(batch, pipeline.CallFailed("download", wrong_size(5, 3)), NOW)
    assert (failed.state, failed.empty_lookups) == ("adopting", 1)
    assert failed.retry_at > NOW
    assert pipeline.advance(failed, pipeline.TryNow(), NOW).retry_at == 0.0
    with pytest.raises(pipeline.NoSuchMove):
        pipeline.advance(batch, pipeline.CancelRequested(), NOW)


def test_damaged_and_repeated_lines_are_named() -> None:
    """By their number in the file; what can be read is kept as it came."""
    lines = adopting.InputFileReader()
    data = (
        b"\xef\xbb\xbf"
        + line("a")
        + b"\n"
        + b"{cut\n"
        + line("b").replace(b"\n", b"\r\n")
        + line("a")
        + b'{"custom_id": 3}\n'
        + line("c")[:-1]
    )
    assert [id for id, _data in lines.read(data)] == ["a", "b", "c"]
    assert lines.damaged == [3, 5, 6]
    assert lines.words.startswith("Lines 3, 5, 6 of the input file are no request")
    assert (lines.model, lines.count) == ("gpt-4o-mini", 3)


@given(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40), st.integers(20, 400), st.integers(1, 200), st.booleans())
def test_whatever_a_file_is_cut_into_its_requests_come_back(ids: list[str], size: int, step: int, ended: bool) -> None:
    """In order, byte for byte, whether the file ends with a line end or not."""
    try:
        whole = [line(id) for id in ids]
    except requests.LineFault:
        return  # half a character
    data = b"".join(whole)
    data = data if ended else data.removesuffix(b"\n")
    lines, cutter = adopting.InputFileReader(), LineCutter(size)
    found: list[tuple[str, bytes]] = []
    for at in range(0, len(data), step):
        for piece in cutter.feed(data[at : at + step]):
            found += lines.read(piece)
    found += lines.read(cutter.finish())
    assert [id for id, _data in found] == ids
    assert [data for _id, data in found] == whole
    assert lines.damaged == []
