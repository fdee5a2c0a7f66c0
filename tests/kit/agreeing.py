"""The figures of two that judge, as the job counts them, in one go."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.results.agreement import Agreement, agreement_steps


def agreement(pairs: Mapping[tuple[str, str], int], only_one: int = 0, only_other: int = 0) -> Agreement:
    steps = agreement_steps(pairs, only_one, only_other)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Agreement = done.value
            return found
