"""What dialogs about answers hold: how requests are sent again, which file is wanted, how answers are judged and gone on from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.core.model.settings import COLUMN_GROUPS, ColumnGroup, TakeAway

if TYPE_CHECKING:
    from app.core.model.batches import Foreseen
    from app.core.model.rescues import RescueWay
    from app.core.model.sendings import FollowUp
    from app.core.model.steps import StepSource
    from app.core.results.file_columns import FileColumn
    from app.core.results.joining import JoinOrder
    from app.core.results.judge_prompt import Scale
    from app.core.results.rerunning import RerunFacts
    from app.core.results.retrying import RetryChange
    from app.services.results.follow_job import FollowReport
    from app.services.results.selection_jobs import SelectionFacts
    from app.services.results.shown import AnswerExample


class RiskDialog(msgspec.Struct):
    """Requests that may be paid twice: shall they be sent again? Their ``rows``, and in the words of each code what is known."""

    batch: str
    which: str
    rows: tuple[int, ...]
    reasons: tuple[str, ...]


class RetryDialog(msgspec.Struct):
    """How requests are to be sent again: which (by their batches), what is other than before, and what that would cost."""

    rows: dict[str, tuple[int, ...]]
    change: RetryChange
    limit: str = ""
    """The maximum of output tokens as typed."""
    limit_fault: str = ""
    """What is wrong with it: a sentence."""
    risky: bool = False
    """Whether those go as well that may be paid twice."""
    facts: SelectionFacts | None = None
    """None while they are being counted."""
    fault: str = ""
    """Why not all went: sentences."""
    doing: str = ""
    """Not empty: they are being put into the queue."""
    done: int = 0
    stop: bool = False
    """It is to be stopped."""
    way: RescueWay = "queue"
    """How they go on from the queue."""

    @property
    def count(self) -> int:
        """How many go, as far as is known."""
        facts = self.facts
        return 0 if facts is None else facts.free + (facts.risky if self.risky else 0)


class TakeAwayDialog(msgspec.Struct):
    """A file of answers that is being chosen, or written."""

    title: str
    """What it is of: the name of a table or of a batch."""
    join: JoinOrder
    choice: TakeAway
    table: bool = False
    """Whether the requests came of a table, so that its columns can be in the file."""
    only: dict[str, tuple[int, ...]] | None = None
    """These requests alone, by the ids of their batches; None: all."""
    count: int = 0
    """How many rows of a table, or requests, it is of."""
    shown: tuple[str, ...] = ()
    """The columns of the table of answers from which it was opened, in their order, by their ids; none: it was opened elsewhere."""
    columns: tuple[FileColumn, ...] | None = None
    """Every column that the file can have; None: nobody asked for them."""
    doing: str = ""
    """Not empty: it is being written (``write``), or made a table (``table``), or its columns are being found (``columns``)."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it."""
    fault: tuple[str, str] | None = None
    """Why there is no file: title and text."""
    said: str = ""
    """What was saved last, as a sentence."""
    remarks: tuple[str, ...] = ()
    """What to know of that file: sentences."""

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """Those groups of columns that are chosen. Where there is no table, what was asked is in the place of its columns."""
        if self.table or "table" not in self.choice.parts:
            return self.choice.parts
        return tuple(one for one in COLUMN_GROUPS if one == "prompt" or one in self.choice.parts)

    @property
    def as_shown(self) -> bool:
        """Whether the file has the columns of the table of answers, instead of groups."""
        return bool(self.shown) and self.choice.shown

    @property
    def offered(self) -> tuple[FileColumn, ...]:
        """The single columns that can be chosen: those of the groups that are."""
        return tuple(one for one in self.columns or () if one.group in self.groups)

    @property
    def why_not(self) -> str | None:
        """Why there are no columns for a file of rows; None: there are."""
        if self.as_shown:
            return None
        if not self.groups:
            return "Choose at least one group of columns."
        left = frozenset(self.choice.left_out)
        return "Choose at least one column." if self.offered and all(one.id in left for one in self.offered) else None


class JudgeDialog(msgspec.Struct):
    """How answers are to be judged by a model: which, and what it is to say of each."""

    title: str
    """Whose answers: the name of a table or of a batch."""
    join: JoinOrder
    rows: dict[str, tuple[int, ...]]
    """The requests, by the ids of their batches."""
    name: str = "Judge"
    scale: Scale = "score"
    criteria: str = ""
    labels: str = ""
    expected: str = ""
    """The column of the table with what is right; "": none."""
    doing: str = ""
    """Not empty: the table is being made."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it."""
    fault: tuple[str, str] | None = None
    """Why there is no table: title and text."""

    @property
    def count(self) -> int:
        """How many requests."""
        return sum(map(len, self.rows.values()))


class FollowDialog(msgspec.Struct):
    """Which answers are followed, and by what."""

    title: str
    """Whose answers: the name of a table or of a batch."""
    join: JoinOrder
    rows: dict[str, tuple[int, ...]]
    """The requests, by the ids of their batches."""
    follow: FollowUp
    report: FollowReport | None = None
    """What would follow; None while it is being found out."""
    wrong: tuple[str, ...] = ()
    """What is wrong with the message: sentences."""
    wrong_system: tuple[str, ...] = ()
    """With the system message; ``wrong_form``: with the schema of the answers."""
    wrong_form: tuple[str, ...] = ()
    preview: str = ""
    """The message as the first request has it; ``preview_system``: the system message before it, where there is one."""
    preview_system: str = ""
    doing: str = ""
    """Not empty: the answers are being looked at (``look``), or the requests queued (``queue``)."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it."""
    fault: tuple[str, str] | None = None
    """Why nothing was queued: title and text."""

    @property
    def every_fault(self) -> tuple[str, ...]:
        """All that is wrong with what is asked."""
        return (*self.wrong, *self.wrong_system, *self.wrong_form)

    @property
    def count(self) -> int:
        """How many requests follow, as far as is known."""
        return self.report.requests if self.report is not None else 0


class RerunDialog(msgspec.Struct):
    """How the rows of a table stand. ``facts``: None while they are being counted."""

    dataset: str
    title: str
    facts: RerunFacts | None = None


class ExamplesDialog(msgspec.Struct):
    """Which answers become examples. ``examples``: None while they are being read; ``chosen``: how many rows were meant, of which the first
    ones are read; ``stays``: how many of these have nothing that can be an example."""

    dataset: str
    title: str
    chosen: int = 0
    examples: tuple[AnswerExample, ...] | None = None
    tokens: int = 0
    """Tokens of them all, about."""
    stays: int = 0
    marked: bool = False
    """Those that are marked good are meant, since none was ticked."""


class StepDialog(msgspec.Struct):
    """A step as it is being planned."""

    dataset: str
    title: str
    columns: tuple[str, ...]
    sources: tuple[StepSource, ...]
    after: str
    follow: FollowUp
    proposed: str = ""
    """Id of the step that a recipe proposes, where this plans it."""
    limit: str = ""
    """Dollars as typed; ``typed``: by the person, so it follows the estimate no more."""
    typed: bool = False
    submit: bool = True
    wrong: tuple[str, ...] = ()
    """What is wrong with the message: sentences."""
    wrong_system: tuple[str, ...] = ()
    """With the system message; ``wrong_form``: with the schema of the answers."""
    wrong_form: tuple[str, ...] = ()
    expected: Foreseen | None = None
    practice: bool = False
    limit_fault: str = ""
    fault: str = ""

    @property
    def every_fault(self) -> tuple[str, ...]:
        """All that is wrong with what is asked."""
        return (*self.wrong, *self.wrong_system, *self.wrong_form)

    @property
    def source(self) -> StepSource | None:
        """What it waits for."""
        return next((one for one in self.sources if one.id == self.after), None)
