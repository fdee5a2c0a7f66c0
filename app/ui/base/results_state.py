"""What is shown of a table of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from app.core.results.layout import TableLayout
from app.core.results.query import TableQuery
from app.ui.base.annotate_state import AnnotatingState
from app.ui.base.compare_state import ComparingState

if TYPE_CHECKING:
    from app.core.model.batches import Batch
    from app.core.model.judging import Expectation
    from app.core.model.views import SavedView
    from app.core.results.facets import ColumnFacet, ColumnSummary, FacetOrder
    from app.core.results.joining import JoinOrder
    from app.core.results.outcome_report import OutcomeReport
    from app.services.results.agreement_job import AgreementFound
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


class OrderedAnswers(NamedTuple):
    """Whose answers these are, as jobs are asked. ``stamp`` is another text when they changed, ``elsewhere`` when other batches did."""

    batches: list[Batch]
    order: JoinOrder
    stamp: str
    elsewhere: str


class ArrangingState(msgspec.Struct):
    """The lists in which a person lays the table out."""

    columns_open: bool = False
    """Whether the list of columns is open."""
    views_open: bool = False
    """Whether the list of kept views is open."""
    views: tuple[SavedView, ...] | None = None
    """None before they were read."""
    view_name: str = ""
    """Of the view that is to be kept, as typed."""


class BesideState(msgspec.Struct):
    """The request that is open beside the table; which one it is is in the address (``ResultsState.at``)."""

    request: Opened | None = None
    """That request in full; None while it is being read, or where it is not here."""
    lost: str = ""
    """Why it is not: a sentence."""
    place: int = -1
    """Its place in the table; -1: it is not in it."""
    gone: bool = False
    """Whether the query lets it through no more; ``place`` is where it stood, if it did."""


class PickingState(msgspec.Struct):
    """Rows that were ticked."""

    rows: set[tuple[str, int]] = msgspec.field(default_factory=set)
    """By batch and row."""
    facts: SelectionFacts | None = None
    """What these are; None while it is being counted."""


class OutcomesState(msgspec.Struct):
    """What became of all rows."""

    report: OutcomeReport | None = None
    """None before it was counted."""
    kinds: bool | None = None
    """Whether what went wrong is listed kind by kind; None: where there are few kinds."""


class ResultsState(msgspec.Struct):
    """The table of answers that is open: whose answers and what of them (the address says it), and its rows and headers in sight."""

    scope: str = ""
    """Whose answers, as the address says it (ui.results.addresses); "" before a table was opened."""
    since: float = 0.0
    """When it was opened: what the batches do not say (what waits in the queue, what people and judges say) is read again each time."""
    ordered: OrderedAnswers | None = None
    """What was found for the batches last (ui.results.table_showing.order_of)."""
    looked: list[Batch] = []
    """The batches when it was looked last whether these are other answers by now (ui.results.renewing)."""
    stamp: str = ""
    """Of these answers as they were asked for last; ``elsewhere``: likewise of all other batches."""
    elsewhere: str = ""
    version: int = 0
    """Of the table whose rows were asked, the last import; 0: not known, or there is no table."""
    query: TableQuery = TableQuery()
    typed: str = ""
    """The words as typed."""
    sought: str = ""
    """Those of them that were looked for last: what was typed since stays as it is."""
    columns: tuple[str, ...] = ()
    """Those that the person chose; none: the usual ones."""
    layout: TableLayout = TableLayout()
    at: tuple[str, int] | None = None
    """The request that the address names, by its batch and its row there."""
    expectation: Expectation | None = None
    """What the answers of the table are compared with."""

    shown: tuple[str, ...] = ()
    """The columns that the rows in sight have."""
    window: TableWindow | None = None
    """None before the first rows came."""
    seen: TableQuery | None = None
    """The query that these rows were found by."""
    summaries: dict[str, ColumnSummary] = {}
    facet: FacetState | None = None
    agreement: AgreementState | None = None
    """How far two columns agree; None: the card is closed."""
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
    active: int = -1
    """Place of the row that the keys are at; -1: of none."""
    focus: int = 0
    """How often the keys went to another row: each time it takes the focus."""

    arranging: ArrangingState = msgspec.field(default_factory=ArrangingState)
    beside: BesideState = msgspec.field(default_factory=BesideState)
    picking: PickingState = msgspec.field(default_factory=PickingState)
    outcomes: OutcomesState = msgspec.field(default_factory=OutcomesState)
    annotating: AnnotatingState = msgspec.field(default_factory=AnnotatingState)
    comparing: ComparingState = msgspec.field(default_factory=ComparingState)
