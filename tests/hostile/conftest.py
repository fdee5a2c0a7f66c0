"""Prints how large what was tried is."""

from __future__ import annotations

import pytest

from tests.hostile.sizes import lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After the run: its sizes."""
    if found := lines():
        terminalreporter.section("hostile: sizes")
        for line in found:
            terminalreporter.write_line(line)
