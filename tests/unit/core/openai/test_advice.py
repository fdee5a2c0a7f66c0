"""Every error code that is known has advice, and every other gets some."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.openai.advice import ADVICE, explain

KNOWN = [  # the codes that the batch guide and public reports name
    "token_limit_exceeded",
    "invalid_json_line",
    "missing_required_parameter",
    "mismatched_model",
    "model_mismatch",
    "url_mismatch",
    "invalid_url",
    "duplicate_custom_id",
    "model_not_found",
    "empty_file",
    "empty_batch",
    "too_many_tasks",
    "invalid_request",
    "billing_hard_limit_reached",
    "insufficient_quota",
    "batch_expired",
    "rate_limit_exceeded",
]


@pytest.mark.parametrize("code", KNOWN)
def test_every_known_code_has_advice_of_its_own(code):
    """A sentence and a remedy, not the general ones."""
    advice = explain(code)
    assert advice is ADVICE[code]
    assert code not in advice.sentence
    assert advice.sentence.endswith(".")
    assert advice.remedy.endswith(".")


def test_a_code_that_failed_by_chance_can_be_sent_again():
    """What is the request's own fault can't."""
    again = {code for code in KNOWN if explain(code).again}
    assert again == {"token_limit_exceeded", "batch_expired", "rate_limit_exceeded"}


@pytest.mark.parametrize(("code", "again"), [("status_500", True), ("status_429", True), ("status_408", True), ("status_400", False)])
def test_a_status_without_a_code_has_advice(code, again):
    """By its class."""
    assert (explain(code).code, explain(code).again) == (code, again)


@given(st.text())
def test_no_code_is_without_advice(code):
    """Unknown codes are named and left to the person."""
    assert explain(code).sentence
    assert explain(code).remedy
