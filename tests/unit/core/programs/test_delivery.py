"""What is delivered, how it is signed, when it is tried again."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as StandardWebhook

from app.core.openai.outcomes import Outcome
from app.core.programs import delivery
from app.core.programs.message import MAX_ATTEMPTS, DeliveryAttempt, ProgramMessage, Programs
from app.core.programs.targets import Webhook
from tests.unit.core.strategies import texts

HOOK = Webhook("https://example.com/hook")
CHOSEN = Programs(id="programs")


def record(**fields: Any) -> ProgramMessage:
    return ProgramMessage(**{"id": "a", "source": "http", "at": 1.0, "lane": "p|e|m", "target": HOOK, "key": "d-1", **fields})


def ended(
    one: ProgramMessage, batch: str, row: int, outcome: Any, key: str = "k", now: float = 1.0, chosen: Programs = CHOSEN
) -> ProgramMessage:
    """The record with its outcome, which must be news."""
    found = delivery.ended(one, batch, row, outcome, chosen, key, now)
    assert found is not None
    return found


def again(one: ProgramMessage, now: float, target: Any = None) -> ProgramMessage:
    """The record, due once more."""
    found = delivery.again(one, now, target)
    assert found is not None
    return found


def attempt(outcome: Any = "timeout", at: float = 100.0) -> DeliveryAttempt:
    return DeliveryAttempt(at, "https://example.com/hook", outcome)


def test_an_answer_is_delivered_as_the_provider_wrote_it():
    """The whole output line, to the byte."""
    line = b'{"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200, "body": {"x": 1.50}}, "error": null}'
    assert delivery.content(record(outcome="answered"), line) == line


@pytest.mark.parametrize("outcome", ["failed", "expired", "cancelled", "missing"])
def test_failures_are_delivered_in_the_same_shape(outcome):
    """Failed, expired and cancelled requests are never silent: no caller waits for ever."""
    told = json.loads(delivery.content(record(outcome=outcome), None, "Because."))
    assert set(told) == {"id", "custom_id", "response", "error"}
    assert (told["custom_id"], told["response"]) == ("a", None)
    assert told["error"]["code"]
    assert told["error"]["message"]
    assert (told["error"]["message"] == "Because.") == (outcome == "failed"), "why a batch failed is said of what failed with it"


def test_a_failed_line_says_so_in_error():
    """A line that fails with error null and a status, or 200 with an error in its body, gets its error set; the rest is as it came."""
    line = b'{"id":"r","custom_id":"a","response":{"status_code":400,"body":{"error":{"code":"bad","message":"Bad."}}},"error":null}'
    told = json.loads(delivery.content(record(outcome="failed"), line))
    assert told["error"] == {"code": "bad", "message": "Bad."}
    assert told["response"]["status_code"] == 400
    line = b'{"id":"r","custom_id":"a","response":null,"error":{"code":"batch_expired","message":"Late."}}'
    assert delivery.content(record(outcome="expired"), line) == line


def test_a_damaged_line_is_delivered_as_a_failure():
    """The receiver gets JSON in any case."""
    assert json.loads(delivery.content(record(outcome="missing"), b'{"custom_id":"a", broken'))["error"]["code"] == "missing"


@given(texts.filter(bool), texts, st.binary(min_size=24, max_size=64), st.integers(0, 2**33))
def test_the_signature_is_that_of_standard_webhooks(id, text, token, now):
    """Their own library verifies what we sign, whatever the body; headers are ASCII whatever the id."""
    secret = delivery.new_secret(token)
    found = delivery.headers(record(id=id), text.encode(), secret, now)
    assert all(value.isascii() and value.isprintable() for value in found.values())
    signed = StandardWebhook(secret).sign("d-1", datetime.fromtimestamp(now, UTC), text)
    assert found["webhook-signature"] == signed
    assert (found["idempotency-key"], found["webhook-id"]) == ("d-1", "d-1")


def test_without_a_secret_nothing_is_signed():
    """And the contract's headers are there."""
    assert delivery.headers(record(id="é"), b"{}", "", 1) == {
        "content-type": "application/json",
        "idempotency-key": "d-1",
        "x-custom-id": "%C3%A9",
    }


@pytest.mark.parametrize("secret", ["whsec_", "whsec_???", "not base64!"])
def test_a_secret_that_is_none_is_refused(secret):
    """Before it is kept."""
    with pytest.raises(ValueError):  # noqa: PT011  # binascii's own words
        delivery.secret_bytes(secret)


@given(st.integers(1, 20), st.floats(1, 1e6), st.floats(0, 0.999))
def test_waits_grow_and_end(tries, over, jitter):
    """So many tries in all, each wait longer than the one before, over about the time that was chosen."""
    chosen = Programs(id="programs", tries=tries, over=over)
    waits = [delivery.wait(n, chosen, jitter) for n in range(1, tries + 1)]
    assert waits[-1] is None
    known = [one for one in waits if one is not None]
    assert len(known) == tries - 1
    assert known == sorted(known)
    assert not known or 0.79 * over <= sum(known) <= 1.21 * over


def test_one_delivery_try_only_is_not_all():
    """By default five within an hour; then it waits for the person, and every try is on record."""
    one = ended(record(), "b", 0, "answered", "d-2", 50.0)
    assert (one.state, one.key, one.retry_at) == ("due", "d-1", 50.0)
    for n in range(5):
        assert one.state == "due"
        one = delivery.tried(one, attempt(at=one.retry_at), CHOSEN, 0.5)
        assert one.made == n + 1
    assert one.state == "failed"
    assert one.attempts[-1].at == pytest.approx(50 + 3600)


def test_a_success_ends_it():
    """2xx, or a broker that took it."""
    for outcome in ("success", "unverified"):
        assert delivery.tried(record(state="due"), attempt(outcome), CHOSEN, 0).state == "delivered"


def test_what_has_nowhere_to_go_is_kept():
    """Readable by GET; likewise what nobody wants, and failures where these are not to be told."""
    assert ended(record(target=None), "b", 0, "answered").state == "kept"
    assert ended(record(target=None, reply_to="q"), "b", 0, "answered").state == "due"
    assert ended(record(dropped=True), "b", 0, "answered").state == "kept"
    silent = Programs(id="programs", failures=False)
    assert ended(record(), "b", 0, "expired", chosen=silent).state == "kept"
    assert ended(record(), "b", 0, "answered", chosen=silent).state == "due"


def test_another_result_has_another_key():
    """So that a receiver which drops repetitions does not drop it; the same result keeps its key however often it is sent."""
    first = ended(record(), "b", 0, "failed", "d-2")
    done = delivery.tried(first, attempt("success"), CHOSEN, 0)
    assert delivery.ended(done, "b", 0, "failed", CHOSEN, "d-2", 2) is None
    second = ended(done, "b2", 3, "answered", "d-2")
    assert (second.state, second.key, second.tries) == ("due", "d-2", 0)
    by_hand = again(done, 5)
    assert (by_hand.state, by_hand.key, by_hand.retry_at) == ("due", "d-1", 5)


def test_by_hand_it_may_go_elsewhere():
    """The target is editable before and after the outcome is known; without a result nothing is sent."""
    other = Webhook("https://example.org/")
    assert delivery.again(record(), 1) is None
    assert again(record(), 1, other).target == other
    assert delivery.again(record(state="kept", target=None, outcome="answered"), 1) is None
    assert again(record(state="kept", target=None, outcome="answered"), 1, other).state == "due"


def test_attempts_are_bounded():
    """A record does not grow for ever; the count stays right."""
    one, patient = record(state="due"), Programs(id="programs", tries=10 * MAX_ATTEMPTS)
    for n in range(MAX_ATTEMPTS + 10):
        one = delivery.tried(one, attempt(at=n), patient, 0)
    assert (len(one.attempts), one.made) == (MAX_ATTEMPTS, MAX_ATTEMPTS + 10)
    assert one.attempts[-1].at == MAX_ATTEMPTS + 9


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9000/",
        "http://LOCALHOST./",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://printer.local/",
        "http://intranet/",
        "http://0.0.0.0/",
        "http://metadata.google.internal/",
    ],
)
def test_private_addresses_are_known(url):
    """No request is forged to this machine or its network, in whatever spelling."""
    assert delivery.is_private(url)


@pytest.mark.parametrize("url", ["https://example.com/", "https://8.8.8.8/", "https://[2606:4700::1]/", "https://10.example.com/"])
def test_public_addresses_are_not_private(url):
    """They can be called without asking."""
    assert not delivery.is_private(url)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "success"),
        (204, "success"),
        (299, "success"),
        (302, "http_status_not_2xx"),
        (401, "authorization_error"),
        (500, "http_status_not_2xx"),
    ],
)
def test_only_2xx_is_success(status, outcome):
    """Anything else is tried again."""
    assert delivery.status_outcome(status) == outcome


def test_every_outcome_has_a_word():
    """Of requests and of tries."""
    assert [delivery.result_of(one) for one in Outcome] == [
        "",
        "answered",
        "failed",
        "expired",
        "cancelled",
        "missing",
        "unfound",
        "answered",
    ]
    assert len(delivery.WORDS) == 11


@given(st.floats(0, 1e9), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(-1e8, 1e8), st.integers(0, 3))
def test_a_clock_that_was_set_back_holds_up_no_delivery(at, took, wait, moved, tries):
    """A wait counts from when it was stored: nobody waits before that moment, or longer than was meant."""
    attempts = tuple(DeliveryAttempt(at, "http://x", "timeout", seconds=took) for _ in range(tries))
    one = msgspec.structs.replace(record(outcome="answered"), attempts=attempts, tries=tries, place=at, retry_at=at + took + wait)
    now = at + moved
    assert delivery.waits(one, now) == (at <= now < one.retry_at)
    if delivery.waits(one, now):
        assert one.retry_at - now <= took + wait + 1e-3
