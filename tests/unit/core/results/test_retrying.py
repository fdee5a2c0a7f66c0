"""Requests that are sent again otherwise than before, and what of rows that ended badly can be done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.ledger import DAMAGED_LINE
from app.core.batches.resend import risky as risky_row
from app.core.batches.resend import sendable
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES
from app.core.openai import flaws
from app.core.openai.outcomes import Outcome
from app.core.results.outcome_report import OutcomeCounter, free, remedies, risky
from app.core.results.retrying import FAULT, RetryChange, changed, fault_of, limit_of

ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Sort"}], "temperature": 0.5}
TOLD = RetryChange(tell=True, words=f"No. {FAULT}")


def test_only_what_was_asked_for_is_changed() -> None:
    """A model, a limit under the name that the request uses, and nothing where nothing is meant."""
    assert changed(CHAT, ASKED, RetryChange()) == ASKED
    assert changed(CHAT, ASKED, RetryChange(model="other")) == {**ASKED, "model": "other"}
    assert changed(CHAT, {**ASKED, "max_tokens": 5}, RetryChange(limit=9)) == {**ASKED, "max_tokens": 9}
    assert changed(CHAT, ASKED, RetryChange(limit=9)) == {**ASKED, "max_completion_tokens": 9}
    assert changed(RESPONSES, {"input": "x"}, RetryChange(limit=9)) == {"input": "x", "max_output_tokens": 9}
    assert changed(EMBEDDINGS, {"input": "x"}, RetryChange(limit=9, tell=True), "said", "why") == {"input": "x"}
    assert limit_of(COMPLETIONS, {"max_tokens": 7}) == 7
    assert limit_of(CHAT, {"max_tokens": True}) is None


def test_a_model_is_told_what_was_wrong() -> None:
    """Its answer and the fault are further turns; where nothing came, nothing is told."""
    turns = [{"role": "assistant", "content": "{"}, {"role": "user", "content": "No. Broken."}]
    assert changed(CHAT, ASKED, TOLD, "{", "Broken.")["messages"] == [*ASKED["messages"], *turns]
    assert changed(RESPONSES, {"input": "x"}, TOLD, "{", "Broken.")["input"] == [{"role": "user", "content": "x"}, *turns]
    assert changed(CHAT, ASKED, TOLD, "", "Broken.") == ASKED
    assert ASKED["messages"] == [{"role": "user", "content": "Sort"}]


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [(flaws.SCHEMA, '{"a": ', "not complete JSON"), (flaws.SCHEMA, "{}", "schema"), (flaws.CUT, "x", "cut off"), ("odd", "x", "odd")],
)
def test_a_fault_is_a_sentence(code: str, said: str, words: str) -> None:
    """Of JSON that breaks off where it does, of others by their code."""
    body = {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}}
    assert words in fault_of(code, said, body)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("code", ["", "server_error", DAMAGED_LINE, flaws.CUT])
def test_nothing_is_called_free_that_may_be_paid_twice(outcome: Outcome, code: str) -> None:
    """The same as the rule by which requests go again says; and each kind has a remedy."""
    word = outcome.name.lower()
    assert free(word, code) == sendable(outcome, code)
    if outcome not in (Outcome.UNREAD, Outcome.ANSWERED):
        assert risky(word, code) == risky_row(outcome, code)
        assert remedies(word, code)


ROW = st.tuples(st.sampled_from([one.name.lower() for one in Outcome] + ["pending", "queued"]), st.sampled_from(["", "a", "b"]))


@given(st.lists(st.tuples(ROW, st.integers(0, 3), st.booleans()), max_size=40))
def test_the_sums_add_up_to_the_rows(rows: list[tuple[tuple[str, str], int, bool]]) -> None:
    """Every row is in one count; groups hold exactly what has no good answer, with what it cost."""
    counter = OutcomeCounter()
    counter.add((*kind, float(price) if price else float("nan"), int(gone)) for kind, price, gone in rows)
    found = counter.report(unexpected=2)
    assert found.rows == sum(found.sums.values()) == len(rows)
    bad = [(kind, price) for kind, price, _ in rows if kind[0] not in ("answered", "unread", "pending", "queued")]
    assert sum(one.count for one in found.groups) == len(bad)
    assert sum(one.cost for one in found.groups) == sum(price for _, price in bad)
    assert found.unexpected == 2
