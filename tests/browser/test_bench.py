"""What measures Nightshift can still run: one short round of each part that needs a browser profile, with a hundred requests."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.bench import bulk, page, queued, results, tables
from tests.bench.figures import Figures
from tests.bench.rig import profile

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

FEW = 100


@pytest.mark.parametrize(
    ("part", "where"),
    [(bulk, "sources"), (page, "built_site"), (queued, "built_site"), (tables, "built_site"), (results, "built_site")],
)
def test_a_short_round_measures_everything(
    part: ModuleType, where: str, request: pytest.FixtureRequest, playwright: Playwright, tmp_path: Path
) -> None:
    """Every figure has one value, so that the next long run does not end halfway."""
    figures = Figures()
    with profile(playwright, request.getfixturevalue(where), str(tmp_path)) as context:
        part.measure(context, figures, FEW)
    rows = figures.rows()
    assert len(rows) > 10
    assert all(row.median == row.min == row.max for row in rows if not row.name.startswith("key to painted"))
    assert any(f"{FEW:,}" in row.name for row in rows)
