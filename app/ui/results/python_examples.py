"""Python to begin with: what is in a new editor, and five ways to use it (docs/reference/answers.md has them as well)."""

from __future__ import annotations

from typing import Final, Literal

BEGINNING: Final[dict[Literal["column", "keep"], str]] = {
    "column": "def column(row, answer):\n    return len(str(answer).split())\n",
    "keep": 'def keep(row, answer):\n    return "sorry" not in str(answer).lower()\n',
}
