"""What batches cost, and what a budget keeps back."""

from __future__ import annotations

from datetime import UTC, datetime

from app.core.batches.durations import BatchTiming, History
from app.core.batches.spending import AnsweredTokens, answered, billed, cost_of, day_of, foreseen, judged, spending
from app.core.model.batches import Batch, Foreseen, Tally
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Budget, Profile
from app.core.prices.estimates import Spending
from app.core.prices.rates import PER_DOLLAR
from app.core.queue.lanes import Sums

OPENAI = Profile(id="openai", name="OpenAI")
MODEL = "gpt-4o-mini"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
THOUSAND = Sums(1_000, 4_000_000, 1_000_000, 1_000)
COST = 1_000 * (1_000 * 75_000 + 300 * 300_000)
"""$0.165: a thousand requests of 1,000 tokens at $0.075 a million, and 300 tokens of answer at $0.30."""


def batch(id: str, created: float, **more: object) -> Batch:
    given: dict[str, object] = {"state": "in_progress", "requests": 1_000, "tokens": 1_000_000, "lane": Lane("openai", CHAT, MODEL), **more}
    return Batch(id=id, name="", created=created, **given)  # type: ignore[arg-type]  # its fields


def expected(profile: Profile, model: str) -> Foreseen:
    return foreseen(profile, model, THOUSAND, None)


def test_what_is_under_way_is_estimated_and_what_ended_is_counted() -> None:
    """By day and month of UTC; what went back, practice, and other providers cost nothing."""
    ended = batch("b", NOW - 86_400, state="done", tally=Tally(answered=1_000, input_tokens=2_000_000, output_tokens=10_000))
    counted = 2_000_000 * 75_000 + 10_000 * 300_000
    found = spending(
        [
            batch("a", NOW - 60),
            ended,
            batch("c", NOW - 40 * 86_400),
            batch("d", NOW, state="withdrawn"),
            batch("e", NOW, practice=True),
            batch("f", NOW, lane=Lane("other", CHAT, MODEL)),
        ],
        OPENAI,
        NOW,
    )
    assert found == Spending(COST, COST + counted)


def test_a_budget_keeps_back_what_would_exceed_it() -> None:
    """Each part of it; what fits goes, and what has no price is not sent on a guess."""

    def stop(budget: Budget, model: str = MODEL, profile: Profile = OPENAI) -> str:
        found = judged(budget, spending([batch("a", NOW - 60)], profile, NOW), profile, model, 1_000, expected(profile, model))
        return "" if found is None else found.stop

    assert stop(Budget()) == ""
    assert stop(Budget(batch=COST)) == ""
    assert stop(Budget(batch=COST - 1)) == "batch"
    assert stop(Budget(day=2 * COST)) == ""
    assert stop(Budget(day=2 * COST - 1)) == "day"
    assert stop(Budget(month=2 * COST - 1)) == "month"
    assert stop(Budget(month=PER_DOLLAR), "llama-of-mine") == "unpriced"
    assert stop(Budget(batch=0), profile=Profile(id="practice", name="Practice", practice=True)) == ""


def test_it_is_said_in_words_with_its_figures() -> None:
    """What, what it means for requests and money, and the way on."""
    found = judged(Budget(day=PER_DOLLAR // 5), Spending(COST, COST), OPENAI, MODEL, 1_000, expected(OPENAI, MODEL))
    assert found is not None
    assert found.problem.what == (
        "The budget of OpenAI keeps 1,000 requests back: they cost about $0.1650, and $0.1650 of the $0.2000 for this day are spent."
    )
    assert "none of them was sent" in found.problem.means
    assert found.problem.do == "Raise it in the settings, or wait until the next day (UTC)."


def test_what_was_deleted_is_spent_all_the_same() -> None:
    """By the day on which it was made."""
    deleted = {"2026-10-31": 7, "2026-11-29": 20, "2026-11-30": 300}
    assert spending([], OPENAI, NOW, deleted) == Spending(300, 320)
    assert day_of(NOW) == "2026-11-30"


def test_what_was_foreseen_holds_until_it_is_counted() -> None:
    """A batch costs what its submission said, and then what its answers say."""
    told = Foreseen(1_000_000, 50_000, learnt=True, cost=99)
    assert cost_of(batch("a", NOW, foreseen=told), OPENAI) == 99
    assert cost_of(batch("a", NOW, foreseen=Foreseen(cost=None)), OPENAI) == 0
    assert cost_of(batch("a", NOW, foreseen=told, state="done", tally=Tally(input_tokens=10)), OPENAI) == 10 * 75_000


def test_what_may_be_billed_and_is_stated_by_no_answer_is_spent_as_foreseen() -> None:
    """A batch that nobody follows any more, answers without usage, and answers that cannot be read: a budget counts them."""
    told = Foreseen(1_000_000, 50_000, learnt=True, cost=1_000_000)

    def spent(tally: Tally, ending: str = "completed", state: str = "done") -> int:
        one = batch("a", NOW, foreseen=told, state=state, ending=ending, tally=tally)
        assert spending([one], OPENAI, NOW).day == billed(one, OPENAI)
        return billed(one, OPENAI)

    assert spent(Tally(missing=1_000), "unfollowed") == 1_000_000
    assert spent(Tally(answered=400, missing=600)) == 400_000
    assert spent(Tally(answered=900, unread=90, missing=10, unreadable=10, input_tokens=10)) == 10 * 75_000 + 100_000
    assert spent(Tally(missing=1_000), "failed", "failed") == 0
    assert spent(Tally(answered=400, expired=600, input_tokens=10)) == 10 * 75_000


def test_answers_that_came_say_how_long_the_next_are() -> None:
    """Of the same lane, from three on; below it is assumed."""
    runs = (BatchTiming("a", 1.0, 2, "done", 5.0, {}, 2, 30), BatchTiming("b", 2.0, 9, "failed", 5.0))
    assert answered(None) == AnsweredTokens(0, 0)
    assert answered(History(id="x", runs=runs)) == AnsweredTokens(30, 2)
    few, known = (
        foreseen(OPENAI, MODEL, THOUSAND, AnsweredTokens(30, 2).each),
        foreseen(OPENAI, MODEL, THOUSAND, AnsweredTokens(40, 4).each),
    )
    assert (few.output_tokens, few.learnt, few.cost) == (300_000, False, COST)
    assert (known.output_tokens, known.learnt, known.cost) == (10_000, True, 1_000 * (1_000 * 75_000 + 10 * 300_000))


def test_the_price_of_long_prompts_holds_for_long_prompts_only() -> None:
    """gpt-5.4 costs twice as much from 272,000 tokens of one prompt on: a thousand prompts of 1,000 tokens are none of these."""
    lane = Lane("openai", CHAT, "gpt-5.4")
    short = batch("a", NOW, lane=lane, state="done", tally=Tally(answered=1_000, input_tokens=1_000_000))
    long = batch("b", NOW, lane=lane, state="done", tally=Tally(answered=2, flawed=1, input_tokens=1_000_000))
    assert cost_of(short, OPENAI) == PER_DOLLAR * 5 // 4
    assert cost_of(long, OPENAI) == PER_DOLLAR * 5 // 2
