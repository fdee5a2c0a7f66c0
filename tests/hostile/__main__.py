"""``python -m tests.hostile``: everything that attacks the page and its server, and how large it was.

Arguments are handed to pytest (``-k 502``, ``-x``). Without a path all of :data:`TARGETS` run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "tests/hostile",
    "tests/unit/gateway/http/test_guard.py",
    "tests/unit/gateway/http/test_odd_requests.py",
    "tests/unit/services/runtime/test_isolation.py",
    "tests/unit/ui/damage/test_damage.py",
)
"""What is run: this folder, and what elsewhere belongs to it: paths, methods and headers of the server drawn against every route, one bad
item in each loop over items, and damaged stores."""


def main(given: list[str]) -> int:
    """Run; pytest's exit code."""
    paths = [one for one in given if (ROOT / one.partition("::")[0]).exists() and not one.startswith("-")]
    return int(pytest.main(["-q", *given, *(() if paths else (str(ROOT / one) for one in TARGETS))]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
