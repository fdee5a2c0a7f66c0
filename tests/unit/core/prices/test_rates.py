"""Prices by hand-worked examples: what a request costs is what a person reckons with the provider's list beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.providers import OwnPrice
from app.core.prices import table
from app.core.prices.rates import (
    PER_DOLLAR,
    ProcessingTier,
    TokenCounts,
    TokenPrice,
    TokenRates,
    cost,
    dollars,
    provider_of,
    rates_for,
    rates_of,
)

OPENAI = "https://api.openai.com/v1"


def price_of(model: str, tier: ProcessingTier, **counts: int) -> float:
    """Dollars of one request."""
    rates = rates_of("openai", model, tier)
    assert rates is not None
    return cost(rates, TokenCounts(**counts)) / PER_DOLLAR


@pytest.mark.parametrize(
    ("model", "tier", "counts", "expected"),
    [
        # 1,000,000 × $0.05 / 1M
        ("gpt-5-nano", "standard", {"input": 1_000_000}, 0.05),
        # half a million in at $0.025, a quarter of a million out at $0.20: 0.0125 + 0.05
        ("gpt-5-nano", "batch", {"input": 500_000, "output": 250_000}, 0.0625),
        # 10,000 in, of which 8,000 cached: 2,000 × $0.75 + 8,000 × $0.075 + 1,000 out × $4.50 = 0.0015 + 0.0006 + 0.0045
        ("gpt-5.4-mini", "standard", {"input": 10_000, "cached": 8_000, "output": 1_000}, 0.0066),
        # flex: 10,000 × $0.375 + 1,000 × $2.25
        ("gpt-5.4-mini-2026-03-17", "flex", {"input": 10_000, "output": 1_000}, 0.006),
        # at 272,000 the short price: 272,000 × $1.25; one token more and all of it is long: 272,001 × $2.50
        ("gpt-5.4", "batch", {"input": 272_000}, 0.34),
        ("gpt-5.4", "batch", {"input": 272_001}, 0.6800025),
        # long context changes the output's price as well: 300,000 × $5 + 2,000 × $22.50
        ("gpt-5.4", "standard", {"input": 300_000, "output": 2_000}, 1.545),
        # a cache that is written: 4,000 × $2 + 6,000 written × $2.50
        ("gpt-6.1-sol", "standard", {"input": 10_000, "written": 6_000}, 0.023),
        # no price for cached tokens of a batch: they cost what other input does, 1,000,000 × $0.075
        ("gpt-4o-mini", "batch", {"input": 1_000_000, "cached": 900_000}, 0.075),
    ],
)
def test_worked_examples(model: str, tier: ProcessingTier, counts: dict[str, int], expected: float) -> None:
    """To the last digit."""
    assert price_of(model, tier, **counts) == pytest.approx(expected, abs=1e-12)


def test_no_batch_price_is_invented() -> None:
    """Where none is published there is none, and never half of another."""
    assert rates_of("openai", "text-embedding-3-small", "standard") is not None
    assert rates_of("openai", "text-embedding-3-small", "batch") is None
    assert rates_of("azure", "gpt-4o", "batch") is None
    assert rates_of("openai", "a model that nobody knows", "batch") is None
    assert rates_of("", "gpt-5-nano", "batch") is None


def test_the_table_says_its_day() -> None:
    """Prices are worth what their date is worth; every row can be read, and a batch never costs more than being answered at once."""
    assert len(table.DATE) == 10
    assert table.SOURCE.startswith("genai-prices ")
    priced = 0
    for line in table.ROWS.strip().splitlines():
        provider, _, rest = line[2:].partition('"')
        model = rest[2:].partition('"')[0]
        standard, batch = rates_of(provider, model, "standard"), rates_of(provider, model, "batch")
        if standard is not None and batch is not None:
            priced += 1
            assert 0 < batch.input.base < standard.input.base, model
    assert priced > 60


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        (OPENAI, "openai"),
        ("https://my.openai.azure.com/openai", "azure"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://generativelanguage.googleapis.com/v1beta", "google"),
        ("https://api.openai.com.evil.example/v1", ""),
        ("http://localhost:8000/v1", ""),
        ("", ""),
    ],
)
def test_a_provider_is_known_by_its_host(address: str, provider: str) -> None:
    """By its host alone, so that no other address has its prices."""
    assert provider_of(address) == provider


def test_what_the_person_set_counts_before_the_table() -> None:
    """Of several the longest name; of another model or tier nothing."""
    own = [OwnPrice("gpt-5", "batch", input=1.0, output=2.0), OwnPrice("gpt-5-nano", "batch", input=0.02, output=0.1, cached=0.001)]
    mine = rates_for(OPENAI, "gpt-5-nano", "batch", own)
    assert mine == TokenRates("batch", TokenPrice(20_000), TokenPrice(100_000), TokenPrice(1_000), own=True)
    assert rates_for(OPENAI, "gpt-5-nano", "standard", own) == rates_of("openai", "gpt-5-nano", "standard")
    assert rates_for("http://localhost/v1", "llama", "batch", own) is None


def test_what_the_person_does_not_set_is_as_published() -> None:
    """Part by part; of a model without a published price input and output are needed: with half of them none is known, and no budget
    takes what it writes for free. A model that writes nothing has a price of input only."""
    published = rates_of("openai", "gpt-4o-mini", "batch")
    assert published is not None
    mine = rates_for(OPENAI, "gpt-4o-mini", "batch", [OwnPrice("gpt-4o", "batch", output=0.2)])
    assert mine == TokenRates("batch", published.input, TokenPrice(200_000), published.cached, published.written, own=True)
    assert rates_for("http://localhost/v1", "llama", "batch", [OwnPrice("llama", "batch", output=1.0)]) is None
    assert rates_for("http://localhost/v1", "llama", "batch", [OwnPrice("l", "batch", input=1.0)]) is None
    assert rates_for("http://localhost/v1", "llama", "batch", [OwnPrice("l", "batch", input=1.0, output=0.0)]) == TokenRates(
        "batch", TokenPrice(1_000_000), TokenPrice(0), own=True
    )
    assert rates_of("openai", "text-embedding-3-small", "batch") is None
    assert rates_for(OPENAI, "text-embedding-3-small", "batch", [OwnPrice("text-embedding-3-small", "batch", input=0.01)]) == TokenRates(
        "batch", TokenPrice(10_000), own=True
    )


def test_the_guides_example() -> None:
    """docs/reference/prompts.md: 10,000 rows of 400 and 150 tokens."""
    assert price_of("gpt-4o-mini", "standard", input=4_000_000, output=1_500_000) == pytest.approx(1.50, abs=1e-12)
    assert price_of("gpt-4o-mini", "batch", input=4_000_000, output=1_500_000) == pytest.approx(0.75, abs=1e-12)


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_price_grows_with_the_tokens(tokens: int, more: int, output: int) -> None:
    """No rounding, and no request that is longer and cheaper."""
    rates = rates_of("openai", "gpt-5.4", "batch")
    assert rates is not None
    one = cost(rates, TokenCounts(tokens, output))
    assert one <= cost(rates, TokenCounts(tokens + more, output)) <= cost(rates, TokenCounts(tokens + more, output + 1))


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "$0.00"), (1, "less than $0.0001"), (62_500_000_000, "$0.0625"), (PER_DOLLAR, "$1.00"), (1_234 * PER_DOLLAR, "$1,234.00")],
)
def test_amounts_for_people(amount: int, said: str) -> None:
    """As many digits as say something."""
    assert dollars(amount) == said
