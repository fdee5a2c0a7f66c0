"""Public tables, which nobody made for these tests, on the way from a file to answers. Larger ones: tests/e2e/large_tables.py."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.kit.journey import Journey

DATA = Path(__file__).resolve().parents[1] / "data"
NPM = DATA / "node_modules"
PATIENCE = 180_000
"""Milliseconds that one step over a large table may take; how long it took is printed."""


class PublicTable(NamedTuple):
    """``cells``: texts that stand in the first rows, as the file has them. ``answered``: how many requests are answered; 0: the way ends at
    the plan."""

    path: Path
    rows: int
    columns: int
    cells: tuple[str, ...]
    prompt: str
    answered: int = 0


SMALL = {
    "xlsx": PublicTable(
        DATA / "tables/ne_1033_data.xlsx", 1_036, 14, ("ADAMS", "31001", "RIFLE,5.56 MILLIMETER"), "What is a {{item_name}}?", 1_036
    ),
    "ods": PublicTable(DATA / "tables/ods_formats.ods", 5, 10, ("2014-11-11",), '{{Date}}: {{Text | default("none")}}', 5),
    "csv of many scripts": PublicTable(
        NPM / "world-countries/dist/countries.csv",
        250,
        74,
        ("Aruba", "AW"),
        "Where is {{name.official}} ({{translations.jpn.common}})?",
        250,
    ),
    "csv of leading zeros": PublicTable(
        NPM / "vega-datasets/data/zipcodes.csv", 42_049, 6, ("00501", "Holtsville"), "Which county has {{zip_code}} {{city}}?"
    ),
    "json": PublicTable(NPM / "vega-datasets/data/movies.json", 3_201, 16, ("The Land Girls",), 'Rate {{Title | default("it")}}'),
}


def walked(desk: Journey, one: PublicTable) -> dict[str, float]:
    """From the file to its plan, or to answers; the seconds of each step."""
    page, took = desk.page, {}
    before = time.perf_counter()

    def reached(step: str) -> None:
        nonlocal before
        now = time.perf_counter()
        took[step], before = now - before, now

    desk.go("Data")
    page.locator("#table-file").set_input_files(one.path)
    page.get_by_role("button", name="Import", exact=True).click(timeout=PATIENCE)
    page.locator(".view > header").get_by_text(f"{one.rows:,} rows · {one.columns} columns").wait_for(timeout=PATIENCE)
    reached("import")
    for cell in one.cells:
        page.get_by_role("cell", name=cell, exact=True).first.wait_for()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill(one.prompt)
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    page.get_by_role("link", name="Check and price").click()
    before = time.perf_counter()
    page.get_by_role("button", name=f"Check {one.rows:,} rows").click()
    page.get_by_text(f"{one.rows:,} rows checked · {one.rows:,} requests can be sent").wait_for(timeout=PATIENCE)
    page.get_by_role("region", name="Batches").get_by_role("row").nth(1).wait_for()
    reached("check and plan")
    if one.answered:
        page.get_by_role("button", name=f"Add {one.rows:,} requests to queue").click()
        page.get_by_text(f"Added {one.rows:,} requests to the queue.").wait_for(timeout=PATIENCE)
        reached("queue")
        desk.waiting(one.answered)
        desk.submit_lane()
        desk.wait_for_state("completed")
        desk.main.get_by_role("button", name=f"Answered {one.answered:,}").wait_for()
        reached("answers")
    return took


@pytest.mark.also("file")
@pytest.mark.parametrize("name", SMALL)
def test_a_public_table_becomes_answers(desk: Journey, name: str) -> None:
    """Every row is there, as the file has it; all of them make a request, and those that are sent are answered."""
    walked(desk, SMALL[name])
