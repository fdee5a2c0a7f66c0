"""Tokens of rows of public tables are those of OpenAI's tiktoken. All rows, and large tables: ``make tokens``."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.test_public_tables import SMALL
from tests.kit.token_rows import compare, row_texts

ROOT = Path(__file__).resolve().parents[2]
ROWS = 2_000
"""Rows of a table that are counted in each run of the tests."""


def test_rows_of_public_tables_have_the_tokens_that_tiktoken_counts() -> None:
    """In both encodings, row by row: codes, names in many scripts, dates, numbers, JSON."""
    texts: list[str] = []
    for one in SMALL.values():
        found = row_texts(one.path)
        assert len(found) == one.rows
        texts += found[:: max(1, len(found) // ROWS)][:ROWS]
    assert len(texts) > 5_000
    found_tokens, wrong = compare(ROOT, texts)
    assert [(name, texts[at][:200], ours, theirs) for name, at, ours, theirs in wrong] == []
    assert min(found_tokens.values()) > 10 * len(texts)
