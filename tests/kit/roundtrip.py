"""A table with everything that files get wrong, asked twice a row, answered by the practice provider, and downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from openpyxl.utils.escape import unescape

from app.core.json import jsonread
from app.core.model import keys
from app.core.model.settings import TakeAway
from app.core.results.samples import facts_of
from app.ui.results.dialogs import TakeAwayDialog
from tests.kit.screen import Visit

TEXTS = (
    "plain",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+SUM(A1:A9)",
    "-5",
    "@home",
    "007",
    "1e5",
    "TRUE",
    "null",
    "NaN",
    'say "hi", then; go',
    "two\nlines",
    "👩🏽‍🚀 und Größe",
    "مرحبا שלום",
    "  pad  ",
    "<b>&amp;</b> _x0041_",
    "twice",
    "twice",
    "2026-11-30",
    "a" * 2_000,
)
"""Of each row the text; two rows are the same."""
ROWS: tuple[dict[str, Any], ...] = tuple(
    {
        "code": f"{n % 20:03}",
        "text": text,
        "whole": None if n == 3 else n,
        "part": None if n == 4 else n + 0.5,
        "yes": None if n == 5 else n % 2 == 0,
        "long": 9_007_199_254_740_993 + n if text != "twice" else 1,
        "maybe": None if n % 3 else f"x{n}",
    }
    for n, text in enumerate(TEXTS)
)
ROWS = tuple(
    {**one, "code": "017", "whole": 17, "part": 17.5, "yes": False, "maybe": None} if one["text"] == "twice" else one for one in ROWS
)
COLUMNS = (*ROWS[0], "Answer", "Request id", "Sample")
SAMPLES = 2
CHOICE = TakeAway(
    parts=("table", "answer", "request"),
    left_out=("variant", "request_id", "model", "batch", "batch_id", "attempts"),
)
FILES = ("csv", "xlsx", "jsonl", "parquet")


async def downloaded(visit: Visit) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The table comes in as JSON Lines, each row is asked twice, and it goes out in each format: the files by their format, and the rows
    that they must have, with the answers as the provider's file has them."""
    from tests.unit.ui.datasets.test_data import brought
    from tests.unit.ui.plan.test_plan import ended

    await visit.use_openai()
    table = await brought(visit, b"".join(json.dumps(one).encode() + b"\n" for one in ROWS), "mixed.jsonl")
    await visit.go(f"#/data/{table}/prompt")
    await visit.until(lambda: visit.state.prompt.template is not None)
    await visit.rest()
    await visit.type("Text of message 1", "Rate {{text}}")
    await visit.type("Model", "gpt-4o-mini")
    await visit.go(f"#/data/{table}/check")
    await visit.rest()
    await visit.type("Times each row is asked", str(SAMPLES))
    await visit.click(f"Check {len(ROWS)} rows")
    await ended(visit)
    await visit.click(f"Add {SAMPLES * len(ROWS)} requests to queue")
    await ended(visit)
    await visit.go("#/queue")
    await visit.click(f"Submit {SAMPLES * len(ROWS)}")
    await visit.wait(180)
    await visit.go(f"#/data/{table}")
    await visit.rest()
    visit.state.preferences = replace(visit.state.preferences, take_away=CHOICE)
    await visit.click("Download answers")
    found: dict[str, bytes] = {}
    for format in FILES:
        await visit.choose("Format", format)
        await visit.click("Download")
        await visit.until(lambda: isinstance(visit.state.dialog, TakeAwayDialog) and not visit.state.dialog.doing)
        await visit.rest()
        found[format] = visit.page.saved[-1].content
    return found, await _expected(visit)


async def _expected(visit: Visit) -> list[dict[str, Any]]:
    """The rows, each with its two answers, found by nothing but the ids in the provider's own file."""
    (batch,) = visit.state.batches.all
    answers: dict[str, str] = {}
    for n in range(sum(one.segments for one in batch.fetched)):
        (data,) = await visit.app.services.store.load([keys.answer_id(batch.id, "output", n)])
        for line in (data or b"").splitlines():
            id = str(jsonread.value(line)["custom_id"])
            answers[id] = facts_of(batch.lane.endpoint, line).samples[0].text
    run = next(iter(answers)).rpartition("-")[0]
    assert len(answers) == SAMPLES * len(ROWS)
    ids = [(row, f"{run}-{n}~{sample}", sample) for n, row in enumerate(ROWS, 1) for sample in range(1, SAMPLES + 1)]
    return [{**row, "Answer": answers[id], "Request id": id, "Sample": sample} for row, id, sample in ids]


def as_text(value: Any) -> str:
    """A cell as CSV has it, without what keeps spreadsheets from taking it for a formula."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def neutral(value: Any) -> str:
    """The same as it stands in the file: what begins like a formula has an apostrophe before it, but a number has none."""
    text = as_text(value)
    number = text.lstrip("+-").replace(".", "", 1).isdigit()
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) and not number else text


def of(rows: Iterable[dict[str, Any]], how: Any) -> list[list[Any]]:
    """The cells of rows in the order of the file's columns."""
    return [[how(row[name]) for name in COLUMNS] for row in rows]


def in_workbook(value: Any) -> Any:
    """A cell as a workbook has it: a number of more than 15 digits is a text, and nothing is an empty cell."""
    return str(value) if isinstance(value, int) and abs(value) >= 10**15 else None if value == "" else value


def unescaped(value: Any) -> Any:
    """A cell as openpyxl reads it, which hands on what stands for characters that XML has not (ECMA-376, ST_Xstring) as it is written."""
    return unescape(value) if isinstance(value, str) else value
