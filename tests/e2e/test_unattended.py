"""The page with nobody in front of it: ``python -m tools.headless``, its browser killed, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.ports import kept_ports
from tests.kit.site import ROOT
from tools import dist

pytestmark = pytest.mark.only("served")

KEY = "sk-practice-0123456789abcdef"
BROKER_PASSWORD = "a-password-for-nobody"
BROKER = {"RABBITMQ_URL": f"amqp://someone:{BROKER_PASSWORD}@127.0.0.1:9/", "RABBITMQ_INPUT_QUEUE": "intake"}
"""Nobody listens there: its settings are entered all the same."""
PATIENCE = 90.0


class Unattended:
    """The program as it runs, and what it said."""

    def __init__(self, folder: Path) -> None:
        (port,) = kept_ports(1)
        self.data, self._log = folder / "data", folder / "log"
        self.environment = {
            **os.environ,
            "PORT": str(port),
            "NIGHTSHIFT_DATA": str(self.data),
            "NIGHTSHIFT_ROOT": str(dist.site()),
            "OPENAI_API_KEY": KEY,
            **BROKER,
        }
        with self._log.open("w") as log:
            command = [sys.executable, "-m", "tools.headless"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def until(self, met: Callable[[], bool]) -> None:
        """Wait for something; AssertionError with what was said when it does not come."""
        end = time.monotonic() + PATIENCE
        while not met():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.1)

    def family(self, words: str) -> list[tuple[int, str]]:
        """The processes under it whose command line holds these words: their ids and command lines."""
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        under = {self.process.pid}
        for _ in rows:
            more = {int(row[0]) for row in rows if int(row[1]) in under} - under
            if not more:
                break
            under |= more
        return [(int(row[0]), row[2]) for row in rows if int(row[0]) in under and len(row) == 3 and words in row[2]]


@pytest.fixture
def unattended(tmp_path: Path) -> Iterator[Unattended]:
    running = Unattended(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_the_page_is_kept_open(unattended: Unattended) -> None:
    """The key is entered once; a browser that is killed is replaced, with its data; the end is orderly, and nothing is left running. The
    key is neither in the server's environment nor in anything that was said, nor in a file as it is."""
    unattended.until(lambda: unattended.said.count("The page is open:") == 1)
    assert unattended.said.count("The key was entered") == 1
    assert unattended.said.count("The broker of RABBITMQ_URL was entered") == 1
    assert unattended.said.count("RabbitMQ: The server of this page could not connect to its broker.") == 1
    (server,) = [pid for pid, _ in unattended.family("app.gateway")]
    if (environment := Path(f"/proc/{server}/environ")).exists():
        assert KEY.encode() not in environment.read_bytes()
    main = next(pid for pid, said in unattended.family(f"--user-data-dir={unattended.data}") if "--type=" not in said)
    os.kill(main, signal.SIGKILL)
    unattended.until(lambda: unattended.said.count("The page is open:") == 2)
    assert "The page died" in unattended.said
    assert unattended.said.count("The key was entered") == 1, "the profile has it"
    assert unattended.said.count("The broker of RABBITMQ_URL was entered") == 1
    check = [sys.executable, "-m", "tools.headless", "--check"]
    unattended.until(
        lambda: subprocess.run(check, cwd=ROOT, env=unattended.environment, check=False, stdout=subprocess.DEVNULL).returncode == 0
    )
    unattended.process.send_signal(signal.SIGTERM)
    assert unattended.process.wait(30) == 0
    assert unattended.said.rstrip().endswith("Stopped.")
    assert KEY not in unattended.said
    assert BROKER_PASSWORD not in unattended.said
    assert not [file for file in unattended.data.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
