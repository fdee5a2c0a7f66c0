"""``make tokens``: every row of public tables, up to 34 MB, counted as the page does and as tiktoken does. Not part of ``make test``,
since it takes minutes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.large_tables import mails
from tests.e2e.test_public_tables import NPM, SMALL
from tests.kit.token_rows import compare, row_texts

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
TABLES: dict[str, Callable[[Path], Path]] = {
    **{name: lambda _folder, one=one: one.path for name, one in SMALL.items()},
    "20,000 flights": lambda _folder: NPM / "vega-datasets/data/flights-20k.json",
    "mails": lambda folder: mails(folder).path,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_the_tokens_that_tiktoken_counts(name: str, tmp_path: Path) -> None:
    """Row by row, in both encodings."""
    texts = row_texts(TABLES[name](tmp_path))
    before = time.perf_counter()
    tokens, wrong = compare(ROOT, texts)
    print(f"{name}: {len(texts):,} rows, {tokens}, {time.perf_counter() - before:.1f} s")
    assert [(encoding, texts[at][:200], ours, theirs) for encoding, at, ours, theirs in wrong] == []
