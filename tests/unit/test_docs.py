"""Documents that name files name files that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_word_lives_where_the_glossary_says() -> None:
    """Each row ends with a file or folder of the tree; words stand once."""
    rows = [line.split(" | ") for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("| ")]
    places = [re.findall(r"`([^`]+)`", row[-1]) for row in rows if row[0] != "| word"]
    assert len(places) > 30
    assert [place for (place,) in places if not (ROOT / place).exists()] == []
    words = [row[0] for row in rows if row[0] != "| word"]
    assert len(set(words)) == len(words)
