"""Server killed at any moment after 202: the message is still there."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.page import FakePage
from tests.kit.site import ROOT, started
from tests.unit.gateway.conftest import message


class Killed:
    """A server as a process that can be killed, on one data folder."""

    def __init__(self, folder: Path, data: Path) -> None:
        environment = {**os.environ, "PORT": "0", "NIGHTSHIFT_ROOT": str(folder), "NIGHTSHIFT_DATA": str(data), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "app.gateway"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.address = started(self.process)

    def kill(self) -> None:
        """As the power goes."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def post_until_killed(address: str, name: str, accepted: list[str]) -> None:
    """Hand in one message after the other, single ones and arrays, and write down what was accepted."""
    with httpx.Client(base_url=address) as api:
        for i in range(100_000):
            ids = [f"{name}-{i}-{j}" for j in range(1 if i % 3 else 5)]
            given = [message(id) for id in ids]
            try:
                answer = api.post("/api/requests", json=given if len(ids) > 1 else given[0])
            except httpx.HTTPError:
                return
            assert answer.status_code == 202
            accepted += ids


@pytest.mark.slow
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.floats(0.0, 0.4), page_works=st.booleans())
def test_killed_at_any_moment_after_202(folder: Path, tmp_path_factory, seconds: float, page_works: bool) -> None:
    """Whatever was answered with 202 is handed to a page afterwards, or was acknowledged by one before."""
    data = tmp_path_factory.mktemp("killed")
    server = Killed(folder, data)
    accepted: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=post_until_killed, args=(server.address, f"t{i}", accepted[i])) for i in range(4)]
    page = FakePage(server.address)
    if page_works:
        page.open()
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    if page_works:
        page.take(3)
    time.sleep(max(0.0, end - time.monotonic()))
    server.kill()
    for thread in threads:
        thread.join()
    page.close()

    again = Killed(folder, data)
    try:
        page.address = again.address
        page.open()
        known = {id for ids in accepted for id in ids}
        page.take(len(page.held | dict.fromkeys(known, b"")))
        assert known <= set(page.held)
        for id in list(known)[:20]:
            assert json.loads(page.held[id])["custom_id"] == id
            assert httpx.get(f"{again.address}/api/requests/{id}").status_code == 200
        page.close()
    finally:
        again.kill()
