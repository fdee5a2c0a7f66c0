"""The requests of a table's rows in all ways in which they are asked: some rows at a time in the first way, then in the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.core.bodies.bodyfindings import FindingGroup
from app.core.planning.emptiness import KEPT, EmptyColumn
from app.core.planning.rowrequests import MOST_MODELS, PlanOrder, RequestRun, RowRequests, Unplannable
from app.core.templates.compiling import Row
from app.core.templates.sensitive import SensitiveColumn
from app.core.templates.skeleton import Resolve


class WayFindings(NamedTuple):
    """What is the same in these ``rows`` (positions from 0). ``variants``: the tags of those that it is about, where it is not about
    all."""

    group: FindingGroup
    rows: Sequence[int]
    variants: tuple[str, ...]


class WayRequests:
    """As :class:`RowRequests`, for each of the ways. Raises Unplannable."""

    def __init__(self, order: PlanOrder, resolve: Resolve | None = None, used: set[str] | None = None, *, scan: bool = True) -> None:
        used, models = used if used is not None else set(), set[str]()
        self._ways = [RowRequests(order, resolve, used, scan=scan and not n, asked=one, models=models) for n, one in enumerate(order.asked)]
        self.first: list[int] = []
        """The positions of the first rows that were taken."""
        fixed = {one.model for one in self._ways if one.model is not None}
        if len(fixed) > MOST_MODELS:
            raise Unplannable(f"These are {len(fixed)} models; the maximum is {MOST_MODELS}, since each has its own queue.")

    def take_rows(self, positions: Sequence[int], ids: Sequence[int], rows: Sequence[Row]) -> Iterator[RequestRun]:
        """The requests of the next rows."""
        self.first += positions[: max(0, KEPT - len(self.first))]
        for way in self._ways:
            yield from way.take_rows(positions, ids, rows)

    def finish(self) -> Iterator[RequestRun]:
        """Those of rows that still wait for others to share them with."""
        for way in self._ways:
            if (one := way.finish()) is not None:
                yield way.run_of(one)

    @property
    def rows(self) -> int:
        """Rows that were taken."""
        return self._ways[0].rows

    @property
    def left_out(self) -> int:
        """Rows of them that no request can be made of, in no way."""
        if len(self._ways) == 1:
            return self._ways[0].left_out
        return sum(times == len(self._ways) for times in self._refusals().values())

    @property
    def partly(self) -> int:
        """Rows of which requests can be made, but not in every way."""
        return sum(times < len(self._ways) for times in self._refusals().values())

    def _refusals(self) -> Counter[int]:
        """In how many ways no request can be made of a row, by its position."""
        found: Counter[int] = Counter()
        for way in self._ways:
            found.update(way.refused)
        return found

    @property
    def empty(self) -> list[EmptyColumn]:
        """Columns with empty cells that a prompt puts in as they are."""
        return self._ways[0].empty

    @property
    def sensitive(self) -> list[SensitiveColumn]:
        """What was seen of secrets and personal data; nothing where it was not looked for."""
        return self._ways[0].sensitive

    def findings(self) -> list[WayFindings]:
        """What stands against rows: errors first, then what most rows have."""
        if len(self._ways) == 1:
            only = self._ways[0].findings
            return [WayFindings(one, only.rows_of(one.key), ()) for one in only.groups()]
        groups: dict[str, FindingGroup] = {}
        rows: dict[str, Sequence[int]] = {}
        tags: dict[str, dict[str, None]] = {}
        for way in self._ways:
            for one in way.findings.groups():
                groups.setdefault(one.key, one)
                tags.setdefault(one.key, {})[way.tag] = None
                here, before = way.findings.rows_of(one.key), rows.get(one.key, ())
                rows[one.key] = here if not before or here == before else sorted({*before, *here})
        all_tags = len({way.tag for way in self._ways})
        found = [WayFindings(one, rows[key], tuple(tags[key]) if len(tags[key]) < all_tags else ()) for key, one in groups.items()]
        return sorted(found, key=lambda one: (one.group.severity != "error", -len(one.rows), one.rows[0]))
