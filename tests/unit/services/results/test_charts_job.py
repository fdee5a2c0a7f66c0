"""Charts of a table of answers, counted as a job: what they say is what the facets and the sums say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.model.providers import Limits, OwnPrice
from app.core.prices.rates import PER_DOLLAR, TokenCounts, TokenPrice, TokenRates, cost, rates_of, starts
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.services.results.charts_job import CHARTS, ChartsAsked, ChartsFound
from app.services.results.selection_jobs import OUTCOMES
from app.services.results.table_jobs import FACET, FacetAsked, TableAsked
from tests.kit.answered import MODEL, Shop, failed, said

CSV = b"n,text\n1,one\n2,two\n3,three\n4,four\n5,five\n6,six\n"
EVERYTHING = TableQuery()


def answers(id: str) -> bytes:
    """Labels and scores; each fifth failed."""
    n = int(id.rpartition("-")[2])
    return failed(id) if n == 5 else said(id, json.dumps({"label": "abc"[n % 3], "score": n}))


async def asked(shop: Shop, *, times: int = 1) -> JoinOrder:
    """A table whose rows were answered, each so often."""
    dataset = await shop.bring(CSV)
    for _ in range(times):
        await shop.ask(dataset)
        await shop.batch(answers)
    return JoinOrder(dataset=dataset.id)


async def drawn(shop: Shop, of: JoinOrder, query: TableQuery = EVERYTHING, column: str = "") -> ChartsFound:
    found: ChartsFound = (await shop.compute.run(CHARTS, ChartsAsked(TableAsked(of, "1", query), column))).value
    return found


async def test_charts_count_what_the_query_lets_through() -> None:
    """Outcomes, the chosen column first, tokens and cost, money and time; under a filter all of it is of its rows alone."""
    shop = Shop()
    of = await asked(shop)
    found = await drawn(shop, of, column="field:label")
    by_id = {one.id: one for one in found.charts}
    assert [*by_id] == [
        "outcome",
        "column:field:label",
        "column:output_tokens",
        "column:input_tokens",
        "column:cost",
        "spend",
        "answers",
    ]
    assert found.rows == 6
    assert [(one.label, one.value) for one in by_id["outcome"].bars] == [("answered", 5), ("failed", 1)]
    facet = (await shop.compute.run(FACET, FacetAsked(TableAsked(of, "1"), "field:label"))).value
    assert {one.label: one.value for one in by_id["column:field:label"].bars if one.filter is not None and one.filter.values} == {
        one.value: one.count for one in facet.values
    }
    some = await drawn(shop, of, TableQuery(filters=(ColumnFilter("field:label", ("a", "b")),)), "field:label")
    assert some.rows == 4
    assert sum(one.value for one in some.charts[0].bars) == 4
    assert [one.value for one in some.charts[-1].bars] == [4]
    gone = await drawn(shop, of, column="field:gone")
    assert len(gone.charts) == 6


@pytest.mark.parametrize("times", [1, 3])
async def test_what_was_spent_is_what_the_requests_cost(times: int) -> None:
    """The sum of the chart is that of all requests; what is saved is the difference to the standard price, as it is published."""
    shop = Shop()
    of = await asked(shop, times=times)
    found = await drawn(shop, of)
    spend = next(one for one in found.charts if one.id == "spend")
    report = (await shop.compute.run(OUTCOMES, TableAsked(of, "1"))).value
    total = sum(one.value for one in spend.bars)
    assert total == pytest.approx(report.cost)
    prices: Any = [rates_of("openai", MODEL, tier) for tier in ("batch", "standard")]
    batch, standard = (5 * times * cost(each, TokenCounts(10, 4, 2)) for each in prices)
    assert total * PER_DOLLAR == pytest.approx(batch)
    assert sum(one.over for one in spend.bars) * PER_DOLLAR == pytest.approx(standard - batch)
    assert spend.rows[0][1:3] == (MODEL, str(5 * times))


async def test_prices_that_a_person_entered_count() -> None:
    """Where answering at once costs the same, nothing is saved."""
    shop = Shop()
    of = await asked(shop)
    await shop.records.save(Limits(id="openai", prices=(OwnPrice(model=MODEL, tier="standard", input=0.075, cached=0.0375, output=0.3),)))
    found = await drawn(shop, of)
    spend = next(one for one in found.charts if one.id == "spend")
    prices: Any = [rates_of("openai", MODEL, "batch"), TokenRates("standard", TokenPrice(75_000), TokenPrice(300_000), TokenPrice(37_500))]
    saved = 5 * (cost(prices[1], TokenCounts(10, 4, 2)) - cost(prices[0], TokenCounts(10, 4, 2)))
    assert sum(one.over for one in spend.bars) == max(0, saved) / PER_DOLLAR


def test_sums_cost_what_their_rows_cost() -> None:
    """Also where a price depends on how long a prompt is: what lies between the same borders is priced together."""
    rates = TokenRates("batch", TokenPrice(3, ((100, 5), (1_000, 9))), TokenPrice(7, ((100, 8),)), TokenPrice(1))
    rows = [TokenCounts(n * 37, n, n % 9) for n in range(60)]
    borders = starts(rates)
    assert borders == [100, 1_000]
    total = 0
    for low, high in zip([-1, *borders], [*borders, 10**9], strict=True):
        some = [one for one in rows if low < one.input <= high]
        sums = TokenCounts(sum(one.input for one in some), sum(one.output for one in some), sum(one.cached for one in some))
        total += cost(rates, sums, at=low + 1)
    assert total == sum(cost(rates, one) for one in rows)
