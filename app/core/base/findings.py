"""What a check found: one sentence with its place, for the field that it belongs to."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "advice"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to fix (``error``: it blocks queueing) or to think about (``advice``: it doesn't).

    ``field`` is the attribute of ``records.Options`` at fault, or ``messages``, or ``raw``; ``item`` the message's id where there is one.
    ``path`` is a JSON pointer into the field's text, ``line`` and ``column`` count from 1 there (0: nowhere in particular).
    """

    field: str
    sentence: str
    remedy: str = ""
    severity: Severity = "error"
    item: str = ""
    path: str = ""
    line: int = 0
    column: int = 0


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Only those that block."""
    return tuple(one for one in findings if one.severity == "error")
