"""``make test`` runs each test once, and none falls between two suites."""

from __future__ import annotations

import re
from pathlib import Path

from tests.hostile.__main__ import TARGETS

ROOT = Path(__file__).resolve().parents[2]


def test_what_the_unit_tests_leave_out_the_hostile_run_has() -> None:
    """Where both have a test, ``make test`` leaves it to the hostile run, which counts it (tests/hostile/conftest.py)."""
    line = re.search(r"^HOSTILE := \$\(addprefix tests/unit/,(.+)\)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert line is not None
    assert [f"tests/unit/{one}" for one in line[1].split()] == [one for one in TARGETS if one.startswith("tests/unit/")]


def test_journeys_wait_for_a_start_as_a_start() -> None:
    """A start takes longer than a step: a load that a journey does not wait for takes its time from the step after it."""
    loads = [path.name for path in (ROOT / "tests/e2e").glob("*.py") if re.search(r"\bpage\.reload\(\)", path.read_text("utf-8"))]
    assert not loads, f"tests.kit.journey.Journey.reload waits until the program is ready: {loads}"
