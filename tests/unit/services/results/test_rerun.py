"""Which answers are stale, and which rows of a table need to be asked again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.datasets import Dataset
from app.core.model.sendings import FollowUp
from app.core.model.templates import PromptContent, PromptMessage, Template
from app.core.results.answerindex import AnswerState
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.core.results.rerunning import STANDINGS, RerunFacts, counted, standing
from app.services.results.following import FollowUps
from app.services.results.rerun_job import RERUN
from app.services.results.table_jobs import FACET, ROWS, FacetAsked, RowsAsked, TableAsked
from tests.fakes.platform import MemoryLocks
from tests.kit.answered import ASK, Shop, failed, said

CSV = b"id,text,note\n1,one,a\n2,two,b\n3,three,c\n4,four,d\n"


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def answered(shop: Shop) -> Dataset:
    """Four rows: a good answer, an empty one, a failure, and one that was not asked; the prompt is that which asked."""
    dataset = await shop.bring(CSV)
    dataset = replace(dataset, key="id")
    await shop.records.save(dataset)
    await shop.records.save(Template(id="t-1", dataset=dataset.id, content=ASK))
    await shop.ask(dataset)
    await shop.batch(lambda id: {"1": said(id, "A"), "2": said(id, ""), "3": failed(id), "4": said(id, "D")}[id[-1]])
    return dataset


def table(dataset: Dataset, stamp: str = "1", **query: object) -> TableAsked:
    return TableAsked(JoinOrder(dataset.id), stamp, TableQuery(**query))  # type: ignore[arg-type]


async def current(shop: Shop, asked: TableAsked) -> dict[str, int]:
    found = (await shop.compute.run(FACET, FacetAsked(asked, "current"))).value
    return {one.value: one.count for one in found.values}


async def facts(shop: Shop, asked: TableAsked) -> RerunFacts:
    found: RerunFacts = (await shop.compute.run(RERUN, asked)).value
    return found


async def test_answers_are_stale_when_the_prompt_is_another(shop: Shop) -> None:
    """As a column that is filtered by; back at its words, none is. What was found by the column before is found anew."""
    dataset = await answered(shop)
    stale = table(dataset, filters=(ColumnFilter("current", ("stale",)),))
    assert await current(shop, table(dataset)) == {"yes": 4}
    assert (await shop.compute.run(ROWS, RowsAsked(stale, 0, 9, ("answer",)))).value.found == 0
    other = replace(ASK, messages=(PromptMessage("m1", "user", "Sort that: {{text}}"),))
    await shop.records.save(Template(id="t-1", dataset=dataset.id, content=other))
    assert (await shop.compute.run(ROWS, RowsAsked(stale, 0, 9, ("answer", "current")))).value.found == 4
    assert (await facts(shop, table(dataset))).rows == {"stale": 2, "empty": 1, "failed": 1}
    await shop.records.save(Template(id="t-1", dataset=dataset.id, content=ASK))
    assert await current(shop, table(dataset)) == {"yes": 4}


async def test_answers_are_stale_when_a_cell_is_another_that_the_prompt_uses(shop: Shop) -> None:
    """A cell that it does not use, and a row that stands elsewhere now, change nothing; a new row was not asked."""
    dataset = await answered(shop)
    newer = b"id,text,note\n4,four!,d\n1,one,other\n2,two,b\n3,three,c\n5,five,e\n"
    dataset = await shop.bring(newer, into=dataset)
    assert await current(shop, table(dataset, "2")) == {"yes": 3, "stale": 1}
    found = await facts(shop, table(dataset, "2"))
    assert found.rows == {"current": 1, "stale": 1, "empty": 1, "failed": 1, "unasked": 1}
    assert found.again == 4
    assert found.cost
    asked = RowsAsked(table(dataset, "2", filters=(ColumnFilter("current", ("stale",)),)), 0, 9, ("cell:text",))
    assert [one.cells for one in (await shop.compute.run(ROWS, asked)).value.rows] == [("four!",)]


async def test_what_follows_answers_is_neither_stale_nor_an_answer_to_the_row(shop: Shop) -> None:
    """It was asked by no prompt."""
    dataset = await answered(shop)
    before = (await facts(shop, table(dataset))).rows
    await FollowUps(shop.runtime, shop, MemoryLocks()).add(JoinOrder(dataset.id), {"b1": (0,)}, FollowUp("Why?"))
    await shop.batch(lambda id: failed(id))
    assert await current(shop, table(dataset, "2")) == {"yes": 4}
    assert (await facts(shop, table(dataset, "2"))).rows == before


async def test_a_table_without_a_prompt_has_stale_answers_only(shop: Shop) -> None:
    """What asked is kept, and is not what stands there now."""
    dataset = await answered(shop)
    await shop.records.save(Template(id="t-1", dataset=dataset.id, content=PromptContent()))
    assert await current(shop, table(dataset)) == {"stale": 4}


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([*STANDINGS])), max_size=20))
def test_every_row_stands_in_one_count(found: list[tuple[int, str]]) -> None:
    """They add up to the rows; each by its best."""
    sums = counted(found, 6)  # type: ignore[arg-type]
    assert sum(sums.values()) == 6
    best = {
        position: min((one for at, one in found if at == position), key=list[str](STANDINGS).index, default="unasked")
        for position in range(6)
    }
    assert sums == {name: list(best.values()).count(name) for name in set(best.values())}


def test_how_an_answer_stands() -> None:
    """By what it is good for, and a good one by what it answers."""
    assert standing(AnswerState.GOOD, "stale") == "stale"
    assert standing(AnswerState.GOOD, "") == "current"
    assert standing(AnswerState.CUT, "yes") == "flawed"
    assert standing(AnswerState.PENDING, "stale") == "waiting"
