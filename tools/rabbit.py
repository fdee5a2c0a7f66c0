"""Find RabbitMQ for the tests, or get it: Debian's package, as root with apt. Nothing is started by the installation.

The tests run a private instance of it (tests/kit/rabbit.py); the system's own service, where there is one, is left alone.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import browser

HOMES = (Path("/usr/lib/rabbitmq"), Path("/opt/homebrew/opt/rabbitmq"), Path("/usr/local/opt/rabbitmq"))
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program whether a package may start its service (invoke-rc.d); 101 says no."""


def home() -> Path | None:
    """The folder of an installed RabbitMQ. Its ``bin/rabbitmq-server`` is the server itself; the one on PATH is a wrapper that changes
    the user."""
    named = os.environ.get("RABBITMQ_HOME")
    homes = [Path(named)] if named else HOMES
    return next((one for one in homes if (one / "bin" / "rabbitmq-server").exists()), None)


@contextmanager
def nothing_starts() -> Iterator[None]:
    """While this lasts, installing a package starts no service."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def installed() -> Path | None:
    """Debian's RabbitMQ, installed now; only as root on a system with apt."""
    if not browser.can_install():
        return None
    with nothing_starts():
        return home() if browser.install("rabbitmq-server") else None


def find() -> Path:
    """The folder of a RabbitMQ. Raises FileNotFoundError with what to do when there is none and none can be installed."""
    found = home() or installed()
    if found is None:
        advice = "No RabbitMQ was found, and none could be installed. Install it (Debian: rabbitmq-server) or set RABBITMQ_HOME."
        raise FileNotFoundError(advice)
    return found


if __name__ == "__main__":
    try:
        print(f"RabbitMQ for the tests: {find()}")
    except FileNotFoundError as error:
        print(f"{error} The tests with a real RabbitMQ are skipped.", file=sys.stderr)
