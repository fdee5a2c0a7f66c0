"""How much of the fault matrix is run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose the cases."""
    parser.addoption("--faults", default=os.environ.get("NIGHTSHIFT_FAULTS", "100"), help="how many cases of the fault matrix")
    parser.addoption("--faults-seed", default=os.environ.get("NIGHTSHIFT_FAULTS_SEED", "1"), help="which of them")
