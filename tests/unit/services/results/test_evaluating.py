"""Answers that a model judges: they become a table with a prompt, and what comes for its rows are columns beside the judged answers."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.datasets.table import UnreadableTable
from app.core.model import keys
from app.core.model.datasets import Dataset
from app.core.model.judging import Evaluation
from app.core.results.annotating import AnnotationEdit
from app.core.results.joining import JoinOrder
from app.core.results.judge_prompt import JudgePlan
from app.core.results.query import ColumnFilter, TableQuery
from app.core.templates.variants import TaggedPrompt
from app.ports import DropBytes
from app.services.results.agreement_job import AGREE, AgreementAsked, AgreementFound
from app.services.results.annotating import Annotations
from app.services.results.evaluating import Evaluations
from app.services.results.table_jobs import ROWS, SUMMARIES, RowsAsked, SummariesAsked, TableAsked, TableWindow
from app.services.templates.templates import Templates
from tests.kit.answered import MODEL, Shop, failed, said

CSV = b'text,gold,"Answer"\none,1,a\ntwo,2,b\nthree,3,c\nfour,4,d\n'


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def evaluations(shop: Shop) -> Evaluations:
    templates = Templates(shop.runtime, lambda _template, _saving: None)
    return Evaluations(shop.records, shop, shop.clock, shop.datasets, templates)


async def answered(shop: Shop) -> tuple[JoinOrder, dict[str, tuple[int, ...]]]:
    """Four rows, the last of which failed, and all of them as they are chosen."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    batch = await shop.batch(lambda id: failed(id) if id.endswith("-4") else said(id, f"Reply {{{{x}}}} {id[-1]}"), backwards=True)
    return JoinOrder(dataset=dataset.id), {batch.id: (0, 1, 2, 3)}


async def judged(shop: Shop, evaluations: Evaluations, name: str = "Judge", **plan: object) -> tuple[JoinOrder, Dataset]:
    of, rows = await answered(shop)
    return of, await evaluations.prepare(of, rows, JudgePlan(**plan), name, "gold")  # type: ignore[arg-type]


async def table(shop: Shop, of: JoinOrder, *columns: str, stamp: str = "1", query: TableQuery = TableQuery()) -> TableWindow:  # noqa: B008
    asked = TableAsked(of, stamp, query)
    await shop.compute.run(SUMMARIES, SummariesAsked(asked, columns))
    found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(asked, 0, 10, columns))).value
    return found


async def test_answers_become_a_table_with_the_prompt_of_a_judge(shop: Shop, evaluations: Evaluations) -> None:
    """Its rows are the answered ones with what they were made of; its prompt names the columns as they are called, also where the judged
    table has one of that name; nothing is queued or sent."""
    of, made = await judged(shop, evaluations, criteria="Is {{it}} right?", scale="verdict")
    assert made.current is not None
    assert (made.name, made.current.rows) == ("Judge", 3)
    names = [one.name for one in made.current.columns]
    assert names[:6] == ["text", "gold", "Answer", "Prompt", "Answer (2)", "Request id"]
    stored = (await shop.records.all(Evaluation))[0].value
    assert (stored.id, stored.fields, stored.id_column, stored.batch_column) == (made.id, ("verdict", "reason"), "Request id", "Batch id")
    content = (await Templates(shop.runtime, lambda *_: None).of(made.id)).content
    assert [one.role for one in content.messages] == ["system", "user"]
    assert "Is \\{{it}} right?" in content.messages[0].text
    assert "{{Answer (2)}}" in content.messages[1].text
    assert "{{gold}}" in content.messages[1].text
    assert json.loads(content.schema_text)["properties"]["verdict"]["enum"] == ["pass", "fail"]
    asked = replace(content, fields={"model": MODEL})
    await shop.ask(made, asked)
    batch = await shop.batch(lambda id: said(id, '{"reason": "so", "verdict": "pass"}'))
    assert batch.requests == 3
    assert of.dataset != made.id


async def test_verdicts_stand_beside_the_answers_that_they_are_of(shop: Shop, evaluations: Evaluations) -> None:
    """Also where some of them failed, are damaged or are no JSON; they are filtered and compared like any column."""
    of, made = await judged(shop, evaluations)
    before = await table(shop, of, "cell:text")
    assert "judge:Judge: score" in [one.name for one in before.columns]
    content = (await Templates(shop.runtime, lambda *_: None).of(made.id)).content
    await shop.ask(made, replace(content, fields={"model": MODEL}))
    says = {"1": '{"reason": "' + "long " * 30 + '", "score": 4, "more": {"x": 1}}', "2": None, "3": "2"}
    await shop.batch(lambda id: said(id, text) if (text := says[id[-1]]) is not None else failed(id))
    found = await table(shop, of, "cell:text", "judge:Judge: score", "judge:Judge: reason", "judge:Judge: more", stamp="2")
    assert [one.cells for one in found.rows] == [
        ("one", "4", ("long " * 30).strip(), '{"x":1}'),
        ("two", "", "", ""),
        ("three", "2", "", ""),
        ("four", "", "", ""),
    ]
    data, _ = await shop.take(of, format="jsonl")
    assert [json.loads(line)["Judge: score"] for line in data.splitlines()] == [4, None, 2, None]
    good = TableQuery(filters=(ColumnFilter("judge:Judge: score", low=3.0),))
    assert [one.cells for one in (await table(shop, of, "cell:text", stamp="2", query=good)).rows] == [("one",)]
    await Annotations(shop.records, shop.clock).edit({"b1": [0, 1, 2]}, AnnotationEdit(rating=4))
    asked = AgreementAsked(TableAsked(of, "3"), "rating", "judge:Judge: score")
    agreed: AgreementFound = (await shop.compute.run(AGREE, asked)).value
    assert (agreed.agreement.n, agreed.agreement.accuracy, agreed.agreement.only_one) == (2, 0.5, 1)


async def test_several_judges_have_columns_of_their_own(shop: Shop, evaluations: Evaluations) -> None:
    """Models that judged the same table, and a second evaluation of the same name."""
    of, rows = await answered(shop)
    first = await evaluations.prepare(of, rows, JudgePlan(), "Judge")
    second = await evaluations.prepare(of, rows, JudgePlan("labels", labels=("spam", "ham")), "Judge")
    assert (first.name, second.name) == ("Judge", "Judge 2")
    content = replace((await Templates(shop.runtime, lambda *_: None).of(first.id)).content, fields={"model": MODEL})
    await shop.ask(first, content, (TaggedPrompt("a", 0, content, content), TaggedPrompt("b", 0, content, content)))
    await shop.batch(lambda id: said(id, json.dumps({"reason": "", "score": 1 if id.endswith("~a") else 5})))
    other = replace((await Templates(shop.runtime, lambda *_: None).of(second.id)).content, fields={"model": MODEL})
    await shop.ask(second, other)
    await shop.batch(lambda id: said(id, json.dumps({"reason": "", "label": "ham"})))
    names = ("judge:Judge: score (a)", "judge:Judge: score (b)", "judge:Judge 2: label")
    await table(shop, of, "judge:Judge: score")  # names as they stand before they are read
    found = await table(shop, of, *names)
    assert [one.cells for one in found.rows] == [("1", "5", "ham")] * 3 + [("", "", "")]
    assert "judge:Judge: score" not in [one.name for one in found.columns]
    agreed: AgreementFound = (await shop.compute.run(AGREE, AgreementAsked(TableAsked(of, "1"), *names[:2]))).value
    assert (agreed.agreement.n, agreed.agreement.kappa) == (3, 0.0)


async def test_what_cannot_be_judged_is_said(shop: Shop, evaluations: Evaluations) -> None:
    """Nothing is left where no answer was chosen that there is; a judge whose table was deleted has no columns."""
    of, rows = await answered(shop)
    (batch,) = rows
    with pytest.raises(UnreadableTable, match="None of these was answered"):
        await evaluations.prepare(of, {batch: (3,)}, JudgePlan(), "Judge")
    assert await shop.records.all(Evaluation) == []
    made = await evaluations.prepare(of, rows, JudgePlan(), "Judge")
    await shop.datasets.delete(made.id)
    assert not [one.name for one in (await table(shop, of, "cell:text")).columns if one.name.startswith("judge:")]
    await shop.datasets.forget([made.id])
    assert await shop.records.all(Evaluation) == []


async def test_a_judge_whose_table_is_lost_keeps_no_other_from_being_read(shop: Shop, evaluations: Evaluations) -> None:
    """It is named with what is missing; the other's columns are there."""
    of, rows = await answered(shop)
    made = [await evaluations.prepare(of, rows, JudgePlan(), name) for name in ("A", "B")]
    content = replace((await Templates(shop.runtime, lambda *_: None).of(made[1].id)).content, fields={"model": MODEL})
    await shop.ask(made[1], content)
    await shop.batch(lambda id: said(id, json.dumps({"reason": "", "score": 3})))
    await shop.store.commit([DropBytes(keys.dataset_index_id(made[0].id, 1))])
    asked = TableAsked(of, "1")
    done = await shop.compute.run(SUMMARIES, SummariesAsked(asked, ("judge:A: score", "judge:B: score")))
    assert [one.item for one in done.faults] == ["A"]
    assert [(one.column, one.distinct) for one in done.value] == [("judge:B: score", 1)]


async def test_a_judge_that_answers_while_the_table_is_open_is_heard(shop: Shop, evaluations: Evaluations) -> None:
    """Its answers are in another batch than those of the table: nothing of these changed, and their index is kept."""
    _, made = await judged(shop, evaluations)
    asked = TableAsked(JoinOrder(batches=("b1",)), "1", elsewhere="before")
    columns = ("id", "judge:Judge: score")
    await shop.compute.run(SUMMARIES, SummariesAsked(asked, columns))
    content = (await Templates(shop.runtime, lambda *_: None).of(made.id)).content
    await shop.ask(made, replace(content, fields={"model": MODEL}))
    await shop.batch(lambda id: said(id, json.dumps({"reason": "", "score": int(id[-1])})))
    for elsewhere, scores in (("before", ["", "", "", ""]), ("after", ["1", "2", "3", ""])):
        now = replace(asked, elsewhere=elsewhere, query=TableQuery(sort=columns[1]))
        found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(now, 0, 10, columns))).value
        assert [one.cells[1] for one in found.rows] == scores
