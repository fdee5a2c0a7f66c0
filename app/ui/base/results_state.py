"""What is shown of a table of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.results.layout import TableLayout
from app.core.results.query import TableQuery

if TYPE_CHECKING:
    from app.core.model.annotations import Annotation
    from app.core.model.batches import Batch
    from app.core.model.judging import Expectation
    from app.core.model.views import SavedView
    from app.core.model.votes import BlindVotes
    from app.core.results.annotating import AnnotationEdit
    from app.core.results.facets import ColumnFacet, ColumnSummary, FacetOrder
    from app.core.results.joining import JoinOrder
    from app.core.results.outcome_report import OutcomeReport
    from app.services.results.agreement_job import AgreementFound
    from app.services.results.annotating import AnnotationChange
    from app.services.results.compare_jobs import ComparedWindow, OpenedItem
    from app.services.results.selection_jobs import SelectionFacts
    from app.services.results.shown import Opened
    from app.services.results.table_jobs import TableWindow


class FacetState(msgspec.Struct):
    """The column whose values are listed."""

    column: str
    find: str = ""
    order: FacetOrder = "count"
    shown: int = 50
    found: ColumnFacet | None = None
    """None while they are being counted."""


class AgreementState(msgspec.Struct):
    """The columns whose labels are compared; "": not chosen yet. ``ways`` and ``folded``: services.results.agreement_job."""

    one: str = ""
    other: str = ""
    ways: tuple[int, int] | None = None
    folded: bool = True
    found: AgreementFound | None = None
    """None while it is being counted."""


class BlindState(msgspec.Struct):
    """Two answers to one row, and nothing that says which is which."""

    titles: tuple[str, str]
    """Of the two arms, as the votes name them."""
    votes: BlindVotes
    place: int = 0
    """Of the row, in the rows' order."""
    total: int = 0
    key: str = ""
    """By which a vote on this pair is kept."""
    left: str | None = None
    right: str | None = None
    """None while they are being looked for, or where there are none."""
    turned: bool = False
    """The second arm's answer stands on the left."""
    cells: tuple[tuple[str, str], ...] = ()
    """What was asked: names and cells."""
    looking: bool = False
    ended: bool = False
    """There is no further pair."""
    revealed: bool = False
    """Whether the verdict is shown."""
    shown: int = 0
    """How many pairs were shown: each time the focus goes there."""


class ResultsState(msgspec.Struct):
    """The table of answers that is open."""

    scope: str = ""
    """Whose answers, as the address says it (ui.results.addresses); "" before a table was opened."""
    since: float = 0.0
    """When it was opened: what waits in the queue, and the rows of a table, are read anew each time."""
    ordered: tuple[list[Batch], JoinOrder, str] | None = None
    """The batches, and what was found for them last (ui.results.table_showing.order_of)."""
    stamp: str = ""
    """Of these answers as they were asked for last."""
    query: TableQuery = TableQuery()
    typed: str = ""
    """The words as typed."""
    sought: str = ""
    """Those of them that were looked for last: what was typed since stays as it is."""
    columns: tuple[str, ...] = ()
    """Those that the person chose; none: the usual ones."""
    layout: TableLayout = TableLayout()
    compared: ComparedWindow | None = None
    """The items in sight, where rows are compared; None before the first came."""
    opened_item: OpenedItem | None = None
    """The item in full of which the address names a request."""
    item_at: tuple[str, int] | None = None
    """Of which that is, or is being read."""
    blind: BlindState | None = None
    """None: nobody votes."""
    shown: tuple[str, ...] = ()
    """The columns that the rows in sight have."""
    window: TableWindow | None = None
    """None before the first rows came."""
    summaries: dict[str, ColumnSummary] = {}
    facet: FacetState | None = None
    doing: Literal["", "rows", "reading"] = ""
    """What is under way: ``reading`` goes on beside everything else."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops the reading."""
    lacks: tuple[str, ...] = ()
    """What could not be read, so that the table lacks it: sentences."""
    fault: str = ""
    """Why there is nothing to show: sentences."""
    choosing: bool = False
    """Whether the list of columns is open."""
    viewing: bool = False
    """Whether the list of kept views is open."""
    views: tuple[SavedView, ...] | None = None
    """None before they were read."""
    view_name: str = ""
    """Of the view that is to be kept, as typed."""
    active: int = -1
    """Place of the row that the keys are at; -1: of none."""
    focus: int = 0
    """How often the keys went to another row: each time it takes the focus."""
    at: tuple[str, int] | None = None
    """The request that the address names, by its batch and its row there."""
    opened: Opened | None = None
    """That request in full; None while it is being read, or where it is not here."""
    lost: str = ""
    """Why it is not: a sentence."""
    place: int = -1
    """Its place in the table; -1: it is not in it."""
    gone: bool = False
    """Whether the query lets it through no more; ``place`` is where it stood, if it did."""
    picked: set[tuple[str, int]] = msgspec.field(default_factory=set)
    """Requests that were chosen, by batch and row."""
    facts: SelectionFacts | None = None
    """What these are; None while it is being counted."""
    report: OutcomeReport | None = None
    """What became of all rows; None before it was counted."""
    kinds: bool | None = None
    """Whether what went wrong is listed kind by kind; None: where there are few kinds."""
    expectation: Expectation | None = None
    """What the answers of the table are held against."""
    agreement: AgreementState | None = None
    """How far two columns agree; None: the card is closed."""
    annotation: Annotation | None = None
    """What is said of the open answer; None while it is being read."""
    annotation_rev: int = 0
    """Goes up when its texts are others than those that were typed here."""
    annotating: Literal["", "tags", "note", "correction"] = ""
    """Which of its fields is open because it was asked for."""
    refocus: int = 0
    """How often such a field was entered or left."""
    tags: str = ""
    """Tags as typed, before they are added; ``note``: likewise, for several answers."""
    note: str = ""
    changes: list[AnnotationChange] = []
    """What can be taken back, oldest first."""
    typing: tuple[AnnotationChange, str] | None = None
    """That of them to which what is typed next in this field belongs."""
    unsaved: dict[tuple[str, int, str], AnnotationEdit] = {}
    """What is typed into a note or a correction and not stored yet, by batch, row and field."""
    stale: set[str] = msgspec.field(default_factory=set)
    """Records of annotations that the table has not read again yet."""
    revisions: dict[str, int] = {}
    """Of the records of annotations, as they were when another tab wrote last."""
