"""Jobs in workers: served from the sources."""

from __future__ import annotations

import pytest

from tests.contract import compute_cases, worker_cases
from tests.kit import killing
from tests.kit.cases import cases_of
from tests.kit.room import Room

SUPPLIES = "tests.browser.compute_supplies"


@pytest.mark.parametrize("name", cases_of(compute_cases))
def test_workers_keep_the_contract(room: Room, name: str) -> None:
    """What holds of slices in the page holds of workers."""
    room.run("tests.contract.compute_cases", SUPPLIES, name)


@pytest.mark.parametrize("name", cases_of(worker_cases))
def test_workers_can_be_stopped_and_die_alone(room: Room, name: str) -> None:
    """What only workers can do."""
    room.watch.expect(killing.NOISE)
    room.run("tests.contract.worker_cases", SUPPLIES, name)
