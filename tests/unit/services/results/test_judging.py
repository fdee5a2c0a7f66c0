"""Answers held against a column of their table, and two columns against each other, asked as jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.model.judging import Expectation
from app.core.results.annotating import AnnotationEdit
from app.core.results.answerindex import NoSuchColumn
from app.core.results.facets import ColumnFacet
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.services.results.agreement_job import AGREE, AgreementAsked, AgreementFound
from app.services.results.annotating import Annotations
from app.services.results.table_jobs import FACET, ROWS, SUMMARIES, FacetAsked, RowsAsked, SummariesAsked, TableAsked, TableWindow
from tests.kit.answered import Shop, failed, said

CSV = b"text,gold\none,Spam\ntwo,ham\nthree,ham\nfour,spam\nfive,\nsix,ham\n"
LABELS = {1: " spam.", 2: "ham", 3: "spam", 5: "ham", 6: "Ham"}
EVERYTHING = TableQuery()


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def answered(shop: Shop, says: Any = None) -> JoinOrder:
    """Six rows, of which one expects nothing and one failed."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    row = lambda id: int(id.rpartition("-")[2])  # noqa: E731
    await shop.batch(
        says or (lambda id: failed(id) if row(id) == 4 else said(id, json.dumps({"label": LABELS[row(id)], "n": row(id)}))), backwards=True
    )
    return JoinOrder(dataset=dataset.id)


def expected(of: JoinOrder, **more: Any) -> Expectation:
    return Expectation(id=of.dataset, column="gold", field="label", **more)


async def column(shop: Shop, of: JoinOrder, expectation: Expectation | None, query: TableQuery = EVERYTHING) -> list[tuple[str, ...]]:
    asked = TableAsked(of, "1", query, expectation)
    await shop.compute.run(SUMMARIES, SummariesAsked(asked, ("matches",)))
    found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(asked, 0, 10, ("cell:text", "matches")))).value
    return [one.cells for one in found.rows]


async def test_answers_are_held_against_a_column(shop: Shop) -> None:
    """What expects nothing, and what was not answered, is neither a match nor none; another way to compare takes the place of the first."""
    of = await answered(shop)
    by_word = expected(of)
    assert [cell for _, cell in await column(shop, of, by_word)] == ["match", "match", "differs", "", "", "match"]
    assert [cell for _, cell in await column(shop, of, expected(of, how="exact"))] == ["differs", "match", "differs", "", "", "differs"]
    differs = TableQuery(filters=(ColumnFilter("matches", ("differs",)),))
    assert await column(shop, of, by_word, differs) == [("three", "differs")]
    facet: ColumnFacet = (await shop.compute.run(FACET, FacetAsked(TableAsked(of, "1", EVERYTHING, by_word), "matches"))).value
    assert [(one.value, one.count) for one in facet.values] == [("match", 3), ("differs", 1)]
    assert [(one.special, one.count) for one in facet.specials] == [("blank", 1), ("error", 1)]
    answered_exactly = TableAsked(of, "1", differs, expected(of, how="exact"))  # no other rows than before, but for what is compared
    found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(answered_exactly, 0, 10, ("cell:text",)))).value
    assert [one.cells for one in found.rows] == [("one",), ("three",), ("six",)]
    assert [cell for _, cell in await column(shop, of, None)] == [""] * 6
    with pytest.raises(NoSuchColumn, match="matches"):
        await shop.compute.run(ROWS, RowsAsked(TableAsked(of, "1", differs), 0, 10, ("matches",)))


async def test_numbers_and_json_are_compared_as_what_they_are(shop: Shop) -> None:
    """A tolerance in their own unit; JSON however it is written."""
    dataset = await shop.bring(b'text,gold,shape\na,10,"{""a"": 1}"\nb,20,"[1]"\nc,many,"{"\n')
    await shop.ask(dataset)
    await shop.batch(lambda id: said(id, json.dumps({"n": 11, "shape": {"a": 1.0}})))
    of = JoinOrder(dataset=dataset.id)
    near = Expectation(id=dataset.id, column="gold", how="number", field="n", tolerance=1)
    asked = TableAsked(of, "1", EVERYTHING, near)
    found = (await shop.compute.run(SUMMARIES, SummariesAsked(asked, ("matches",)))).value[0]
    assert [(one.value, one.count) for one in found.top] == [("differs", 2), ("match", 1)]
    shape = Expectation(id=dataset.id, column="shape", how="json", field="shape")
    found = (await shop.compute.run(SUMMARIES, SummariesAsked(TableAsked(of, "1", EVERYTHING, shape), ("matches",)))).value[0]
    assert [(one.value, one.count) for one in found.top] == [("differs", 2), ("match", 1)]


async def agreed(shop: Shop, of: JoinOrder, one: str, other: str, **more: Any) -> AgreementFound:
    found: AgreementFound = (
        await shop.compute.run(AGREE, AgreementAsked(TableAsked(of, "1", more.pop("query", EVERYTHING)), one, other, **more))
    ).value
    return found


async def test_two_columns_are_held_against_each_other(shop: Shop) -> None:
    """Expected and answered labels, whatever their spelling or exactly; people and answers; under filters; each figure with its n."""
    of = await answered(shop)
    found = await agreed(shop, of, "cell:gold", "field:label")
    assert (found.agreement.labels, found.agreement.counts) == (("ham", "Spam"), ((2, 1), (0, 1)))
    assert (found.agreement.n, found.agreement.only_one, found.agreement.only_other) == (4, 1, 1)
    assert found.others["ham"] == ("ham", "Ham")
    exact = await agreed(shop, of, "cell:gold", "field:label", folded=False)
    assert exact.agreement.labels == ("spam.", "ham", "Ham", "Spam", "spam") or exact.agreement.accuracy == 0.25
    await Annotations(shop.records, shop.clock).edit({"b1": [0, 1]}, AnnotationEdit(mark="good", rating=1))
    marked = TableQuery(filters=(ColumnFilter("cell:text", ("one", "three")),))
    fresh = JoinOrder(dataset=of.dataset, asked=True)  # another order: the index is made anew
    assert (await agreed(shop, fresh, "mark", "field:label", query=marked)).agreement.n == 1
    rated = await agreed(shop, fresh, "rating", "field:n")
    assert (rated.agreement.labels, rated.agreement.n, rated.agreement.accuracy) == (("1", "2"), 2, 0.5)
    with pytest.raises(NoSuchColumn):
        await agreed(shop, of, "mark", "field:none")


async def test_samples_of_a_row_are_held_against_each_other(shop: Shop) -> None:
    """The same column of the same rows, as they were asked the first and the second time."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(lambda id: said(id, json.dumps({"label": "ab"[int(id[-1]) % 2]})))
    await shop.ask(dataset)
    await shop.batch(lambda id: said(id, json.dumps({"label": "ab"[int(id[-1]) in (1, 3)]})))
    of = JoinOrder(dataset=dataset.id)
    window: TableWindow = (await shop.compute.run(ROWS, RowsAsked(TableAsked(of, "1"), 0, 20, ("id",)))).value
    assert len(window.ways) == 2
    found = (await agreed(shop, of, "field:label", "field:label", ways=(0, 1))).agreement
    assert (found.n, found.counts) == (6, ((3, 0), (1, 2)))
    assert found.kappa == pytest.approx(2 / 3)
