"""The data folder: created for this user only, and locked by one server at a time."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path
from typing import IO

from app.gateway.http.settings import SettingError

LOCK = "lock"
ADDRESS = "address"
"""The file that says where the server is that holds the folder."""


FILES = (LOCK, ADDRESS, "mailbox.sqlite", "mailbox.sqlite-wal", "mailbox.sqlite-shm")
"""What is written there."""


def hold(data: Path) -> IO[bytes]:
    """Make the folder and lock it until the file that is returned is closed, or the process ends in whatever way. Raises SettingError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (data / name for name in FILES):
            if path.exists() and not path.is_file():  # opening a pipe would wait forever
                raise SettingError(
                    f"Messages cannot be kept in {data}: {path.name} there is no file. Name another folder: NIGHTSHIFT_DATA=…"
                )
        file = (data / LOCK).open("ab")
    except OSError as error:
        why = error.strerror or error
        raise SettingError(f"Messages cannot be kept in {data}: {why}. Name another folder: NIGHTSHIFT_DATA=…") from error
    try:
        _lock(file)
    except OSError as error:
        file.close()
        raise Held(data, address_in(data)) from error
    return file


class Held(SettingError):
    """Another server holds the folder ``data``; it is at ``address``, if that is known."""

    def __init__(self, data: Path, address: str) -> None:
        self.data, self.address = data, address
        super().__init__(f"Another Nightshift keeps its messages in {data}.")

    def sentence(self, port: int) -> str:
        """What is the matter and what can be done, with a whole command for another one at ``port``."""
        is_at = f"Nightshift runs already at {self.address}" if self.address else "Another Nightshift runs already"
        command = f"make run PORT={port} NIGHTSHIFT_DATA={shlex.quote(f'{self.data}-{port}')}"
        return (
            f"{is_at} and keeps its messages in {self.data}. Open that one, or stop it first. For another one beside it, "
            f"with a folder of its own: {command}"
        )


def address_in(data: Path) -> str:
    """The address of the server that holds the folder, as it wrote it down; empty if it did not."""
    try:
        said = (data / ADDRESS).read_text()[:200].strip()
    except (OSError, ValueError):
        return ""
    return said if said.startswith("http://") and said.isprintable() else ""


def write_address(data: Path, address: str) -> None:
    """Write down the address of the server that holds the folder; "" removes it. Errors of the disk are ignored: the address is a
    convenience."""
    with contextlib.suppress(OSError):
        if address:
            (data / ADDRESS).write_text(f"{address}\n")
        else:
            (data / ADDRESS).unlink(missing_ok=True)


if os.name == "nt":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
