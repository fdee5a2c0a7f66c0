"""Prices beside LiteLLM's: what counts as the same price, and what is told; and the worked example of the guide."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from app.core.prices.rates import PER_DOLLAR, TokenCounts, cost, rates_of
from tools.litellm_prices import compared, said

ROOT = Path(__file__).resolve().parents[3]


def entry(**prices: float) -> dict[str, object]:
    return {"litellm_provider": "openai", "mode": "chat", **prices}


def test_a_price_that_differs_is_told_and_what_one_table_lacks_is_not() -> None:
    """By tier and kind, in dollars for a million tokens; other services and other providers' copies of a model do not count."""
    table = {
        "gpt-4o-mini": entry(
            input_cost_per_token=1.5e-07,
            output_cost_per_token=7e-07,
            input_cost_per_token_batches=7.5e-08,
            input_cost_per_token_flex=1e-09,
        ),
        "azure/gpt-4o-mini": {**entry(input_cost_per_token=9.0), "litellm_provider": "azure"},
        "ft:gpt-4o-mini": entry(input_cost_per_token=9.0),
        "gpt-image-1": {**entry(input_cost_per_token=9.0), "mode": "image_generation"},
        "a-model-of-tomorrow": entry(input_cost_per_token=9.0),
    }
    found = compared(table)
    assert (found.models, found.both) == (1, {"standard input": 1, "standard output": 1, "batch input": 1})
    (one,) = found.differences
    assert (one.model, one.price, one.ours * 10, one.theirs * 10) == ("openai gpt-4o-mini", "standard output", Fraction(6), Fraction(7))
    lines = list(said(found))
    assert lines[0] == "1 models that both know; 3 prices that both have, 1 of them differ."
    assert lines[-1] == "  openai gpt-4o-mini, standard output: $0.6 here, $0.7 there, a million tokens"


def test_the_worked_example_of_the_guide_is_right() -> None:
    """Each figure of it follows from the table and the tokens that it names."""
    guide = (ROOT / "docs" / "reference" / "prompts.md").read_text("utf-8")
    start = guide.index("A worked example:")
    example = guide[start : guide.index("\n\n", start)]
    found = re.search(r"([\d,]+) rows of (\d+) input and (\d+) output tokens with `([\w.-]+)`", example)
    assert found is not None
    rows, given, made = (int(found[n].replace(",", "")) for n in (1, 2, 3))
    assert f"{rows * given:,} input" in example
    assert f"{rows * made:,} output" in example
    for tier in ("standard", "batch"):
        prices = rates_of("openai", found[4], tier)
        assert prices is not None
        assert prices.output is not None
        parts = [rows * cost(prices, TokenCounts(given)), rows * cost(prices, TokenCounts(0, made))]
        first, second, whole = (f"${one / PER_DOLLAR:.2f}" for one in (*parts, sum(parts)))
        assert f"{first} + {second} = {whole}" in example
