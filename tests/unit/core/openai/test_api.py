"""The batch API as values: what is asked, and how answers of every shape are read."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base import urls
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import api, base_urls, recognition, replies
from app.core.openai.problems import Refused
from app.core.openai.wire import BytesBlob, Request, Response

PROFILE = Profile(id="openai", name="OpenAI", base_url="https://api.openai.com/v1/")
KEY = "sk-secret-0123456789"
BATCH = Batch(id="b1", name="First", lane=Lane("openai", "/v1/responses", "gpt-5"), input_file_id="file-1", size=30)


def ok(value: object) -> Response:
    return Response(200, body=json.dumps(value).encode())


def every_request() -> list[Request]:
    return [
        api.upload_file(PROFILE, KEY, "nightshift-b1.jsonl", BytesBlob(b"{}\n")),
        api.list_files(PROFILE, KEY, purpose="batch"),
        api.file_content(PROFILE, KEY, "file-1"),
        api.create_batch(PROFILE, KEY, BATCH),
        api.list_batches(PROFILE, KEY),
        api.get_batch(PROFILE, KEY, "batch_1"),
        api.cancel_batch(PROFILE, KEY, "batch_1"),
        api.list_models(PROFILE, KEY),
    ]


# --- asking ------------------------------------------------------------------------------------------------------------------------


def test_every_call_goes_to_its_address():
    """Method and path as in the API reference; a slash at the end of the base address changes nothing."""
    base = "https://api.openai.com/v1"
    assert [(request.method, request.url) for request in every_request()] == [
        ("POST", f"{base}/files"),
        ("GET", f"{base}/files?purpose=batch&limit=1000&order=desc"),
        ("GET", f"{base}/files/file-1/content"),
        ("POST", f"{base}/batches"),
        ("GET", f"{base}/batches?limit=100"),
        ("GET", f"{base}/batches/batch_1"),
        ("POST", f"{base}/batches/batch_1/cancel"),
        ("GET", f"{base}/models"),
    ]


def test_the_key_is_in_the_authorization_header_and_nowhere_else():
    """Not in the address, the body, the form or the repr."""
    for request in every_request():
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert KEY not in repr((request.url, request.body, request.fields, request.file, request))
        assert KEY not in str(request)


def test_an_upload_is_a_form_with_purpose_and_a_jsonl_name():
    """Its time allows a slow line; another name is our own mistake."""
    request = api.upload_file(replace(PROFILE, purpose="batch-api"), KEY, "nightshift-b1.jsonl", BytesBlob(b"x" * 50_000_000))
    assert request.fields == (("purpose", "batch-api"),)
    assert request.file is not None
    assert (request.file.name, request.file.filename, request.file.content.size) == ("file", "nightshift-b1.jsonl", 50_000_000)
    assert request.timeout > 1_000
    assert request.body is None
    with pytest.raises(ValueError, match=r"\.jsonl"):
        api.upload_file(PROFILE, KEY, "a.txt", BytesBlob(b""))


def test_a_create_names_file_endpoint_window_and_our_id():
    """The metadata is what finds the batch again."""
    request = api.create_batch(replace(PROFILE, window="1h"), KEY, BATCH)
    assert msgspec.json.decode(request.body or b"") == {
        "input_file_id": "file-1",
        "endpoint": "/v1/responses",
        "completion_window": "1h",
        "metadata": {"nightshift": "b1", "name": "First"},
    }


@given(st.text(max_size=2_000))
def test_metadata_keeps_the_apis_limits(name):
    """At most 16 pairs, keys up to 64 and values up to 512 characters, none empty."""
    found = recognition.metadata(replace(BATCH, name=name))
    assert found["nightshift"] == "b1"
    assert all(len(key) <= 64 and 0 < len(value) <= 512 for key, value in found.items())


def test_ids_can_not_change_the_address():
    """What a provider calls its files is quoted."""
    assert api.file_content(PROFILE, KEY, "../x?y#z").url == "https://api.openai.com/v1/files/..%2Fx%3Fy%23z/content"
    assert api.list_batches(PROFILE, KEY, after="a&b").url.endswith("?limit=100&after=a%26b")


# --- base addresses ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "good",
    [
        "https://api.openai.com/v1",
        " https://api.groq.com/openai/v1/ ",
        "https://res.openai.azure.com:8443/openai/v1",
        "http://localhost:8000/practice/v1",
        "http://127.0.0.1:9/v1",
    ],
)
def test_addresses_that_can_be_used(good):
    """https anywhere, http on this machine."""
    assert base_urls.check_base_url(good) is None


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ("", "Enter"),
        ("api.openai.com/v1", "https://"),
        ("ftp://x/v1", "https://"),
        ("javascript:alert(1)", "https://"),
        ("http://api.openai.com/v1", "Use https://"),
        ("http://localhost.evil.com/v1", "Use https://"),
        ("http://[::1]:8000/v1", "127.0.0.1"),
        ("https://my_host.example/v1", "policy"),
        ("https://bücher.example/v1", "xn--"),
        ("https://user:pw@host/v1", "name or a key"),
        ("https://sk-key@host/v1", "name or a key"),
        ("https://host/v1?key=1", "?"),
        ("https://host/v1?", "?"),
        ("https://host/v1#x", "#"),
        ("https://ho st/v1", "spaces"),
        ("https://host\\v1", "backslashes"),
        ("https:///v1", "no host"),
        ("https://host:99999/v1", "valid"),
        ("https://[::1/v1", "valid"),
    ],
)
def test_addresses_that_can_not_be_used_say_why(bad, word):
    """One sentence each."""
    sentence = base_urls.check_base_url(bad)
    assert sentence is not None
    assert word in sentence
    assert sentence.endswith(".")


@given(st.text())
def test_no_text_breaks_the_check_of_an_address(text):
    """Whatever is pasted, the answer is a sentence or none."""
    sentence = base_urls.check_base_url(text)
    assert sentence is None or sentence


def test_origins():
    """Scheme, host and a port that is not the usual one; the path is not part of it."""
    assert urls.origin("https://API.openai.com:443/v1") == "https://api.openai.com"
    assert urls.origin("http://[::1]:8000/v1") == "http://[::1]:8000"
    assert urls.origin("http://localhost:8000") == "http://localhost:8000"


# --- reading -----------------------------------------------------------------------------------------------------------------------

FULL = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/responses",
    "errors": {"object": "list", "data": [{"code": "invalid_json_line", "message": "Bad.", "param": None, "line": 3}]},
    "input_file_id": "file-1",
    "completion_window": "24h",
    "status": "failed",
    "output_file_id": "file-o",
    "error_file_id": "file-e",
    "created_at": 1_700_000_000,
    "expires_at": 1_700_086_400,
    "request_counts": {"total": 5, "completed": 3, "failed": 2},
    "usage": {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 8},
        "total_tokens": 30,
    },
    "metadata": {"nightshift": "b1", "name": "First"},
    "something_new": [1, 2],
}


def test_a_whole_batch_is_read():
    """Every field finds its place, and the object as it came is kept."""
    remote = api.read_batch(ok(FULL), PROFILE)
    assert (remote.id, remote.status, remote.input_file_id, remote.output_file_id, remote.error_file_id) == (
        *("batch_1", "failed", "file-1", "file-o", "file-e"),
    )
    assert (remote.total, remote.completed, remote.failed) == (5, 3, 2)
    assert (remote.input_tokens, remote.cached_tokens, remote.output_tokens, remote.reasoning_tokens) == (10, 4, 20, 8)
    assert (remote.errors[0].code, remote.errors[0].line, remote.errors[0].param) == ("invalid_json_line", 3, "")
    assert remote.metadata["name"] == "First"
    assert json.loads(remote.raw)["something_new"] == [1, 2]


@pytest.mark.parametrize("odd", [None, "", [], {}, 7, "text", True, -1, 1e300, {"data": None}, {"total": "5"}, [None, 3]])
@pytest.mark.parametrize("field", sorted(set(FULL) - {"id"}))
def test_any_field_of_a_batch_may_be_anything(field, odd):
    """Missing, null, empty or of another type: the rest is read."""
    remote = api.read_batch(ok({**FULL, field: odd}), PROFILE)
    assert remote.id == "batch_1"
    assert msgspec.json.decode(msgspec.json.encode(remote), type=Remote) == remote
    assert api.read_batch(ok({key: value for key, value in FULL.items() if key != field}), PROFILE).id == "batch_1"


def test_numbers_may_be_text():
    """Some providers write them so."""
    assert api.read_batch(ok({"id": "x", "created_at": "1700000000", "request_counts": {"total": "5"}}), PROFILE).total == 5


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b'"x"', b"{}", b'{"id":null}', b'{"id":""}', b"\xff", b"[" * 100_000])
def test_an_answer_that_is_not_a_batch_is_refused_as_doubtful(body):
    """A log-in page with status 200 is no batch, but one may have been made."""
    with pytest.raises(Refused) as caught:
        api.read_created(Response(200, body=body), PROFILE, KEY)
    assert caught.value.problem.code == "unexpected_answer"
    assert caught.value.problem.doubtful


def test_a_refusal_carries_its_problem_without_the_key():
    """Also in the exception's own text."""
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}}).encode()
    with pytest.raises(Refused) as caught:
        api.read_models(Response(401, body=body), PROFILE, KEY)
    assert caught.value.problem.code == "wrong_key"
    assert KEY not in f"{caught.value!r} {caught.value.problem!r}"


def test_pages_lead_to_the_next():
    """By last_id, else by the last item; at the end by nothing."""
    page = {"object": "list", "data": [{"id": "a"}, {"id": "b"}, {"no": "id"}, None], "has_more": True}
    assert api.read_batches(ok({**page, "last_id": "b"}), PROFILE).after == "b"
    assert api.read_batches(ok(page), PROFILE).after == "b"
    assert api.read_batches(ok({**page, "has_more": False}), PROFILE).after == ""
    assert api.read_batches(ok({"data": [], "has_more": True}), PROFILE).after == ""
    assert [batch.id for batch in api.read_batches(ok(page), PROFILE).batches] == ["a", "b"]
    assert api.read_batches(ok({"data": None}), PROFILE).batches == ()
    with pytest.raises(Refused):
        api.read_files(ok({"object": "list"}), PROFILE)


def test_files_are_read():
    """An upload's answer and a listing give the same struct."""
    file = {"id": "file-1", "object": "file", "bytes": 30, "created_at": 5, "filename": "nightshift-b1.jsonl", "purpose": "batch"}
    read = api.read_upload(ok(file), PROFILE)
    assert (read.id, read.size, read.filename, read.purpose, read.created_at) == ("file-1", 30, "nightshift-b1.jsonl", "batch", 5.0)
    assert replace(api.read_files(ok({"data": [file]}), PROFILE).files[0], raw="") == replace(read, raw="")


def test_models_are_sorted_and_each_named_once():
    """Items without an id are passed over."""
    assert api.read_models(ok({"data": [{"id": "b"}, {"id": "a"}, {"id": "b"}, {}, 3]}), PROFILE) == ("a", "b")


# --- finding what is ours ----------------------------------------------------------------------------------------------------------


def test_our_upload_is_found_by_name_and_size():
    """A file that is not there whole is not ours."""
    whole, half, other = (
        replies.RemoteFile(id=id, filename=name, size=size)
        for id, name, size in [("1", BATCH.filename, 30), ("2", BATCH.filename, 12), ("3", "x.jsonl", 30)]
    )
    assert recognition.match_file((other, half, whole), BATCH) == whole
    assert recognition.match_file((other, half), BATCH) is None
    assert recognition.match_file((replace(whole, size=0),), BATCH) is not None


def test_our_batch_is_found_by_metadata_or_by_its_file():
    """Some providers drop metadata; no other batch uses our file. Of several, the first one that lives."""
    ours, dead = Remote(id="2", metadata={"nightshift": "b1"}, created_at=9.0), Remote(id="1", status="failed", input_file_id="file-1")
    other = Remote(id="3", metadata={"nightshift": "b2"}, input_file_id="file-2")
    assert recognition.match_batch((other, ours, dead), BATCH) == ours
    assert recognition.match_batch((other, dead), BATCH) == dead
    assert recognition.match_batch((other,), BATCH) is None
    assert recognition.match_batch((Remote(id="4"),), replace(BATCH, input_file_id="")) is None


def test_a_listing_need_not_be_read_beyond_our_time():
    """A day of grace for clocks that differ; no times, no end."""
    page = replies.BatchPage((Remote(id="1", created_at=500_000.0), Remote(id="2", created_at=100_000.0)))
    assert recognition.older_than(page, 200_000.0)
    assert not recognition.older_than(page, 150_000.0)
    assert not recognition.older_than(replies.BatchPage((Remote(id="1"),)), 150_000.0)
    assert not recognition.older_than(replies.BatchPage(), 150_000.0)


def test_a_listing_in_another_order_is_read_to_its_end():
    """Oldest first, mixed, without times, or all of one time: none of it says that ours cannot follow."""
    for times in ((100.0, 200.0), (300.0, 100.0, 200.0), (0.0, 0.0), (300.0, 0.0), (100.0, 100.0)):
        page = replies.BatchPage(tuple(Remote(id=str(n), created_at=time) for n, time in enumerate(times)))
        assert not recognition.older_than(page, 1_000_000.0)
