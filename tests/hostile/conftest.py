"""Prints how large what was tried is."""

from __future__ import annotations

import pytest

from tests.hostile.sizes import COUNTS, lines

ELSEWHERE = {
    "tests/unit/gateway/http/test_guard.py": "properties and cases of the server's paths, methods and headers",
    "tests/unit/gateway/http/test_odd_requests.py": "odd requests to the server: long numbers, long paths, strange names",
    "tests/unit/services/runtime/test_isolation.py": "loops and cases in which one bad item keeps none other",
    "tests/unit/ui/damage/test_damage.py": "damaged stores that the page starts over",
}
"""Files that belong to this run, and what each of their tests is."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After the run: its sizes."""
    for report in terminalreporter.stats.get("passed", ()):
        if (words := ELSEWHERE.get(report.nodeid.partition("::")[0])) is not None:
            COUNTS[words] += 1
    if found := lines():
        terminalreporter.section("hostile: sizes")
        for line in found:
            terminalreporter.write_line(line)
