"""``make tokens``: every row of public tables, up to 34 MB, counted as the page does and as tiktoken does. Not part of ``make test``,
since it takes minutes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.e2e.large_tables import mails
from tests.e2e.test_public_tables import NPM, SMALL
from tests.kit.token_rows import compare, row_texts

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 2_000
"""Characters of a piece that the page counts as one (token-counts.mjs)."""
TABLES = {**{name: one.path for name, one in SMALL.items()}, "20,000 flights": NPM / "vega-datasets/data/flights-20k.json"}


@pytest.mark.parametrize("name", [*TABLES, "mails"])
def test_every_row_has_the_tokens_that_tiktoken_counts(name: str, tmp_path: Path) -> None:
    """Row by row, in both encodings; only a run of more than 2,000 letters or blanks, which the page cuts, may be a token off."""
    texts = row_texts(TABLES[name] if name in TABLES else mails(tmp_path).path)
    before = time.perf_counter()
    tokens, wrong = compare(ROOT, texts)
    print(f"{name}: {len(texts):,} rows, {tokens}, {time.perf_counter() - before:.1f} s")
    print(f"  off by a token, in a run of more than {LONGEST:,} characters: {sum(name == 'o200k_base' for name, *_ in wrong)} rows")
    assert [(encoding, texts[at][:200], ours, theirs) for encoding, at, ours, theirs in wrong if abs(ours - theirs) > cuts(texts[at])] == []


def cuts(text: str) -> int:
    """How often a text is cut within runs that are too long to be merged as one: each cut may be a token off (token-counts.mjs)."""
    return sum(len(run) // LONGEST for run in re.findall(rf"\s{{{LONGEST + 1},}}|\S{{{LONGEST + 1},}}", text))
