"""Find the browsers for the tests, or get them: a Chromium, its headless shell, and a Firefox as people have it.

Looks for Chromium on PATH, then in Playwright's own store, then lets Playwright download one, then (as root, with apt) installs the
system's. For Firefox there is PATH and apt only: the one that Playwright has to offer is of its own make, and not what people use.

The headless shell is Chromium's engine without the desktop browser around it: journeys take two thirds of the time in it. Without one, the
whole Chromium does the same.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
FIREFOX = ("firefox-esr", "firefox")
DOWNLOAD_SECONDS = 180


def on_path() -> str | None:
    """A Chromium or Chrome that this machine has."""
    return first(COMMANDS)


def first(commands: tuple[str, ...]) -> str | None:
    """The first of these commands that this machine has."""
    return next((found for name in commands if (found := shutil.which(name))), None)


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
    return on_path() if install("chromium") else None


def shell_on_path() -> str | None:
    """A headless shell that this machine has."""
    return first(SHELLS)


def shell_installed() -> str | None:
    """Debian's headless shell, installed now; only as root on a system with apt."""
    return shell_on_path() if install("chromium-headless-shell") else None


def firefox_on_path() -> str | None:
    """A Firefox that this machine has."""
    return first(FIREFOX)


def firefox_installed() -> str | None:
    """Debian's Firefox, installed now; only as root on a system with apt."""
    return firefox_on_path() if install("firefox-esr") else None


def can_install() -> bool:
    """Whether the system's packages can be installed here: as root, with apt."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(package: str) -> bool:
    """Install a package of the system; whether that went well. Needs root and apt."""
    if not can_install():
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=sys.stderr, env=environment)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=True, stdout=sys.stderr, env=environment)
    except subprocess.CalledProcessError:
        return False
    return True


Ways = tuple[Callable[[], str | None], ...]
CHROMIUM: Ways = (on_path, of_playwright, downloaded, installed)


def find(ways: Ways = CHROMIUM) -> str:
    """Path of a Chromium. Raises FileNotFoundError with what to do when no way leads to one."""
    return _find(ways, "No Chromium was found, and none could be installed. Install Chromium or Chrome, then run this again.")


def find_shell(ways: Ways = (shell_on_path, *CHROMIUM)) -> str:
    """Path of a headless shell, else of a Chromium. Raises FileNotFoundError as :func:`find` does."""
    return find(ways)


def find_firefox(ways: Ways = (firefox_on_path, firefox_installed)) -> str:
    """Path of a Firefox. Raises FileNotFoundError with what to do when no way leads to one."""
    return _find(ways, "No Firefox was found, and none could be installed. Install Firefox (Debian: firefox-esr), then run this again.")


def _find(ways: Ways, advice: str) -> str:
    for way in ways:
        if path := way():
            return path
    raise FileNotFoundError(advice)


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {find()}")
        if "shell" in sys.argv:
            print(f"Browser for the journeys: {find_shell((shell_on_path, shell_installed, *CHROMIUM))}")
        if "firefox" in sys.argv:
            print(f"Firefox for the tests: {find_firefox()}")
    except FileNotFoundError as error:
        sys.exit(str(error))
