"""What is shown of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.datasets.table import RowFault
    from app.core.model.datasets import Dataset, Dialect, RowFilter, RowSelection
    from app.core.model.providers import Profile
    from app.core.model.sendings import QueuedRows
    from app.services.datasets.datasets import ChosenRows, Source
    from app.services.datasets.examine_job import FirstRows
    from app.services.datasets.rows import DatasetRows, TableRow
    from app.services.planning.requestfile_job import RequestFileReport


class RequestsOffer(msgspec.Struct):
    """Lines of a file that are requests already, and may be queued as they are."""

    profile: Profile
    """The provider that they would go to."""
    encoding: str = "utf-8"
    """How its file is read: what is queued is what was checked."""
    doing: Literal["", "check", "queue"] = ""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops what is under way."""
    fault: tuple[str, str] | None = None
    """What went wrong last: title and text."""
    report: RequestFileReport | None = None
    """What the look over all lines found."""
    before: QueuedRows | None = None
    """When the very same file was added to the queue last."""
    seen: frozenset[str] = frozenset()
    """Ids of all additions of that file, as they were then."""


class ImportDraft(msgspec.Struct):
    """A file that is about to be imported."""

    source: Source
    into: str = ""
    """Id of the table that it is a newer version of."""
    name: str = ""
    key: str = ""
    """The column that says which row is which."""
    dialect: Dialect | None = None
    """How the person wants it read; None: as it seems."""
    seen: FirstRows | None = None
    """Its first rows, read so; None before they were."""
    fault: tuple[str, str] | None = None
    """What went wrong last: title and text."""
    doing: Literal["", "examine", "import"] = ""
    share: int = 0
    """How much of the import is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops the import, while there is one."""
    requests: RequestsOffer | None = None
    """Its lines are requests already; None: they are rows."""

    @property
    def busy(self) -> bool:
        """Whether its rows or its requests are being stored."""
        return self.doing == "import" or (self.requests is not None and self.requests.doing == "queue")


class Selecting(msgspec.Struct):
    """Rows that are being looked for, or kept as a table."""

    doing: Literal["", "select", "keep"] = ""
    share: int = 0
    """How much is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it."""


def _all_rows() -> RowSelection:
    """No search and no filter: the start does without what is known of tables."""
    from app.core.model.datasets import RowSelection

    return RowSelection()


def _no_filter() -> RowFilter:
    from app.core.model.datasets import RowFilter

    return RowFilter("")


class OpenTable(msgspec.Struct):
    """The table that is open: its rows in sight."""

    dataset: Dataset
    reader: DatasetRows | None = None
    rows: tuple[TableRow, ...] = ()
    first: int = 0
    """Position of the first of them."""
    column: int = 0
    """The first column in sight."""
    faults: tuple[RowFault, ...] = ()
    lost: str = ""
    """Why its rows cannot be shown: a sentence."""
    queued: bool = False
    """Requests were made of its rows."""
    selection: RowSelection = msgspec.field(default_factory=_all_rows)
    """Which rows are meant, as it is in the page."""
    filter: RowFilter = msgspec.field(default_factory=_no_filter)
    """The next filter, as it is typed."""
    count: str = "100"
    """How many rows, as typed; ``seed`` likewise."""
    seed: str = "1"
    wrong: tuple[str, str] | None = None
    """Why the rows cannot be found or kept: title and text."""
    selecting: Selecting | None = None
    """What is under way; None: nothing."""
    chosen: ChosenRows | None = None
    """The rows that are meant; None: all are shown."""


class DataState(msgspec.Struct):
    """Tables that the person brought."""

    all: tuple[Dataset, ...] | None = None
    """Newest first, deleted ones among them; None before they were read."""
    missing: str = ""
    """The id in the address, when the tables were read and none of them has it."""
    pasted: str | None = None
    """Rows as they are pasted; None: the field is closed."""
    files: tuple[QueuedRows, ...] = ()
    """Files whose requests were added to the queue as they are, newest first."""
    draft: ImportDraft | None = None
    waiting: tuple[Source, ...] = ()
    """Files that are looked at when the draft is done with."""
    fault: tuple[str, str] | None = None
    """Why a file was not taken: title and text."""
    open: OpenTable | None = None
