"""The adapters from Python's side, in the page."""

import pytest
from playwright.sync_api import Download

from tests.contract import adapter_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room

MODULES = ("tests.contract.adapter_cases", "tests.browser.adapter_supplies")


@pytest.mark.parametrize("name", [name for name in cases_of(adapter_cases) if name != "case_files_are_saved"])
def test_adapters(room: Room, name: str) -> None:
    """What the program expects of its adapters holds in the page."""
    room.watch.expect("Failed to load resource: .* 40[45]")
    room.run(*MODULES, name)


def test_files_are_saved(room: Room) -> None:
    """What Python hands over arrives as files, byte for byte."""
    downloads: list[Download] = []

    def both(download: Download) -> bool:
        downloads.append(download)
        return len(downloads) == 2

    with room.page.expect_event("download", both):
        room.run(*MODULES, "case_files_are_saved")
    saved = {download.suggested_filename: download.path().read_bytes() for download in downloads}
    assert saved == {"browser.txt": b"from browser", "python.txt": b"from Python"}
