"""Servers that stop behind a test have all stopped at the end, and nothing that went wrong is passed over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kit.gateway import leaver


@contextmanager
def server(may_stop: threading.Event, stopped: list[str], fault: str = "") -> Iterator[str]:
    yield "http://there"
    assert may_stop.wait(20)
    if fault:
        raise RuntimeError(fault)
    stopped.append("stopped")


def test_a_test_does_not_wait_for_its_server_and_the_end_does() -> None:
    """One that waits for its stop holds nobody up; the end waits for it."""
    may_stop, stopped = threading.Event(), list[str]()
    with leaver() as behind:
        with behind.leaving(server(may_stop, stopped)) as address:
            assert address == "http://there"
        assert stopped == []
        may_stop.set()
    assert stopped == ["stopped"]


def test_what_goes_wrong_while_a_server_stops_is_raised_at_the_end() -> None:
    """Else a server that can't stop would be no fault of anybody."""
    may_stop = threading.Event()
    may_stop.set()
    with pytest.raises(RuntimeError, match="held"), leaver() as behind, behind.leaving(server(may_stop, [], "held")):
        pass
