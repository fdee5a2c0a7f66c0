"""What a batch was expected to cost stands beside what it cost."""

from __future__ import annotations

from simple_html import render

from app.core.model.batches import Batch, Foreseen, Tally
from app.core.model.providers import Limits, OwnPrice
from app.core.prices.rates import PER_DOLLAR
from app.ui.batches.cost_view import cost
from tests.kit.world import LANE
from tests.unit.ui.conftest import Open

USED = Tally(answered=2, input_tokens=2_000_000, output_tokens=1_000_000)
"""$0.15 and $0.30 with gpt-4o-mini in a batch."""


async def test_estimate_and_actual(tabs: Open) -> None:
    """Before it ended the one, afterwards both; what is not known is not said in dollars."""
    state = (await tabs()).state
    told = Foreseen(2_000_000, 2_000_000, learnt=False, cost=3 * PER_DOLLAR // 4)

    def said(**more: object) -> str:
        given: dict[str, object] = {"lane": LANE, "state": "in_progress", "foreseen": told, **more}
        return render(cost(state, Batch(id="b", **given)))  # type: ignore[arg-type]  # its fields

    assert "Expected when it was submitted: about $0.7500 (2,000,000 tokens in, 2,000,000 out, assumed)." in said()
    assert "usage" not in said()
    done = said(state="done", tally=USED)
    assert "By the usage of its answers: $0.4500 for 2,000,000 tokens in and 1,000,000 out, 40 % less than expected." in done
    assert "as earlier answers had" in said(foreseen=Foreseen(1, 1, learnt=True, cost=None))
    assert "no batch price was known" in said(foreseen=Foreseen(1, 1, learnt=True, cost=None))
    assert said(foreseen=None, state="done", tally=USED).count("expected") == 0
    assert said(practice=True) == said(state="withdrawn") == said(foreseen=None) == ""
    state.provider.limits = {"openai": Limits(id="openai", prices=(OwnPrice("gpt-4o", "batch", input=1.0),))}
    assert "$2.30 at your price for" in said(state="done", tally=USED)
