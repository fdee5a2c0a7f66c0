"""Every failure has words: what happened, what it means, what to do."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.batchproblems import from_errors
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.quoting import quote, said_by
from app.core.model.remote import RemoteError
from app.core.openai.problems import Call, from_network, from_response, from_storage, no_key
from app.core.openai.wire import NetworkError, NetworkKind, Response

PROFILE = Profile(id="openai", name="OpenAI")
KEY = "my-own-key-0123456789"
CALLS = tuple(call for call in get_args(Call) if call != "store")
STATUSES = (200, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 425, 429, 500, 502, 503, 529)
KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)


def refusal(call: Call, status: int, code: str | None = None, message: str = "No.") -> Problem:
    body = msgspec.json.encode({"error": {"message": message, "type": "some_error", "param": None, "code": code}})
    return from_response(call, Response(status, body=body), PROFILE, KEY)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_every_call_has_all_three_sentences(call, status):
    """What happened, what it means and what to do, each a sentence with an end."""
    problem = refusal(call, status)
    for sentence in (problem.what, problem.means, problem.do):
        assert sentence[-1:] in (".", "”") or (sentence == "" and problem.code == "file_gone")
    assert problem.status == status
    assert not problem.doubtful or call in ("upload", "create", "cancel", "answer")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_network_failure_has_all_three_sentences(call, kind):
    """Also the code by which programs and tests know it."""
    problem = from_network(call, NetworkError(kind, f"went wrong with {KEY}"), PROFILE)
    assert problem.code == kind
    assert all((problem.what, problem.means, problem.do))
    assert problem.retry == (kind not in ("blocked", "policy", "redirected"))


def test_kinds_of_network_failure_differ_in_words():
    """Each its own sentence."""
    assert len({from_network("poll", NetworkError(kind), PROFILE).what for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("status", "code", "expected", "retry"),
    [
        (400, None, "bad_request", False),
        (401, "invalid_api_key", "wrong_key", False),
        (402, None, "insufficient_quota", False),
        (403, None, "forbidden", False),
        (404, None, "not_found", False),
        (409, None, "conflict", False),
        (413, None, "too_large", False),
        (422, None, "bad_request", False),
        (429, "rate_limit_exceeded", "rate_limited", True),
        (429, "insufficient_quota", "insufficient_quota", False),
        (429, "billing_hard_limit_reached", "billing_hard_limit_reached", False),
        (400, "billing_hard_limit_reached", "billing_hard_limit_reached", False),
        (400, "token_limit_exceeded", "token_limit_exceeded", False),
        (500, None, "server_error", True),
        (302, None, "redirected", False),
        (200, None, "unexpected_answer", False),
    ],
)
def test_a_refused_create_is_told_apart(status, code, expected, retry):
    """By status and by the code inside; only what can pass by itself is tried again."""
    problem = refusal("create", status, code)
    assert (problem.code, problem.retry) == (expected, retry)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 429])
@pytest.mark.parametrize("call", ["upload", "create"])
def test_a_certain_refusal_says_that_nothing_is_billed(call, status):
    """The person's first question is answered."""
    problem = refusal(call, status)
    assert not problem.doubtful
    assert "nothing is billed" in problem.means
    assert "The requests are still here" in problem.means


@pytest.mark.parametrize("status", [200, 408, 500, 502, 503])
def test_a_doubtful_create_says_that_nightshift_looks_first(status):
    """The batch may exist: it is looked for before anything is tried again."""
    problem = refusal("create", status)
    assert problem.doubtful
    assert "checks before it tries again" in problem.means


def test_a_create_whose_answer_is_blocked_leaves_doubt_and_an_upload_does_not():
    """A gateway's 502 without CORS headers looks like a refusal of the page; a lost file costs nothing."""
    assert from_network("create", NetworkError("blocked"), PROFILE).doubtful
    assert not from_network("upload", NetworkError("blocked"), PROFILE).doubtful


@pytest.mark.parametrize("message", ["Cannot find file file-abc.", "No such File object: file-abc", "File file-abc not found"])
def test_a_file_that_is_not_found_right_after_its_upload_is_tried_again(message):
    """The provider needs a moment."""
    problem = refusal("create", 404, None, message)
    assert (problem.code, problem.retry, problem.doubtful) == ("file_not_ready", True, False)


def test_a_404_is_worded_by_what_was_asked_for():
    """A batch of another project, a file that is gone, a wrong address."""
    assert [refusal(call, 404).code for call in ("poll", "download", "list", "models")] == [
        *("batch_unknown", "file_gone", "not_found", "not_found")
    ]


def test_the_providers_words_are_quoted_masked_and_shortened():
    """At most 300 characters, without keys, on one line."""
    message = f"Incorrect API key provided: sk-proj-abc***xyz and {KEY},\n Bearer abc.def " + "x" * 1_000
    problem = refusal("models", 401, "invalid_api_key", message)
    assert problem.detail.startswith("Incorrect API key provided: sk-… and …, Bearer … xxx")
    assert len(problem.detail) <= 300
    assert KEY not in repr(problem)


@given(st.text(), st.integers(0, 40))
def test_a_key_never_gets_into_a_quote(text, at):
    """Wherever it stands."""
    quoted = quote(f"{text[:at]} {KEY}{text[at:]}", KEY)
    assert KEY not in quoted
    assert len(quoted) <= 300


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":{"message":"M","code":"c"}}', "c", "M"),
        (b'{"error":{"message":"M","type":"t","code":null}}', "t", "M"),
        (b'{"error":"M"}', "", "M"),
        (b'{"error":"M","code":"c"}', "c", "M"),
        (b'{"message":"M"}', "", "M"),
        (b'{"detail":"M"}', "", "M"),
        (b'{"errors":[{"code":"c","title":"M"}]}', "c", "M"),
        (b'{"errors":{"data":[{"code":"c","message":"M"}]}}', "c", "M"),
        (b'[{"error":{"message":"M"}}]', "", "M"),
        (b'"M"', "", "M"),
        (b"<html><style>x{}</style><h1>M</h1></html>", "", "M"),
        (b"", "", ""),
        (b"null", "", ""),
        (b'{"error":[]}', "", ""),
    ],
)
def test_errors_of_every_shape_are_understood(body, code, message):
    """Providers don't agree on one."""
    assert said_by(body) == (code, message)


@given(st.binary())
def test_no_body_is_too_odd(body):
    """Any bytes give words."""
    assert from_response("create", Response(500, body=body), PROFILE).what
    assert from_response("create", Response(400, body=body), PROFILE).what


def test_an_error_nested_without_end_is_cut_off():
    """Depth can't be used against the page."""
    assert said_by(b'{"error":' * 900 + b"1" + b"}" * 900) == ("", "")
    assert said_by(b"[" * 100_000)[0] == ""


def test_our_own_storage_has_words_too():
    """Full and lost are told apart, and both say what goes on."""
    assert from_storage("full").code == "storage_full"
    assert "what they answer is billed" in from_storage("lost").means


def test_a_missing_key_is_not_a_wrong_key():
    """The person is asked for it."""
    problem = no_key("upload", PROFILE)
    assert (problem.code, problem.blame, problem.retry) == ("no_key", "person", False)


def test_a_failed_batch_names_the_line_and_how_many_more():
    """The first error in words, the others counted."""
    errors = (RemoteError(code="invalid_json_line", line=1_234), RemoteError(code="invalid_json_line"), RemoteError())
    problem = from_errors(errors)
    assert "line 1,234" in problem.what
    assert "2 more errors" in problem.what
    assert from_errors(()).code == "batch_failed"
