"""The folder of what programs handed in: made for this user only, and held by one server at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from app.gateway.settings import SettingError

LOCK = "lock"


def hold(data: Path) -> IO[bytes]:
    """Make the folder and lock it until the file that is returned is closed, or the process ends in whatever way. Raises SettingError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (data / LOCK).open("ab")
    except OSError as error:
        why = error.strerror or error
        raise SettingError(f"Messages cannot be kept in {data}: {why}. Name another folder: NIGHTSHIFT_DATA=…") from error
    try:
        _lock(file)
    except OSError as error:
        file.close()
        raise SettingError(
            f"Another Nightshift keeps its messages in {data}. Stop it, or name another folder for this one: NIGHTSHIFT_DATA=…"
        ) from error
    return file


if os.name == "nt":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
