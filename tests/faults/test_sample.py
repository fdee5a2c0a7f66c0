"""A choice of the fault matrix in Chromium against the HTTP practice provider. ``make test-faults`` runs all of it.

``--faults N`` (or NIGHTSHIFT_FAULTS) says how many cases, ``--faults-seed`` which. A case that fails is run again by its number:
``python -m tests.faults 137``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.matrix import matrix, sample, size
from tests.faults.run import Result, running

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Browser


def test_no_fault_at_any_step_loses_a_request_or_pays_one_twice(
    chromium: Browser, sources: str, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever breaks at whichever step: no request is lost, none answered twice, and the provider has no second batch for the same
    requests. Afterwards everything comes to its end."""
    chosen = sample(int(pytestconfig.getoption("--faults")), int(pytestconfig.getoption("--faults-seed")))
    with capsys.disabled():
        print(f"\nThe fault matrix: {size(matrix())}. This run: {size(chosen)}.")
    failed: list[Result] = []
    with running(chromium, sources, lambda result: failed.append(result) if result.wrong else None) as runner:
        runner.run(chosen)
    assert not failed, "\n".join(f"{one.case.words}\n  " + "\n  ".join(one.wrong) for one in failed)
