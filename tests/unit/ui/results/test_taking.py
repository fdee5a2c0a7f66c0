"""Answers taken away as a file: from a table with its answers, and from a batch, as a person does it."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest

from app.ports import StorageFull
from app.ui.results.dialogs import TakeAwayDialog
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended
from tests.unit.ui.submitting import NUMBERS, behave, submitted
from tests.unit.ui.submitting import ended as answered


async def written(visit: Visit) -> None:
    dialog = visit.state.dialog
    assert isinstance(dialog, TakeAwayDialog)
    await visit.until(lambda: not dialog.doing)
    await visit.rest()


def saved(visit: Visit) -> list[list[str]]:
    return list(csv.reader(io.StringIO(visit.page.saved[-1].content.decode("utf-8-sig"), newline="")))


@pytest.mark.slow
async def test_the_table_comes_back_with_its_answers(tabs: Open) -> None:
    """Brought, asked, answered, downloaded: every row in its place, the answer beside it; what is chosen is remembered."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    await visit.go(f"#/data/{id}")
    await visit.rest()
    await visit.go("#/queue")
    await visit.click("Submit 4")
    await visit.wait(180)
    await visit.go(f"#/data/{id}")
    await visit.rest()
    await visit.click("Download answers")
    await visit.check("Tokens and cost", True)
    await visit.click("Download")
    await written(visit)
    assert "4 rows" in visit.reach.text
    file = visit.page.saved[-1]
    assert file.name.endswith("-answers.csv")
    rows = saved(visit)
    assert rows[0][:4] == ["id", "review", "heat", "Answer"]
    assert [row[0] for row in rows[1:]] == ["a", "b", "c", "d"]
    assert all(row[3] for row in rows[1:])
    await visit.escape()
    await visit.click("Download answers")
    dialog = visit.state.dialog
    assert isinstance(dialog, TakeAwayDialog)
    assert "usage" in dialog.choice.parts


@pytest.mark.slow
async def test_a_batch_can_be_taken_away_in_each_format(visit: Visit) -> None:
    """Without a table there are none of its columns; a choice of columns that is none keeps the file from being written."""
    await answered(visit)
    await visit.click("Download answers")
    assert "Table columns" not in visit.reach.text
    for format, ending in (
        ("xlsx", ".xlsx"),
        ("jsonl", ".jsonl"),
        ("parquet", ".parquet"),
        ("tuning", ".jsonl"),
        ("dpo", ".jsonl"),
        ("html", "-report.html"),
        ("markdown", "-report.md"),
        ("csv", ".csv"),
    ):
        await visit.choose("Format", format)
        await visit.click("Download")
        await written(visit)
        assert visit.page.saved[-1].name.endswith(ending)
    assert len(saved(visit)) == 1 + len(NUMBERS)
    report = visit.page.saved[-2].content.decode()
    assert f"{len(NUMBERS)} requests = " in report
    assert "| answered |" in report
    await visit.choose("Format", "tuning")
    await visit.click("Download")
    await written(visit)
    assert json.loads(visit.page.saved[-1].content.splitlines()[0])["messages"][0] == {"role": "user", "content": "one"}
    await visit.choose("Format", "csv")
    await visit.click("Choose single columns …")
    await written(visit)
    await visit.check("Error", False)
    await visit.click("Download")
    await written(visit)
    assert "Error" not in saved(visit)[0]
    assert "Outcome" in saved(visit)[0]
    assert visit.state.preferences.take_away.left_out == ("code",)
    await visit.click("Include all columns")
    assert saved(visit)[0][:3] == ["custom_id", "Prompt", "Answer"]
    assert [row[1] for row in saved(visit)[1:]] == list(NUMBERS)
    for group in (
        "custom_id and prompt",
        "Answer",
        "JSON answer fields as columns",
        "Marks, ratings, tags, notes and corrections",
        "Outcome, error and finish reason",
    ):
        await visit.check(group, False, 0)  # a column may be called as its group
    assert visit.button("Download")["title"] == "Choose at least one group of columns."


@pytest.mark.slow
async def test_only_what_was_not_answered(visit: Visit) -> None:
    """The rows are chosen, and how many there are is said."""
    await answered(visit)
    await visit.click("Download answers")
    await visit.click("Not answered")
    await visit.click("Download")
    await written(visit)
    assert len(saved(visit)) == 1
    assert "no rows" in visit.reach.text


@pytest.mark.slow
async def test_writing_is_stopped_and_failures_are_said(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is saved then, and the dialog says why."""
    await answered(visit)
    await visit.click("Download answers")
    before = len(visit.page.saved)
    compute = visit.app.services.compute
    holds = asyncio.Event()

    async def held(*_given: object, **_more: object) -> None:
        await holds.wait()

    async def full(*_given: object, **_more: object) -> None:
        raise StorageFull("no room")

    monkeypatch.setattr(compute, "run", held)
    await visit.click("Download")
    await visit.click("Stop")
    await written(visit)
    assert "No file was saved." in visit.reach.text
    monkeypatch.setattr(compute, "run", full)
    await visit.click("Download")
    await written(visit)
    assert "No file was written." in visit.reach.text
    assert len(visit.page.saved) == before


async def test_a_batch_that_is_under_way_offers_no_answers(visit: Visit) -> None:
    """There are none yet."""
    behave(visit)
    await submitted(visit, *NUMBERS)
    assert not visit.has("Download answers")


@pytest.mark.slow
async def test_chosen_answers_become_a_file_or_a_table(visit: Visit) -> None:
    """From the table of answers: of ticked rows only these are in the file, and they come into Data as rows of their own."""
    batch = await answered(visit)
    await visit.go(f"#/results/batch/{batch.id}")
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    await visit.check("Select row 2", True)
    await visit.check("Select row 5", True)
    await visit.rest()
    await visit.click("Download, make a table …")
    await visit.rest()
    assert "2 chosen rows of" in visit.reach.text
    await visit.click("Download")
    await written(visit)
    assert [row[1] for row in saved(visit)[1:]] == ["two", "five"]
    await visit.click("As shown in Results")
    await visit.click("Download")
    await written(visit)
    shown = visit.state.results.shown
    assert len(saved(visit)[0]) == 1 + len(shown)
    assert saved(visit)[0][0] == "Outcome"
    await visit.click("By group")
    await visit.click("Make a table of them")
    await visit.until(lambda: visit.state.dialog is None)
    await visit.rest()
    assert visit.page.route.startswith("#/data/d-")
    (table,) = visit.state.data.all or ()
    assert table.current is not None
    assert table.current.rows == 2
    assert {"Prompt", "Answer", "Request id", "Batch id"} <= {column.name for column in table.current.columns}
    await visit.go(f"#/results/batch/{batch.id}")
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    await visit.click("Clear")  # they are ticked still
    await visit.click("Download …")
    await visit.rest()
    assert "6 chosen rows of" in visit.reach.text
