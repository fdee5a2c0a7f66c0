"""Results that go into a file: they are written beside the file that their requests came from, in the watched folder.

How long the file of results is is in the record of the file, and moves in the commit that records the deliveries. A crash between the
two leaves lines that are not on record: the next writing begins before them. So every result is there once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from app.core.programs import folder as rules
from app.core.programs.folder import Dropped
from app.ports import Change, Folder, FolderLost
from app.services.programs.folder_watcher import watched
from app.services.runtime.records import Records, put

if TYPE_CHECKING:
    from app.core.programs.message import ResultFile
    from app.core.programs.protocol import TryOutcome


class FileWriteResult(msgspec.Struct, frozen=True):
    """What came of writing: the outcome for all lines, why, and what has to be committed with them."""

    outcome: TryOutcome
    error: str = ""
    changes: tuple[Change, ...] = ()


class ResultFileWriter:
    """Writes through the port. Raises the store's errors."""

    def __init__(self, records: Records, port: Folder) -> None:
        self._records, self._port = records, port

    async def write(self, file: ResultFile, bodies: Sequence[bytes]) -> FileWriteResult:
        """Add a line for each body to the results of a file."""
        here = await watched(self._records)
        if here is None or here.folder != file.folder:
            return FileWriteResult("not_configured", "Its folder is not the one that is watched: choose it again under Integrations.")
        stored = await self._records.get(Dropped, rules.drop_id(file.folder, file.file))
        at = stored.value.results if stored else -1
        data = b"".join(body.strip() + b"\n" for body in bodies)
        try:
            state = await self._port.state()
            if state == "locked":
                return FileWriteResult("authorization_error", "The browser asks you to allow the folder again: see Integrations.")
            end = await self._port.write(rules.results_name(file.file), at, data)
        except FolderLost as error:
            return FileWriteResult("other", str(error))
        return FileWriteResult("success", "", (put(replace(stored.value, results=end), stored.rev),) if stored else ())
