"""Reports on answers, written by a job: what they say is what the table of answers says."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.model.sendings import FollowUp
from app.core.model.templates import PromptContent, PromptMessage
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.core.results.report import ReportFormat
from app.services.results.agreement_job import AgreementAsked
from app.services.results.report_job import WRITE_REPORT, ReportAsked, follow_text, prompt_text
from app.services.results.table_jobs import TableAsked
from tests.kit.answered import MODEL, Shop, failed, said
from tests.kit.screen import parse

CSV = b"n,text,expected\n1,one,a\n2,two,b\n3,three,a\n4,four,a\n"


def answers(id: str) -> bytes:
    """Labels; the last failed."""
    n = int(id.rpartition("-")[2])
    return failed(id, "bad_thing") if n == 4 else said(id, json.dumps({"label": "aba"[n - 1]}))


async def written(shop: Shop, format: ReportFormat, **more: object) -> tuple[str, int, int]:
    """The report on a table whose rows were answered."""
    dataset = await shop.bring(CSV)
    rows = await shop.ask(dataset)
    batch = await shop.batch(answers)
    await shop.records.change(batch, lambda one: replace(one, additions=(rows.id,)))
    about = TableAsked(JoinOrder(dataset=dataset.id), "1", TableQuery(sort="-cell:n"))
    asked = ReportAsked(about, format, "Answers to shop", ("cell:n", "answer"), 3)
    if more.pop("agreement", False):
        asked = replace(asked, agreement=AgreementAsked(about, "cell:expected", "field:label"))
    if more.pop("filtered", False):
        about = replace(about, query=TableQuery(filters=(ColumnFilter("field:label", ("a",)),)))
        asked = replace(asked, table=about)
    if more.pop("picked", False):
        asked = replace(asked, picked={batch.id: (1,)})
    done = await shop.run(WRITE_REPORT, asked)
    assert done.blob is not None
    return (await done.blob.read()).decode(), done.value.count, done.value.rows


@pytest.mark.parametrize("format", ["html", "markdown"])
async def test_a_report_says_what_the_table_says(format: ReportFormat) -> None:
    """Outcomes, trouble, the prompt that was sent, the batch, agreement, and the first rows in the table's order."""
    text, count, rows = await written(Shop(), format, agreement=True)
    assert (count, rows) == (4, 3)
    words = parse(text.removeprefix("<!doctype html>")).text if format == "html" else text.replace("\\", "")
    assert "Answers to shop" in words
    assert "4 requests = 3 answered + 1 failed" in words
    assert "bad_thing" in words
    assert "user: Sort this: {{text}}" in words
    assert "Batch 1" in words
    assert MODEL in words
    assert "agree in 100.0 % of 3 rows" in words
    assert "The first 3 of 4 rows" in words
    assert words.index('{"label": "a"}') < words.index('{"label": "b"}')


async def test_a_report_is_of_the_rows_that_are_let_through_or_ticked() -> None:
    """All figures are of these alone."""
    text, count, rows = await written(Shop(), "markdown", filtered=True)
    assert (count, rows) == (2, 2)
    assert "2 requests = 2 answered" in text
    text, count, rows = await written(Shop(), "markdown", picked=True)
    assert (count, rows) == (1, 1)
    assert "1 request = 1 answered" in text


def test_a_prompt_is_one_text() -> None:
    """Messages with their roles and the schema, or the body as it was typed."""
    messages = (PromptMessage("m1", "system", "Be short."), PromptMessage("m2", "user", "{{a}}"))
    assert prompt_text(PromptContent(messages=messages)) == "system: Be short.\n\nuser: {{a}}"
    assert prompt_text(PromptContent(messages=messages, schema_on=True, schema_text="{}")).endswith("JSON schema of the answer: {}")
    assert prompt_text(PromptContent(raw='{"a": 1}')) == '{"a": 1}'
    assert prompt_text(PromptContent(inputs=("{{text}}",))) == "{{text}}"
    assert follow_text(FollowUp("Why?", system="Not sent.")) == "user: Why?"
    schema = FollowUp("Why?", alone=True, system="Be short.", form="schema", schema="{}")
    assert follow_text(schema) == "system: Be short.\n\nuser: Why?\n\nJSON schema of the answer: {}"
