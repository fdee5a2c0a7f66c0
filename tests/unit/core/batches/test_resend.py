"""The rule: what is sent again, what is not, and which rows went."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.ledger import DAMAGED_LINE, Ledger
from app.core.batches.ledger_lines import LineLocation
from app.core.batches.resend import MONEY, PASSING, ResentRows, deserves, deserving, doubtful, risky, sendable, unanswered
from app.core.openai.outcomes import Outcome, Read

YES = [
    (Outcome.EXPIRED, "batch_expired", 0),
    (Outcome.MISSING, "missing", 0),
    (Outcome.FAILED, "server_error", 500),
    (Outcome.FAILED, "server_error", 200),
    (Outcome.FAILED, "status_503", 503),
    (Outcome.FAILED, "anything new", 502),
    (Outcome.FAILED, "status_0", 0),
    (Outcome.FAILED, "image_timeout", 400),
    (Outcome.FAILED, "rate_limit_exceeded", 429),
    (Outcome.FAILED, "slow_down", 429),
    (Outcome.FAILED, "status_429", 429),
    (Outcome.FAILED, "status_408", 408),
    (Outcome.FAILED, "timeout", 0),
]
NO = [
    (Outcome.ANSWERED, "", 200),
    (Outcome.UNREAD, "", 0),
    (Outcome.CANCELLED, "batch_cancelled", 0),
    (Outcome.MISSING, DAMAGED_LINE, 0),
    (Outcome.FAILED, "insufficient_quota", 429),
    (Outcome.FAILED, "billing_hard_limit_reached", 429),
    (Outcome.FAILED, "credit_balance_exhausted", 429),
    (Outcome.FAILED, "invalid_value", 400),
    (Outcome.FAILED, "status_400", 400),
    (Outcome.FAILED, "status_404", 404),
    (Outcome.FAILED, "content_filter", 400),
    (Outcome.FAILED, "invalid_prompt", 400),
    (Outcome.FAILED, "context_length_exceeded", 400),
    (Outcome.FAILED, "no_response", 0),
    (Outcome.UNFOUND, "answered_not_found", 0),
    (Outcome.UNFOUND, "no_response", 0),
    (Outcome.FLAWED, "cut_off", 200),
    (Outcome.FAILED, "invalid_image_url", 400),
    (Outcome.FAILED, "batch_failed", 0),
    (Outcome.FAILED, "never heard of", 0),
]


@pytest.mark.parametrize(("outcome", "code", "status"), YES)
def test_what_may_succeed_later_is_sent_again(outcome: Outcome, code: str, status: int) -> None:
    """What did not run, and what the provider failed at or had no room for."""
    assert deserves(outcome, code, status)


@pytest.mark.parametrize(("outcome", "code", "status"), NO)
def test_what_would_end_the_same_or_was_paid_for_is_not(outcome: Outcome, code: str, status: int) -> None:
    """Answers, refusals, bad requests, what money is lacking for, and what the person cancelled."""
    assert not deserves(outcome, code, status)


@pytest.mark.parametrize(("outcome", "code", "status"), [one for one in YES if one[0] is Outcome.FAILED])
def test_a_failure_that_was_billed_is_left_to_the_person(outcome: Outcome, code: str, status: int) -> None:
    """Its line counts tokens: sending it again may be billed again."""
    assert not deserves(outcome, code, status, billed=True)


@pytest.mark.parametrize(("outcome", "code", "status"), [*YES, *NO])
def test_by_hand_all_goes_but_answers(outcome: Outcome, code: str, status: int) -> None:
    """Also what was cancelled or refused; not what was answered, not a damaged answer, not what was not read yet."""
    paid = outcome in (Outcome.ANSWERED, Outcome.UNREAD, Outcome.UNFOUND, Outcome.FLAWED) or code == DAMAGED_LINE
    assert sendable(outcome, code) is not paid
    assert not deserves(outcome, code, status) or sendable(outcome, code)
    assert risky(outcome, code) is (paid and outcome not in (Outcome.ANSWERED, Outcome.UNREAD))


def test_no_code_says_both() -> None:
    """Lack of money is not a passing fault."""
    assert not PASSING & MONEY


reads = st.one_of(
    st.builds(Read, st.sampled_from("abcdef"), st.just(Outcome.ANSWERED), st.just(200), input_tokens=st.integers(0, 9)),
    st.builds(
        Read,
        st.sampled_from("abcdef"),
        st.just(Outcome.FAILED),
        st.sampled_from((0, 200, 400, 429, 500)),
        st.sampled_from(("server_error", "insufficient_quota", "invalid_value", "status_429")),
        output_tokens=st.sampled_from((0, 0, 3)),
    ),
    st.builds(Read, st.sampled_from("abcdef"), st.just(Outcome.EXPIRED), st.just(0), st.just("batch_expired")),
    st.builds(Read, st.sampled_from("abcdef"), st.just(Outcome.UNREAD), damaged=st.just("It breaks off.")),
)


@given(st.lists(reads), st.sampled_from(("completed", "expired", "cancelled", "failed")), st.sampled_from(("output", "error")))
def test_rows_by_rule_are_among_rows_by_hand(lines, ending, file) -> None:
    """Whole ledgers are judged row by row as single rows are, in order; no row that was answered is ever among them."""
    ledger = Ledger("abcdef")
    for n, read in enumerate(lines):
        ledger.record(read, LineLocation(file, 0, n, 1))
    ledger.close(ending)
    hand, rule = list(unanswered(ledger)), list(deserving(ledger))
    assert hand == [row for row in range(6) if sendable(ledger.outcome_of(row), ledger.code_of(row))]
    assert rule == [
        row
        for row in range(6)
        if deserves(
            ledger.outcome_of(row),
            ledger.code_of(row),
            ledger.status[row],
            billed=bool(ledger.input_tokens[row] or ledger.output_tokens[row]),
        )
    ]
    assert set(rule) <= set(hand)
    tally = ledger.tally()
    assert len(hand) == 6 - tally.answered - tally.unreadable - tally.unfound - tally.flawed
    assert list(doubtful(ledger)) == [row for row in range(6) if risky(ledger.outcome_of(row), ledger.code_of(row))]
    assert not set(doubtful(ledger)) & set(hand)


@given(st.integers(0, 50), st.data())
def test_rows_that_went_are_kept(requests: int, data: st.DataObject) -> None:
    """Byte for byte through the store; what is damaged counts as all."""
    rows = data.draw(st.sets(st.integers(0, requests - 1))) if requests else set()
    went = ResentRows(requests)
    went.add(rows)
    again = ResentRows(requests, went.to_bytes())
    assert list(again.rows()) == sorted(rows)
    assert (len(again), {row for row in range(requests) if row in again}) == (len(rows), rows)
    again.drop(rows)
    assert len(again) == 0
    assert len(ResentRows(requests, went.to_bytes() + b"\0")) == requests
    assert len(ResentRows(requests, full=True)) == requests
