"""Every form in which batch servers answer reads to the same batch, and nothing that comes raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.providers import Profile
from app.core.model.remote import Remote, RemoteError
from app.core.openai import api, shapes
from app.core.openai.problems import Refused
from app.core.openai.wire import Response

PROFILE = Profile(id="p", name="Elsewhere", base_url="https://elsewhere.example/v1")


def ok(value: object) -> Response:
    return Response(200, body=json.dumps(value).encode())


def plain(remote: Remote) -> Remote:
    return replace(remote, raw="")


# --- the same batch in another form --------------------------------------------------------------------------------------------------

CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [str, str.upper, str.title, lambda word: word.replace("_", " "), lambda word: word.replace("_", "-")]
)
ENVELOPE: st.SearchStrategy[Callable[[Any], Any]] = st.sampled_from(
    [
        lambda batch: batch,
        lambda batch: {"job": batch},
        lambda batch: {"batch": batch, "warning": "Old."},
        lambda batch: {"data": batch},
        lambda batch: {"success": True, "result": {"job": batch}},
        lambda batch: [batch],
        lambda batch: {"id": "req_1", "job": batch},
    ]
)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


TIMES: st.SearchStrategy[Callable[[int], Any]] = st.sampled_from(
    [int, float, str, iso, lambda at: iso(at).replace("+00:00", "Z"), lambda at: at * 1_000, lambda at: iso(at)[:19]]
)


@st.composite
def both_forms(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    """A batch as the API reference has it, and the same batch as some other server says it."""
    status = draw(st.sampled_from(sorted(set(shapes.STATUSES.values()))))
    alias = draw(st.sampled_from([name for name, meant in shapes.STATUSES.items() if meant == status] + [status]))
    created, expires = draw(st.integers(1_600_000_000, 1_900_000_000)), draw(st.integers(1_600_000_000, 1_900_000_000))
    total = draw(st.integers(0, 50_000))
    done = draw(st.integers(0, total))
    bad = draw(st.integers(0, total - done))
    said = draw(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20), max_size=3))
    errors = [{"code": "", "message": each} for each in said]
    reference = {
        "id": "batch_1",
        "status": status,
        "created_at": created,
        "expires_at": expires,
        "request_counts": {"total": total, "completed": done, "failed": bad},
        "errors": {"object": "list", "data": errors} if errors else None,
        "input_file_id": "file-i",
        "output_file_id": "file-o",
        "error_file_id": None,
        "metadata": {"nightshift": "b1"},
    }
    time = draw(TIMES)
    foreign: dict[str, Any] = {
        draw(st.sampled_from(["id", "batch_id", "job_id"])): "batch_1",
        draw(st.sampled_from(["status", "state"])): draw(CASES)(draw(st.sampled_from(["", "JOB_STATE_"])) + alias),
        "created_at": time(created),
        draw(st.sampled_from(["expires_at", "job_deadline"])): time(expires),
        "metadata": {"nightshift": "b1", "priority": 3},
        "input_file_id": "file-i",
    }
    foreign |= draw(
        st.sampled_from(
            [
                {"request_counts": {"total": total, "completed": done, "failed": bad}},
                {"request_counts": {"total": str(total), "succeeded": str(done), "failed": str(bad)}},
                {"total_requests": total, "completed_requests": done + bad, "succeeded_requests": done, "failed_requests": bad}
                if done
                else {"total_requests": total, "failed_requests": bad},
                {"total": total, "completed": done, "failed": bad},
                {"progress": {"total": total, "completed": done, "failed": bad}},
            ]
        )
    )
    foreign |= draw(st.sampled_from([{"output_file_id": "file-o"}, {"output_file": {"id": "file-o"}}, {"output_file_ids": ["file-o"]}]))
    foreign |= draw(st.sampled_from([{}, {"error_file_id": ""}, {"error_file_id": None}, {"error_file": []}]))
    one = [{"errors": said[0]}, {"error": {"message": said[0]}}, {"errors": {"message": said[0]}}] if len(said) == 1 else []
    foreign |= draw(st.sampled_from([*one, {"errors": said}, {"errors": {"data": errors}}, {"errors": errors}]))
    return reference, draw(ENVELOPE)(foreign)


@pytest.mark.slow
@given(both_forms())
def test_any_mixture_of_foreign_forms_reads_to_the_same_batch(forms):
    """Envelope, status word, times, counts, files and errors, each in a form of its own."""
    reference, foreign = forms
    assert plain(api.read_batch(ok(foreign), PROFILE)) == plain(api.read_batch(ok(reference), PROFILE))
    (listed,) = api.read_batches(ok({"object": "list", "data": [foreign if isinstance(foreign, dict) else foreign[0]]}), PROFILE).batches
    assert plain(listed) == plain(api.read_batch(ok(reference), PROFILE))


FIELDS = [
    *(
        "id",
        "batch_id",
        "status",
        "state",
        "created_at",
        "expires_at",
        "request_counts",
        "total",
        "completed",
        "failed",
        "progress",
        "errors",
    ),
    *("error", "data", "job", "file", "detail", "loc", "msg", "message", "code", "line", "metadata", "usage", "output_file_id", "bytes"),
    *("output_files", "has_more", "last_id", "models", "deleted", "type", "name"),
]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["failed", "2026-01-01T00:00:00Z", "NaN"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), inner, max_size=6),
    max_leaves=30,
)


@given(JSON)
def test_nothing_that_comes_raises_anything_but_a_refusal(value):
    """Each reader gives a struct that can be stored, or a refusal in words."""
    try:
        body = json.dumps(value).encode()
    except ValueError:
        return
    for read in (api.read_batch, api.read_created, api.read_upload, api.read_batches, api.read_files, api.read_models, api.read_deleted):
        for status in (200, 400, 500):
            found: object
            try:
                found = read(Response(status, body=body), PROFILE)
            except Refused as error:
                found = error.problem
            msgspec.json.encode(found)


# --- single forms --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *(("SUCCESS", "completed"), ("Succeeded", "completed"), ("TIMEOUT_EXCEEDED", "expired"), ("CANCELLATION_REQUESTED", "cancelling")),
        *(("InProgress", "in_progress"), ("NotStarted", "validating"), ("JOB_STATE_RUNNING", "in_progress"), ("canceled", "cancelled")),
        *(("Timed out", "expired"), ("finalising", "finalizing"), (" completed ", "completed"), ({"state": "RUNNING"}, "in_progress")),
        *(("ended", "completed"), ("BATCH_ENDED", "completed"), ("Completed with failures", "completed"), ("suspended", "suspended")),
        *(("paused", "paused"), ("On  hold", "On hold"), ("", ""), (None, ""), (7, ""), ([], "")),
    ],
)
def test_a_status_is_known_by_every_name_or_kept_as_it_was_said(said, meant):
    """Whatever its case and its separators."""
    assert shapes.status(said) == meant


@pytest.mark.parametrize("word", ["ended", "ENDED", {"state": "ended"}, "job_state_ended"])
@pytest.mark.parametrize(
    ("times", "meant"),
    [
        ({}, "completed"),
        ({"ended_at": "2026-11-29T12:00:00Z", "cancel_initiated_at": None, "expires_at": 1_795_953_600}, "completed"),
        ({"cancel_initiated_at": "2026-11-29T12:00:00Z"}, "cancelled"),
        ({"cancelled_at": 1_795_953_600}, "cancelled"),
        ({"expired_at": 1_795_953_600}, "expired"),
        ({"failed_at": 1_795_953_600}, "failed"),
    ],
)
def test_a_word_that_says_only_that_it_is_over_is_read_with_the_times(word: object, times: dict[str, object], meant: str) -> None:
    """What was cancelled is not sent again by rule, so a cancelled batch that is called «ended» must not count as completed."""
    found = api.read_batch(ok({"id": "b", "status": word, **times}), PROFILE)
    assert found.status == meant
    assert api.read_batch(ok({"id": "b", "status": "completed", **times}), PROFILE).status == "completed"


def test_every_alias_stands_for_a_status_of_the_api():
    """And no name stands for two."""
    meant = {"validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"}
    assert set(shapes.STATUSES.values()) == meant
    assert all(name.isalpha() and name == name.lower() for name in shapes.STATUSES)


NO_TIMES: list[object] = ["", "tomorrow", "9999-99-99", "0001-01-01T00:00:00Z", 1e300, -5, True, None, "1" * 5_000, {}, []]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2026-11-29T12:00:00Z", 1_795_953_600.0),
        ("2026-11-29T12:00:00.1234567Z", 1_795_953_600.123456),
        ("2026-11-29T14:00:00+02:00", 1_795_953_600.0),
        ("2026-11-29 12:00:00", 1_795_953_600.0),
        (1_795_953_600_000, 1_795_953_600.0),
        ("1795953600", 1_795_953_600.0),
        *[(each, 0.0) for each in NO_TIMES],
    ],
)
def test_a_time_in_any_form_is_unix_seconds(said, seconds):
    """Numbers, milliseconds, ISO 8601; what is no time is none."""
    assert shapes.moment({"at": said}, "at") == pytest.approx(seconds)


def test_progress_in_percent_is_kept_and_no_count_is_made_of_it():
    """A figure that the provider did not give is not shown as one."""
    remote = api.read_batch(ok({"id": "b", "status": "RUNNING", "progress": "40 %"}), PROFILE)
    assert (remote.progress, remote.completed, remote.total) == (40.0, 0, 0)
    assert api.read_batch(ok({"id": "b", "progress": 1e9}), PROFILE).progress == 100.0


def test_errors_keep_line_field_and_code():
    """As FastAPI and other servers say them."""
    found = api.read_batch(
        ok(
            {"id": "b", "errors": [{"loc": ["body", 3, "url"], "msg": "field required", "type": "missing", "line_number": "4"}, "Bad.", {}]}
        ),
        PROFILE,
    ).errors
    assert found[0] == RemoteError("missing", "field required", "body.3.url", 4)
    assert found[1] == RemoteError("", "Bad.")
    (said,) = api.read_batch(ok({"id": "b", "errors": "Enqueued token limit reached."}), PROFILE).errors
    assert said.code == "token_limit_exceeded"


def test_a_batch_of_several_output_files_says_that_one_is_read():
    """What cannot be used is not passed over in silence."""
    remote = api.read_batch(ok({"id": "b", "output_file_ids": ["f1", "f2", "f3"]}), PROFILE)
    assert remote.output_file_id == "f1"
    assert "3 output files" in remote.remarks[0]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"type": "message_batch", "processing_status": "in_progress"}, "Anthropic"),
        ({"name": "batches/12", "metadata": {}}, "Google"),
        ({"jobArn": "arn:aws:bedrock:x"}, "Amazon"),
        ({"ok": True, "queue": 3}, "“ok”, “queue”"),
        ([], "list"),
        ({}, "empty object"),
    ],
)
def test_an_answer_of_another_api_is_named(value, word):
    """With what it is, or with the fields that it has."""
    with pytest.raises(Refused) as caught:
        api.read_created(ok(value), PROFILE)
    assert caught.value.problem.code == "unexpected_answer"
    assert word in caught.value.problem.what
    assert caught.value.problem.doubtful


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": [{"loc": ["body", "endpoint"], "msg": "Field required", "type": "missing"}]}, "body.endpoint: Field required"),
        ({"detail": [{"loc": ["a"], "msg": "X"}, {"loc": ["b"], "msg": "Y"}]}, "a: X (and 1 more)"),
        ({"detail": "Not found"}, "Not found"),
        ({"message": {"detail": [{"msg": "Wrong", "loc": []}]}, "type": "invalid_request_error"}, "Wrong"),
        ({"errors": ["One", "Two"]}, "One (and 1 more)"),
        ({"error": "Plain."}, "Plain."),
    ],
)
def test_a_refusal_is_quoted_whatever_its_form(body, words):
    """FastAPI's list of details, lists of strings, text."""
    with pytest.raises(Refused) as caught:
        api.read_created(Response(422, body=json.dumps(body).encode()), PROFILE)
    assert caught.value.problem.detail == words


def test_listings_of_every_form_are_read():
    """Under another name, bare, with envelopes, and lists of models as names."""
    for value in (
        {"jobs": [{"job": {"id": "b1"}}]},
        [{"batch_id": "b1"}],
        {"data": {"batches": [{"id": "b1"}]}},
        {"items": [{"id": "b1"}, None]},
    ):
        assert [one.id for one in api.read_batches(ok(value), PROFILE).batches] == ["b1"]
    assert api.read_models(ok(["m2", {"name": "m1"}, {"id": "m2"}, 3]), PROFILE) == ("m1", "m2")
    page = api.read_batches(ok({"jobs": [{"id": "b1"}], "hasMore": True}), PROFILE)
    assert page.after == "b1"


def test_a_deletion_that_did_not_happen_is_refused():
    """``deleted: false`` with status 200."""
    with pytest.raises(Refused) as caught:
        api.read_deleted(ok({"id": "f", "deleted": False}), PROFILE)
    assert caught.value.problem.code == "not_deleted"
    api.read_deleted(ok({"id": "f", "deleted": True}), PROFILE)
    api.read_deleted(Response(204), PROFILE)


def test_a_listing_that_counts_more_than_it_brings_is_not_whole():
    """Where it does not say how to go on: what is not on it may be there all the same."""
    one: list[Any] = [{"id": "b1"}]
    for value in ({"data": one, "total": 300}, {"jobs": one, "total": 300}):
        assert api.read_batches(ok(value), PROFILE).partial
        assert api.read_files(ok(value), PROFILE).partial
    whole: list[dict[str, Any]] = [{"total": 1}, {"total": 9, "has_more": False}, {"total": "9"}, {}]
    for more in whole:
        assert not api.read_batches(ok({"data": one, **more}), PROFILE).partial
