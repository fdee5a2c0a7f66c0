"""A table comes back with its answers: as a spreadsheet, as a workbook and as Parquet, which the page itself reads again."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from tests.kit.journey import Journey

if TYPE_CHECKING:
    from playwright.sync_api import Download

BEYOND = """() => [...document.querySelectorAll('dialog :is(button, input, select, p, li)')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth).length"""
HOSTILE = ["=1+1", "007", "👠 heels", 'say "hi"\nand go', "-5", "@home"]


def table() -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([["sku", "text"], *([f"A{n}", text] for n, text in enumerate(HOSTILE))])
    return written.getvalue().encode()


def fetched(desk: Journey, format: str) -> Download:
    desk.dialog.get_by_label("Format", exact=True).select_option(format)
    with desk.page.expect_download() as download:
        desk.dialog.get_by_role("button", name="Download", exact=True).click()
    desk.dialog.get_by_text("Saved.").wait_for()
    return download.value


@pytest.mark.also("file")
def test_a_table_comes_back_with_its_answers(desk: Journey, tmp_path: Path) -> None:
    """Written in a worker, wherever the page is: same order, same cells, each row with its answer, no formula; on a phone and by keys as
    well."""
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "shop.csv", "mimeType": "text/csv", "buffer": table()})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="shop").wait_for()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Rate {{text}}")
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    page.get_by_role("link", name="Check and price").click()
    page.get_by_role("button", name="Check 6 rows").click()
    page.get_by_role("button", name="Add 6 requests to queue").click()
    page.get_by_text("Added 6 requests to the queue.").wait_for()
    table_address = page.url.removesuffix("/check")
    page.get_by_role("link", name="Open the queue").first.click()
    desk.submit_lane()
    desk.wait_for_state("completed")
    page.goto(table_address)
    page.get_by_role("button", name="Download answers").press("Enter")

    rows = list(csv.reader(io.StringIO(Path(fetched(desk, "csv").path()).read_text("utf-8-sig"), newline="")))
    assert rows[0][:3] == ["sku", "text", "Answer"]
    assert [row[0] for row in rows[1:]] == [f"A{n}" for n in range(len(HOSTILE))]
    assert [row[1] for row in rows[1:]] == ["'=1+1", "007", "👠 heels", 'say "hi"\nand go', "-5", "'@home"]
    assert all(row[2] for row in rows[1:])
    desk.dialog.get_by_text("began like a formula").wait_for()

    book = CalamineWorkbook.from_path(str(fetched(desk, "xlsx").path()))
    sheet = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet[1:]] == HOSTILE
    assert [row[2] for row in sheet[1:]] == [row[2] for row in rows[1:]]

    page.set_viewport_size({"width": 390, "height": 780})
    desk.drawn()
    assert desk.measure(BEYOND) == 0
    page.set_viewport_size({"width": 1280, "height": 720})
    parquet = tmp_path / "answers.parquet"
    fetched(desk, "parquet").save_as(parquet)
    page.keyboard.press("Escape")
    desk.go("Data")
    page.locator("#table-file").set_input_files(parquet)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="answers", exact=True).wait_for()
    page.get_by_role("cell", name="=1+1", exact=True).wait_for()
    page.get_by_role("cell", name="👠 heels", exact=True).wait_for()
