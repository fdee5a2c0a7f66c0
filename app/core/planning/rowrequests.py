"""The requests of a table's rows, each checked as it is made. What cannot be sent is left out, and said by kind and row."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from app.core.base.findings import errors
from app.core.base.text import number, size
from app.core.batches import capacity
from app.core.bodies import requests, tokens
from app.core.bodies.bodychecker import BodyChecker
from app.core.bodies.bodyfindings import BodyFinding, GroupedFindings
from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.model.datasets import PlannedRows
from app.core.model.lanes import Endpoint, Lane
from app.core.model.providers import Limits, Profile
from app.core.model.templates import PromptContent
from app.core.openai import kinds
from app.core.planning.emptiness import EmptyCells, EmptyColumn
from app.core.queue.lanes import BatchLimits
from app.core.templates import compiling, content, syntax
from app.core.templates.alike import MadeLines, NotAlike, NumberedIds
from app.core.templates.compiling import CellFault, Row, UnknownColumn
from app.core.templates.lines import MAX_ID, MadeRequest, RequestMaker
from app.core.templates.sensitive import SensitiveColumn, SensitiveScan
from app.core.templates.skeleton import Resolve, TemplateUnusable
from app.core.templates.variants import TaggedPrompt

_FEW: Final = 8
"""Rows that are taken one by one where one of them is not good as it is."""
MOST_MODELS: Final = 50
"""Models that the rows of one table may name: each has a queue of its own."""


class PlanOrder(msgspec.Struct, frozen=True):
    """Which rows are asked what, and of whom. ``run`` begins the ids of the requests to which the template gives none."""

    dataset: str
    version: int
    columns: tuple[str, ...]
    content: PromptContent
    profile: Profile
    run: str
    limits: Limits | None = None
    only: PlannedRows | None = None
    """The rows that are asked; None: all."""
    prompts: tuple[TaggedPrompt, ...] = ()
    """In which ways each row is asked, all of ``content``'s endpoint; none: by ``content`` alone."""
    reuse: bool = False
    """Requests that were answered already (core.planning.answered) are left out: the person chose so."""

    @property
    def asked(self) -> tuple[TaggedPrompt, ...]:
        """What each row is asked."""
        return self.prompts or (TaggedPrompt("", 0, self.content, self.content),)

    @property
    def named(self) -> bool:
        """Whether any prompt says the ids of its requests itself."""
        return any(one.content.custom_id.strip() for one in self.asked)

    @property
    def endpoint(self) -> Endpoint:
        """As the provider spells it in lines and lanes."""
        return kinds.line_url(self.profile, self.content.endpoint)


class Unplannable(Exception):
    """No row can become a request: the template itself, or the table, has a fault. The text is sentences for people."""


class SourceRow(NamedTuple):
    """A row of a table: its position from 0, its id, and one text for each column."""

    position: int
    id: int
    row: Row


class RowRequest(NamedTuple):
    """The request of a row, or of the rows that share one, of which this is the first."""

    position: int
    row_id: int
    made: MadeRequest
    model: str


class RequestRun(NamedTuple):
    """Requests to one model, in the order of their rows. ``by_bytes``: their bytes alone tell their tokens, and each has one input.
    ``tag``: which variant they are (core.templates.variants)."""

    model: str
    row_ids: Sequence[int]
    lines: MadeLines
    by_bytes: bool
    tag: str = ""

    def tokens(self) -> int:
        """Their prompt tokens, as their bytes tell."""
        if self.by_bytes:
            return sum(one // tokens.BYTES for one in self.lines.sizes()) if len(self.lines) else 0
        return sum(tokens.of_line(self.lines.line(n)) for n in range(len(self.lines)))


class _Model(msgspec.Struct, frozen=True):
    model: str = ""


_model: Final = jsonread.Decoder[_Model](_Model, depth=jsonread.SKIP_DEPTH)


class RowRequests:
    """Makes and checks them, in the order of the rows, in one of the ways in which they are asked: ``asked``, or the first. ``used``: ids
    that other requests have. ``scan``: look for secrets and personal data as well, which takes half of the time. ``models``: those that
    requests went to in other ways. Raises Unplannable."""

    def __init__(
        self,
        order: PlanOrder,
        resolve: Resolve | None = None,
        used: set[str] | None = None,
        *,
        scan: bool = True,
        asked: TaggedPrompt | None = None,
        models: set[str] | None = None,
    ) -> None:
        self._order, self._width = order, len(order.columns)
        self._used: set[str] = used if used is not None else set()
        asked = asked or order.asked[0]
        self._asked, prompt = asked, asked.content
        self._named, self._suffix = bool(prompt.custom_id.strip()), asked.suffix
        of = f" (“{asked.tag}”)" if asked.tag else ""
        if prompt.endpoint != order.content.endpoint:
            raise Unplannable(f"A prompt{of} is written for {prompt.endpoint}: rows compared together use one endpoint.")
        try:
            self._maker = RequestMaker(prompt, order.columns, url=order.endpoint, resolve=resolve)
        except TemplateUnusable as error:
            raise Unplannable(f"The prompt{of} can't be used yet: {error}") from None
        except UnknownColumn as error:
            raise Unplannable(f"The table has no column “{str(error.args[0])[:60]}”. Choose another one in the prompt{of}.") from None
        self._checker = BodyChecker(order.content.endpoint, official=kinds.is_strict(order.profile))
        self._alike = self._maker.alike(self._checker.prompt_length)
        columns = dict.fromkeys(name for one in order.asked for name in content.columns_of(one.content))
        self._scan = SensitiveScan(order.columns, tuple(columns)) if scan else None
        self._empty = EmptyCells(order.columns, (one.content for one in order.asked)) if scan else None
        fixed = prompt.raw is None and not syntax.holds(prompt.fields.get("model", ""))
        self.model: str | None = prompt.fields.get("model", "").strip() if fixed else None
        """The one that all rows go to; None where each says it."""
        self._models: set[str] = models if models is not None else set()
        self._several = len(order.asked) > 1
        self._limits: dict[str, BatchLimits] = {}
        self._waiting: list[SourceRow] = []
        self.findings = GroupedFindings()
        self.rows = 0
        """Rows that were taken."""
        self.left_out = 0
        """Rows of them that no request can be made of."""
        self.refused = array("I")
        """Their positions, where rows are asked in several ways."""

    @property
    def tag(self) -> str:
        """Which variant it is."""
        return self._asked.tag

    @property
    def sensitive(self) -> list[SensitiveColumn]:
        """What was seen of secrets and personal data; nothing where it was not looked for."""
        return self._scan.found() if self._scan is not None else []

    @property
    def empty(self) -> list[EmptyColumn]:
        """Columns with empty cells that a prompt puts in as they are; nothing where it was not looked for."""
        return self._empty.found() if self._empty is not None else []

    def take_rows(self, positions: Sequence[int], ids: Sequence[int], rows: Sequence[Row]) -> Iterator[RequestRun]:
        """The next rows as texts, with their positions and ids. Where their requests are alike, they are made at once; a row that is not
        good as it is, is found by halving, and taken by itself (:meth:`take`)."""
        made = self._made_at_once(positions, ids, rows) if self._alike is not None and not self._waiting else None
        if made is not None:
            yield from made
        elif self._alike is None or len(rows) <= _FEW:
            for position, id, cells in zip(positions, ids, rows, strict=True):
                if (one := self.take(position, id, cells)) is not None:
                    yield self.run_of(one)
        else:
            half = len(rows) // 2
            yield from self.take_rows(positions[:half], ids[:half], rows[:half])
            yield from self.take_rows(positions[half:], ids[half:], rows[half:])

    def run_of(self, one: RowRequest) -> RequestRun:
        """A request by itself."""
        lines = MadeLines((one.made.custom_id,), ((one.made.line,),))
        return RequestRun(one.model, (one.row_id,), lines, self._alike is not None, self.tag)

    def _made_at_once(self, positions: Sequence[int], ids: Sequence[int], rows: Sequence[Row]) -> list[RequestRun] | None:
        """The requests of rows of which none is at fault for itself; None where that is not sure."""
        model = self.model
        if self._alike is None or model is None:
            return None
        try:
            names = self._maker.custom_ids(rows) if self._named else NumberedIds(f"{self._order.run}-", ids, self._suffix)
            if self._named and (len(set(names)) < len(names) or not self._used.isdisjoint(names)):
                return None
            lines = self._alike.make(rows, names)
        except (NotAlike, CellFault):
            return None
        if self._maker.too_large(largest := max(lines.sizes())) or self._never_fits(largest, model):
            return None
        found = self._checker.check(bytes(requests.decode(lines.line(0)).body))  # what it finds in one it finds in all
        self.rows += len(rows)
        self.findings.add_rows(positions, found)
        if self._scan is not None:
            self._scan.add_rows(positions, rows)
        if self._empty is not None:
            self._empty.add(positions, rows)
        if errors(found):
            self._leave_out(positions)
            return []
        self._models.add(model)
        if self._named:
            self._used.update(names)
        return [RequestRun(model, ids, lines, True, self.tag)]

    def take(self, position: int, id: int, cells: Sequence[Cell]) -> RowRequest | None:
        """The next row. None where it has no request, or shares one with rows that are to come."""
        self.rows += 1
        row = compiling.cells(cells, self._width)
        if self._scan is not None:
            self._scan.add(position, row)
        if self._empty is not None:
            self._empty.add((position,), (row,))
        self._waiting.append(SourceRow(position, id, row))
        return self.finish() if len(self._waiting) >= self._maker.rows_per_request else None

    def finish(self) -> RowRequest | None:
        """The request of the rows that still wait for others to share it with."""
        group, self._waiting = self._waiting, []
        if not group:
            return None
        try:
            return self._checked(group)
        except CellFault as fault:
            if len(group) == 1:
                self._refuse(group, [_of_cell(fault)])
                return None
        good = [one for one in group if self._alone(one)]
        try:
            return self._checked(good) if good else None
        except CellFault as fault:
            self._refuse(good, [_of_cell(fault)])
            return None

    def _alone(self, one: SourceRow) -> bool:
        """Whether a row has no fault of its own; one that has is left out."""
        try:
            self._maker.make([one.row], "", several=True)
        except CellFault as fault:
            self._refuse([one], [_of_cell(fault)])
            return False
        return True

    def _refuse(self, group: Sequence[SourceRow], found: Sequence[BodyFinding]) -> None:
        self._leave_out([one.position for one in group])
        for one in group:
            self.findings.add(one.position, found)

    def _leave_out(self, positions: Sequence[int]) -> None:
        self.left_out += len(positions)
        if self._several:
            self.refused.extend(positions)

    def _checked(self, group: Sequence[SourceRow]) -> RowRequest | None:
        """Raises CellFault."""
        first = group[0]
        rows = [one.row for one in group]
        made = self._maker.make(rows, f"{self._order.run}-{first.id}{self._suffix}", several=True)
        found = list(self._checker.check(made.body))
        model = self.model
        if model is None:
            model = self._model_of(made.body)
            if len(self._models | {model}) > MOST_MODELS:
                found.append(_MANY_MODELS)
        if (large := self._too_large(made.line, model)) is not None:
            found.append(large)
        if errors(tuple(found)):
            self._refuse(group, found)
            return None
        self._models.add(model)
        if self._named:
            id = self._unique(made.custom_id)
            if id != made.custom_id:
                found.append(_repeated(made.custom_id, id))
                made = self._maker.with_id(made, id)
        self.findings.add(first.position, found)
        return RowRequest(first.position, first.id, made, model)

    @staticmethod
    def _model_of(body: bytes) -> str:
        try:
            return _model.decode(body).model
        except jsonread.Unreadable:
            return ""

    def _limits_of(self, model: str) -> BatchLimits:
        limits = self._limits.get(model)
        if limits is None:
            limits = self._limits[model] = limits_of(self._order, model)
        return limits

    def _never_fits(self, largest: int, model: str) -> bool:
        """Whether no batch can hold a line of so many bytes, which alone tell its tokens."""
        limits = self._limits_of(model)
        return largest > limits.size or 0 < limits.tokens < largest // tokens.BYTES

    def _too_large(self, line: bytes, model: str) -> BodyFinding | None:
        """Why no batch can hold a line."""
        limits = self._limits_of(model)
        if len(line) > limits.size:
            return _large(f"A request has {size(len(line))}; a batch file of this provider takes {size(limits.size)}.")
        if limits.tokens and (len(line) >= limits.tokens or b'"image_url"' in line) and (need := tokens.of_line(line)) > limits.tokens:
            return _large(f"A request has about {number(need)} tokens; this model may have {number(limits.tokens)} enqueued.")
        return None

    def _unique(self, id: str) -> str:
        """The id, with a number behind it where another request has it already."""
        found, n = id, 1
        while found in self._used:
            n += 1
            found = f"{id[: MAX_ID - 12]}-{n}"
        self._used.add(found)
        return found


def _of_cell(fault: CellFault) -> BodyFinding:
    return BodyFinding("table", str(fault), fault.remedy, item=fault.column, kind="value", group=f"cell {fault.kind} {fault.column}")


def _large(sentence: str) -> BodyFinding:
    return BodyFinding("table", sentence, "Cut its cells with truncate, or leave the row out.", kind="value", group="too large")


def limits_of(order: PlanOrder, model: str) -> BatchLimits:
    """What one batch of a model may hold."""
    lane = Lane(order.profile.id, order.endpoint, model)
    return capacity.batch_limits(lane, order.profile, {order.profile.id: order.limits} if order.limits else {})


def fixed_models(order: PlanOrder) -> set[str] | None:
    """The models that are asked; None where rows say which."""
    prompts = [one.content for one in order.asked]
    if any(one.raw is not None or syntax.holds(one.fields.get("model", "")) for one in prompts):
        return None
    return {one.fields.get("model", "").strip() for one in prompts}


def _repeated(id: str, to: str) -> BodyFinding:
    return BodyFinding(
        "custom_id",
        f"Another request has the custom_id “{id[:60]}” already, so this one is sent as “{to[-60:]}”.",
        "Give custom_id a column that is different in every row, or leave it empty.",
        "advice",
        group="custom_id repeated",
    )


_MANY_MODELS: Final = BodyFinding(
    "raw",
    f"The rows name more than {MOST_MODELS} models, and each has its own queue.",
    "Check the column with the model.",
    path="/model",
    group="models",
)
