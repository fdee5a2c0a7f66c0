"""Find a Chromium for the tests, or get one.

Looks on PATH, then in Playwright's own store, then lets Playwright download one, then (as root, with apt) installs the system's.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_SECONDS = 180


def on_path() -> str | None:
    """A Chromium or Chrome that this machine has."""
    return next((found for name in COMMANDS if (found := shutil.which(name))), None)


def of_playwright() -> str | None:
    """The Chromium that Playwright has stored before."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def downloaded() -> str | None:
    """Playwright's Chromium, fetched now."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, check=True, timeout=DOWNLOAD_SECONDS, stdout=sys.stderr)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return of_playwright()


def installed() -> str | None:
    """The system's Chromium, installed now; only as root on a system with apt."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=sys.stderr, env=environment)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True, stdout=sys.stderr, env=environment)
    except subprocess.CalledProcessError:
        return None
    return on_path()


def find(ways: tuple[Callable[[], str | None], ...] = (on_path, of_playwright, downloaded, installed)) -> str:
    """Path of a Chromium. Raises FileNotFoundError with what to do when no way leads to one."""
    for way in ways:
        if path := way():
            return path
    raise FileNotFoundError("No Chromium was found, and none could be installed. Install Chromium or Chrome, then run this again.")


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {find()}")
    except FileNotFoundError as error:
        sys.exit(str(error))
