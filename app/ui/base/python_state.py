"""What is shown of Python that a person writes for tables of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.model.python_code import PythonCode
    from app.services.results.python_rows import PythonFault
    from app.services.results.python_runs import RowSeen


class PythonDraft(msgspec.Struct):
    """The code in the editor."""

    kind: Literal["column", "keep"] = "column"
    source: str = ""
    name: str = ""
    rev: int = 0
    """Goes up when the text is another one than was typed here."""
    unread: bool = False
    """It came from elsewhere and was not accepted in this browser: nothing of it runs, and it is only to be read."""
    looking: bool = False
    """It is being run over the rows in sight."""
    seen: tuple[RowSeen, ...] | None = None
    """What came of these; None before it was run over any."""
    numbers: dict[tuple[str, int], int] = {}
    """What the table calls them."""
    wrong: str = ""
    """Why it cannot be run: sentences."""
    said: str = ""
    """What became of the last run over all rows."""
    faults: tuple[PythonFault, ...] = ()
    """What went wrong in it, row by row."""


class PythonState(msgspec.Struct):
    """Code for tables of answers. ``doing``, ``share`` and ``stop`` are of a run over all rows of the open one."""

    codes: tuple[PythonCode, ...] | None = None
    """Those that are kept, by their names; None before they were read."""
    accepted: frozenset[str] = frozenset()
    """Digests of what may run in this browser."""
    draft: PythonDraft | None = None
    """None: the card is closed."""
    doing: str = ""
    """The name of the column that is being filled; "": none is."""
    share: int = 0
    stop: Callable[[], None] | None = None
    stop_looking: Callable[[], None] | None = None
    """Stops the run over the rows in sight."""
    made: dict[str, str] = {}
    """By name the digest of the code that filled the column in the open table last."""
    failed: dict[str, str] = {}
    """By name why a column of the open table could not be filled."""
    seen_window: object | None = None
    """The rows of which columns were looked for last: they are not looked at twice."""
    rev: int = 0
    """Goes up with each text that is put into the editor, so that none is taken for another."""

    def code(self, name: str) -> PythonCode | None:
        """The one that is kept under this name."""
        return next((one for one in self.codes or () if one.name == name), None)

    def left(self) -> None:
        """The table is not open any more: nothing of it is kept, and what runs is stopped."""
        self.look_no_more()
        if self.stop is not None:
            self.stop()
        self.codes = None  # an import, or another tab, may have others by then
        self.draft, self.made, self.failed, self.seen_window = None, {}, {}, None

    def look_no_more(self) -> None:
        """The rows in sight are not run over any more."""
        if self.stop_looking is not None:
            self.stop_looking()
