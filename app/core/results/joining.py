"""Which request is of which row of a table, and which of its answers counts.

A request may be sent more than once (core.batches.resend), each time in another batch and under the same id. Of its sendings the one with
the best outcome counts, and of equal ones the newest; how often it was sent is counted. Everything is typed arrays: a million requests take
12 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from app.core.batches.ledger import Ledger
from app.core.datasets import storage
from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.model.sendings import QueuedRows
from app.core.openai.outcomes import Outcome
from app.core.prices.rates import TokenCounts, TokenPrice, TokenRates, cost
from app.core.results.answers import Usage
from app.core.results.lineplaces import LinePlace
from app.core.templates.variants import MARK

PENDING: Final = "pending"
"""It is in a batch that has not ended here."""
QUEUED: Final = "queued"
"""It waits in the queue and was in no batch yet, or waits to be sent again without an answer."""
_PENDING_CODE: Final = 100
_QUEUED_CODE: Final = 101
_WORDS: Final[dict[int, str]] = {int(one): one.name.lower() for one in Outcome} | {_PENDING_CODE: PENDING, _QUEUED_CODE: QUEUED}
_RANKS: Final = {int(Outcome.ANSWERED): 4, int(Outcome.FLAWED): 3, _PENDING_CODE: 2, _QUEUED_CODE: 2}
_WORST: Final = 1


class JoinedRequest(NamedTuple):
    """One request of a row, with the sending of it that counts."""

    id: str
    """Its custom_id."""
    run: int
    """Which of the join's additions to the queue it came of, by number; -1: of no table."""
    batch: int
    """Which of the join's batches it is in, by number; -1: in none (it is queued)."""
    row: int
    """Its row in that batch."""
    outcome: str
    """The name of an Outcome in small letters, ``pending`` or ``queued``."""
    code: str = ""
    """The error code; empty for an answer."""
    status: int = 0
    attempts: int = 0
    """In how many batches it was."""
    usage: Usage = Usage()
    cost: int | None = None
    """10^-12 dollars at the price of a batch, by the provider's count of tokens; None: not known, or nothing is billed (practice)."""
    line: bytes | None = None
    """What came for it, as a line of an answer file; None: nothing, or it is not in this browser any more (then ``lost``)."""
    place: LinePlace | None = None
    """Where that line is."""
    asked: bytes | None = None
    """The request as a line of an input file, where the join was asked for it."""
    tag: str = ""
    """Which variant asks, where rows were asked in several ways."""
    sample: int = 0
    """Which sample of the row it is, from 1; 0: the only one."""

    @property
    def answered(self) -> bool:
        """Whether there is an answer, good or not."""
        return self.outcome in ("answered", "flawed")

    @property
    def lost(self) -> bool:
        """Whether its line should be here and is not."""
        return self.place is not None and self.line is None


class JoinedRow(NamedTuple):
    """A row in its order, with the requests that were made of it, oldest addition first. Without a table a row is a request."""

    position: int
    """From 0."""
    id: int
    """The row's id in its dataset; without a table its position + 1."""
    number: int
    """Its number in the file, the header counted; without a table its position + 1."""
    cells: Sequence[Cell]
    """In the order of the join's columns; fewer where the last ones are missing. Empty without a table."""
    requests: tuple[JoinedRequest, ...]


class RowPositions:
    """Where a row is in a version of a table, by its id."""

    def __init__(self, index: storage.RowIndex) -> None:
        stretches: list[tuple[int, int, int]] = []
        position = 0
        for run in index.runs:
            for first, count in run.ids:
                stretches.append((first, count, position))
                position += count
        stretches.sort()
        self._firsts = [one[0] for one in stretches]
        self._stretches = stretches
        self.count = position

    def get(self, id: int) -> int | None:
        """The row's position from 0; None where the version has no such row."""
        n = bisect_right(self._firsts, id) - 1
        if n < 0:
            return None
        first, count, position = self._stretches[n]
        return position + id - first if id < first + count else None


def run_of(custom_id: str) -> str:
    """The addition to the queue that the id of a request says it came of, if its table names no ids; "" for an id of another form."""
    return custom_id.partition(MARK)[0].rpartition("-")[0]


class Way(NamedTuple):
    """One of the ways in which the rows of an addition to the queue were asked: its number among the join's additions, the variant's tag
    (empty: the only one) and the sample's number (0: the only one)."""

    run: int
    tag: str = ""
    sample: int = 0

    @property
    def suffix(self) -> str:
        """What comes after the ids of its requests (core.templates.variants)."""
        return "".join(f"{MARK}{one}" for one in (self.tag, str(self.sample or "")) if one)


def ways_of(number: int, run: QueuedRows) -> list[Way]:
    """Those of an addition."""
    tags = [one.tag for one in run.variants] or [""]
    return [Way(number, tag, sample) for tag in tags for sample in (range(1, run.samples + 1) if run.samples else (0,))]


class RunRequests:
    """Tells which row a request is of that was added to the queue in one go (core.model.sendings), and in which of its ``ways`` it asks.
    ``named``: the row's position by the request's id, where its id does not say so; ``rowless``: such ids whose row the version lacks."""

    def __init__(
        self,
        run: str,
        ways: Sequence[Way],
        positions: RowPositions,
        named: Mapping[str, int] | None = None,
        rowless: Collection[str] = frozenset(),
    ) -> None:
        self._prefix, self._positions, self._named, self._rowless = f"{run}-", positions, named, rowless
        self._ways = {one.suffix: n for n, one in enumerate(ways)}

    def lacks_row(self, custom_id: str) -> bool:
        """Whether a request is of this addition and its row is not in this version; for one that has no place."""
        if self._named is not None:
            return custom_id in self._rowless
        row = custom_id[len(self._prefix) :].partition(MARK)[0]
        return custom_id.startswith(self._prefix) and row.isascii() and row.isdigit() and len(row) <= 15

    def place_of(self, custom_id: str) -> tuple[int, int] | None:
        """The position of the request's row, and the number of its way; None for a request of others, or of a row that the version does not
        have."""
        if self._named is not None:
            position = self._named.get(custom_id)
            return None if position is None else (position, self._named_way(custom_id))
        if not custom_id.startswith(self._prefix):
            return None
        row, mark, behind = custom_id[len(self._prefix) :].partition(MARK)
        if not row.isascii() or not row.isdigit() or len(row) > 15:
            return None
        position, way = self._positions.get(int(row)), self._ways.get(mark + behind)
        return None if position is None or way is None else (position, way)

    def _named_way(self, id: str) -> int:
        """By the end of the id, behind which a number may stand that makes it the only one."""
        for suffix, n in self._ways.items():
            if suffix and (id.endswith(suffix) or id.rpartition("-")[0].endswith(suffix)):
                return n
        return 0


class Sendings:
    """For each of ``count`` requests the sending that counts, and how many there were. Batches are to be entered oldest first."""

    def __init__(self, count: int) -> None:
        self.batch = array("i", [-1]) * count
        """Number of the batch; -1: none."""
        self.row = array("I", bytes(4 * count))
        self.attempts = array("H", bytes(2 * count))
        self._outcome = bytearray(count)
        self._known = bytearray(count)

    def __len__(self) -> int:
        return len(self.batch)

    def grow(self, count: int) -> None:
        """Have room for so many more."""
        self.batch.extend([-1] * count)
        self.row.extend([0] * count)
        self.attempts.extend([0] * count)
        self._outcome.extend(bytes(count))
        self._known.extend(bytes(count))

    def whole(self, batch: int, outcomes: bytes) -> None:
        """Have room for all requests of a batch that none of them was in before, and enter these sendings: its rows in their order."""
        count = len(outcomes)
        self.batch.extend(array("i", [batch]) * count)
        self.row.extend(range(count))
        self.attempts.extend(array("H", [1]) * count)
        self._outcome.extend(outcomes)
        self._known.extend(b"\1" * count)

    def sent(self, request: int, batch: int, row: int, outcome: int) -> None:
        """Enter one sending: row ``row`` of a batch, and what became of it (:func:`outcome_of`)."""
        if self.attempts[request] < 0xFFFF:
            self.attempts[request] += 1
        self._enter(request, batch, row, outcome)

    def queued(self, request: int) -> None:
        """It waits in the queue: no answer of an earlier sending is displaced."""
        if not self._known[request] or _RANKS.get(self._outcome[request], _WORST) < _RANKS[_QUEUED_CODE]:
            self._known[request], self._outcome[request], self.batch[request] = 1, _QUEUED_CODE, -1

    def _enter(self, request: int, batch: int, row: int, outcome: int) -> None:
        if self._known[request] and _RANKS.get(self._outcome[request], _WORST) > _RANKS.get(outcome, _WORST):
            return
        self._known[request], self._outcome[request] = 1, outcome
        self.batch[request], self.row[request] = batch, row

    def known(self, request: int) -> bool:
        """Whether there is such a request at all."""
        return bool(self._known[request])

    def any(self) -> bool:
        """Whether there is one request at least."""
        return any(self._known)

    def outcome(self, request: int) -> str:
        """In a word; as :attr:`JoinedRequest.outcome`."""
        return _WORDS[self._outcome[request]]


def outcome_of(ledger: Ledger | None, row: int, *, ended: bool, failed: bool) -> int:
    """What became of a row of a batch, for :meth:`Sendings.sent`. ``ended``: the batch has; ``failed``: as a whole."""
    if ledger is not None:
        return ledger.outcome[row]
    return int(Outcome.FAILED) if failed else int(Outcome.UNREAD) if ended else _PENDING_CODE


def usage_of(ledger: Ledger, row: int) -> Usage:
    """The tokens of a row, as the provider counted them."""
    return Usage(ledger.input_tokens[row], ledger.cached_tokens[row], ledger.output_tokens[row], ledger.reasoning_tokens[row])


def pricer(rates: TokenRates) -> Callable[[Usage], int]:
    """What a request costs by its tokens, in 10^-12 dollars (core.prices.rates.cost)."""
    prices = (rates.input, rates.cached or rates.input, rates.output or TokenPrice(0))
    if any(one.above for one in prices):
        return lambda usage: cost(rates, TokenCounts(usage.input, usage.output, usage.cached))
    plain, cached, output = (one.base for one in prices)
    return lambda usage: max(0, usage.input - usage.cached) * plain + usage.cached * cached + usage.output * output


def decode_names(data: bytes) -> Iterator[tuple[int, str]]:
    """The pairs of row id and custom_id that ``keys.sent_rows_id`` has. Raises core.json.jsonread.Unreadable."""
    yield from jsonread.typed(data, list[tuple[int, str]])


class RowlessRequests(msgspec.Struct, frozen=True):
    """Requests of rows that a version of a table lacks: how many, and the batches that they are in."""

    count: int = 0
    batches: tuple[str, ...] = ()


class JoinOrder(msgspec.Struct, frozen=True):
    """Which rows are to be beside which answers.

    With a ``dataset``: all rows of its ``version`` (0: the one in use), beside the requests that were made of them; ``batches`` not empty:
    only those that are in these. Without one: the requests of ``batches``, in the order of the batches and of their rows; one that was sent
    again from one of them in another of them stands once, where it was first.
    """

    dataset: str = ""
    version: int = 0
    batches: tuple[str, ...] = ()
    asked: bool = False
    """Only rows of which a request was made."""
