"""The table of jobs behind the fence. Their workers know no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.services.compute.carrier import JobDefinition
from app.services.results.python_job import PYTHON, python

JOBS: Final[Mapping[str, Callable[[], JobDefinition[Any, Any]]]] = {PYTHON.name: lambda: JobDefinition(PYTHON, python)}
"""By the name of the kind. Loaded with the table: behind the fence nothing of the program is imported any more."""
