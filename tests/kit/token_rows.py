"""The rows of public tables as texts, and their tokens as the page and as tiktoken count them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from app.core.datasets import examine, limits
from app.core.datasets.sheets import Workbook
from app.core.datasets.table import cell_text, read_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from app.core.datasets.table import RowGroup

COMPARE = "tests/data/tokens/compare.mjs"


def row_texts(path: Path) -> list[str]:
    """The rows of a file, each as its cells with a blank and a bar between them."""
    data = path.read_bytes()
    seen = examine.examine(data[: limits.HEAD], path.name, whole=len(data) <= limits.HEAD, decode=_decode)
    groups: Iterable[RowGroup]
    if seen.dialect.format == "sheet":
        groups = Workbook(data).table(seen.dialect).groups()
    else:
        pieces = (data[at : at + limits.PIECE] for at in range(0, len(data), limits.PIECE))
        groups = read_all(examine.reader(seen.dialect, len(data), _decode), pieces)
    return [" | ".join(map(cell_text, row)) for group in groups for row in group.cells]


def _decode(data: bytes, name: str) -> str:
    return data.decode(name)


class ComparedTokens(NamedTuple):
    """Tokens by encoding, as tiktoken counts them, and the first texts of which the page counts others: encoding, place, ours, its."""

    tokens: dict[str, int]
    wrong: list[tuple[str, int, int, int]]


def compare(root: Path, texts: Sequence[str]) -> ComparedTokens:
    """Have Node count these texts in both ways."""
    given = "".join(json.dumps(one) + "\n" for one in texts)
    done = subprocess.run(["node", COMPARE], cwd=root, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return ComparedTokens(found["tokens"], [tuple(one) for one in found["wrong"]])
