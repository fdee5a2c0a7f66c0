"""What makes and checks the requests of tables costs a start nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

_STARTED = """
import sys
import app.program, app.wiring, app.ui.shell.composition
print(*sorted(name for name in sys.modules if name.startswith("app.core.")))
"""
ON_DEMAND = (
    "app.core.templates",
    "app.core.endpoints.request_types",
    "app.core.endpoints.fields",
    *(
        f"app.core.bodies.{name}"
        for name in ("bodychecker", "bodyfindings", "bodyrules", "forms", "remedies", "schemabuilder", "typecheck")
    ),
)


@pytest.mark.slow
def test_a_start_imports_none_of_it() -> None:
    """The program as it is put together, with its handlers and the shell's views."""
    made = subprocess.run([sys.executable, "-c", _STARTED], capture_output=True, text=True, check=True).stdout.split()
    assert "app.core.model.threads" in made
    assert [name for name in made if name.startswith(ON_DEMAND)] == []
