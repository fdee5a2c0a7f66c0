"""Python that a person keeps for tables of answers, and which of it may run in this browser. How it runs: core.results.python_code."""

from __future__ import annotations

from typing import Literal

from app.core.model import stored_names
from app.core.model.records import Record


class PythonCode(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A function over rows of answers, kept under a name for any table of them. It goes with the workspace, and runs only where it was
    accepted."""

    stored = stored_names.PYTHON_CODE
    name: str
    """Of the column that it fills."""
    kind: Literal["column", "keep"] = "column"
    source: str = ""
    at: float = 0.0
    """When it was last changed, in unix seconds."""


class AcceptedCode(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A code that was written or read and accepted in this browser; the id is its digest (core.results.python_code). It stays here, so what
    is brought in from elsewhere cannot say of itself that it was accepted."""

    stored = stored_names.CODE_ACCEPTED
    at: float = 0.0
    """In unix seconds."""
